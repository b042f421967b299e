//! Directories in which applications of other people, or a crash, left what no client writes.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use boinc_exporter::client::collectors::Collector;
use boinc_exporter::client::data_directory::Place;

use super::{Beside, family};
use crate::support::Offline;

/// Good slots and bad ones: slots read, without anything, leftovers, unreadable.
fn counts(beside: &mut Beside) -> [usize; 4] {
    let snapshot = beside.poll();
    let host = snapshot.slots_of_host.expect("the directory can be read");
    let part = snapshot.parts.iter().find(|part| part.collector == Collector::Slots).expect("slots are collected");
    assert!(part.error.is_none(), "{part:?}");
    [host.occupied, host.empty, host.leftovers, part.unreadable as usize]
}

#[test]
fn one_bad_slot_costs_itself() {
    let mut beside = Beside::made();
    beside.task(0, "good_0", 10);
    beside.say(0, 5, 0, "<current_cpu_time>1</current_cpu_time>\n");
    assert_eq!(counts(&mut beside), [1, 0, 0, 0]);
    let pipe = |path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    // Empty, half written, no file, a link to a file with a key, a pipe, a device, huge.
    for (slot, text) in
        [(1, ""), (2, "<app_init_data>\n<app_name>fold</app_name>\n<project_dir>/x/examp"), (3, "\0\0\0")]
    {
        beside.write(&format!("slots/{slot}/init_data.xml"), text.as_bytes(), 10);
    }
    beside.write("secret", b"<app_init_data>\n<app_name>0123456789abcdef</app_name>\n</app_init_data>", 10);
    for slot in 4..9 {
        fs::create_dir_all(beside.path(&format!("slots/{slot}"))).unwrap();
    }
    symlink("../../secret", beside.path("slots/4/init_data.xml")).unwrap();
    pipe(beside.path("slots/5/init_data.xml"));
    symlink("/dev/zero", beside.path("slots/6/init_data.xml")).unwrap();
    fs::write(beside.path("slots/7/core"), "x").unwrap();
    let huge = fs::File::create(beside.path("slots/8/init_data.xml")).unwrap();
    huge.set_len(1 << 40).unwrap();
    // Folders that are no slots, a file and a link in place of one.
    beside.task(9, "gone_0", 10);
    fs::rename(beside.path("slots/9"), beside.path("slots/app_test")).unwrap();
    symlink("app_test", beside.path("slots/10")).unwrap();
    beside.write("slots/11", b"", 10);
    fs::create_dir(beside.path("slots/012")).unwrap();
    assert_eq!(counts(&mut beside), [1, 0, 1, 9]);
}

