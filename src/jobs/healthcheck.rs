//! `boinc_exporter healthcheck`: asks the exporter that has the same configuration whether it lives. For containers,
//! whose image has neither a shell nor curl. The configuration comes in, an exit code goes out.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::config::Config;

/// Far longer than an answer takes that needs no client, and shorter than supervisors wait (Docker: 30 s).
const PATIENCE: Duration = Duration::from_secs(5);

/// Enough for the first line of an answer.
const LONGEST: usize = 64;

/// Asks for `/-/healthy` at the first listen address.
///
/// # Errors
/// Nothing listens, or what listens gives no answer that a healthy exporter gives.
pub async fn healthcheck(config: &Config) -> anyhow::Result<()> {
    let address = config.web.listen_address.first().copied().map(reachable).context("there is no listen address")?;
    let answer = timeout(PATIENCE, ask(address))
        .await
        .with_context(|| format!("the exporter at {address} does not answer within {} s", PATIENCE.as_secs()))?
        .with_context(|| format!("the exporter at {address} cannot be asked; does it run with this configuration?"))?;
    let guarded = config.web.config_file.is_some();
    anyhow::ensure!(
        is_healthy(&answer, guarded),
        "what listens at {address} does not answer as a healthy exporter does"
    );
    Ok(())
}

/// Where this computer reaches what listens there. `[::]` takes IPv4 too, and is IPv4 alone where there is no IPv6.
fn reachable(address: SocketAddr) -> SocketAddr {
    let all = address.ip() == Ipv4Addr::UNSPECIFIED || address.ip() == Ipv6Addr::UNSPECIFIED;
    if all { (Ipv4Addr::LOCALHOST, address.port()).into() } else { address }
}

/// The start of the answer.
async fn ask(address: SocketAddr) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /-/healthy HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::with_capacity(LONGEST);
    while answer.len() < LONGEST && !answer.contains(&b'\n') {
        if stream.read_buf(&mut answer).await? == 0 {
            break;
        }
    }
    Ok(answer)
}

/// Where a web configuration asks for TLS or a password, this check has neither, and being told so (400, 401) is a
/// sign of life.
fn is_healthy(answer: &[u8], guarded: bool) -> bool {
    match answer.strip_prefix(b"HTTP/1.1 ").and_then(|rest| rest.get(..3)) {
        Some(b"200") => true,
        Some(b"400" | b"401") => guarded,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// What is said of a server that answers so, or that refuses connections.
    async fn verdict(answer: Option<&'static [u8]>, guarded: bool) -> String {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut config = Config::default();
        config.web.listen_address = vec![address];
        config.web.config_file = guarded.then(|| "web.yml".into());
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
    async fn answers_of_an_exporter_are_healthy() {
        assert_eq!(verdict(Some(b"HTTP/1.1 200 OK\r\n\r\n"), false).await, "healthy");
        for answer in [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 400 Bad\r", b"HTTP/1.1 401 Not\r"] {
            assert_eq!(verdict(Some(answer), true).await, "healthy");
        }
    }

    #[tokio::test]
    async fn others_are_not() {
        let wrong = "what listens at ADDRESS does not answer as a healthy exporter does";
        let cases: [&[u8]; 6] = [
            b"",
            b"HTTP/1.1 20",
            b"HTTP/1.1 401 Unauthorized\r\n",
            b"HTTP/1.1 404 Not Found\r\n",
            b"SSH-2.0-x\r\nHTTP/1.1 200 OK",
            &[b' '; 100],
        ];
        for answer in cases {
            assert_eq!(verdict(Some(answer), false).await, wrong);
        }
        assert_eq!(verdict(Some(b"HTTP/1.1 503 Busy\r\n"), true).await, wrong);
        let refused = verdict(None, false).await;
        let sentence = "the exporter at ADDRESS cannot be asked; does it run with this configuration?: ";
        assert!(refused.starts_with(sentence), "{refused}");
    }

    #[test]
    fn all_addresses_are_reached_at_this_computers_own() {
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
