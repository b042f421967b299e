//! Pages behind a web configuration, and clients that ask for them.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header::X_FRAME_OPTIONS;
use axum::routing::get;
use boinc_exporter::http::{WebAccess, bind, serve_with_web_access};
use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::pki::{Authority, Certified, replace};

/// A year in which this program is forgotten.
pub const FAR: i32 = 2999;

/// A page behind a web configuration in a folder of its own, with `server.pem`, `server.key` and `ca.pem`.
pub struct Site {
    pub folder: TempDir,
    pub authority: Authority,
    pub web_access: Arc<WebAccess>,
    pub address: SocketAddr,
}

/// A folder with certificates in it.
pub fn folder() -> (TempDir, Authority) {
    let (folder, authority) = (TempDir::new().unwrap(), Authority::new());
    authority.sign(FAR).write(folder.path(), "server");
    replace(&folder.path().join("ca.pem"), &authority.pem());
    (folder, authority)
}

impl Site {
    /// Files are checked at each request.
    pub fn start(yaml: &str) -> Self {
        Self::start_with(yaml, |access| access.with_checks(Duration::ZERO, Duration::from_secs(60)))
    }

    pub fn start_with(yaml: &str, configure: impl FnOnce(WebAccess) -> WebAccess) -> Self {
        let (folder, authority) = folder();
        replace(&folder.path().join("web.yml"), yaml);
        let web_access = Arc::new(configure(WebAccess::load(&folder.path().join("web.yml")).unwrap()));
        let listener = bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().route("/", get(|| async { ([(X_FRAME_OPTIONS, "sameorigin")], "page") }));
        tokio::spawn(serve_with_web_access(vec![listener], app, Some(Arc::clone(&web_access)), std::future::pending()));
        Self { folder, authority, web_access, address }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Changes the web configuration.
    pub fn configure(&self, yaml: &str) {
        replace(&self.path("web.yml"), yaml);
    }

    /// The whole answer without TLS.
    pub async fn ask(&self, headers: &str) -> String {
        exchange(TcpStream::connect(self.address).await.unwrap(), headers).await.unwrap()
    }

    /// The answer over TLS, or why there is none.
    pub async fn ask_tls(&self, client: Option<&Certified>) -> Result<String, String> {
        let stream = connect(self.address, &self.authority, client).await?;
        let text = exchange(stream, "").await.map_err(|error| error.to_string())?;
        Ok(text.rsplit("\r\n").next().unwrap_or_default().to_owned())
    }
}

/// Agrees on TLS with a server that `authority` vouches for.
pub async fn connect(
    address: SocketAddr,
    authority: &Authority,
    client: Option<&Certified>,
) -> Result<TlsStream<TcpStream>, String> {
    let mut roots = RootCertStore::empty();
    roots.add(authority.der()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match client {
        Some(client) => builder.with_client_auth_cert(client.chain(), client.private_key()).unwrap(),
        None => builder.with_no_client_auth(),
    };
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|error| error.to_string())
}

/// Sends a request and returns the whole answer, less the line that tells the time.
pub async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, headers: &str) -> std::io::Result<String> {
    let request = format!("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let lines = answer.split_inclusive("\r\n").filter(|line| !line.starts_with("date: "));
    Ok(lines.collect())
}

/// The cases whose names end so, sorted.
pub fn cases(end: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/web_config");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.to_string_lossy().ends_with(end)).collect();
    files.sort();
    files
}
