//! `result`: a task and its progress.

use super::View;
use super::static_fields::{Folder, Kind, data_directory, platforms};
use super::text::{Text, push, push_short};
use crate::simulation::state::{Active, App, Client, Os, Project, Task, Vendor};

// Codes of states.
const DOWNLOADED: i32 = 2;
const SCHEDULED: i32 = 2;

/// Which tasks a reply includes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TaskFilter {
    /// All.
    All,
    /// Tasks that have a slot.
    WithSlot,
    /// Tasks that are scheduled to run now.
    Scheduled,
}

impl TaskFilter {
    fn includes(self, task: &Task) -> bool {
        match self {
            Self::All => true,
            Self::WithSlot => task.active.is_some(),
            Self::Scheduled => is_scheduled(task),
        }
    }
}

/// How much of each vendor's GPUs the tasks written so far use.
#[derive(Debug, Default)]
pub(super) struct Devices([f64; 4]);

impl Devices {
    /// Assigns GPUs to a task: the number of its first GPU, and of the one after its last.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a host has a few GPUs")]
    fn assign(&mut self, vendor: Vendor, usage: f64, count: u32) -> [u32; 2] {
        let taken = &mut self.0[vendor as usize];
        let width = (usage.ceil() as u32).clamp(1, count);
        let first = (*taken as u32).min(count - width);
        *taken += usage;
        [first, first + width]
    }
}

/// Tasks of a project.
pub(super) fn tasks(text: &mut Text, view: View<'_>, project: &Project, filter: TaskFilter, devices: &mut Devices) {
    for task in project.tasks.iter().filter(|task| filter.includes(task)) {
        one(text, view, project, task, devices);
    }
}

fn one(text: &mut Text, view: View<'_>, project: &Project, task: &Task, devices: &mut Devices) {
    let View { client, now, since } = view;
    let app = &project.server.apps[task.app];
    text.element([0, 4], "result", |text| {
        text.leaf("name", |out| out.extend([&task.workunit, "_0"]));
        text.raw("wu_name", &task.workunit);
        text.raw("platform", platforms(client.os)[0]);
        text.integer("version_num", app.version_num);
        text.raw("plan_class", &app.plan_class);
        text.raw("project_url", &project.server.url);
        text.number("final_cpu_time", task.final_cpu);
        text.number("final_elapsed_time", task.final_elapsed);
        text.integer("exit_status", task.exit_status);
        text.integer("state", task.state);
        text.number("report_deadline", task.deadline);
        text.number("received_time", task.received);
        text.number("estimated_cpu_time_remaining", remaining(project, app, task, since));
        text.flag("ready_to_report", task.ready_to_report);
        if task.completed > 0.0 {
            text.number("completed_time", task.completed);
        }
        text.flag("suspended_via_gui", task.suspended_via_gui);
        text.flag("project_suspended_via_gui", project.suspended_via_gui);
        text.flag("report_immediately", is_urgent(task));
        text.flag("edf_scheduled", task.edf_scheduled);
        text.flag("coproc_missing", task.coproc_missing);
        if let Some((_, reason)) = task.postponed.as_ref().filter(|(until, _)| *until > now) {
            text.flag("scheduler_wait", true);
            if !reason.is_empty() {
                text.raw("scheduler_wait_reason", reason);
            }
        }
        text.flag("network_wait", wants_network(client, app));
        if let Some(active) = &task.active {
            text.element([0, 4], "active_task", |text| slot(text, view, project, task, active));
        }
        resources(text, client, app, task, devices);
    });
}

fn is_scheduled(task: &Task) -> bool {
    task.active.as_ref().is_some_and(|active| active.scheduler_state == SCHEDULED)
}

/// Tasks that are due within a day are reported immediately.
fn is_urgent(task: &Task) -> bool {
    task.deadline - task.received <= 86_400.0
}

/// Sensors need the network to send their measurements.
fn wants_network(client: &Client, app: &App) -> bool {
    Kind::of(app) == Kind::Sensor && client.network.suspend_reason != 0
}

/// The client's estimate of the remaining run time in seconds. At first the project's estimate dominates, towards the end the
/// progress so far.
fn remaining(project: &Project, app: &App, task: &Task, since: f64) -> f64 {
    if task.state > DOWNLOADED || task.ready_to_report {
        return 0.0;
    }
    let progress = task.active.as_ref().map(|active| active.after(since));
    if app.non_cpu_intensive {
        return match progress {
            Some([done, elapsed, _]) if done > 0.0 => (elapsed / done - elapsed).max(1.0),
            _ => 0.0,
        };
    }
    let estimate = task.estimate(app) * project.duration_correction_factor;
    match progress {
        Some([done, elapsed, _]) if done > 0.0 => {
            let left = 1.0 - done;
            left * left * estimate + (1.0 - left * left) * elapsed / done - elapsed
        }
        Some([_, elapsed, _]) => estimate - elapsed,
        None => estimate,
    }
    .max(0.0)
}

