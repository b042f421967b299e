//! The reply to `get_state`: a flat list in which position says what belongs to which project.

use foldhash::HashMap;
use std::cell::OnceCell;

use super::{App, AppVersion, GlobalPreferences, HostInfo, MAX_PROJECTS, Project, Task, Workunit};
use crate::markup::element::{Element, Value, element, read_element};
use crate::markup::reader::{Reader, Tag};
use crate::markup::text::Raw;

/// `client_state`.
#[derive(Debug, Clone, Default)]
pub struct ClientState {
    /// The computer.
    pub host_info: Option<HostInfo>,
    /// Network averages.
    pub net_stats: Option<NetStats>,
    /// Time averages.
    pub time_stats: Option<TimeStats>,
    /// The projects, each with what follows it up to the next.
    pub projects: Vec<ProjectGroup>,
    /// The client's own platform.
    pub platform_name: Raw,
    /// All platforms whose applications it can run.
    pub platform: Vec<Raw>,
    /// Version.
    pub core_client_major_version: Option<i64>,
    /// Version.
    pub core_client_minor_version: Option<i64>,
    /// Version.
    pub core_client_release: Option<i64>,
    /// Runs as a service.
    pub executing_as_daemon: Option<bool>,
    /// Preferences in force.
    pub global_preferences: Option<GlobalPreferences>,
    /// The venue whose preferences are in force.
    pub host_venue: Raw,
    /// The project read last was left out, and so is what follows it.
    left_out: bool,
}

/// A project and its applications, workunits and tasks.
#[derive(Debug, Clone, Default)]
pub struct ProjectGroup {
    /// The project.
    pub project: Project,
    /// Applications.
    pub apps: Vec<App>,
    /// Versions of these.
    pub app_versions: Vec<AppVersion>,
    /// Workunits.
    pub workunits: Vec<Workunit>,
    /// Tasks.
    // A task has hundreds of bytes, and those of a large client go from list to list at each poll.
    pub tasks: Vec<Box<Task>>,
}

impl Element for ClientState {
    fn child<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) -> bool {
        if tag.is("project") {
            let before = reader.kept();
            let project = read_element(reader, tag);
            self.left_out = !reader.keep(before, size_of::<ProjectGroup>(), self.projects.len(), MAX_PROJECTS);
            if !self.left_out {
                self.projects.push(ProjectGroup { project, ..ProjectGroup::default() });
            }
            return true;
        }
        if self.left_out && ProjectGroup::MEMBERS.contains(&tag.name()) {
            reader.skip(tag);
            return true;
        }
        if let Some(group) = self.projects.last_mut()
            && group.member(reader, tag)
        {
            return true;
        }
        match tag.name() {
            b"host_info" => self.host_info.read(reader, tag),
            b"net_stats" => self.net_stats.read(reader, tag),
            b"time_stats" => self.time_stats.read(reader, tag),
            b"platform_name" => self.platform_name.read(reader, tag),
            b"platform" => self.platform.read(reader, tag),
            b"core_client_major_version" => self.core_client_major_version.read(reader, tag),
            b"core_client_minor_version" => self.core_client_minor_version.read(reader, tag),
            b"core_client_release" => self.core_client_release.read(reader, tag),
            b"executing_as_daemon" => self.executing_as_daemon.read(reader, tag),
            b"global_preferences" => self.global_preferences.read(reader, tag),
            b"host_venue" => self.host_venue.read(reader, tag),
            // The same is said, in more detail, inside `coprocs`.
            b"have_cuda" | b"have_ati" => reader.skip(tag),
            _ => return false,
        }
        true
    }
}

impl ProjectGroup {
    const MEMBERS: [&'static [u8]; 4] = [b"result", b"workunit", b"app_version", b"app"];

    fn member<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) -> bool {
        match tag.name() {
            b"result" => self.tasks.read(reader, tag),
            b"workunit" => self.workunits.read(reader, tag),
            b"app_version" => self.app_versions.read(reader, tag),
            b"app" => self.apps.read(reader, tag),
            _ => return false,
        }
        true
    }
}

/// Finds the workunits of a project by name, for its tasks one after another. The client lists both in the order in which
/// they came, so it is nearly always the next.
#[derive(Debug)]
pub struct Workunits<'a> {
    list: &'a [Workunit],
    next: usize,
    by_name: OnceCell<HashMap<&'a str, usize>>,
}

impl<'a> Workunits<'a> {
    /// How many are looked at before all are indexed: those without a task wait to be deleted.
    const AHEAD: usize = 8;

    /// Those of a project.
    #[must_use]
    pub const fn of(group: &'a ProjectGroup) -> Self {
        Self { list: group.workunits.as_slice(), next: 0, by_name: OnceCell::new() }
    }

    /// The one of this name.
    pub fn find(&mut self, name: &str) -> Option<&'a Workunit> {
        let list = self.list;
        let ahead = list.iter().skip(self.next).take(Self::AHEAD);
        let at = match ahead.zip(self.next..).find(|(workunit, _)| &*workunit.name == name) {
            Some((_, at)) => at,
            None => *self
                .by_name
                .get_or_init(|| list.iter().map(|workunit| &*workunit.name).zip(0..).collect())
                .get(name)?,
        };
        self.next = at + 1;
        list.get(at)
    }
}

element! {
    /// `net_stats`.
    NetStats {
        /// Bytes a second of single uploads, smoothed.
        bwup: Option<f64>,
        /// Bytes a **day**, half-life a week.
        avg_up: Option<f64>,
        /// When that was computed.
        avg_time_up: Option<f64>,
        /// Bytes a second of single downloads, smoothed.
        bwdown: Option<f64>,
        /// Bytes a **day**, half-life a week.
        avg_down: Option<f64>,
        /// When that was computed.
        avg_time_down: Option<f64>,
    }
}

element! {
    /// `time_stats`. Fractions are averages over about 10 days.
    TimeStats {
        /// Fraction of time that the client runs.
        on_frac: Option<f64>,
        /// Of that, with a network; −1 unknown.
        connected_frac: Option<f64>,
        /// Of that, computing and network both allowed.
        cpu_and_network_available_frac: Option<f64>,
        /// Of that, computing allowed.
        active_frac: Option<f64>,
        /// Of that, computing on GPUs allowed.
        gpu_active_frac: Option<f64>,
        /// When this process started.
        client_start_time: Option<f64>,
        /// Seconds that the process before ran.
        previous_uptime: Option<f64>,
        /// Seconds of this process with computing allowed.
        session_active_duration: Option<f64>,
        /// Seconds of this process with computing on GPUs allowed.
        session_gpu_active_duration: Option<f64>,
        /// When the client was first started.
        total_start_time: Option<f64>,
        /// Seconds that it ever ran.
        total_duration: Option<f64>,
        /// Seconds that computing was ever allowed.
        total_active_duration: Option<f64>,
        /// Seconds that computing on GPUs was ever allowed.
        total_gpu_active_duration: Option<f64>,
        /// The client's clock.
        now: Option<f64>,
    }
    not_read { "last_update" }
}
