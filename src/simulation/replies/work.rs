//! `app`, `app_version` and `workunit`: what `get_state` contains besides a project's tasks.

use super::static_fields::{Kind, Program, SPARE_DISK, platforms};
use super::text::Text;
use crate::simulation::state::{App, Client, Project, Task};

/// Version of the BOINC library in applications.
const API_VERSION: &str = "8.1.0";
/// Bytes of GPU memory that a task is assumed to use.
const GPU_RAM: f64 = 536_870_912.0;

/// A project's applications, their versions, and its workunits.
pub(super) fn work(text: &mut Text, client: &Client, project: &Project) {
    if !project.known {
        return;
    }
    let mut speeds = vec![None; project.server.apps.len()];
    project.tasks.iter().for_each(|task| speeds[task.app] = Some(task.flops));
    let present = |vendor| client.host.gpus.iter().any(|gpu| gpu.vendor == vendor && gpu.count > 0);
    // A GPU version is downloaded with the first task for it, and stays.
    let had =
        |(app, speed): &(&App, Option<f64>)| speed.is_some() || app.coproc.is_none_or(|(vendor, _)| present(vendor));
    let apps: Vec<_> = project.server.apps.iter().zip(speeds).filter(had).collect();
    for (app, _) in &apps {
        text.element([0, 4], "app", |text| {
            text.raw("name", &app.name);
            text.raw("user_friendly_name", &app.user_friendly_name);
            text.switch("non_cpu_intensive", app.non_cpu_intensive);
        });
    }
    for (app, speed) in apps {
        version(text, client, app, speed.unwrap_or(client.host.fpops * app.avg_ncpus));
    }
    for task in &project.tasks {
        workunit(text, client, &project.server.apps[task.app], task);
    }
}

fn version(text: &mut Text, client: &Client, app: &App, flops: f64) {
    let usage_first = !client.at_least(8, 2);
    let kind = Kind::of(app);
    text.element([0, 4], "app_version", |text| {
        text.raw("app_name", &app.name);
        text.integer("version_num", app.version_num);
        text.raw("platform", platforms(client.os)[0]);
        if usage_first {
            text.number("avg_ncpus", app.avg_ncpus);
            text.number("flops", flops);
        }
        if !app.plan_class.is_empty() {
            text.raw("plan_class", &app.plan_class);
        }
        text.raw("api_version", API_VERSION);
        if kind == Kind::Threads {
            text.formatted("cmdline", format_args!("--nthreads {:.0}", app.avg_ncpus));
        }
        if kind == Kind::VirtualMachine {
            text.raw("file_prefix", "share");
        }
        files(text, client, app);
        if !usage_first {
            text.number("avg_ncpus", app.avg_ncpus);
            text.number("flops", flops);
        }
        coprocessor(text, app);
        if app.coproc.is_some() && usage_first {
            text.number("gpu_ram", GPU_RAM);
        }
        text.flag("dont_throttle", app.coproc.is_some());
        text.flag("is_wrapper", kind == Kind::VirtualMachine);
        text.flag("needs_network", kind == Kind::Sensor);
    });
}

fn files(text: &mut Text, client: &Client, app: &App) {
    text.element([4, 8], "file_ref", |text| {
        text.formatted("file_name", format_args!("{}", Program(app, client.os)));
        text.flag("main_program", true);
    });
    match Kind::of(app) {
        Kind::Program => text.element([4, 8], "file_ref", |text| {
            text.leaf("file_name", |out| out.extend([&app.name, "_graphics"]));
            text.raw("open_name", "graphics_app");
            text.flag("optional", true);
        }),
        Kind::VirtualMachine => text.element([4, 8], "file_ref", |text| {
            text.leaf("file_name", |out| out.extend([&app.name, "_vbox_job.xml"]));
            text.raw("open_name", "vbox_job.xml");
            text.flag("copy_file", true);
        }),
        _ => {}
    }
}

fn coprocessor(text: &mut Text, app: &App) {
    if let Some((vendor, count)) = app.coproc {
        text.element([4, 8], "coproc", |text| {
            text.raw("type", vendor.resource());
            text.number("count", count);
        });
    }
}

fn workunit(text: &mut Text, client: &Client, app: &App, task: &Task) {
    /// Ratio of the operations that a task may use to the estimate.
    const RUN_TIME_LIMIT: f64 = 20.0;
    text.element([0, 4], "workunit", |text| {
        text.raw("name", &task.workunit);
        text.raw("app_name", &app.name);
        text.integer("version_num", app.version_num);
        text.number("rsc_fpops_est", app.fpops_est);
        text.number("rsc_fpops_bound", app.fpops_est * RUN_TIME_LIMIT);
        text.number("rsc_memory_bound", (app.memory * 1.5).ceil());
        text.number("rsc_disk_bound", app.input + app.output + SPARE_DISK);
        text.on_its_own_line("command_line", "--input in --output out");
        text.element([4, 8], "file_ref", |text| {
            text.leaf("file_name", |out| out.extend([&task.workunit, "_input"]));
            text.raw("open_name", "in");
            text.flag("copy_file", true);
        });
        if Kind::of(app) == Kind::Container && client.at_least(8, 2) {
            needs(text, app, task);
        }
    });
}

/// What a job in a container is and needs: one application runs them all, so each job specifies it.
fn needs(text: &mut Text, app: &App, task: &Task) {
    text.raw("sub_appname", &app.user_friendly_name);
    text.number("avg_ncpus", app.avg_ncpus);
    text.number("flops", task.flops);
    coprocessor(text, app);
    if app.coproc.is_some() {
        text.number("gpu_ram", GPU_RAM);
    }
    text.element([4, 4], "job_keywords", |text| {
        let keywords = [("Physics", "Matter and energy", 0, 0, 0), ("Europe", "Continent", 16, 1, 1)];
        for (name, description, parent, level, category) in keywords {
            text.element([4, 8], "keyword", |text| {
                text.raw("name", name);
                text.raw("description", description);
                text.integer("parent", parent);
                text.integer("level", level);
                text.integer("category", category);
            });
        }
    });
}
