//! Sentences of projects' schedulers, as the server wrote them from 2006 to 2026 (`handle_request.cpp`, `sched_send.cpp`,
//! `sched_check.cpp`, `sched_version.cpp`, `plan_class_spec.cpp` and others in BOINC's `sched/`). Many projects run servers that
//! are years old: no sentence is ever out of use.

use super::class::Class;

/// What a scheduler's sentence says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Nothing about why there is no work.
    Remark,
    /// Why the project sent no work, or did not listen.
    Refused(Class),
}

/// Whole sentences.
const WHOLE: [(&str, Class); 7] = [
    // 2010-06, 2008-10, all
    ("Project has no tasks available", Class::NoWork),
    ("(Project has no jobs available)", Class::NoWork),
    ("Project has no jobs available", Class::NoWork),
    ("No work available", Class::NoWork),
    // Up to 2008-03 and 2010-06
    ("(there was work for other platforms)", Class::NoWork),
    ("Incomplete request received", Class::RequestFailed),
    ("Your computer type is not supported by this project", Class::Platform),
];

/// Beginnings.
const BEGINS: [(&str, Class); 80] = [
    ("No work is available for ", Class::NoWork),
    ("No tasks are available for ", Class::NoWork),
    ("No work can be sent for the applications", Class::NoWork),
    ("No work available for the applications", Class::NoWork),
    ("(There was work but not for the app", Class::NoWork),
    ("Tasks are committed to other platforms", Class::NoWork),
    ("(there was work but it was committed ", Class::NoWork),
    // Three wordings of "last request too recent" follow, by the server's age.
    ("Not sending work", Class::Deferred),
    ("Another scheduler instance is running for this host", Class::Deferred),
    ("This computer has reached a limit on tasks in progress", Class::Limit),
    ("(reached per-host limit of ", Class::Limit),
    ("This computer has finished a daily quota of ", Class::Quota),
    ("(reached daily quota of ", Class::Quota),
    // 2025-12
    ("Daily job limit (", Class::Quota),
    ("Not enough disk space (only ", Class::Disk),
    ("No disk space (YOU must free ", Class::Disk),
    ("There was work but you don't have enough disk space", Class::Disk),
    ("(there was work but you don't have enough disk space", Class::Disk),
    ("Your preferences limit memory usage to ", Class::Memory),
    ("Tasks won't finish in time: ", Class::TooSlow),
    ("(won't finish in time) ", Class::TooSlow),
    ("(Your network connection interval is longer", Class::TooSlow),
    // 2009
    ("GPU jobs are available, but", Class::Preferences),
    ("CPU jobs are available, but", Class::Preferences),
    // 2025-05
    ("Some jobs are ruled out by your science/location preferences", Class::Preferences),
    ("This project doesn't support computers of type ", Class::Platform),
    ("This project doesn't support operating system ", Class::Platform),
    ("This project doesn't support CPU type ", Class::Platform),
    ("This project doesn't support OS type ", Class::Platform),
    ("(your platform is not supported", Class::Platform),
    ("platform '", Class::Platform),
    ("Unable to send work to Vista", Class::Platform),
    ("Your computer has too few CPUs", Class::Platform),
    ("Your BOINC client software is too old", Class::ClientTooOld),
    ("Need version ", Class::ClientTooOld),
    ("Need BOINC version ", Class::ClientTooOld),
    ("Newer BOINC version required", Class::ClientTooOld),
    ("(your BOINC client is old", Class::ClientTooOld),
    ("A newer BOINC may be required", Class::ClientTooOld),
    ("A newer version of BOINC is needed", Class::ClientTooOld),
    ("BOINC client 7.0+ required for Virtualbox jobs", Class::ClientTooOld),
    // 2025-10
    ("Docker jobs need 8.2.6+ client", Class::ClientTooOld),
    ("A minimum of ", Class::Gpu),
    // 2009-05 to 2010-06
    ("Your computer has no ", Class::Gpu),
    ("Your NVIDIA GPU ", Class::Gpu),
    ("Your ATI GPU ", Class::Gpu),
    ("Your GPU ", Class::Gpu),
    ("ATI Catalyst ", Class::Gpu),
    ("NVIDIA driver version ", Class::Gpu),
    ("NVIDIA display driver ", Class::Gpu),
    ("CUDA version ", Class::Gpu),
    ("Need libraries named ", Class::Gpu),
    ("VirtualBox is not installed", Class::VirtualBox),
    // 2026-02
    ("VirtualBox is not usable", Class::VirtualBox),
    ("VirtualBox version 3.2 or later", Class::VirtualBox),
    ("VirtualBox jobs require hardware acceleration", Class::VirtualBox),
    // 2024-05 and later
    ("Docker not present", Class::Docker),
    ("Docker is not installed or is not available", Class::Docker),
    ("Suitable Docker is not installed or is not available", Class::Docker),
    ("No WSL distros found", Class::Docker),
    ("No usable WSL distros found", Class::Docker),
    ("Client config does not allow using ", Class::Docker),
    ("Current BOINC WSL distro needed", Class::Docker),
    ("Your app_info.xml file doesn't have a ", Class::AppInfo),
    ("Unknown app name", Class::AppInfo),
    ("Syntax error in app_info.xml", Class::AppInfo),
    ("Invalid or missing account key", Class::Reattach),
    ("The project has changed its security key", Class::Reattach),
    ("Invalid code signing key", Class::Reattach),
    ("You may have an outdated code ", Class::Reattach),
    ("Not accepting requests from this host", Class::Refused),
    ("Completed result ", Class::Refused),
    ("Project is temporarily shut down for maintenance", Class::Maintenance),
    ("Server error: ", Class::ServerDown),
    ("Server can't open database", Class::ServerDown),
    ("Server can't open log file", Class::ServerDown),
    ("Server can't parse configuration file", Class::ServerDown),
    ("Server can't find key file", Class::ServerDown),
    ("Couldn't create host record in database", Class::ServerDown),
    ("Error in request message: ", Class::RequestFailed),
];

