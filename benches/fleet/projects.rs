//! What projects' servers add to a scrape: their text, and nothing else. The projects answer from a thread of this process, at
//! addresses below one address, and are asked once.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use crate::clients::{Clients, Time};
use crate::exporter::{Exporter, Scrape};
use crate::table::{Limit, Row, median, ms};

const CLIENTS: usize = 100;
const PROJECTS: usize = 200;
const ROUNDS: usize = 31;

/// A server of projects that each have a configuration, a status and an account. Returns its address.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound socket has an address").to_string();
    std::thread::spawn(move || listener.incoming().flatten().for_each(answer));
    address
}

fn answer(mut stream: TcpStream) {
    let mut request = [0; 4096];
    let length = stream.read(&mut request).unwrap_or_default();
    let request = String::from_utf8_lossy(&request[..length]);
    let body = if request.contains("get_project_config") {
        "<project_config>\n<web_stopped>0</web_stopped>\n</project_config>\n".to_owned()
    } else if request.contains("server_status") {
        let daemon = |n| format!("<daemon><command>daemon_{n}</command>\n<status>running</status></daemon>\n");
        let daemons: String = (0..10).map(daemon).collect();
        format!("<server_status>\n<daemon_status>\n{daemons}</daemon_status>\n</server_status>\n")
    } else {
        "<user>\n<id>1</id>\n<total_credit>5</total_credit>\n</user>\n".to_owned()
    };
    let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    // The exporter may have been stopped.
    let _ = stream.write_all((head + &body).as_bytes());
}

/// 200 projects beside a fleet.
pub fn in_a_scrape() -> Vec<Row> {
    let (clients, server) = (Clients::start(CLIENTS, 50, Time::Stands), serve());
    let folder = tempfile::tempdir().expect("a folder");
    let mut settings = format!(
        "[projects]\nstate_file = \"{}\"\ncollectors = [\"config\", \"status\", \"account\"]\n",
        folder.path().join("projects.json").display()
    );
    for number in 0..PROJECTS {
        let _ = write!(settings, "[[projects.list]]\nurl = \"http://{server}/{number}/\"\naccount = 1\n");
    }
    let addresses = || clients.addresses.iter().map(String::as_str);
    let (without, with) = (Exporter::watching(addresses(), ""), Exporter::watching(addresses(), &settings));
    while with.get().matches("boinc_account_credit{").count() < PROJECTS {
        // Projects are asked in the background; until then the processor is theirs.
        std::thread::sleep(Duration::from_millis(50));
    }
    without.scrape();
    let rounds: Vec<_> =
        (0..ROUNDS).map(|_| [without.scrape(), with.scrape(), with.scrape_page("/projects")]).collect();
    let of = |value: fn(&[Scrape; 3]) -> f64| median(rounds.iter().map(value).collect());
    let [plain, full, text] = [0, 1, 2].map(|index| median(rounds.iter().map(|round| ms(round[index].wall)).collect()));
    let note = format!(
        "{full:.1} ms with them, {plain:.1} ms without; {text:.1} ms for /projects, which is their text alone, {:.2} MB",
        rounds[0][2].bytes as f64 / 1e6
    );
    let ratio = of(|[without, with, _]| with.wall.as_secs_f64() / without.wall.as_secs_f64());
    let added = of(|[without, with, _]| ms(with.cpu) - ms(without.cpu));
    let own = of(|[_, _, text]| ms(text.cpu));
    vec![
        Row::new("wall time, 100 clients with 200 watched projects / without", ratio, "", Some(Limit::Most(1.2)), note),
        Row::new(
            "200 projects: CPU added to a scrape / CPU for their text",
            added / own,
            "",
            Some(Limit::Most(1.5)),
            format!("{added:.1} ms added, {own:.1} ms for /projects: nothing but their text"),
        ),
    ]
}
