//! Elements of the files that the client and applications write, read from bytes that may be half written or of any content.
//! Bytes come in; structs go out. What is not in the list of an element is passed over without becoming a value: keys, names
//! of people and passwords of proxies stand in the same files.

use std::collections::BTreeMap;

use crate::markup::element::{Element, Value, element, read_children};
use crate::markup::reader::{Reader, Tag};
use crate::markup::text::{Escaped, Raw};
use crate::sentences::{Class, message};

element! {
    /// `init_data.xml`: what the client tells an application. Written when its process starts, and again when preferences change.
    InitData {
        /// Short name of the application.
        app_name: Raw,
        /// Kind of the application version; absent before 8.2.
        plan_class: Raw,
        /// Folder of the project. Its last part is the project's name in names of files.
        project_dir: Raw,
        /// Name of the workunit.
        wu_name: Raw,
        /// Name of the task; absent before 6.12.
        result_name: Raw,
        /// Most bytes that the task may have on disk; beyond, the client aborts it with exit status 196.
        rsc_disk_bound: Option<f64>,
        /// Bytes of RAM that the project expected. Not enforced since 7.4.
        rsc_memory_bound: Option<f64>,
        /// Vendor of the GPU that the task runs on; empty if there is none.
        gpu_type: Raw,
        /// Which of the vendor's GPUs; -1 if there is none.
        gpu_device_num: Option<i64>,
    }
    not_read {
        "authenticator" "user_name" "team_name" "host_info" "proxy_info" "global_preferences" "project_preferences"
        "acct_mgr_url" "symstore"
    }
}

element! {
    /// `boinc_task_state.xml`: what the client knew of a task at its last checkpoint.
    TaskState {
        /// Master URL of the project.
        project_master_url: Raw,
        /// Name of the task.
        result_name: Raw,
        /// CPU time of the task at that checkpoint, in seconds.
        checkpoint_cpu_time: Option<f64>,
        /// Progress at that checkpoint, from 0 to 1. Before 7.3.16 when it was written.
        fraction_done: Option<f64>,
        /// Most bytes that the task had in RAM.
        peak_working_set_size: Option<f64>,
        /// Most bytes that the task had on disk.
        peak_disk_usage: Option<f64>,
    }
}

element! {
    /// The last message of an application about itself.
    AppStatus {
        /// CPU time of the task in seconds, from its start.
        current_cpu_time: Option<f64>,
        /// The same at its last checkpoint.
        checkpoint_cpu_time: Option<f64>,
        /// Progress from 0 to 1; 0 if it never reported any.
        fraction_done: Option<f64>,
        /// Bytes in RAM, told by wrappers around what the client cannot see, such as containers.
        wss: Option<f64>,
        /// Bytes that the application says it sent (`boinc_network_usage`); absent if it says nothing.
        bytes_sent: Option<f64>,
        /// Bytes that it says it received.
        bytes_received: Option<f64>,
    }
}

element! {
    /// The last sign of life of the client to an application.
    Heartbeat {
        /// Bytes that the task has in RAM, measured by the client.
        wss: Option<f64>,
        /// Bytes of RAM that all tasks together may have at the moment.
        max_wss: Option<f64>,
    }
}

element! {
    /// `account_*.xml`: which project a file belongs to. All else in it is the user's.
    Account {
        /// Master URL.
        master_url: Raw,
        /// Name; absent before the first contact.
        project_name: Raw,
    }
    not_read { "authenticator" "project_preferences" "gui_urls" }
}

element! {
    /// The two files of 2002, `fraction_done.xml` and `checkpoint_cpu.xml`, in either order and without a root.
    OldStatus {
        /// Progress from 0 to 1.
        fraction_done: Option<f64>,
        /// CPU time in seconds.
        cpu_time: Option<f64>,
        /// CPU time at the last checkpoint, in seconds.
        checkpoint_cpu_time: Option<f64>,
    }
}

element! {
    /// `sched_request_*.xml`: what the client asked a project's scheduler for.
    Request {
        /// Seconds of CPU work; the first versions asked with it for all.
        work_req_seconds: Option<f64>,
        /// Seconds of work for CPUs.
        cpu_req_secs: Option<f64>,
        /// Idle CPUs.
        cpu_req_instances: Option<f64>,
        /// Work for GPUs.
        coprocs: Option<Coprocs>,
        /// Tasks that are reported.
        results as "result": Vec<Listed>,
    }
    not_read {
        "authenticator" "code_sign_key" "working_global_preferences" "global_preferences" "global_prefs_source_email_hash"
        "cross_project_id" "time_stats" "net_stats" "host_info" "disk_usage" "other_results" "in_progress_results" "app_versions"
        "file_info" "msg_from_host" "time_stats_log" "job_log" "client_opaque"
    }
}

element! {
    /// `coprocs` of a request.
    Coprocs {
        /// NVIDIA.
        nvidia as "coproc_cuda": Option<Coproc>,
        /// AMD, called ATI in BOINC.
        amd as "coproc_ati": Option<Coproc>,
        /// Intel.
        intel as "coproc_intel_gpu": Option<Coproc>,
        /// Apple.
        apple as "coproc_apple_gpu": Option<Coproc>,
    }
}

element! {
    /// Work asked for one kind of GPU.
    Coproc {
        /// Seconds of work.
        req_secs: Option<f64>,
    }
}

element! {
    /// `sched_reply_*.xml`: what the scheduler answered.
    Reply {
        /// Seconds that the project wants not to be asked.
        request_delay: Option<f64>,
        /// The project says that it is down.
        project_is_down: bool,
        /// What it tells the user.
        messages as "message": Messages,
        /// Tasks that were sent.
        results as "result": Vec<Listed>,
        /// Reported tasks that the server has noted.
        acks as "result_ack": Vec<Listed>,
    }
    not_read {
        "user_name" "email_hash" "cross_project_id" "external_cpid" "project_preferences" "global_preferences" "team_name" "app"
        "file_info" "file" "app_version" "workunit" "gui_urls" "rss_feeds" "code_sign_key" "code_sign_key_signature"
    }
}

/// Messages that say why there is no work, counted by what they say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Messages(pub BTreeMap<Class, u32>);

impl Value for Messages {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        if let Some(class) = reader.contents(tag).and_then(|text| message::class(&Escaped::decode(text))) {
            let count = self.0.entry(class).or_default();
            *count = count.saturating_add(1);
        }
    }
}

/// Tasks in one talk with a scheduler. A client has up to 1 000 for each CPU; talks about more are rare and say no more.
const MAX_LISTED: usize = 10_000;

element! {
    /// A task in a list, of which only the number matters.
    Listed [at most MAX_LISTED] {}
    not_read { "name" "file_info" "file_ref" "stderr_out" }
}

/// The element with this name in a file, if it is whole: a file that is being written lacks its end.
#[must_use]
pub fn whole<T: Element>(bytes: &[u8], name: &'static str) -> Option<T> {
    let end = memchr::memmem::rfind(bytes, format!("</{name}>").as_bytes())?;
    let start = memchr::memmem::find(bytes, format!("<{name}>").as_bytes())? + name.len() + 2;
    Some(inside(bytes.get(start..end)?, name))
}

/// Children of an element, up to where the bytes end.
#[must_use]
pub fn inside<T: Element>(bytes: &[u8], name: &'static str) -> T {
    let mut element = T::default();
    read_children(&mut element, &mut Reader::inside(bytes, name));
    element
}

/// A text of 2002: two elements without a root.
#[must_use]
pub fn old_status(bytes: &[u8]) -> OldStatus {
    inside(bytes, "old_status")
}
