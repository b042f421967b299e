//! What lies in the slots of the data directory: how tasks do, and what a power cut would cost now.

use super::scrape::timestamp;
use super::{Metric, Row, Table, details};
use crate::client::collectors::Collector;
use crate::client::data_directory::Task;
use crate::client::snapshot::{SlotSums, SlotsOfHost};

/// One row per client.
pub const HOST: Table<SlotsOfHost> = Table {
    title: "Slots of the data directory",
    collector: Collector::Slots,
    origin: "",
    labels: &[],
    rows: |snapshot| snapshot.slots_of_host.iter().map(|item| Row { labels: vec![], item }).collect(),
    metrics: &[
        Metric::many(
            "boinc_slot_directories",
            &["state"],
            "Slot directories by what is in them: a task, nothing, or leftovers (files of no task, or of a task that the client does not list).",
            "slots",
            |s, emit| {
                emit.count(&["occupied"], s.occupied as u64);
                emit.count(&["empty"], s.empty as u64);
                emit.count(&["leftovers"], s.leftovers as u64);
            },
        ),
        Metric::one(
            "boinc_slots_memory_allowed_bytes",
            "Memory (RAM) that the client allows all tasks together at the moment; it preempts tasks beyond that, and aborts those too large for its limit (exit status 198).",
            "boinc_mmap_file: max_wss",
            |s| s.memory_allowed,
        ),
        Metric::one(
            "boinc_data_directory_written_timestamp_seconds",
            "When the client last wrote to its data directory, which tells the age of what lies there; an idle client writes rarely.",
            "",
            |s| timestamp(s.written?),
        ),
    ],
};

/// One row per application.
pub const APPS: Table<SlotSums> = Table {
    title: "Tasks in slots",
    collector: Collector::Slots,
    origin: "slots",
    labels: &["project", "project_url", "app"],
    rows: |snapshot| {
        let rows = snapshot.slots.iter();
        rows.map(|of| Row { labels: vec![&of.name, &of.url, &of.item.app], item: &of.item }).collect()
    },
    metrics: &[
        Metric::many(
            "boinc_slots_tasks",
            &["state"],
            "Tasks in slots by what their applications do: reporting, unproven (not seen to change yet), silent (nothing new for 5 minutes), suspended, stopped, postponed (temporary exit) or no_channel (tells nothing); only what occurs.",
            "boinc_mmap_file, boinc_temporary_exit",
            |s, emit| s.activities.iter().for_each(|(activity, count)| emit.count(&[activity.name()], *count)),
        ),
        Metric::many(
            "boinc_slots_unsaved_since_timestamp_seconds",
            &["checkpoints"],
            "Since when the running task that saved its work (checkpoint) the longest ago has not, by whether tasks have saved any (seen), none so far (never), or claim to have just saved all (claimed): a power cut or restart now costs the time since.",
            "boinc_task_state.xml, init_data.xml: time of last change",
            |s, emit| s.unsaved_since.iter().for_each(|(kind, time)| emit.sample(&[kind.name()], timestamp(*time))),
        ),
        Metric::many(
            "boinc_slots_uncheckpointed_cpu_seconds",
            &["checkpoints"],
            "CPU time since the last checkpoints of tasks with a process, by application and by how they save their work; what claims to have just saved all may lose all.",
            "boinc_mmap_file: current_cpu_time, checkpoint_cpu_time",
            |s, emit| s.unsaved_cpu.iter().for_each(|(kind, cpu)| emit.sample(&[kind.name()], *cpu)),
        ),
        details(Metric::one(
            "boinc_slots_fraction_done_ratio",
            "Mean progress of the tasks in slots that report any, from 0 to 1.",
            "boinc_mmap_file: fraction_done",
            SlotSums::fraction_done,
        )),
        Metric::one(
            "boinc_slots_working_set_bytes",
            "Memory (RAM) used by tasks with a process, as the client or a wrapper around a container measures it.",
            "boinc_mmap_file: wss",
            |s| s.working_set,
        ),
        Metric::many(
            "boinc_slots_app_network_bytes",
            &["direction"],
            "Network traffic of the tasks in slots as their applications count it themselves (boinc_network_usage); absent if none does.",
            "boinc_mmap_file: bytes_sent, bytes_received",
            |s, emit| {
                emit.sample(&["upload"], s.sent);
                emit.sample(&["download"], s.received);
            },
        ),
        Metric::one(
            "boinc_slots_highest_disk_bound_ratio",
            "Largest part of its disk bound that a task had used at its last checkpoint; beyond 1 the client aborts it (exit status 196).",
            "boinc_task_state.xml: peak_disk_usage; init_data.xml: rsc_disk_bound",
            |s| s.disk_use,
        ),
        Metric::many(
            "boinc_slots_requests_pending",
            &["request"],
            "Tasks whose application has not taken a request of the client for 30 s; only requests that occur.",
            "boinc_mmap_file",
            |s, emit| s.pending.iter().for_each(|(request, count)| emit.count(&[request.name()], *count)),
        ),
        Metric::one(
            "boinc_slots_restarts_total",
            "Starts of a task's process after its first, as observed by the exporter: after a pause, a crash, or a premature or temporary exit; of these, boinc_tasks_premature_exits_total counts the premature ones. A change of the project's preferences looks the same.",
            "init_data.xml: time of last change",
            |s| Some(s.restarts as f64),
        ),
    ],
};

/// One row per task.
pub const TASKS: Table<Task> = Table {
    title: "Individual tasks in slots",
    collector: Collector::Tasks,
    origin: "slots",
    labels: &["project", "project_url", "task"],
    rows: |snapshot| {
        let rows = snapshot.slot_rows.iter();
        rows.map(|of| Row { labels: vec![&of.name, &of.url, &of.item.name], item: &of.item }).collect()
    },
    metrics: &[
        Metric::many(
            "boinc_task_slot_info",
            &["slot", "state", "checkpoints", "device"],
            "Always 1; labels tell the slot of the task, what its application does, how it saves its work, and its GPU.",
            "init_data.xml: gpu_type, gpu_device_num",
            |t, emit| {
                let device = t.device.as_ref().map(|(kind, number)| format!("{kind} {number}")).unwrap_or_default();
                let slot = t.slot.to_string();
                emit.sample(&[&slot, t.activity.name(), t.checkpoints.name(), &device], 1.0);
            },
        ),
        Metric::one(
            "boinc_task_checkpoint_timestamp_seconds",
            "When the task last saved its work (checkpoint), as the client noted it; absent if it has not.",
            "boinc_task_state.xml: time of last change",
            |t| timestamp(t.checkpoint?),
        ),
        Metric::one(
            "boinc_task_status_timestamp_seconds",
            "When the application's last message was first seen; absent until one has changed.",
            "boinc_mmap_file",
            |t| timestamp(t.reported?),
        ),
        Metric::one(
            "boinc_task_peak_working_set_bytes",
            "Most memory (RAM) that the task has used, up to its last checkpoint.",
            "boinc_task_state.xml: peak_working_set_size",
            |t| t.peak_working_set,
        ),
        Metric::one(
            "boinc_task_peak_disk_bytes",
            "Most disk space that the task has used, up to its last checkpoint.",
            "boinc_task_state.xml: peak_disk_usage",
            |t| t.peak_disk,
        ),
    ],
};
