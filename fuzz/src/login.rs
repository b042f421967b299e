//! A connection with login. The input is what a client sends; a `0x1e` is where it waits for the next request.

use std::cell::RefCell;

use boinc_exporter::client::gui_rpc::address::Endpoint;
use boinc_exporter::client::gui_rpc::connection::Connection;
use boinc_exporter::client::gui_rpc::error::Error;
use boinc_exporter::client::gui_rpc::request::Request;
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixListener;
use tokio::runtime::Runtime;

const PASSWORD: &str = "correct horse";

/// So small that inputs exceed it.
const MAX_REPLY_BYTES: usize = 2000;

/// Where the client listens. Made once a thread.
struct Place {
    runtime: Runtime,
    listener: UnixListener,
    address: Endpoint,
    _folder: TempDir,
}

thread_local! {
    static PLACE: RefCell<Place> = RefCell::new(Place::new());
}

impl Place {
    fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let path = folder.path().join("client");
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
        let listener = runtime.block_on(async { UnixListener::bind(&path) }).expect("a socket in a folder of its own");
        Self { runtime, listener, address: Endpoint::Unix(path), _folder: folder }
    }
}

/// Logs in and asks, until the connection cannot be used.
pub fn run(bytes: &[u8]) {
    PLACE.with_borrow(|place| {
        let (_, ()) =
            place.runtime.block_on(async { tokio::join!(serve(&place.listener, bytes), visit(&place.address, bytes)) });
    });
}

/// Sends the input, from request to request. Ends when it is sent or nobody listens.
async fn serve(listener: &UnixListener, bytes: &[u8]) -> std::io::Result<()> {
    let (mut stream, _) = listener.accept().await?;
    for piece in bytes.split(|byte| *byte == 0x1e) {
        let mut request = Vec::new();
        while request.last() != Some(&3) {
            if stream.read_buf(&mut request).await? == 0 {
                return Ok(());
            }
        }
        stream.write_all(piece).await?;
        if !piece.contains(&3) {
            // Who waits for the rest of a reply sends no request.
            break;
        }
    }
    Ok(())
}

async fn visit(address: &Endpoint, bytes: &[u8]) {
    let mut connection = Connection::open(address, MAX_REPLY_BYTES).await.expect("it listens");
    let secret = SecretString::from(PASSWORD);
    if let Err(error) = connection.authorize(&secret).await {
        return discreet(&error);
    }
    // Two pieces were the challenge and the welcome.
    for piece in bytes.split(|byte| *byte == 0x1e).skip(2) {
        if !connection.is_usable() {
            return;
        }
        match connection.ask(Request::GetState).await {
            Ok(reply) => {
                let end = piece.iter().position(|byte| *byte == 3).expect("a reply has an end");
                assert_eq!(&reply.rest[..], &piece[..end], "a reply ends at its first terminator");
                assert!(end <= MAX_REPLY_BYTES + 64 * 1024 && (!connection.is_usable() || end + 1 == piece.len()));
            }
            Err(error) => return discreet(&error),
        }
    }
}

fn discreet(error: &Error) {
    assert!(!format!("{error} {error:?}").contains(PASSWORD), "{error}");
}
