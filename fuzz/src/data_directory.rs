//! Any file of a data directory, or a template of one. The input is each of the files at once: what is made of it is bounded, and a
//! second reading of the same says the same.

use std::cell::RefCell;
use std::fs;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use boinc_exporter::client::data_directory::channel::Channel;
use boinc_exporter::client::data_directory::job_log::Job;
use boinc_exporter::client::data_directory::past::Past;
use boinc_exporter::client::data_directory::reading::Memory;
use boinc_exporter::client::data_directory::text::{Account, InitData, Reply, Request, TaskState, old_status, whole};
use boinc_exporter::client::data_directory::{Moment, Place, Reading, Wanted};

use crate::cost::assert_linear;
use crate::folder::Folder;

const MAX_LENGTH: usize = 256 << 10;

/// A slot in which only the other files are of the input.
const INIT_DATA: &[u8] =
    b"<app_init_data>\n<app_name>a</app_name>\n<project_dir>/p/x</project_dir>\n<result_name>r_0</result_name>\n\
    <rsc_disk_bound>5</rsc_disk_bound>\n</app_init_data>\n";

/// Names in the data directory, and in a slot.
const FILES: [&str; 7] = [
    "account_x.xml",
    "job_log_x.txt",
    "sched_request_x.xml",
    "sched_reply_x.xml",
    "time_stats_log",
    "statistics_x.xml",
    "daily_xfer_history.xml",
];
const OF_SLOT: [&str; 5] =
    ["boinc_mmap_file", "boinc_task_state.xml", "boinc_temporary_exit", "fraction_done.xml", "checkpoint_cpu.xml"];

thread_local! {
    static FOLDER: RefCell<Folder> = RefCell::new(Folder::new());
}

/// Reads it as all of them.
pub fn run(bytes: &[u8]) {
    assert_linear(bytes, MAX_LENGTH, |bytes| {
        let _ = whole::<InitData>(bytes, "app_init_data");
        let _ = whole::<TaskState>(bytes, "active_task");
        let _ = whole::<Account>(bytes, "account");
        let _ = whole::<Request>(bytes, "scheduler_request");
        let _ = whole::<Reply>(bytes, "scheduler_reply");
        let _ = old_status(bytes);
        let _ = Channel::read(bytes);
        bytes.split(|byte| *byte == b'\n').filter_map(|line| str::from_utf8(line).ok()).for_each(|line| {
            let _ = Job::read(line);
        });
    });
    FOLDER.with_borrow(|folder| {
        for slot in ["slots/0", "slots/1"] {
            fs::create_dir_all(folder.path(slot)).expect("it is writable");
            OF_SLOT.iter().for_each(|name| drop(folder.write(&format!("{slot}/{name}"), bytes)));
        }
        folder.write("slots/0/init_data.xml", bytes);
        folder.write("slots/1/init_data.xml", INIT_DATA);
        FILES.iter().for_each(|name| drop(folder.write(name, bytes)));
        let place = Place::Named(folder.path(""));
        let mut memory = Memory::default();
        let mut read = |seconds| {
            let time = UNIX_EPOCH + Duration::from_secs(1 << 33);
            let moment = Moment { instant: start() + Duration::from_secs(seconds), time };
            let opened = place.open().expect("it can be read").expect("it is there");
            memory.read(&opened, Wanted { slots: true, files: true }, moment).expect("it can be read")
        };
        let first = read(0);
        let second = read(1);
        check(&first, bytes.len());
        assert_eq!(told(&first), told(&second));
        let past = Past::read(&place, 300.0).expect("it can be read");
        assert!(past.presence.is_sorted_by(|(a, _), (b, _)| a <= b), "{:?}", past.presence);
        assert_eq!(past.completed.iter().flat_map(|of| &of.item).map(|(_, total)| total.tasks).max(), tasks(&first));
    });
}

/// Tasks in the job log.
fn tasks(reading: &Reading) -> Option<u64> {
    let tasks: u64 = reading.completed.iter().map(|(_, completed)| completed.tasks).sum();
    (tasks > 0).then_some(tasks)
}

fn start() -> Instant {
    thread_local! {
        static START: Instant = Instant::now();
    }
    START.with(|start| *start)
}

fn check(reading: &Reading, length: usize) {
    let slots = &reading.slots;
    assert!((1..=2).contains(&slots.tasks.len()) && slots.tasks.len() + slots.unreadable == 2, "{slots:?}");
    for task in &slots.tasks {
        let numbers = [
            task.unsaved_cpu,
            task.fraction_done,
            task.working_set,
            task.memory_allowed,
            task.peak_disk,
            task.disk_bound,
        ];
        assert!(numbers.into_iter().flatten().all(|number| number.is_finite() && number >= 0.0), "{task:?}");
        assert!(task.fraction_done.is_none_or(|fraction| fraction <= 1.0), "{task:?}");
        let texts = [&task.app, &task.name, &task.project];
        assert!(texts.iter().all(|text| text.len() <= 4096 && !text.contains(char::is_control)), "{task:?}");
    }
    for (_, completed) in &reading.completed {
        assert!(completed.tasks <= length as u64 && completed.elapsed >= 0.0 && completed.cpu >= 0.0, "{completed:?}");
    }
    let now: SystemTime = UNIX_EPOCH + Duration::from_secs(1 << 33);
    assert!(reading.written.is_none_or(|time| time <= now), "files of today");
}

/// What does not depend on when it was read.
fn told(reading: &Reading) -> String {
    let tasks: Vec<_> =
        reading.slots.tasks.iter().map(|task| (&task.app, task.checkpoints, task.unsaved_cpu)).collect();
    format!("{:?} {:?} {:?} {tasks:?}", reading.projects, reading.completed, reading.contacts)
}
