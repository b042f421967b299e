//! Slots: what applications do, what they have saved, what they ask for.

use super::{Beside, family};

/// A message of an application.
fn status(cpu: f64, checkpoint: f64, fraction: f64) -> String {
    format!(
        "<current_cpu_time>{cpu:e}</current_cpu_time>\n<checkpoint_cpu_time>{checkpoint:e}</checkpoint_cpu_time>\n\
         <want_network>0</want_network>\n<fraction_done>{fraction:e}</fraction_done>\n"
    )
}

#[test]
fn a_client_of_7_20_with_two_projects() {
    let mut beside = Beside::recorded("7.20.5_busy");
    beside.touch("slots/3/boinc_task_state.xml", 40);
    insta::assert_snapshot!(beside.after(0));
}

#[test]
fn a_client_with_gpus_and_wrappers() {
    insta::assert_snapshot!(Beside::recorded("7.20.5_gpu").after(0));
}

#[test]
fn what_a_stopped_client_of_7_2_left_does_not_run() {
    insta::assert_snapshot!(Beside::recorded("7.2.42").after(0));
}

/// A directory with one task that was started 1000 s ago and has saved its work 100 s ago.
fn with_a_task() -> Beside {
    let beside = Beside::made();
    beside.task(0, "wu_1_0", 1000);
    beside.saved(0, "wu_1_0", 100);
    beside.say(0, 5, 1, &status(80.0, 50.0, 0.25));
    beside
}