/// Beginnings of sentences that say nothing about why there is no work: headlines, hints, warnings, and remarks on tasks that
/// came.
const NOTHING: [&str; 20] = [
    // The headline of every refusal; the second in 2007.
    "No work sent",
    "No work could be sent",
    "No tasks sent",
    "You have selected to receive work from other ",
    "Your preferences allow work from applications other ",
    "Your preferences allow tasks from applications other ",
    "Sending work from other applications",
    "Sending tasks from other applications",
    "Resent lost task ",
    "Resent lost result ",
    "Didn't resend lost task ",
    "Didn't resend lost result ",
    "Result ",
    "Can't find host record",
    "Missing CPU type in request",
    "Missing OS name in request",
    "BOINC will delete file ",
    "Starting in ",
    "Project requested delay of ",
    "Message from account manager: ",
];

/// What a sentence of a scheduler says; `None` if no rule knows it.
#[must_use]
pub fn said(body: &str) -> Option<Said> {
    if NOTHING.iter().any(|begin| body.starts_with(begin)) || is_warning(body) {
        return Some(Said::Remark);
    }
    let whole = WHOLE.iter().find(|(sentence, _)| body.trim_end_matches('.') == *sentence);
    let begins = || BEGINS.iter().find(|(begin, _)| body.starts_with(begin));
    if let Some((_, class)) = whole.or_else(begins) {
        return Some(Said::Refused(*class));
    }
    about_resource(body).or_else(|| by_number(body).map(Said::Refused))
}

/// "In 3 days and 4 hours, this project will require a minimum BOINC version of 7.0.0."
fn is_warning(body: &str) -> bool {
    body.starts_with("In ") && body.contains(", this project will require ")
}

/// Sentences with a resource, such as `NVIDIA GPU` or the name of another coprocessor, at their beginning.
fn about_resource(body: &str) -> Option<Said> {
    if let Some((_, purpose)) = body.split_once(": Upgrade to the latest driver to ") {
        // "use all of this project's GPU applications" is a hint.
        let refused = purpose.starts_with("process tasks");
        return Some(if refused { Said::Refused(Class::Gpu) } else { Said::Remark });
    }
    if body.starts_with("An ") && body.contains(" GPU is required to run tasks") {
        return Some(Said::Refused(Class::Gpu));
    }
    let available = ["Tasks for ", "Jobs for "].iter().any(|begin| body.starts_with(begin));
    (available && body.contains(" are available, but ")).then_some(Said::Refused(Class::Preferences))
}

