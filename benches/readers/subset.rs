//! The part of `get_state` that the ways are compared on: projects and what belongs to them. Each struct is declared
//! once, and so read by ways (a) and (b) and listed, like this crate's own, as leaves that can be compared.

#![expect(clippy::struct_field_names, reason = "BOINC named the elements")]

use boinc_exporter::gui_rpc::model;
use boinc_exporter::gui_rpc::text;

use crate::{a, b};

/// What a field is, in all ways.
pub trait Field: Default {
    fn read_a<'a>(&mut self, reader: &mut a::Reader<'a>, tag: &a::Tag<'a>);
    fn read_b<'de, M: serde::de::MapAccess<'de>>(&mut self, map: &mut M) -> Result<(), M::Error>;
}

/// An element with children.
pub trait Node: Default + for<'de> serde::Deserialize<'de> {
    fn child<'a>(&mut self, reader: &mut a::Reader<'a>, tag: &a::Tag<'a>) -> bool;
}

/// Adds one line a leaf: where it stands and what it is.
pub trait List {
    fn list(&self, place: &str, leaves: &mut Vec<String>);
}

/// A text that the client escapes, or one that it does not.
#[derive(Debug, Default)]
pub struct Escaped(pub String);
#[derive(Debug, Default)]
pub struct Raw(pub String);

macro_rules! nodes {
    ($($name:ident = $ours:ty { $($field:ident $(as $element:literal)? : $type:ty),* $(,)? })*) => {$(
        #[derive(Debug, Default)]
        pub struct $name { $(pub $field: $type),* }

        impl Node for $name {
            fn child<'a>(&mut self, reader: &mut a::Reader<'a>, tag: &a::Tag<'a>) -> bool {
                $(if tag.is(nodes!(@name $field $($element)?)) {
                    self.$field.read_a(reader, tag);
                    return true;
                })*
                false
            }
        }

        // Not derived: the derived one fails on an element that occurs twice, and every project with a GPU has those.
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(serde::Deserialize)]
                #[serde(field_identifier)]
                #[expect(non_camel_case_types, reason = "named as the fields are")]
                enum Key { $($(#[serde(rename = $element)])? $field,)* #[serde(other)] Other }
                struct Visitor;
                impl<'de> serde::de::Visitor<'de> for Visitor {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(stringify!($name))
                    }
                    fn visit_map<M: serde::de::MapAccess<'de>>(self, mut map: M) -> Result<$name, M::Error> {
                        let mut node = $name::default();
                        while let Some(key) = map.next_key()? {
                            match key {
                                $(Key::$field => node.$field.read_b(&mut map)?,)*
                                Key::Other => drop(map.next_value::<serde::de::IgnoredAny>()?),
                            }
                        }
                        Ok(node)
                    }
                }
                deserializer.deserialize_struct(
                    stringify!($name), &[$(nodes!(@name $field $($element)?)),*], Visitor,
                )
            }
        }

        nodes!(@list $name, $($field)*);
        nodes!(@list $ours, $($field)*);
    )*};
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $element:literal) => { $element };
    (@list $type:ty, $($field:ident)*) => {
        impl List for $type {
            fn list(&self, place: &str, leaves: &mut Vec<String>) {
                $(self.$field.list(&format!("{place}/{}", stringify!($field)), leaves);)*
            }
        }
    };
}

