//! The data directory of a simulated client, as a client on Linux and its applications write it: what is in slots, the job log,
//! talks with projects. A client at a moment comes in; files go out. Only what the exporter reads is written, and keys are made
//! up. It does not know sockets.

mod files;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use super::behaviour::Reachability;
use super::replies::Folder;
use super::state::{Active, Client, Project, Task};
use super::world::Member;

/// The first number of slots that could not be emptied.
const FIRST_LEFT: u32 = 100;

/// A directory that is written to.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    /// What was written last to each slot.
    slots: BTreeMap<u32, Written>,
    /// How many slots could not be emptied.
    left: u32,
    /// Tasks that are in the job log, as long as the client knows them.
    logged: BTreeSet<String>,
    /// The number of the last talk with each project.
    talks: BTreeMap<String, u32>,
    /// Tasks that were known at the last talk with each project.
    known: BTreeMap<String, BTreeSet<String>>,
}

/// What was written to a slot.
#[derive(Debug, PartialEq)]
struct Written {
    task: String,
    pid: u32,
    checkpoint_cpu: f64,
}

impl DataDirectory {
    /// Makes it, or uses one that is there and empty.
    ///
    /// # Errors
    /// It cannot be made, or something is in it: that could be a real client's.
    pub fn create(path: &Path) -> Result<Self> {
        fs::create_dir_all(path)?;
        if fs::read_dir(path)?.next().is_some() {
            return Err(Error::other("something is in it, which could belong to a real client; choose an empty one"));
        }
        fs::create_dir(path.join("slots"))?;
        let (slots, logged) = (BTreeMap::new(), BTreeSet::new());
        Ok(Self { path: path.to_owned(), slots, left: 0, logged, talks: BTreeMap::new(), known: BTreeMap::new() })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what a client and its applications would have written by now. One that is switched off writes nothing.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(&mut self, member: &Member) -> Result<()> {
        if member.reachability() == Reachability::Closed {
            return Ok(());
        }
        member.look(|client, now| {
            self.file("client_state.xml", "<client_state>\n</client_state>\n".as_bytes(), now)?;
            let mut occupied = BTreeSet::new();
            for project in &client.projects {
                self.project(client, project, now)?;
                for (task, active) in project.tasks.iter().filter_map(|task| Some((task, task.active.as_ref()?))) {
                    occupied.insert(active.slot);
                    self.slot(client, project, (task, active), now)?;
                }
            }
            // The client empties a slot when its task is over, and leaves the folder.
            let left: Vec<u32> = self.slots.keys().copied().filter(|slot| !occupied.contains(slot)).collect();
            left.into_iter().try_for_each(|slot| self.clear(client, slot))
        })
    }

    fn project(&mut self, client: &Client, project: &Project, now: f64) -> Result<()> {
        let url = project.server.url.as_str();
        let folder = Folder(url);
        let account = self.path.join(format!("account_{folder}.xml"));
        if !account.exists() {
            fs::write(account, files::account(project))?;
        }
        self.job_log(project)?;
        if self.talks.insert(url.to_owned(), project.rpc_seqno) != Some(project.rpc_seqno) && project.known {
            let names: BTreeSet<String> = project.tasks.iter().map(Task::name).collect();
            let before = self.known.insert(url.to_owned(), names);
            let is_new = |task: &&Task| before.as_ref().is_none_or(|before| !before.contains(&task.name()));
            let new: Vec<&Task> = project.tasks.iter().filter(is_new).collect();
            let at = project.last_rpc_time.min(now);
            self.file(&format!("sched_request_{folder}.xml"), files::request(client, project, &new).as_bytes(), at)?;
            if project.nrpc_failures == 0 {
                self.file(&format!("sched_reply_{folder}.xml"), files::reply(project, &new).as_bytes(), at)?;
            }
        }
        Ok(())
    }

    /// Adds tasks that ended without error.
    fn job_log(&mut self, project: &Project) -> Result<()> {
        let is_done = |task: &&Task| task.completed > 0.0 && task.exit_status == 0 && matches!(task.state, 4 | 5);
        let mut lines = String::new();
        for task in project.tasks.iter().filter(is_done) {
            if self.logged.insert(task.name()) {
                lines += &files::job(project, task);
            }
        }
        if lines.is_empty() {
            return Ok(());
        }
        let name = format!("job_log_{}.txt", Folder(&project.server.url));
        let mut file = File::options().create(true).append(true).open(self.path.join(name))?;
        std::io::Write::write_all(&mut file, lines.as_bytes())
    }

    fn slot(&mut self, client: &Client, project: &Project, (task, active): (&Task, &Active), now: f64) -> Result<()> {
        let now_written = Written { task: task.name(), pid: active.pid, checkpoint_cpu: active.checkpoint_cpu };
        let before = self.slots.get(&active.slot);
        let is_same_task = before.is_some_and(|before| before.task == now_written.task);
        let is_same_process = is_same_task && before.is_some_and(|before| before.pid == now_written.pid);
        let has_saved = active.checkpoint_cpu > 0.0
            && !(is_same_task && before.is_some_and(|before| before.checkpoint_cpu >= now_written.checkpoint_cpu));
        if before.is_some() && !is_same_task {
            self.clear(client, active.slot)?;
        }
        fs::create_dir_all(self.path.join(format!("slots/{}", active.slot)))?;
        let file = |name: &str| format!("slots/{}/{name}", active.slot);
        if !is_same_process {
            let text = files::init_data(client, project, task, active, &self.path);
            self.file(&file("init_data.xml"), text.as_bytes(), now)?;
        }
        self.file(&file("boinc_mmap_file"), &files::channels(client, active, now), now)?;
        if has_saved {
            self.file(&file("boinc_task_state.xml"), files::task_state(project, task, active).as_bytes(), now)?;
        }
        self.slots.insert(active.slot, now_written);
        Ok(())
    }

    fn clear(&mut self, client: &Client, slot: u32) -> Result<()> {
        self.slots.remove(&slot);
        let folder = |slot: u32| self.path.join(format!("slots/{slot}"));
        if client.leaves_files {
            // The next task gets a slot of another number; here, what was left does.
            fs::remove_file(folder(slot).join("init_data.xml"))?;
            fs::rename(folder(slot), folder(FIRST_LEFT + self.left))?;
            self.left += 1;
            return Ok(());
        }
        for entry in fs::read_dir(folder(slot))? {
            fs::remove_file(entry?.path())?;
        }
        Ok(())
    }

    /// Writes a file at a time of the simulation.
    fn file(&self, name: &str, bytes: &[u8], time: f64) -> Result<()> {
        let path = self.path.join(name);
        fs::write(&path, bytes)?;
        File::options().write(true).open(path)?.set_modified(UNIX_EPOCH + Duration::from_secs_f64(time.max(0.0)))
    }
}
