//! Where a server may send a request. Addresses come in; the next one goes out, or none. It sends nothing.

use reqwest::Url;

use super::Redirects;
use crate::project::target::is_loopback;

/// The request itself and as many redirects less one. Einstein@Home's first page needs two.
pub const MAX_HOPS: usize = 6;

/// The address to ask next; `None` if the answer is to be taken as it is.
pub fn next(url: &Url, status: u16, location: &str, allowed: Redirects) -> Option<Url> {
    if !matches!(status, 301 | 302 | 303 | 307 | 308) || location.is_empty() {
        return None;
    }
    let next = url.join(location).ok().filter(|next| matches!(next.scheme(), "http" | "https"))?;
    match allowed {
        Redirects::Follow => Some(next),
        Redirects::ToHttps => is_same_over_https(url, &next).then_some(next),
    }
}

/// Whether only the scheme differs. BOINC's servers write the address from the header `Host`, and so keep the port of http.
fn is_same_over_https(url: &Url, next: &Url) -> bool {
    url.scheme() == "http"
        && next.scheme() == "https"
        && url.host_str() == next.host_str()
        && url.path() == next.path()
        && url.query() == next.query()
        && next.username().is_empty()
        && next.port().is_none_or(|port| url.port() == Some(port))
}

/// Whether a server on another computer leads to the exporter's own, where other things listen than it could reach.
pub fn leads_inside(from: &Url, to: &Url) -> bool {
    is_loopback(to) && !is_loopback(from)
}

/// The same address over https, at this port.
pub fn to_https(url: &mut Url, port: u16) {
    // Refused only for schemes without a host.
    let _ = (url.set_scheme("https"), url.set_port(Some(port)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goal(url: &str, location: &str, allowed: Redirects) -> Option<String> {
        next(&Url::parse(url).unwrap(), 302, location, allowed).map(String::from)
    }

    #[test]
    fn only_the_same_address_over_https_is_followed() {
        let page = "http://example.org/a/show_user.php?auth=KEY";
        for (location, followed) in [
            ("https://example.org/a/show_user.php?auth=KEY", true),
            ("https://example.org:8443/a/show_user.php?auth=KEY", false),
            ("https://example.net/a/show_user.php?auth=KEY", false),
            ("https://example.org/b/show_user.php?auth=KEY", false),
            ("https://example.org/a/login_form.php?next_url=show_user.php%3Fauth%3DKEY", false),
            ("http://example.org/a/show_user.php?auth=KEY", false),
            ("https://me@example.org/a/show_user.php?auth=KEY", false),
            ("missing_arg_userid.html", false),
            ("", false),
            ("javascript:x", false),
        ] {
            let expected = followed.then(|| location.to_owned());
            assert_eq!(goal(page, location, Redirects::ToHttps), expected, "{location}");
        }
        assert_eq!(goal("https://example.org/", "http://example.org/", Redirects::ToHttps), None);
        let kept_port = "https://example.org:8080/x";
        assert_eq!(goal("http://example.org:8080/x", kept_port, Redirects::ToHttps), Some(kept_port.to_owned()));
    }

    #[test]
    fn https_has_a_port_of_its_own() {
        let over_https = |url: &str, port| {
            let mut url = Url::parse(url).unwrap();
            to_https(&mut url, port);
            url.to_string()
        };
        assert_eq!(over_https("http://example.org/x?y", 443), "https://example.org/x?y");
        // One that redirects from a port of its own to that of https, and one that keeps it.
        assert_eq!(over_https("http://example.org:8080/x", 443), "https://example.org/x");
        assert_eq!(over_https("http://example.org:8080/x", 8080), "https://example.org:8080/x");
    }

    #[test]
    fn the_first_page_may_lie_anywhere() {
        for (location, goal_url) in [
            ("/en/", Some("https://example.org/en/")),
            ("http://other.example.org/", Some("http://other.example.org/")),
            ("ftp://example.org/", None),
        ] {
            assert_eq!(goal("https://example.org/", location, Redirects::Follow).as_deref(), goal_url, "{location}");
        }
    }

    #[test]
    fn nobody_leads_the_exporter_to_its_own_computer() {
        let leads = |from: &str, to: &str| leads_inside(&Url::parse(from).unwrap(), &Url::parse(to).unwrap());
        assert!(leads("https://example.org/", "http://127.0.0.1:9090/"));
        assert!(leads("https://example.org/", "http://[::1]/"));
        assert!(!leads("https://example.org/", "https://example.net/"));
        assert!(!leads("http://127.0.0.1:80/", "http://127.0.0.1:81/"));
    }
}
