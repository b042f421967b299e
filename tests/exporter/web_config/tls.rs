//! TLS: whom clients trust, whom the server trusts, and certificates that change while it runs.

use std::fs;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::pki::{Authority, replace};
use super::site::{FAR, Site, connect, exchange};

const TLS: &str = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n";

#[tokio::test]
async fn a_page_over_tls() {
    let site = Site::start(TLS);
    let stream = connect(site.address, &site.authority, None).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), None);
    assert_eq!(
        exchange(stream, "").await.unwrap(),
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\nx-frame-options: sameorigin\r\n\
         content-length: 4\r\nconnection: close\r\n\r\npage"
    );
}

#[tokio::test]
async fn whoever_sends_no_more_still_gets_the_answer() {
    let site = Site::start(TLS);
    let mut stream = connect(site.address, &site.authority, None).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\npage"), "{answer}");
}

#[tokio::test]
async fn clients_that_do_not_trust_the_authority_stay_away() {
    let site = Site::start(TLS);
    let error = connect(site.address, &Authority::new(), None).await.unwrap_err();
    assert_eq!(error, "invalid peer certificate: BadSignature");
    // And disturb nobody.
    assert_eq!(site.ask_tls(None).await.unwrap(), "page");
}

#[tokio::test]
async fn a_request_without_tls_is_told_so() {
    let site = Site::start(TLS);
    assert_eq!(
        site.ask("").await,
        "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n\
         content-length: 95\r\n\r\n\
         This exporter requires TLS: use https:// instead of http://, or \"scheme: https\" in Prometheus.\n"
    );
}

#[tokio::test]
async fn an_expired_certificate_is_renewed_without_a_restart() {
    let site = Site::start(TLS);
    site.authority.sign(2001).write(site.folder.path(), "server");
    let error = site.ask_tls(None).await.unwrap_err();
    assert!(error.starts_with("invalid peer certificate: certificate expired"), "{error}");
    site.authority.sign(FAR).write(site.folder.path(), "server");
    assert_eq!(site.ask_tls(None).await.unwrap(), "page");
}

#[tokio::test]
async fn a_certificate_that_does_not_fit_its_key_does_not_replace_one_that_does() {
    let site = Site::start(TLS);
    // As after the first half of a renewal.
    let renewed = site.authority.sign(FAR);
    replace(&site.path("server.pem"), &renewed.certificate.pem());
    assert_eq!(site.ask_tls(None).await.unwrap(), "page");
    let error = site.web_access.prepare().unwrap_err().to_string();
    let expected = format!(
        "{}: `tls_server_config.key_file`, {}, does not belong to the certificate",
        site.path("web.yml").display(),
        site.path("server.key").display()
    );
    assert_eq!(error, expected);
    assert_eq!(site.ask_tls(None).await.unwrap(), "page");
    replace(&site.path("server.key"), &renewed.key.serialize_pem());
    let stream = connect(site.address, &site.authority, None).await.unwrap();
    assert_eq!(stream.get_ref().1.peer_certificates().unwrap(), renewed.chain());
    fs::remove_file(site.path("server.key")).unwrap();
    assert_eq!(site.ask_tls(None).await.unwrap(), "page");
}

#[tokio::test]
async fn another_authority_counts_from_the_next_connection_on() {
    let site = Site::start(TLS);
    let other = Authority::new();
    other.sign(FAR).write(site.folder.path(), "server");
    site.ask_tls(None).await.unwrap_err();
    let stream = connect(site.address, &other, None).await.unwrap();
    assert!(exchange(stream, "").await.unwrap().ends_with("page"));
}

#[tokio::test]
async fn certificates_of_clients() {
    const NO: bool = false;
    const YES: bool = true;
    for (kind, none, strange, expired, known) in [
        ("NoClientCert", YES, YES, YES, YES),
        ("RequestClientCert", YES, YES, YES, YES),
        ("RequireAnyClientCert", NO, YES, YES, YES),
        ("VerifyClientCertIfGiven", YES, NO, NO, YES),
        ("RequireAndVerifyClientCert", NO, NO, NO, YES),
    ] {
        let ca = if kind == "NoClientCert" { "" } else { "  client_ca_file: ca.pem\n" };
        for versions in ["", "  max_version: TLS12\n"] {
            let site = Site::start(&format!("{TLS}  client_auth_type: {kind}\n{ca}{versions}"));
            let clients = [Authority::new().sign(FAR), site.authority.sign(2001), site.authority.sign(FAR)];
            let mut answers = vec![site.ask_tls(None).await];
            for client in &clients {
                answers.push(site.ask_tls(Some(client)).await);
            }
            let allowed: Vec<_> = answers.iter().map(|answer| answer.as_deref() == Ok("page")).collect();
            assert_eq!(allowed, [none, strange, expired, known], "{kind} {versions}: {answers:?}");
        }
    }
}

#[tokio::test]
async fn versions_and_suites_are_those_that_are_allowed() {
    let chosen = async |more: &str| {
        let site = Site::start(&format!("{TLS}{more}"));
        let stream = connect(site.address, &site.authority, None).await.unwrap();
        let connection = stream.get_ref().1;
        format!(
            "{:?} {:?} {:?}",
            connection.protocol_version().unwrap(),
            connection.negotiated_cipher_suite().unwrap().suite(),
            connection.negotiated_key_exchange_group().unwrap().name()
        )
    };
    assert_eq!(chosen("").await, "TLSv1_3 TLS13_AES_256_GCM_SHA384 X25519");
    assert_eq!(
        chosen("  max_version: TLS12\n  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n").await,
        "TLSv1_2 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 X25519"
    );
    assert_eq!(
        chosen("  min_version: TLS13\n  curve_preferences: [CurveP384]\n").await,
        "TLSv1_3 TLS13_AES_256_GCM_SHA384 secp384r1"
    );
}
