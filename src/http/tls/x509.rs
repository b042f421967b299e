//! Two things in a certificate that rustls checks but does not tell: when it ends, and whom it names (RFC 5280, 4.1). The DER
//! of a certificate comes in; values go out, or nothing if it cannot be read.

use std::net::IpAddr;
use std::time::SystemTime;

use humantime_serde::re::humantime;

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;

/// `id-ce-subjectAltName`, 2.5.29.17.
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];

/// The kinds of names that are compared as text: `rfc822Name`, `dNSName`, `uniformResourceIdentifier`.
const TEXT_NAMES: [u8; 3] = [0x81, 0x82, 0x86];
const IP_ADDRESS: u8 = 0x87;

/// The rest of a sequence.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The next value, with its tag.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&[tag, first], rest) = self.0.split_first_chunk()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            // The length is in as many bytes as the lower bits say.
            0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (value, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, value))
    }

    /// The next value, which must have this tag.
    fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, value)| value)
    }

    /// The next value, if it has this tag.
    fn optional(&mut self, tag: u8) -> Option<&'a [u8]> {
        if self.0.first() == Some(&tag) { self.expect(tag) } else { None }
    }
}

/// What follows the signature algorithm and the issuer: validity, subject, key, extensions.
fn from_validity(certificate: &[u8]) -> Option<Der<'_>> {
    let signed = Der(certificate).expect(SEQUENCE)?;
    let mut fields = Der(Der(signed).expect(SEQUENCE)?);
    fields.optional(VERSION);
    fields.expect(INTEGER)?;
    fields.expect(SEQUENCE)?;
    fields.expect(SEQUENCE)?;
    Some(fields)
}

/// When a certificate ends.
pub fn not_after(certificate: &[u8]) -> Option<SystemTime> {
    let mut validity = Der(from_validity(certificate)?.expect(SEQUENCE)?);
    validity.next()?;
    let (tag, time) = validity.next()?;
    let time = str::from_utf8(time).ok().filter(|time| time.is_ascii())?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = time.split_at_checked(2)?;
            (if year < "50" { format!("20{year}") } else { format!("19{year}") }, rest)
        }
        GENERALIZED_TIME => time.split_at_checked(4).map(|(year, rest)| (year.to_owned(), rest))?,
        _ => return None,
    };
    let part = |at: usize| rest.get(at..at + 2);
    let (month, day, hour, minute, second) = (part(0)?, part(2)?, part(4)?, part(6)?, part(8)?);
    humantime::parse_rfc3339(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z")).ok()
}

/// The subject alternative names: of hosts, of mailboxes, URIs, and IP addresses.
pub fn alternative_names(certificate: &[u8]) -> Vec<String> {
    names(certificate).unwrap_or_default()
}

fn names(certificate: &[u8]) -> Option<Vec<String>> {
    let mut fields = from_validity(certificate)?;
    let extensions = std::iter::from_fn(|| fields.next()).find(|(tag, _)| *tag == EXTENSIONS)?.1;
    let mut extensions = Der(Der(extensions).expect(SEQUENCE)?);
    while let Some(extension) = extensions.expect(SEQUENCE) {
        let mut extension = Der(extension);
        if extension.expect(OBJECT_IDENTIFIER)? != SUBJECT_ALT_NAME {
            continue;
        }
        // A boolean may come first: whether it is critical.
        let value = std::iter::from_fn(|| extension.next()).find(|(tag, _)| *tag == OCTET_STRING)?.1;
        let mut names = Der(Der(value).expect(SEQUENCE)?);
        return Some(std::iter::from_fn(|| names.next()).filter_map(|(tag, name)| text(tag, name)).collect());
    }
    None
}

fn text(tag: u8, name: &[u8]) -> Option<String> {
    match tag {
        IP_ADDRESS => {
            let v4 = <[u8; 4]>::try_from(name).map(IpAddr::from);
            let v6 = <[u8; 16]>::try_from(name).map(IpAddr::from);
            v4.or(v6).ok().map(|address| address.to_string())
        }
        tag if TEXT_NAMES.contains(&tag) => String::from_utf8(name.to_vec()).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, SanType};

    use super::*;

    fn certificate(year: i32, names: Vec<SanType>) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.not_before = rcgen::date_time_ymd(2000, 1, 1);
        params.not_after = rcgen::date_time_ymd(year, 12, 31);
        params.subject_alt_names = names;
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn ends_in_both_notations() {
        for (year, expected) in
            [(2026, "2026-12-31T00:00:00Z"), (2049, "2049-12-31T00:00:00Z"), (2999, "2999-12-31T00:00:00Z")]
        {
            let end =
                not_after(&certificate(year, vec![])).map(|end| humantime::format_rfc3339_seconds(end).to_string());
            assert_eq!(end.as_deref(), Some(expected));
        }
    }

    #[test]
    fn names_of_all_kinds() {
        let names = vec![
            SanType::DnsName("prometheus.example".try_into().unwrap()),
            SanType::Rfc822Name("admin@example.org".try_into().unwrap()),
            SanType::URI("spiffe://example/prometheus".try_into().unwrap()),
            SanType::IpAddress("192.0.2.7".parse().unwrap()),
            SanType::IpAddress("2001:db8::1".parse().unwrap()),
        ];
        assert_eq!(
            alternative_names(&certificate(2030, names)),
            ["prometheus.example", "admin@example.org", "spiffe://example/prometheus", "192.0.2.7", "2001:db8::1"]
        );
        assert!(alternative_names(&certificate(2030, vec![])).is_empty());
    }

    #[test]
    fn what_is_cut_short_has_neither() {
        let whole = certificate(2030, vec![SanType::DnsName("a.example".try_into().unwrap())]);
        for length in 0..whole.len() {
            assert!(not_after(&whole[..length]).is_none() && alternative_names(&whole[..length]).is_empty());
        }
    }
}