/// Sentences with free text at their beginning, told by a number and its unit or by their end.
fn by_number(body: &str) -> Option<Class> {
    let number = |verb: &str, unit: &str| {
        body.match_indices(verb).any(|(at, _)| {
            let rest = &body[at + verb.len()..];
            let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
            digits > 0 && rest[digits..].starts_with(unit)
        })
    };
    if number(" needs ", "MB more disk space") {
        Some(Class::Disk)
    } else if number(" needs ", " MB RAM but only ") || number("Your computer has ", " MB of memory") {
        Some(Class::Memory)
    } else if number(" requires ", " KB/sec download bandwidth") {
        Some(Class::TooSlow)
    } else if body.ends_with(" is not available for your type of computer.") {
        Some(Class::Platform)
    } else if body.starts_with("To get more ") && body.contains(" work, finish current work") {
        Some(Class::AppInfo)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, Said, said};

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn sentences_of_all_servers() {
        use Class::*;
        for (class, sentences) in [
            (
                NoWork,
                vec![
                    "Project has no tasks available",
                    "(Project has no jobs available)",
                    "No work available",
                    "No work is available for SETI@home Enhanced",
                    "No tasks are available for the applications you have selected.",
                    "No tasks are available for GPU quota needs 3 MB RAM but only",
                    "No work can be sent for the applications you have selected",
                    "Tasks are committed to other platforms",
                    "(there was work but it was committed to other platforms)",
                    "(there was work for other platforms)",
                ],
            ),
            (
                Deferred,
                vec![
                    "Not sending work - last request too recent: 12 sec",
                    "Not sending work - last request too recent, please wait: 12 sec",
                    "Not sending work. Last request too recent. Please wait 12 sec",
                    "Another scheduler instance is running for this host",
                ],
            ),
            (
                Limit,
                vec!["This computer has reached a limit on tasks in progress", "(reached per-host limit of 8 tasks)"],
            ),
            (
                Quota,
                vec![
                    "This computer has finished a daily quota of 8 tasks",
                    "This computer has finished a daily quota of 8 tasks)",
                    "(reached daily quota of 8 results)",
                    "Daily job limit (8) has been reached",
                ],
            ),
            (
                Disk,
                vec![
                    "A long app needs 1234.50MB more disk space.  You currently have 10.00 MB available and it needs 20.00 MB.",
                    "Not enough disk space (only 1.2 MB free for BOINC).",
                    "No disk space (YOU must free 3 MB before BOINC gets space).",
                ],
            ),
            (
                Memory,
                vec![
                    "RAM needs 1 MB needs 953.67 MB RAM but only 476.84 MB is available for use.",
                    "Your computer has 512 MB of memory, and a job requires 1024 MB",
                    "Your preferences limit memory usage to 512 MB, and a job requires 1024 MB",
                ],
            ),
            (
                TooSlow,
                vec![
                    "App requires 100.5 KB/sec download bandwidth.  Your computer has been measured at 50.",
                    "Tasks won't finish in time: BOINC runs 10.0% of the time",
                    "(won't finish in time) BOINC runs 10.0% of time",
                ],
            ),
            (
                Preferences,
                vec![
                    "Tasks for NVIDIA GPU are available, but your preferences are set to not accept them",
                    "Jobs for ATI GPU are available, but your preferences are set to not accept them",
                    "Tasks for miner_asic are available, but your preferences are set to not accept them",
                    "CPU jobs are available, but your preferences are set to not accept them",
                    "Some jobs are ruled out by your science/location preferences",
                ],
            ),
            (
                Platform,
                vec![
                    "This project doesn't support computers of type arm-android-linux-gnu",
                    "This project doesn't support operating system Haiku",
                    "Your computer type is not supported by this project",
                    "platform 'riscv' not found",
                    "VirtualBox quota is not available for your type of computer.",
                ],
            ),
            (
                ClientTooOld,
                vec![
                    "Your BOINC client software is too old.  Please install the current version.",
                    "Need version 6.4.5 or higher of the BOINC client. You have 6.2.19.",
                    "A newer version of BOINC is needed to run this",
                    "Docker jobs need 8.2.6+ client",
                ],
            ),
            (
                Gpu,
                vec![
                    "NVIDIA GPU: Upgrade to the latest driver to process tasks using your computer's GPU",
                    "A minimum of 384 MB (preferably 512 MB) of video RAM is needed to process tasks",
                    "An NVIDIA GPU GPU is required to run tasks for this project",
                    "An NVIDIA or ATI GPU is required to run tasks for this project",
                    "Your computer has no ATI GPU",
                ],
            ),
            (VirtualBox, vec!["VirtualBox is not installed", "VirtualBox is not usable"]),
            (
                Docker,
                vec![
                    "Docker not present",
                    "Docker is not installed or is not available",
                    "No usable WSL distros found",
                ],
            ),
            (
                AppInfo,
                vec![
                    "Your app_info.xml file doesn't have a usable version of Sieve.",
                    "Unknown app name sieve in app_info.xml",
                    "To get more Sieve work, finish current work, stop BOINC, remove app_info.xml file, and restart.",
                ],
            ),
            (
                Reattach,
                vec![
                    "Invalid or missing account key.  To fix, remove and add this project .",
                    "The project has changed its security key. Please remove and add this project.",
                ],
            ),
            (
                Refused,
                vec![
                    "Not accepting requests from this host",
                    "Completed result a_1 refused: result already reported as success",
                ],
            ),
            (Maintenance, vec!["Project is temporarily shut down for maintenance"]),
            (
                ServerDown,
                vec![
                    "Server error: feeder not running",
                    "Server can't open database",
                    "Couldn't create host record in database",
                ],
            ),
            (RequestFailed, vec!["Error in request message: no start tag", "Incomplete request received."]),
        ] {
            sentences.iter().for_each(|body| assert_eq!(said(body), Some(Said::Refused(class)), "{body}"));
        }
    }

    #[test]
    fn remarks_are_no_reasons() {
        for body in [
            "No tasks sent",
            "No work sent",
            "No work could be sent.",
            "NVIDIA GPU: Upgrade to the latest driver to use all of this project's GPU applications",
            "In 3 days and 4 hours, this project will require a minimum BOINC version of 7.0.0.",
            "Your preferences allow tasks from applications other than those selected",
            "Resent lost task a_1",
            "Result a_1 is no longer usable",
        ] {
            assert_eq!(said(body), Some(Said::Remark), "{body}");
        }
        for body in ["The daily quota is a lie", "We have no GPU driver today", "In the beginning"] {
            assert_eq!(said(body), None, "{body}");
        }
    }
}
