//! The data directory of a simulated client: what the exporter reads there is what the model knows, and its files have no element
//! that those of real clients lack.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use boinc_exporter::client::data_directory::reading::Memory;
use boinc_exporter::client::data_directory::{Activity, Moment, Place, Reading, Wanted};
use boinc_exporter::clock::Clock;
use boinc_exporter::simulation::data_directory::DataDirectory;
use boinc_exporter::simulation::scenario::Scenario;
use boinc_exporter::simulation::world::World;

use crate::support::DATA;

/// A world whose first client has a data directory, and what was read there before.
struct Beside {
    world: World,
    clock: Clock,
    directory: DataDirectory,
    memory: Memory,
    folder: tempfile::TempDir,
}

impl Beside {
    fn start() -> Self {
        let mut home = Scenario::named("home").expect("it comes with the exporter");
        home.warm_up = Duration::from_secs(6 * 3600);
        Self::of(&home)
    }

    fn of(scenario: &Scenario) -> Self {
        let clock = Clock::stepped(UNIX_EPOCH + Duration::from_secs(1_795_435_200));
        let world = World::new(scenario, clock.clone());
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let directory = DataDirectory::create(&folder.path().join("boinc")).expect("the folder is empty");
        Self { world, clock, directory, memory: Memory::default(), folder }
    }

    /// What is read after so many seconds.
    fn after(&mut self, seconds: u64) -> Reading {
        self.clock.step(Duration::from_secs(seconds));
        self.world.advance();
        self.directory.write(&self.world.members()[0]).expect("it is writable");
        let opened =
            Place::Named(self.directory.path().to_owned()).open().expect("it can be read").expect("it is there");
        let moment = Moment { instant: self.clock.instant(), time: self.clock.time() };
        self.memory.read(&opened, Wanted { slots: true, files: true }, moment).expect("it can be read")
    }

    /// Each task with a slot: its slot, name, application, CPU time that is not saved, whether it runs.
    fn known(&self) -> Vec<(u32, String, String, f64, bool)> {
        let mut tasks = Vec::new();
        self.world.members()[0].look(|client, now| {
            for project in &client.projects {
                for task in &project.tasks {
                    let Some(active) = &task.active else { continue };
                    let [_, _, cpu] = active.after(now - client.clock);
                    let app = project.server.apps[task.app].name.clone();
                    tasks.push((active.slot, task.name(), app, cpu - active.checkpoint_cpu, active.process_state != 9));
                }
            }
        });
        tasks.sort_by_key(|(slot, ..)| *slot);
        tasks
    }
}

#[test]
fn what_is_read_is_what_the_model_knows() {
    let mut beside = Beside::start();
    let (mut jobs, mut talks) = (0, 0);
    for minute in 0..240 {
        let reading = beside.after(60);
        let mut in_slots = reading.slots.tasks;
        in_slots.sort_by_key(|task| task.slot);
        let model = beside.known();
        assert_eq!(in_slots.len(), model.len(), "minute {minute}");
        for (found, (slot, name, app, unsaved, runs)) in in_slots.iter().zip(&model) {
            assert_eq!((found.slot, &found.name, &found.app), (*slot, name, app), "minute {minute}");
            let read = found.unsaved_cpu.expect("it reports CPU time");
            assert!((read - unsaved).abs() < 1.0 + unsaved * 1e-3, "{found:?} is not {unsaved}");
            assert_eq!(found.activity != Activity::Suspended, *runs, "{found:?}");
            assert_ne!(found.activity, Activity::Silent, "{found:?}");
        }
        assert_eq!((reading.slots.unreadable, reading.slots.leftovers), (0, 0));
        jobs = reading.completed.iter().map(|(_, completed)| completed.tasks).sum();
        talks = reading.contacts.iter().filter(|(_, contact)| contact.received.is_some()).count();
    }
    assert!(jobs > 10 && talks > 0, "{jobs} tasks and {talks} talks in four hours");
}

