//! Tasks (BOINC's word in replies is `result`) and what they are made of: workunits, applications and their versions.

use super::{MAX_APPS, MAX_DEVICES, MAX_TASKS};
use crate::markup::element::element;
use crate::markup::recurring::Recurring;
use crate::markup::text::Raw;

element! {
    /// Reply to `get_results`.
    Tasks {
        /// One a task.
        tasks as "result": Recurring<Box<Task>>,
    }
}

element! {
    /// `result`: one task.
    Task [at most MAX_TASKS] {
        /// Name of the task.
        name: Raw,
        /// Name of its workunit.
        wu_name: Raw,
        /// Platform of its application version.
        platform: Raw,
        /// Version number of its application (101 is 1.01).
        version_num: Option<i64>,
        /// Plan class, empty for plain CPU versions.
        plan_class: Raw,
        /// Master URL of its project.
        project_url: Raw,
        /// CPU seconds at the end, 0 until then.
        final_cpu_time: Option<f64>,
        /// Elapsed seconds at the end, 0 until then.
        final_elapsed_time: Option<f64>,
        /// Exit status, 0 until the end.
        exit_status: Option<i64>,
        /// State code.
        state: Option<i64>,
        /// When it must be reported.
        report_deadline: Option<f64>,
        /// When it came.
        received_time: Option<f64>,
        /// *Elapsed* seconds left, whatever the name says.
        estimated_cpu_time_remaining: Option<f64>,
        /// Reported, and the server knows.
        got_server_ack: bool,
        /// Done, and to be reported.
        ready_to_report: bool,
        /// When computing ended.
        completed_time: Option<f64>,
        /// The user suspended it.
        suspended_via_gui: bool,
        /// The user suspended its project.
        project_suspended_via_gui: bool,
        /// Shall be reported at once.
        report_immediately: bool,
        /// Runs first because its deadline is near.
        edf_scheduled: bool,
        /// Its GPU is not there.
        coproc_missing: bool,
        /// It asked to be postponed.
        scheduler_wait: bool,
        /// Why it asked.
        scheduler_wait_reason: Raw,
        /// It waits for the network.
        network_wait: bool,
        /// Present once it has a slot.
        active_task: Option<Box<ActiveTask>>,
        /// What it uses, in words; empty for one CPU.
        resources: Raw,
    }
}

element! {
    /// `active_task`: a task with a slot.
    ActiveTask {
        /// Code of the process's state.
        active_task_state: Option<i64>,
        /// Number of its directory below `slots/`.
        slot: Option<i64>,
        /// Code of what the client's scheduler does with it.
        scheduler_state: Option<i64>,
        /// CPU seconds at the last checkpoint.
        checkpoint_cpu_time: Option<f64>,
        /// Progress, 0 to 1.
        fraction_done: Option<f64>,
        /// CPU seconds so far.
        current_cpu_time: Option<f64>,
        /// Seconds it was scheduled so far.
        elapsed_time: Option<f64>,
        /// Bytes of swap; up to 8.2 of virtual memory.
        swap_size: Option<f64>,
        /// Bytes of virtual memory; newest clients only.
        virtual_size: Option<f64>,
        /// Bytes in RAM.
        working_set_size: Option<f64>,
        /// Bytes in RAM, smoothed.
        working_set_size_smoothed: Option<f64>,
        /// Page faults a second; up to 8.2.
        page_fault_rate: Option<f64>,
        /// Bytes that the application says it sent; 7.4 to 8.0.
        bytes_sent: Option<f64>,
        /// Bytes that the application says it received; 7.4 to 8.0.
        bytes_received: Option<f64>,
        /// Waits for memory.
        too_large: bool,
        /// Waits for memory of the GPU; 6.10 to 6.12.
        gpu_mem_wait: bool,
        /// Waits for swap; 8.2 and later.
        swap_too_large: bool,
        /// Waits for shared memory.
        needs_shmem: bool,
        /// Wants the network; 8.2 and later.
        want_network: bool,
        /// Progress a second.
        progress_rate: Option<f64>,
    }
    not_read { "app_version_num" "pid" "graphics_exec_path" "slot_path" "web_graphics_url" "remote_desktop_addr" "supports_graphics" "graphics_mode_acked" }
}

element! {
    /// `app`: an application of the project above it.
    App [at most MAX_APPS] {
        /// Short name.
        name: Raw,
        /// Name for people.
        user_friendly_name: Raw,
        /// Runs beside everything else, whatever the CPU limits.
        non_cpu_intensive: bool,
    }
}

element! {
    /// `app_version`: a version of an application for a platform and plan class.
    AppVersion [at most MAX_APPS] {
        /// Short name of the application.
        app_name: Raw,
        /// 101 is 1.01.
        version_num: Option<i64>,
        /// Platform.
        platform: Raw,
        /// Plan class, empty for plain CPU versions.
        plan_class: Raw,
        /// CPUs that a task uses.
        avg_ncpus: Option<f64>,
        /// Estimated speed, floating-point operations a second.
        flops: Option<f64>,
        /// GPUs that a task uses.
        coproc: Vec<CoprocUsage>,
        /// Bytes of GPU memory; not sent by 8.2 and later.
        gpu_ram: Option<f64>,
        /// Not slowed by the CPU time limit.
        dont_throttle: bool,
        /// Runs a program that does not know BOINC.
        is_wrapper: bool,
        /// Needs the network while it runs.
        needs_network: bool,
    }
    not_read { "api_version" "cmdline" "file_prefix" "file_ref" "max_ncpus" }
}

element! {
    /// `coproc` of an application version: how much of which GPU.
    CoprocUsage [at most MAX_DEVICES] {
        /// NVIDIA, ATI, `intel_gpu`, …
        kind as "type": Raw,
        /// Number, may be below 1.
        count: Option<f64>,
    }
}

element! {
    /// `workunit`: what there is to compute.
    Workunit [at most MAX_TASKS] {
        /// Name.
        name: Raw,
        /// Short name of its application.
        app_name: Raw,
        /// What runs inside of an application that runs anything, such as that for Docker jobs; 8.2 and later.
        sub_appname: Raw,
        /// Floating-point operations it is thought to take.
        rsc_fpops_est: Option<f64>,
        /// Floating-point operations after which it is aborted.
        rsc_fpops_bound: Option<f64>,
        /// Bytes of memory that the project expects it to need at most; not enforced since 7.4.
        rsc_memory_bound: Option<f64>,
        /// Bytes of disk after which it is aborted.
        rsc_disk_bound: Option<f64>,
        /// CPUs, where the job itself says what it uses; 8.2 and later.
        avg_ncpus: Option<f64>,
        /// FLOPS, as `avg_ncpus`.
        flops: Option<f64>,
        /// GPUs, as `avg_ncpus`.
        coproc: Vec<CoprocUsage>,
    }
    not_read { "version_num" "command_line" "file_ref" "gpu_ram" "job_keywords" }
}

impl Workunit {
    /// Whether the job says what it uses. Then it says all of it, and what its application version says does not count
    /// (`RESULT::init_resource_usage` in `client/result.h`).
    #[must_use]
    pub const fn says_usage(&self) -> bool {
        self.avg_ncpus.is_some() || self.flops.is_some()
    }

    /// The application for people.
    #[must_use]
    pub fn app(&self) -> &str {
        if self.sub_appname.is_empty() { &self.app_name } else { &self.sub_appname }
    }
}
