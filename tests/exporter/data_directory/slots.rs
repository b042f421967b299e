//! Slots: what applications do, what they have saved, what they ask for.

use super::Beside;

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