nodes! {
    Project = model::Project {
        master_url: Raw, project_name: Raw, user_name: Escaped, team_name: Escaped, host_venue: Raw,
        cpid_time: Option<f64>, user_total_credit: Option<f64>, user_expavg_credit: Option<f64>,
        user_create_time: Option<f64>, rpc_seqno: Option<f64>, userid: Option<f64>, teamid: Option<f64>,
        hostid: Option<f64>, host_total_credit: Option<f64>, host_expavg_credit: Option<f64>,
        host_create_time: Option<f64>, nrpc_failures: Option<f64>, master_fetch_failures: Option<f64>,
        min_rpc_time: Option<f64>, next_rpc_time: Option<f64>, rec: Option<f64>, rec_time: Option<f64>,
        resource_share: Option<f64>, disk_usage: Option<f64>, disk_share: Option<f64>,
        desired_disk_usage: Option<f64>, duration_correction_factor: Option<f64>, sched_rpc_pending: Option<f64>,
        send_time_stats_log: Option<f64>, send_job_log: Option<f64>, njobs_success: Option<f64>,
        njobs_error: Option<f64>, elapsed_time: Option<f64>, last_rpc_time: Option<f64>, anonymous_platform: bool,
        master_url_fetch_pending: bool, trickle_up_pending: bool, send_full_workload: bool, dont_use_dcf: bool,
        non_cpu_intensive: bool, verify_files_on_app_start: bool, suspended_via_gui: bool,
        dont_request_more_work: bool, detach_when_done: bool, ended: bool, attached_via_acct_mgr: bool,
        scheduler_rpc_in_progress: bool, use_symlinks: bool, rsc_backoff_time: Vec<ResourceValue>,
        rsc_backoff_interval: Vec<ResourceValue>, no_rsc_ams: Vec<Raw>, no_rsc_apps: Vec<Raw>, no_rsc_pref: Vec<Raw>,
        no_rsc_config: Vec<Raw>, sched_priority: Option<f64>, project_files_downloaded_time: Option<f64>,
        download_backoff: Option<f64>, upload_backoff: Option<f64>,
    }
    ResourceValue = model::ResourceValue { name: Raw, value: Option<f64> }
    App = model::App { name: Raw, user_friendly_name: Raw, non_cpu_intensive: bool }
    AppVersion = model::AppVersion {
        app_name: Raw, version_num: Option<f64>, platform: Raw, plan_class: Raw, avg_ncpus: Option<f64>,
        flops: Option<f64>, coproc: Vec<CoprocUsage>, gpu_ram: Option<f64>, dont_throttle: bool, is_wrapper: bool,
        needs_network: bool,
    }
    CoprocUsage = model::CoprocUsage { kind as "type": Raw, count: Option<f64> }
    Workunit = model::Workunit {
        name: Raw, app_name: Raw, rsc_fpops_est: Option<f64>, rsc_fpops_bound: Option<f64>,
        rsc_memory_bound: Option<f64>, rsc_disk_bound: Option<f64>, avg_ncpus: Option<f64>, coproc: Vec<CoprocUsage>,
    }
    Task = model::Task {
        name: Raw, wu_name: Raw, platform: Raw, version_num: Option<f64>, plan_class: Raw, project_url: Raw,
        final_cpu_time: Option<f64>, final_elapsed_time: Option<f64>, exit_status: Option<f64>, state: Option<f64>,
        report_deadline: Option<f64>, received_time: Option<f64>, estimated_cpu_time_remaining: Option<f64>,
        got_server_ack: bool, ready_to_report: bool, completed_time: Option<f64>, suspended_via_gui: bool,
        project_suspended_via_gui: bool, report_immediately: bool, edf_scheduled: bool, coproc_missing: bool,
        scheduler_wait: bool, scheduler_wait_reason: Raw, network_wait: bool, active_task: Option<ActiveTask>,
        resources: Raw,
    }
    ActiveTask = model::ActiveTask {
        active_task_state: Option<f64>, slot: Option<f64>, scheduler_state: Option<f64>,
        checkpoint_cpu_time: Option<f64>, fraction_done: Option<f64>, current_cpu_time: Option<f64>,
        elapsed_time: Option<f64>, swap_size: Option<f64>, virtual_size: Option<f64>, working_set_size: Option<f64>,
        working_set_size_smoothed: Option<f64>, page_fault_rate: Option<f64>, bytes_sent: Option<f64>,
        bytes_received: Option<f64>, too_large: bool, swap_too_large: bool, needs_shmem: bool, want_network: bool,
        progress_rate: Option<f64>,
    }
}