#[test]
fn only_messages_that_change_prove_that_something_runs() {
    let mut beside = with_a_task();
    let tasks = |told: &str| family(told, "boinc_slots_tasks");
    let state = |beside: &mut Beside, seconds| tasks(&beside.after(seconds));
    assert_eq!(state(&mut beside, 0), r#"{app="fold",state="unproven"} 1"#);
    beside.say(0, 5, 0, &status(81.0, 50.0, 0.25));
    assert_eq!(state(&mut beside, 15), r#"{app="fold",state="reporting"} 1"#);
    assert_eq!(state(&mut beside, 299), r#"{app="fold",state="reporting"} 1"#);
    assert_eq!(state(&mut beside, 1), r#"{app="fold",state="silent"} 1"#);
    beside.say(0, 0, 0, "<suspend/>");
    assert_eq!(state(&mut beside, 1), r#"{app="fold",state="suspended"} 1"#);
    beside.say(0, 0, 1, "<quit/>");
    assert_eq!(state(&mut beside, 1), r#"{app="fold",state="stopped"} 1"#);
    beside.say(0, 0, 0, "");
    beside.write("slots/0/boinc_temporary_exit", b"300\n", 0);
    beside.say(0, 5, 0, &status(82.0, 50.0, 0.25));
    assert_eq!(state(&mut beside, 1), r#"{app="fold",state="reporting"} 1"#, "the client takes no notice of it");
    beside.write("slots/0/boinc_temporary_exit", b"300\nwaiting for the network\n", 0);
    assert_eq!(state(&mut beside, 1), r#"{app="fold",state="postponed"} 1"#);
}

#[test]
fn what_a_power_cut_would_cost_counts_from_the_checkpoint_or_a_later_start() {
    let mut beside = with_a_task();
    let cost = |told: &str| {
        [
            family(told, "boinc_slots_unsaved_since_timestamp_seconds"),
            family(told, "boinc_slots_uncheckpointed_cpu_seconds"),
        ]
    };
    let seen =
        |since: &str, cpu: &str| [since, cpu].map(|value| format!(r#"{{app="fold",checkpoints="seen"}} {value}"#));
    assert_eq!(cost(&beside.after(0)), seen("start -100", "30"));
    // A new process begins at the checkpoint.
    beside.task(0, "wu_1_0", 20);
    beside.say(0, 5, 0, &status(55.0, 50.0, 0.25));
    let told = beside.after(0);
    assert_eq!(cost(&told), seen("start -20", "5"));
    assert_eq!(family(&told, "boinc_slots_restarts_total"), r#"{app="fold"} 1"#);
    // New preferences are no new process.
    beside.task(0, "wu_1_0", 10);
    beside.say(0, 0, 0, "<reread_app_info/>");
    let told = beside.after(0);
    assert_eq!(cost(&told), seen("start -20", "5"));
    assert_eq!(family(&told, "boinc_slots_restarts_total"), r#"{app="fold"} 1"#);
    // A clock was set back, or a copy came from the future: it says nothing.
    beside.saved(0, "wu_1_0", 0);
    beside.touch("slots/0/boinc_task_state.xml", 0);
    let future = std::time::UNIX_EPOCH + std::time::Duration::from_secs(super::NOW + 86_400);
    std::fs::File::open(beside.path("slots/0/boinc_task_state.xml")).unwrap().set_modified(future).unwrap();
    assert_eq!(cost(&beside.after(0)), [String::new(), r#"{app="fold",checkpoints="seen"} 5"#.to_owned()]);
    // Another task has the slot now; the state is still the old one's.
    beside.task(0, "wu_2_0", 5);
    beside.say(0, 5, 0, &status(3.0, 0.0, 0.0));
    let never = [r#"{app="fold",checkpoints="never"} start -5"#, r#"{app="fold",checkpoints="never"} 3"#];
    assert_eq!(cost(&beside.after(0)), never);
}

#[test]
fn who_always_claims_to_have_saved_everything_is_not_believed() {
    let mut beside = with_a_task();
    let kinds = |told: &str| family(told, "boinc_slots_uncheckpointed_cpu_seconds");
    for (cpu, kind) in [(60.0, "seen"), (70.0, "seen"), (80.0, "claimed"), (90.0, "claimed")] {
        beside.say(0, 5, 0, &status(cpu, cpu, 0.25));
        assert_eq!(kinds(&beside.after(10)), format!(r#"{{app="fold",checkpoints="{kind}"}} 0"#), "{cpu}");
    }
    beside.say(0, 5, 0, &status(100.0, 95.0, 0.25));
    assert_eq!(kinds(&beside.after(10)), r#"{app="fold",checkpoints="seen"} 5"#);
}

#[test]
fn requests_are_pending_when_nobody_takes_them_for_long() {
    let mut beside = with_a_task();
    let pending = |told: &str| family(told, "boinc_slots_requests_pending");
    beside.say(0, 0, 1, "<suspend/>");
    assert_eq!(pending(&beside.after(0)), "");
    assert_eq!(pending(&beside.after(29)), "");
    assert_eq!(pending(&beside.after(1)), r#"{app="fold",request="suspend"} 1"#);
    beside.say(0, 0, 0, "<suspend/>");
    assert_eq!(pending(&beside.after(1)), "");
    assert_eq!(pending(&beside.after(60)), "");
}

#[test]
fn old_applications_and_clients_tell_what_they_can() {
    let mut beside = Beside::made();
    // Files of 2002: the oldest swapped the two values.
    beside.task(0, "wu_1_0", 1000);
    beside.write("slots/0/fraction_done.xml", b"<fraction_done>120.5</fraction_done>\n<cpu_time>0.4</cpu_time>\n", 9);
    beside.write("slots/0/checkpoint_cpu.xml", b"<checkpoint_cpu_time>100</checkpoint_cpu_time>\n", 9);
    let told = beside.after(0);
    assert_eq!(family(&told, "boinc_slots_fraction_done_ratio"), r#"{app="fold"} 0.4"#);
    assert_eq!(family(&told, "boinc_slots_uncheckpointed_cpu_seconds"), r#"{app="fold",checkpoints="seen"} 20.5"#);
    // Before 6.12 the name of the task stood only in its state.
    let text = "<app_init_data>\n<app_name>old</app_name><project_dir>projects/example.org_fold/</project_dir>\n<wu_name>wu</wu_name>\n</app_init_data>";
    beside.write("slots/1/init_data.xml", text.as_bytes(), 50);
    beside.saved(1, "wu_12", 10);
    beside.write("slots/2/init_data.xml", text.as_bytes(), 50);
    beside.saved(2, "wu_b_1", 10);
    let told = beside.after(0);
    assert_eq!(family(&told, "boinc_slots_highest_disk_bound_ratio"), "");
    let tasks = beside.poll().slots.iter().map(|of| of.item.app.clone()).collect::<Vec<_>>();
    assert_eq!(tasks, ["fold", "old"]);
}

#[test]
fn where_the_client_answers_it_knows_what_runs() {
    let mut beside = Beside::recorded("7.20.5_busy");
    beside.replies =
        crate::support::Replies::of_all_clients().into_iter().find(|(name, _)| name == "7.20.5_busy").unwrap().1;
    let first = beside.after(0);
    assert_eq!(
        family(&first, "boinc_slot_directories"),
        r#"{state="occupied"} 5; {state="empty"} 0; {state="leftovers"} 0"#
    );
    // These replies are of another hour, when the client had other tasks.
    let second = beside.after(15);
    assert_eq!(
        family(&second, "boinc_slot_directories"),
        r#"{state="occupied"} 0; {state="empty"} 0; {state="leftovers"} 5"#
    );
}

#[test]
fn a_client_that_does_not_answer_is_down_and_what_its_directory_tells_is_still_there() {
    let mut beside = with_a_task();
    beside.touch("client_state.xml", 700);
    let snapshot = beside.poll();
    assert!(!snapshot.up && snapshot.error.is_some());
    assert_eq!(
        super::told(snapshot)
            .lines()
            .map(|line| line.replace("Fold\",project_url=\"https://example.org/fold/", "P"))
            .collect::<Vec<_>>(),
        [
            r#"boinc_slot_directories{state="occupied"} 1"#,
            r#"boinc_slot_directories{state="empty"} 0"#,
            r#"boinc_slot_directories{state="leftovers"} 0"#,
            "boinc_data_directory_written_timestamp_seconds start -100",
            r#"boinc_slots_tasks{project="P",app="fold",state="unproven"} 1"#,
            r#"boinc_slots_unsaved_since_timestamp_seconds{project="P",app="fold",checkpoints="seen"} start -100"#,
            r#"boinc_slots_uncheckpointed_cpu_seconds{project="P",app="fold",checkpoints="seen"} 30"#,
            r#"boinc_slots_fraction_done_ratio{project="P",app="fold"} 0.25"#,
            r#"boinc_slots_highest_disk_bound_ratio{project="P",app="fold"} 0.9"#,
            r#"boinc_slots_restarts_total{project="P",app="fold"} 0"#,
            r#"boinc_task_slot_info{project="P",task="wu_1_0",slot="0",state="unproven",checkpoints="seen",device=""} 1"#,
            r#"boinc_task_checkpoint_timestamp_seconds{project="P",task="wu_1_0"} start -100"#,
            r#"boinc_task_peak_disk_bytes{project="P",task="wu_1_0"} 900"#,
        ]
    );
}
