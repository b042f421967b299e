//! `boinc_exporter healthcheck`: checks whether the exporter with the same configuration is healthy. For containers whose
//! image has neither a shell nor curl.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::config::Config;

/// Far longer than a response takes that needs no client, and shorter than supervisors wait (Docker: 30 s).
const TIMEOUT: Duration = Duration::from_secs(5);

/// Enough for the first line of a response.
const MAX_BYTES: usize = 64;

/// Requests `/-/healthy` from the first listen address.
///
/// # Errors
/// Nothing listens there, or the response is not that of a healthy exporter.
pub async fn healthcheck(config: &Config) -> anyhow::Result<()> {
    let address = config.web.listen_address.first().copied().map(reachable).context("there is no listen address")?;
    let answer = timeout(TIMEOUT, ask(address, &config.web.prefix()))
        .await
        .with_context(|| format!("no response from the exporter at {address} within {} s", TIMEOUT.as_secs()))?
        .with_context(|| format!("cannot reach the exporter at {address}; does it run with this configuration?"))?;
    let has_web_config = config.web.config_file.is_some();
    anyhow::ensure!(
        is_healthy(&answer, has_web_config),
        "the response from {address} is not that of a healthy exporter"
    );
    Ok(())
}

/// The address to connect to. `[::]` includes IPv4, and means IPv4 alone where there is no IPv6.
fn reachable(address: SocketAddr) -> SocketAddr {
    let all = address.ip() == Ipv4Addr::UNSPECIFIED || address.ip() == Ipv6Addr::UNSPECIFIED;
    if all { (Ipv4Addr::LOCALHOST, address.port()).into() } else { address }
}

/// The start of the response.
async fn ask(address: SocketAddr, prefix: &str) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {prefix}/-/healthy HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::with_capacity(MAX_BYTES);
    while answer.len() < MAX_BYTES && !answer.contains(&b'\n') {
        if stream.read_buf(&mut answer).await? == 0 {
            break;
        }
    }
    Ok(answer)
}

/// If a web configuration requires TLS or a password, this check has neither, and its `rate_limit` may be used up by others; a
/// refusal (400, 401, 429) is a sign of life.
fn is_healthy(answer: &[u8], has_web_config: bool) -> bool {
    match answer.strip_prefix(b"HTTP/1.1 ").and_then(|rest| rest.get(..3)) {
        Some(b"200") => true,
        Some(b"400" | b"401" | b"429") => has_web_config,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// The outcome for a server that sends this response, or that refuses connections.
    async fn outcome(answer: Option<&'static [u8]>, has_web_config: bool) -> String {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut config = Config::default();
        config.web.listen_address = vec![address];
        config.web.config_file = has_web_config.then(|| "web.yml".into());
        let server = async {
            if let Some(answer) = answer {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = vec![0; 1024];
                let length = stream.read(&mut request).await.unwrap();
                let expected = format!("GET /-/healthy HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
                assert_eq!(String::from_utf8_lossy(&request[..length]), expected);
                stream.write_all(answer).await.unwrap();
            } else {
                drop(listener);
            }
        };
        let ((), result) = tokio::join!(server, healthcheck(&config));
        result.map_or_else(|error| format!("{error:#}").replace(&address.to_string(), "ADDRESS"), |()| "healthy".into())
    }

    #[tokio::test]
    async fn responses_of_an_exporter_are_healthy() {
        assert_eq!(outcome(Some(b"HTTP/1.1 200 OK\r\n\r\n"), false).await, "healthy");
        for answer in [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 400 Bad\r", b"HTTP/1.1 401 Not\r", b"HTTP/1.1 429 Too\r"] {
            assert_eq!(outcome(Some(answer), true).await, "healthy");
        }
    }

    #[tokio::test]
    async fn others_are_not() {
        let wrong = "the response from ADDRESS is not that of a healthy exporter";
        let cases: [&[u8]; 6] = [
            b"",
            b"HTTP/1.1 20",
            b"HTTP/1.1 401 Unauthorized\r\n",
            b"HTTP/1.1 404 Not Found\r\n",
            b"SSH-2.0-x\r\nHTTP/1.1 200 OK",
            &[b' '; 100],
        ];
        for answer in cases {
            assert_eq!(outcome(Some(answer), false).await, wrong);
        }
        assert_eq!(outcome(Some(b"HTTP/1.1 503 Busy\r\n"), true).await, wrong);
        let refused = outcome(None, false).await;
        let sentence = "cannot reach the exporter at ADDRESS; does it run with this configuration?: ";
        assert!(refused.starts_with(sentence), "{refused}");
    }

    #[test]
    fn unspecified_addresses_become_loopback() {
        for (listening, reached) in [
            ("[::]:31415", "127.0.0.1:31415"),
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::1]:9", "[::1]:9"),
            ("192.0.2.7:9", "192.0.2.7:9"),
        ] {
            assert_eq!(reachable(listening.parse().unwrap()).to_string(), reached);
        }
    }
}