impl<T: Node> Field for Vec<T> {
    fn read_a<'a>(&mut self, reader: &mut a::Reader<'a>, tag: &a::Tag<'a>) {
        self.push(a::node(reader, tag));
    }
    fn read_b<'de, M: serde::de::MapAccess<'de>>(&mut self, map: &mut M) -> Result<(), M::Error> {
        self.push(map.next_value()?);
        Ok(())
    }
}

impl<T: Node> Field for Option<T> {
    fn read_a<'a>(&mut self, reader: &mut a::Reader<'a>, tag: &a::Tag<'a>) {
        *self = Some(a::node(reader, tag));
    }
    fn read_b<'de, M: serde::de::MapAccess<'de>>(&mut self, map: &mut M) -> Result<(), M::Error> {
        *self = Some(map.next_value()?);
        Ok(())
    }
}

macro_rules! leaves {
    ($($type:ty: $a:expr, $leaf:path: $b:expr;)*) => {$(
        impl Field for $type {
            fn read_a<'a>(&mut self, reader: &mut a::Reader<'a>, tag: &a::Tag<'a>) {
                let read: fn(&mut Self, &mut a::Reader<'a>, &a::Tag<'a>) = $a;
                read(self, reader, tag);
            }
            fn read_b<'de, M: serde::de::MapAccess<'de>>(&mut self, map: &mut M) -> Result<(), M::Error> {
                let read: fn(&mut Self, $leaf) = $b;
                read(self, map.next_value()?);
                Ok(())
            }
        }
    )*};
}
leaves! {
    Raw: |to, reader, tag| to.0 = a::raw(reader, tag), b::Text: |to, leaf| to.0 = leaf.0;
    Escaped: |to, reader, tag| to.0 = a::escaped(reader, tag), b::Text: |to, leaf| to.0 = leaf.0;
    Vec<Raw>: |to, reader, tag| to.push(Raw(a::raw(reader, tag))), b::Text: |to, leaf| to.push(Raw(leaf.0));
    Option<f64>: |to, reader, tag| *to = a::number(reader, tag), b::Number: |to, leaf| *to = leaf.0;
    bool: |to, reader, tag| *to = tag.is_empty() || a::number(reader, tag).is_some_and(|n| n != 0.0),
        b::Number: |to, leaf| *to = leaf.0.is_some_and(|n| n != 0.0);
}

/// A project and what follows it.
#[derive(Debug, Default)]
pub struct Group {
    pub project: Project,
    pub apps: Vec<App>,
    pub app_versions: Vec<AppVersion>,
    pub workunits: Vec<Workunit>,
    pub tasks: Vec<Task>,
}

nodes!(@list Group, project apps app_versions workunits tasks);
nodes!(@list model::ProjectGroup, project apps app_versions workunits tasks);

impl<T: List> List for Vec<T> {
    fn list(&self, place: &str, leaves: &mut Vec<String>) {
        self.iter().enumerate().for_each(|(index, item)| item.list(&format!("{place}[{index}]"), leaves));
    }
}

impl<T: List> List for Option<T> {
    fn list(&self, place: &str, leaves: &mut Vec<String>) {
        self.iter().for_each(|item| item.list(place, leaves));
    }
}

macro_rules! list {
    ($($type:ty: $text:expr;)*) => {$(
        impl List for $type {
            fn list(&self, place: &str, leaves: &mut Vec<String>) {
                let text: fn(&Self) -> String = $text;
                leaves.push(format!("{place} = {}", text(self)));
            }
        }
    )*};
}
list! {
    f64: |number| format!("{number:?}");
    i64: |number| format!("{:?}", *number as f64);
    bool: bool::to_string;
    Raw: |text| text.0.clone();
    Escaped: |text| text.0.clone();
    text::Raw: |text| text.to_string();
    text::Escaped: |text| text.to_string();
}

/// All leaves of all projects.
pub fn leaves(groups: &[impl List]) -> Vec<String> {
    let mut leaves = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        group.list(&format!("project[{index}]"), &mut leaves);
    }
    leaves
}