#[test]
fn what_applications_say_is_neither_believed_nor_shown_as_it_is() {
    let mut beside = Beside::made();
    beside.task(0, "good_0", 10);
    beside.say(0, 4, 0, "<heartbeat/><wss>-5</wss><max_wss>inf</max_wss>");
    beside.say(0, 5, 0, "<current_cpu_time>-1</current_cpu_time>\n<fraction_done>7.5</fraction_done>\n<checkpoint_cpu_time>1e999</checkpoint_cpu_time>\n<authenticator>stolen</authenticator>");
    beside.say(0, 0, 1, "<format_disk/>");
    let told = beside.after(0);
    assert_eq!(family(&told, "boinc_slots_fraction_done_ratio"), r#"{app="fold"} 1"#);
    for silent in
        ["boinc_slots_working_set_bytes", "boinc_slots_memory_allowed_bytes", "boinc_slots_uncheckpointed_cpu_seconds"]
    {
        assert_eq!(family(&told, silent), "", "{silent}");
    }
    assert!(!told.contains("0123456789abcdef") && !told.contains("stolen") && !told.contains("other"), "{told}");
    for size in [0, 1, 8191, 8193] {
        fs::File::options().write(true).open(beside.path("slots/0/boinc_mmap_file")).unwrap().set_len(size).unwrap();
        assert_eq!(family(&beside.after(1), "boinc_slots_tasks"), r#"{app="fold",state="no_channel"} 1"#, "{size}");
    }
}

#[test]
fn a_directory_that_may_not_be_read_is_a_failure_where_it_is_configured_and_silent_where_it_is_not() {
    let mut beside = Beside::made();
    beside.task(0, "good_0", 10);
    let failure = |beside: &mut Beside| {
        let snapshot = beside.poll();
        let part = snapshot.parts.iter().find(|part| part.collector == Collector::Slots);
        let failure = part.map(|part| {
            part.error.clone().map_or("success".to_owned(), |error| format!("{}: {}", error.reason, error.message))
        });
        failure.unwrap_or_else(|| "silent".to_owned()).replace(&beside.folder.path().display().to_string(), "DIR")
    };
    assert_eq!(failure(&mut beside), "success");
    let (place, elsewhere) = (beside.folder.path().to_owned(), beside.path("elsewhere"));
    beside.client = Offline::new().beside(Place::Named(elsewhere.clone()));
    insta::assert_snapshot!(failure(&mut beside), @"data_directory: the data directory DIR/elsewhere does not exist: name the directory in which the client runs");
    for (found, expected) in
        [(vec![elsewhere.clone()], "silent"), (vec![elsewhere, place], "success"), (vec![], "silent")]
    {
        beside.client = Offline::new().beside(Place::FirstOf(found));
        assert_eq!(failure(&mut beside), expected);
    }
}

/// What `check` says of the data directory to a user who may do no more than others. Root may read everything.
fn check_as_another(place: &Path) -> String {
    /// Nobody, on all systems that the tests run on.
    const NOBODY: u32 = 65_534;

    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let (binary, config) = (folder.path().join("exporter"), folder.path().join("c.toml"));
    fs::copy(env!("CARGO_BIN_EXE_boinc_exporter"), &binary).unwrap();
    fs::write(&config, format!("[[clients]]\naddress = \"127.0.0.1:9\"\ndata_directory = \"{}\"\n", place.display()))
        .unwrap();
    fs::set_permissions(&config, Permissions::from_mode(0o644)).unwrap();
    let mut command = Command::new(binary);
    command.arg("--config.file").arg(config).arg("check").env_clear();
    if rustix::process::getuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = command.output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout).replace(&place.display().to_string(), "DIR");
    let line = text.lines().find(|line| line.trim_start().starts_with("data directory"));
    line.unwrap_or_else(|| panic!("{text}\n{}", String::from_utf8_lossy(&output.stderr))).trim().to_owned()
}

/// The group of a file, as messages name it.
fn group(path: &Path) -> String {
    let id = path.metadata().unwrap().gid().to_string();
    let groups = fs::read_to_string("/etc/group").unwrap_or_default();
    let name = groups.lines().find(|line| line.split(':').nth(2) == Some(&id)).and_then(|line| line.split(':').next());
    name.map_or(id, |name| format!("`{name}`"))
}

#[test]
fn check_says_how_to_permit_what_another_user_may_not_read() {
    let beside = Beside::made();
    beside.task(0, "good_0", 10);
    let (place, slots, slot) = (beside.folder.path(), beside.path("slots"), beside.path("slots/0"));
    let group = group(place);
    let says = |modes: [u32; 3]| {
        // Only root can ask as somebody else; who is not root takes the rights of others himself.
        let mode_of = |mode: u32| if rustix::process::getuid().is_root() { mode } else { (mode & 0o7) << 6 };
        let modes = modes.map(mode_of);
        for (path, mode) in [place, &slots, &slot].into_iter().zip(modes) {
            fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        }
        let said = check_as_another(place);
        [place, &slots, &slot]
            .iter()
            .for_each(|path| fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap());
        let words: Vec<_> = said.replace(&group, "GROUP").split_whitespace().map(str::to_owned).collect();
        words.join(" ")
    };
    // Others may enter slots, but not list them, as Debian has it: numbers are tried.
    assert_eq!(says([0o755, 0o711, 0o711]), "data directory ok DIR: 1 tasks in slots");
    let remedy = "add the user to group GROUP and restart the exporter";
    for (modes, problem) in [
        ([0o755, 0o755, 0o700], "may not read the slots in DIR/slots"),
        ([0o755, 0o711, 0o700], "may not read the slots in DIR/slots"),
        ([0o755, 0o700, 0o755], "may not enter the data directory DIR/slots"),
        ([0o700, 0o755, 0o755], "may not enter the data directory DIR"),
    ] {
        assert_eq!(says(modes), format!("data directory FAILED the exporter's user {problem}: {remedy}"), "{modes:?}");
    }
}

/// Names, times of change, kinds and contents of all that is below a folder.
fn state(folder: &Path) -> Vec<String> {
    let mut state = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let metadata = entry.path().symlink_metadata().unwrap();
        let content = if metadata.is_file() { md5::compute(fs::read(entry.path()).unwrap()).0 } else { [0; 16] };
        let (mtime, ctime) = ([metadata.mtime(), metadata.mtime_nsec()], [metadata.ctime(), metadata.ctime_nsec()]);
        state.push(format!("{} {:o} {mtime:?} {ctime:?} {content:x?}", entry.path().display(), metadata.mode()));
        if metadata.is_dir() {
            state.extend(self::state(&entry.path()));
        }
    }
    state.sort();
    state
}

#[test]
fn nothing_changes_by_being_read() {
    let mut beside = Beside::recorded("7.20.5_busy");
    let before = state(beside.folder.path());
    for _ in 0..3 {
        beside.after(15);
    }
    assert_eq!(state(beside.folder.path()), before);
}

#[test]
fn files_that_change_under_the_reading_cost_themselves() {
    let mut beside = Beside::recorded("7.20.5_busy");
    let folder = beside.folder.path().join("slots/0");
    let whole = fs::read(folder.join("init_data.xml")).unwrap();
    let is_over = std::sync::Arc::new(std::sync::atomic::AtomicBool::default());
    // As a client does that gives the slot to one task after the other.
    let writer = std::thread::spawn({
        let is_over = std::sync::Arc::clone(&is_over);
        move || {
            while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                fs::write(folder.join("init_data.xml"), &whole[..whole.len() / 2]).unwrap();
                fs::write(folder.join("init_data.xml"), &whole).unwrap();
                fs::remove_file(folder.join("init_data.xml")).unwrap();
                let _ = fs::rename(folder.join("boinc_task_state.xml"), folder.join("moved"));
                let _ = fs::rename(folder.join("moved"), folder.join("boinc_task_state.xml"));
            }
        }
    });
    for _ in 0..200 {
        let [occupied, empty, leftovers, unreadable] = counts(&mut beside);
        assert_eq!(occupied + empty + leftovers + unreadable, 5);
        assert!(occupied >= 4);
    }
    is_over.store(true, std::sync::atomic::Ordering::Relaxed);
    writer.join().unwrap();
}
