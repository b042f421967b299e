//! `result_status.php`: what became of tasks, by their names or numbers.

use std::fmt::Write as _;

use super::{Response, View};
use crate::simulation::behaviour::ResultRecord;

pub(super) fn page(view: View<'_>) -> Response {
    let side = view.side;
    let mut text = String::from("<results>\n");
    let (names, ids) = (view.request.argument("names"), view.request.argument("ids"));
    for name in names.iter().flat_map(|names| names.split(',')) {
        match side.results.get(name) {
            Some(record) => result(&mut text, view, name, record),
            None => drop(writeln!(text, "<error>name {name} unknown</error>")),
        }
    }
    for id in ids.iter().flat_map(|ids| ids.split(',')) {
        let found = side.results.iter().find(|(_, record)| id.parse() == Ok(record.id));
        match found {
            Some((name, record)) => result(&mut text, view, name, record),
            None => drop(writeln!(text, "<error>ID {id} unknown</error>")),
        }
    }
    text.push_str("</results>\n");
    Response::xml(&text)
}

fn result(text: &mut String, view: View<'_>, name: &str, record: &ResultRecord) {
    let server = &view.side.server;
    let app = &server.apps[record.app];
    let elements: [(&str, f64); 24] = [
        ("id", f64::from(record.id)),
        ("create_time", record.sent_time - 1800.0),
        ("workunitid", f64::from(record.id / 2)),
        ("server_state", f64::from(record.server_state)),
        ("outcome", f64::from(record.outcome)),
        ("client_state", f64::from(record.client_state)),
        ("hostid", f64::from(record.hostid)),
        ("userid", f64::from(server.userid)),
        ("report_deadline", record.report_deadline),
        ("sent_time", record.sent_time),
        ("received_time", record.received_time),
        ("cpu_time", record.cpu_time),
        ("batch", 0.0),
        ("file_delete_state", 0.0),
        ("validate_state", f64::from(record.validate_state)),
        ("granted_credit", record.granted_credit),
        ("app_version_num", f64::from(app.version_num)),
        ("appid", record.app as f64 + 1.0),
        ("exit_status", f64::from(record.exit_status)),
        ("elapsed_time", record.elapsed_time),
        ("flops_estimate", record.flops),
        ("peak_working_set_size", if record.elapsed_time > 0.0 { app.memory } else { 0.0 }),
        ("peak_swap_size", if record.elapsed_time > 0.0 { app.memory * 1.2 } else { 0.0 }),
        ("peak_disk_usage", if record.elapsed_time > 0.0 { app.input + app.output } else { 0.0 }),
    ];
    text.push_str("\n    <result>\n");
    for (tag, value) in elements {
        if tag == "cpu_time" {
            let _ = writeln!(text, "        <name>{name}</name>");
        }
        let _ = writeln!(text, "        <{tag}>{value}</{tag}>");
    }
    text.push_str("    </result>\n");
}
