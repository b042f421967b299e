//! The exporter as installed: a separate process, scraped over HTTP.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

use crate::process::{Process, free_port, resident_bytes};
use crate::usage::cpu;

/// A running exporter.
pub struct Exporter {
    process: Process,
    port: u16,
    _config: NamedTempFile,
}

/// The cost of one scrape.
#[derive(Clone, Copy)]
pub struct Scrape {
    /// Time until the last byte arrived.
    pub wall: Duration,
    /// CPU time of the exporter.
    pub cpu: Duration,
    /// Size of the response.
    pub bytes: usize,
}

impl Exporter {
    /// Starts one that watches these clients; `further` precedes them in its configuration.
    pub fn watching<'a>(addresses: impl IntoIterator<Item = &'a str>, further: &str) -> Self {
        Self::with_environment(addresses, further, &[])
    }

    /// The same, with these environment variables.
    pub fn with_environment<'a>(
        addresses: impl IntoIterator<Item = &'a str>,
        further: &str,
        environment: &[(&str, &str)],
    ) -> Self {
        let port = free_port();
        let mut text = format!("[web]\nlisten_address = [\"127.0.0.1:{port}\"]\n{further}\n");
        for (number, address) in addresses.into_iter().enumerate() {
            let _ = write!(text, "[[clients]]\nname = \"client-{number:04}\"\naddress = \"{address}\"\n");
        }
        let mut config = NamedTempFile::with_suffix(".toml").expect("a temporary file");
        config.write_all(text.as_bytes()).expect("it can be written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_boinc_exporter"));
        command.arg("--config.file").arg(config.path()).envs(environment.iter().copied());
        let mut process = Process::start(&mut command);
        process.wait_for("listening");
        Self { process, port, _config: config }
    }

    /// Scrapes `/metrics` as Prometheus does.
    pub fn scrape(&self) -> Scrape {
        self.scrape_page("/metrics")
    }

    /// The same of another page of metrics.
    pub fn scrape_page(&self, page: &str) -> Scrape {
        let (before, started) = (cpu(self.process.id()), Instant::now());
        let body = self.get_page(page);
        let wall = started.elapsed();
        assert!(body.ends_with("# EOF\n"), "the answer is whole");
        Scrape { wall, cpu: cpu(self.process.id()).saturating_sub(before), bytes: body.len() }
    }

    /// The body of the response, which in HTTP/1.0 ends with the connection.
    pub fn get(&self) -> String {
        self.get_page("/metrics")
    }

    fn get_page(&self, page: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the exporter listens");
        let request = format!(
            "GET {page} HTTP/1.0\r\nHost: localhost\r\n\
             Accept: application/openmetrics-text;version=1.0.0\r\n\
             X-Prometheus-Scrape-Timeout-Seconds: 60\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).expect("the exporter reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("the exporter answers");
        let answer = String::from_utf8(answer).expect("metrics are text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
        assert!(head.starts_with("HTTP/1.0 200"), "{head}");
        body.to_owned()
    }

    /// Checks that the measurement is valid: all clients were polled completely.
    ///
    /// # Panics
    /// If a client is down or one of its requests failed.
    pub fn assert_all_up(&self) {
        let text = self.get();
        let ill = text.lines().find(|line| {
            (line.starts_with("boinc_up{") && line.ends_with(" 0"))
                || (line.starts_with("boinc_scrape_error{") && line.ends_with(" 1"))
        });
        assert_eq!(ill, None, "a client that was not polled completely");
    }

    /// Its resident memory.
    pub fn resident_bytes(&self) -> u64 {
        resident_bytes(self.process.id())
    }
}
