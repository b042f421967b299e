//! A client's event log and notices, with the texts of real clients.

use crate::simulation::state::{Client, Message, Notice, Os};

/// Number of messages that are kept.
const MAX_MESSAGES: usize = 2000;

const INFO: u8 = 1;
const ALERT: u8 = 2;

/// Logs an information message; it is the client's own if `project` is empty.
pub fn info(client: &mut Client, project: &str, body: String) {
    write(client, project, INFO, body);
}

/// Logs a message that the user should see.
pub fn alert(client: &mut Client, project: &str, body: String) {
    write(client, project, ALERT, body);
}

fn write(client: &mut Client, project: &str, priority: u8, body: String) {
    client.last_message += 1;
    let (project, seqno, time) = (project.to_owned(), client.last_message, client.clock);
    client.messages.push_back(Message { project, priority, seqno, body, time });
    if client.messages.len() > MAX_MESSAGES {
        client.messages.pop_front();
    }
}

/// Adds a notice of the client, a scheduler or a project's feed, unless it has the same text as an earlier one.
pub fn notice(client: &mut Client, project: &str, category: &str, title: &str, description: String) {
    if client.notices.iter().any(|notice| notice.description == description) {
        return;
    }
    client.last_notice += 1;
    client.notices.push(Notice {
        title: title.to_owned(),
        description,
        create_time: client.clock,
        arrival_time: client.clock,
        project_name: project.to_owned(),
        category: category.to_owned(),
        link: String::new(),
        seqno: client.last_notice,
    });
    // Notices are kept for 30 days.
    let oldest = client.clock - 30.0 * 86_400.0;
    client.notices.retain(|notice| notice.arrival_time > oldest);
}

/// Logs the messages of a starting client.
pub fn start(client: &mut Client) {
    let [major, minor, release] = client.version;
    let platform = platform(client.os);
    let host = &client.host;
    let mut lines = vec![
        format!("Starting BOINC client version {major}.{minor}.{release} for {platform}"),
        "log flags: file_xfer, sched_ops, task".to_owned(),
        format!("Data directory: {}", data_directory(client.os)),
        format!("Host name: {}", host.domain_name),
        format!("Processor: {} {} {}", host.ncpus, host.cpu_vendor, host.cpu_model),
        format!("OS: {}: {}", host.os_name, host.os_version),
        format!("Memory: {:.2} GB physical, {:.2} GB virtual", gib(host.memory), gib(host.memory + host.swap)),
        format!("Disk: {:.2} GB total, {:.2} GB free", gib(host.disk_total), gib(host.disk_free)),
    ];
    if client.host.gpus.is_empty() {
        lines.push("No usable GPUs found".to_owned());
    }
    lines.extend(["Setting up project and slot directories".to_owned(), "Checking active tasks".to_owned()]);
    lines.extend(client.projects.iter().map(|project| {
        format!("URL {}; Computer ID {}; resource share {}", project.server.url, project.hostid, project.resource_share)
    }));
    lines.push("Setting up GUI RPC socket".to_owned());
    lines.into_iter().for_each(|line| info(client, "", line));
}

/// The client's platform on this operating system.
#[must_use]
pub const fn platform(os: Os) -> &'static str {
    match os {
        Os::Linux => "x86_64-pc-linux-gnu",
        Os::Windows => "windows_x86_64",
        Os::Mac => "arm64-apple-darwin",
    }
}

const fn data_directory(os: Os) -> &'static str {
    match os {
        Os::Linux => "/var/lib/boinc-client",
        Os::Windows => r"C:\ProgramData\BOINC",
        Os::Mac => "/Library/Application Support/BOINC Data",
    }
}

fn gib(bytes: f64) -> f64 {
    bytes / 1_073_741_824.0
}