/// The smallest computer of `home`, and the one with the largest tasks.
#[test]
fn tasks_do_not_come_near_the_memory_that_they_may_have_at_home() {
    for name in ["nas", "garage"] {
        let mut home = Scenario::named("home").expect("it comes with the exporter");
        home.hosts.retain(|host| host.name == name);
        let mut beside = Beside::of(&home);
        let mut most: f64 = 0.0;
        for _ in 0..144 {
            let tasks = beside.after(600).slots.tasks;
            let used: f64 = tasks.iter().filter(|task| task.runs).filter_map(|task| task.working_set).sum();
            let allowed = tasks.iter().find_map(|task| task.memory_allowed).expect("the client tells it");
            most = most.max(used / allowed);
        }
        assert!((0.3..0.95).contains(&most), "{name}: {most}");
    }
}

/// Slots that were left, and starts after the first of a task, in four hours of a client with a trouble.
fn left_and_restarted(trouble: &str) -> (usize, u64) {
    let scenario = format!(
        "warm_up = \"1h\"\n[[projects]]\nname = \"Steady\"\nurl = \"https://steady.example/\"\nuser = \"demo\"\n\
         apps = [{{ name = \"run\", title = \"Run\", takes = \"1h\", deadline = \"2d\", credit = 24, disk_mb = 249 }}]\n\
         [[hosts]]\nname = \"garage\"\ncpus = 1\nprojects = [{{ project = \"Steady\" }}]\n{trouble}"
    );
    let mut beside = Beside::of(&Scenario::from_text(&scenario).expect("a right scenario"));
    let mut last = Reading::default();
    for _ in 0..240 {
        last = beside.after(60);
        for task in &last.slots.tasks {
            let part = task.peak_disk.map(|bytes| bytes / task.disk_bound.expect("it has a bound"));
            assert!(part.is_none_or(|part| (part - 0.5).abs() < 1e-6), "{task:?}");
        }
    }
    (last.slots.leftovers, last.slots.restarts.values().sum())
}

#[test]
fn troubles_of_slots_are_read_there() {
    assert_eq!(left_and_restarted(""), (0, 0), "without any");
    let (left, restarted) = left_and_restarted("[[faults]]\ntrouble = \"leftovers\"\n");
    // A task takes about an hour.
    assert!((3..=5).contains(&left) && restarted == 0, "{left} left, {restarted} restarted");
    let (left, restarted) = left_and_restarted("[[faults]]\ntrouble = \"restarts\"\n");
    // It saves its work each five minutes.
    assert!(left == 0 && (35..=50).contains(&restarted), "{left} left, {restarted} restarted");
}

/// Names of all elements in a file.
fn elements(file: &Path, names: &mut BTreeSet<String>) {
    let text = String::from_utf8_lossy(&fs::read(file).expect("it can be read")).into_owned();
    let tags = text.split('<').skip(1).filter_map(|rest| rest.split(['>', '/', ' ']).next());
    names.extend(tags.filter(|name| !name.is_empty()).map(str::to_owned));
}

/// Files below a folder.
fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).expect("it can be read") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[test]
fn its_files_have_no_element_that_those_of_real_clients_lack() {
    let mut beside = Beside::start();
    for _ in 0..60 {
        beside.after(60);
    }
    let (mut of_real, mut of_simulated) = (Vec::new(), Vec::new());
    files(&Path::new(DATA).join("data_directory"), &mut of_real);
    files(beside.directory.path(), &mut of_simulated);
    let is_of = |path: &Path, kind: &str| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(kind));
    let kinds = ["init_data", "boinc_mmap_file", "boinc_task_state", "account_", "sched_request_", "sched_reply_"];
    for wanted in kinds {
        let names = |paths: &[std::path::PathBuf]| {
            let mut names = BTreeSet::new();
            let of_kind = paths.iter().filter(|path| is_of(path, wanted));
            of_kind.for_each(|path| elements(path, &mut names));
            names
        };
        let (real, simulated) = (names(&of_real), names(&of_simulated));
        assert!(!simulated.is_empty(), "no {wanted} was written");
        // Since 8.2, of which there is no recording.
        let strange: Vec<_> = simulated.difference(&real).filter(|name| *name != "plan_class").collect();
        assert!(strange.is_empty(), "{wanted}: {strange:?}");
    }
}

#[test]
fn a_folder_that_could_be_a_real_clients_is_left_alone() {
    let beside = Beside::start();
    let place = beside.folder.path().join("boinc");
    let refused = DataDirectory::create(&place).expect_err("slots are in it").to_string();
    insta::assert_snapshot!(refused, @"something is in it, which could belong to a real client; choose an empty one");
}