/// The children of `active_task`.
fn slot(text: &mut Text, view: View<'_>, project: &Project, task: &Task, active: &Active) {
    let View { client, since, .. } = view;
    let app = &project.server.apps[task.app];
    let [mut done, elapsed, cpu] = active.after(since);
    if done <= 0.0 && elapsed > 60.0 {
        // For applications that do not report progress.
        done = 1.0 - (-elapsed / task.estimate(app)).exp();
    }
    text.integer("active_task_state", active.process_state);
    text.integer("app_version_num", app.version_num);
    text.integer("slot", active.slot);
    text.integer("pid", active.pid);
    text.integer("scheduler_state", active.scheduler_state);
    text.number("checkpoint_cpu_time", active.checkpoint_cpu);
    text.number("fraction_done", done);
    text.number("current_cpu_time", cpu);
    text.number("elapsed_time", elapsed);
    memory(text, client, active);
    text.indented(3, |text| text.flag("too_large", active.too_large));
    text.flag("want_network", client.at_least(8, 2) && wants_network(client, app));
    text.indented(3, |text| {
        if elapsed > 0.0 && active.fraction_done > 0.0 {
            text.number("progress_rate", active.progress_rate);
        }
        graphics(text, client, project, task, active);
    });
}

/// The application's graphics, and where to see them.
fn graphics(text: &mut Text, client: &Client, project: &Project, task: &Task, active: &Active) {
    let app = &project.server.apps[task.app];
    let kind = Kind::of(app);
    if kind == Kind::Program {
        let (data, folder) = (data_directory(client), Folder(&project.server.url));
        text.formatted("graphics_exec_path", format_args!("{data}/projects/{folder}/{}_graphics", app.name));
        text.formatted("slot_path", format_args!("{data}/slots/{}", active.slot));
    }
    if kind == Kind::VirtualMachine && task.is_running() {
        text.formatted("web_graphics_url", format_args!("http://localhost:{}", 49_152 + active.slot));
        text.formatted("remote_desktop_addr", format_args!("localhost:{}", 50_176 + active.slot));
    }
}

fn memory(text: &mut Text, client: &Client, active: &Active) {
    // A process allocates more than it uses.
    let virtual_size = if active.working_set > 0.0 { active.working_set * 1.25 + 5e7 } else { 0.0 };
    if client.at_least(8, 3) {
        text.whole("swap_size", 0.0);
        text.whole("virtual_size", virtual_size);
        text.whole("working_set_size", active.working_set);
        text.whole("working_set_size_smoothed", active.working_set);
        return;
    }
    text.number("swap_size", virtual_size);
    text.number("working_set_size", active.working_set);
    text.number("working_set_size_smoothed", active.working_set);
    text.number("page_fault_rate", if client.os == Os::Windows { 12.5 } else { 0.0 });
    if !client.at_least(8, 2) {
        text.number("bytes_sent", 0.0);
        text.number("bytes_received", 0.0);
    }
}

/// A description of the resources that it uses, unless it uses one CPU.
fn resources(text: &mut Text, client: &Client, app: &App, task: &Task, devices: &mut Devices) {
    #[expect(clippy::float_cmp, reason = "as the client compares: 0.9997 is `1 CPUs`")]
    let one_cpu = app.avg_ncpus == 1.0;
    let cpus = if one_cpu { " CPU" } else { " CPUs" };
    let Some((vendor, usage)) = app.coproc else {
        if !one_cpu && !app.non_cpu_intensive {
            text.leaf("resources", |out| {
                push_short(out, app.avg_ncpus);
                out.push_str(cpus);
            });
        }
        return;
    };
    let present = client.host.gpus.iter().find(|gpu| gpu.vendor == vendor && gpu.count > 0);
    let name = match vendor {
        Vendor::Nvidia => "NVIDIA",
        Vendor::Amd => "AMD/ATI",
        Vendor::Intel => "Intel",
        Vendor::Apple => "Apple",
    };
    text.leaf("resources", |out| {
        push_short(out, app.avg_ncpus);
        out.extend([cpus, " + "]);
        let Some(gpu) = present else {
            return out.extend([vendor.resource(), " GPU (missing)"]);
        };
        push_short(out, usage);
        #[expect(clippy::float_cmp, reason = "as the client compares")]
        let one = usage == 1.0;
        out.extend([" ", name, if one { " GPU" } else { " GPUs" }]);
        if gpu.count > 1 && is_scheduled(task) {
            let [first, end] = devices.assign(vendor, usage, gpu.count);
            push(out, format_args!(" (device{} {first}", if end - first > 1 { "s" } else { "" }));
            (first + 1..end).for_each(|device| push(out, format_args!(", {device}")));
            out.push(')');
        }
    });
}
