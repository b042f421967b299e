//! A scripted server of a project, over real sockets: what it answers is said request by request, and it keeps a list of what it
//! was asked, with the time by a clock that tests can move.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use boinc_exporter::clock::Clock;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A request as the server saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Unix seconds, by the clock of the test.
    pub at: f64,
    /// `GET` or `POST`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// All headers, in lower case, with their values as they came.
    pub headers: Vec<(String, String)>,
    /// What was posted.
    pub body: String,
}

impl Seen {
    /// The last part of the path.
    pub fn page(&self) -> &str {
        let path = self.target.split('?').next().unwrap_or_default();
        path.rsplit('/').next().unwrap_or_default()
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub enum Does {
    /// Sends these bytes, then closes.
    Sends(Vec<u8>),
    /// Never answers, and keeps the connection.
    Hangs,
    /// Closes without a word.
    Closes,
}

/// An answer with this status, these further header lines, and this body.
pub fn answer(status: u16, headers: &str, body: &str) -> Does {
    let length = body.len();
    Does::Sends(
        format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
            .into_bytes(),
    )
}

/// An answer with this body.
pub fn page(body: &str) -> Does {
    answer(200, "Content-Type: text/xml;charset=UTF-8\r\n", body)
}

/// What a healthy server of 2026 answers; its scheduler and its files are where they usually are.
pub fn healthy(seen: &Seen, address: &str) -> Does {
    const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\" ?>\n";
    let body = match seen.page() {
        "" => format!("<html><!-- <scheduler>http://{address}/alpha_cgi/cgi</scheduler> --></html>"),
        "cgi" if seen.method == "GET" => "<scheduler_reply>\n<scheduler_version>803</scheduler_version>\n\
             <request_delay>7.000000</request_delay>\n\
             <message priority=\"low\">Error in request message: xp.get_tag() failed </message>\n\
             <project_name>Alpha</project_name>\n</scheduler_reply>\n"
            .to_owned(),
        "cgi" => "<scheduler_reply>\n<scheduler_version>803</scheduler_version>\n<request_delay>3600.000000</request_delay>\n\
             <message priority=\"low\">Invalid or missing account key.  To fix, remove and add this project .</message>\n\
             <project_name>Alpha</project_name>\n</scheduler_reply>\n"
            .to_owned(),
        "get_project_config.php" => format!(
            "{DECLARATION}<project_config>\n<name>Alpha & Omega</name>\n<master_url>http://{address}/alpha/</master_url>\n\
             <server_version>1.1.0</server_version>\n<web_stopped>0</web_stopped>\n<sched_stopped>0</sched_stopped>\n\
             <min_passwd_length>6</min_passwd_length>\n<platforms>\n<platform><platform_name>windows_x86_64</platform_name>\n\
             </platform>\n</platforms>\n</project_config>"
        ),
        "server_status.php" => format!(
            "{DECLARATION}<server_status>\n<daemon_status>\n<daemon><host>h</host>\n<command>feeder</command>\n\
             <status>running</status></daemon>\n</daemon_status>\n<database_file_states>\n\
             <results_ready_to_send>12</results_ready_to_send>\n<results_in_progress>3</results_in_progress>\n\
             <tasks_by_app>\n<app><id>1</id><name>Lab</name><unsent>12</unsent><in_progress>3</in_progress></app>\n\
             </tasks_by_app>\n</database_file_states>\n</server_status>\n"
        ),
        "show_user.php" => format!(
            "{DECLARATION}<user>\n<id>7</id>\n<cpid>c0ffee</cpid>\n<create_time>1795322117</create_time>\n<name>Zoë</name>\n\
             <total_credit>5000.5</total_credit>\n<expavg_credit>12.25</expavg_credit>\n<expavg_time>1795000000</expavg_time>\n\
             <teamid>1</teamid>\n<has_profile>0</has_profile>\n{}</user>\n",
            if seen.target.contains("auth=") {
                "<host><id>70</id><rpc_time>1795000000</rpc_time><domain_name>attic</domain_name>\
                 <total_credit>9</total_credit></host>\n"
            } else {
                ""
            }
        ),
        "team_lookup.php" => format!(
            "{DECLARATION}<team>\n<id>1</id>\n<name>Lab</name>\n<total_credit>600</total_credit>\n<expavg_credit>2</expavg_credit>\n\
             <expavg_time>1795000000</expavg_time>\n</team>\n"
        ),
        "tables.xml" => "<tables>\n<update_time>1795322000</update_time>\n<nusers_total>4</nusers_total>\n\
             <total_credit>77</total_credit>\n</tables>\n"
            .to_owned(),
        "submit_rpc_handler.php" if seen.body.contains("ping") => {
            format!("{DECLARATION}<ping>\n<success>1</success>\n</ping>\n")
        }
        "submit_rpc_handler.php" => format!(
            "{DECLARATION}<query_batches>\n<batch>\n<id>1</id>\n<create_time>1795322278</create_time>\n<njobs>4</njobs>\n\
             <fraction_done>0.5</fraction_done>\n<nerror_jobs>1</nerror_jobs>\n<state>1</state>\n<app_name>lab</app_name>\n\
             <name>bn1</name>\n</batch>\n</query_batches>\n"
        ),
        _ => return answer(404, "Content-Type: text/html\r\n", "<html><title>404 Not Found</title></html>"),
    };
    page(&body)
}

type Script = Box<dyn FnMut(&Seen, &str) -> Does + Send>;

/// A running server.
pub struct ProjectServer {
    address: String,
    shared: Arc<Shared>,
}

struct Shared {
    clock: Clock,
    seen: Mutex<Vec<Seen>>,
    script: Mutex<Script>,
    open: AtomicUsize,
    most_open: AtomicUsize,
}

impl ProjectServer {
    /// Starts a server that answers as the script says, and tells the time by this clock.
    pub async fn start(clock: Clock, script: impl FnMut(&Seen, &str) -> Does + Send + 'static) -> Self {
        Self::start_over(None, clock, script).await
    }

    /// The same over TLS.
    pub async fn start_over(
        tls: Option<TlsAcceptor>,
        clock: Clock,
        script: impl FnMut(&Seen, &str) -> Does + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address").to_string();
        let shared = Arc::new(Shared {
            clock,
            seen: Mutex::default(),
            script: Mutex::new(Box::new(script)),
            open: AtomicUsize::default(),
            most_open: AtomicUsize::default(),
        });
        let server = Self { address: address.clone(), shared: Arc::clone(&shared) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (shared, address, tls) = (Arc::clone(&shared), address.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, &shared, &address).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, &shared, &address).await;
                            }
                        }
                    }
                });
            }
        });
        server
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The master URL of a project on it.
    pub fn url(&self) -> String {
        format!("http://{}/alpha/", self.address)
    }

    /// Another script from now on.
    pub fn plays(&self, script: impl FnMut(&Seen, &str) -> Does + Send + 'static) {
        *self.shared.script.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(script);
    }

    /// What it was asked so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The most requests that it had to answer at the same time.
    pub fn most_at_a_time(&self) -> usize {
        self.shared.most_open.load(Ordering::SeqCst)
    }
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, shared: &Shared, address: &str) {
    let Some(seen) = read(&mut stream, shared.clock.unix()).await else { return };
    let open = shared.open.fetch_add(1, Ordering::SeqCst) + 1;
    shared.most_open.fetch_max(open, Ordering::SeqCst);
    let does = {
        shared.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen.clone());
        (shared.script.lock().unwrap_or_else(PoisonError::into_inner))(&seen, address)
    };
    match does {
        Does::Sends(bytes) => {
            // The other side may have gone.
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Does::Hangs => {
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
        Does::Closes => {}
    }
    shared.open.fetch_sub(1, Ordering::SeqCst);
}

async fn read(stream: &mut (impl AsyncRead + Unpin), at: f64) -> Option<Seen> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return None,
            Ok(length) => bytes.extend_from_slice(&part[..length]),
        }
        // TLS, which this server does not speak.
        if bytes.first() == Some(&0x16) {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ').map(str::to_owned);
    let (method, target) = (first.next()?, first.next()?);
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, length)| length.parse().ok());
    let mut body = bytes.split_off(head_end + 4);
    while body.len() < length.unwrap_or(0) {
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => return None,
            Ok(length) => body.extend_from_slice(&part[..length]),
        }
    }
    Some(Seen { at, method, target, headers, body: String::from_utf8_lossy(&body).into_owned() })
}
