//! The client's own files: what was computed over all time, and the last talk with each project.

use std::fmt::Write as _;
use std::fs;

use super::{Beside, family};
use crate::support::DATA;

#[test]
fn requests_and_replies_of_7_20() {
    let mut beside = Beside::recorded("7.20.5_busy");
    let (alpha, beta) = ("127.0.0.1_31080_alpha", "127.0.0.1_31081_beta");
    beside.touch(&format!("sched_request_{alpha}.xml"), 100);
    beside.touch(&format!("sched_reply_{alpha}.xml"), 99);
    beside.touch(&format!("sched_request_{beta}.xml"), 50);
    let told = beside.after(0);
    let lines: Vec<_> = told.lines().filter(|line| line.starts_with("boinc_project_scheduler")).collect();
    insta::assert_snapshot!(lines.join("\n"));
    // What has not changed is not read again: who changes it unseen proves it.
    let file = format!("sched_reply_{alpha}.xml");
    let length = fs::metadata(beside.path(&file)).unwrap().len();
    fs::write(beside.path(&file), vec![b' '; usize::try_from(length).unwrap()]).unwrap();
    beside.touch(&file, 99);
    assert_eq!(beside.after(15), told);
    beside.touch(&file, 98);
    assert!(beside.after(15).contains(r#"outcome="incomplete"} 1"#));
}

#[test]
fn a_talk_ends_in_one_of_four_ways() {
    let mut beside = Beside::made();
    let outcome = |beside: &mut Beside| family(&beside.after(1), "boinc_project_scheduler_outcome");
    let (request, reply) = ("sched_request_example.org_fold.xml", "sched_reply_example.org_fold.xml");
    assert_eq!(outcome(&mut beside), "");
    beside.write(request, b"<scheduler_request>\n<work_req_seconds>60</work_req_seconds>\n<job_log>\n<1 ue & 2\n</job_log>\n</scheduler_request>\n", 60);
    assert_eq!(outcome(&mut beside), r#"{outcome="unanswered"} 1"#);
    for (text, expected) in [
        ("", "unanswered"),
        ("<html>503</html>", "incomplete"),
        ("<scheduler_reply>\n<request_delay>5</request_delay>\n", "incomplete"),
        ("<scheduler_reply>\n<project_is_down/>\n</scheduler_reply>", "project_down"),
        (
            "Content-type: text/xml\n\n<scheduler_reply>\n<project_name>A & <b>\n</project_name>\n</scheduler_reply>",
            "answered",
        ),
    ] {
        beside.write(reply, text.as_bytes(), 50);
        assert_eq!(outcome(&mut beside), format!(r#"{{outcome="{expected}"}} 1"#), "{text}");
    }
    // The next talk has begun.
    beside.touch(request, 40);
    assert_eq!(outcome(&mut beside), r#"{outcome="unanswered"} 1"#);
    let told = beside.after(1);
    assert!(
        told.contains(
            r#"_work_requested_seconds{project="Fold",project_url="https://example.org/fold/",resource="CPU"} 60"#
        ),
        "{told}"
    );
}

#[test]
fn what_schedulers_of_all_ages_said() {
    let mut beside = Beside::made();
    beside.write("sched_request_example.org_fold.xml", b"<scheduler_request>\n</scheduler_request>\n", 60);
    let mut files: Vec<_> =
        fs::read_dir(format!("{DATA}/project/scheduler")).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let mut said = String::new();
    for (at, file) in files.iter().enumerate() {
        // Files of the same time and length are the same.
        let ago = 50 - u64::try_from(at).unwrap();
        beside.write("sched_reply_example.org_fold.xml", &fs::read(file).unwrap(), ago);
        let told = beside.after(1);
        let families = ["outcome", "messages"].map(|name| family(&told, &format!("boinc_project_scheduler_{name}")));
        writeln!(said, "{}: {}", file.file_stem().unwrap().display(), families.join(" ")).unwrap();
    }
    insta::assert_snapshot!(said);
}

#[test]
fn all_that_was_computed_is_told() {
    let mut beside = Beside::recorded("7.20.5_busy");
    let completed = |told: &str| family(told, "boinc_tasks_completed_total");
    let beta = r#"{project="Beta",project_url="http://127.0.0.1:31081/beta/"}"#;
    let alpha = r#"{project="Alpha & Läb@home",project_url="http://127.0.0.1:31080/alpha/"} 23"#;
    assert_eq!(completed(&beside.after(0)), format!("{alpha}; {beta} 35"));
    let log = beside.path("job_log_127.0.0.1_31081_beta.txt");
    let line = "1795323200 ue 480.0 ct 0.3 fe 480000000000 nm labsleep_17953218536140_003_0 et 240.0 es 0\n";
    fs::write(&log, [fs::read(&log).unwrap(), line.into()].concat()).unwrap();
    assert_eq!(completed(&beside.after(15)), format!("{alpha}; {beta} 36"));
}
