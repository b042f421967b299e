//! The data directories of simulated clients, written while a demo runs.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::simulation::data_directory::DataDirectory;
use crate::simulation::world::World;

/// How often applications report.
const PAUSE: Duration = Duration::from_secs(1);

/// One for each client of a world, in its order.
#[derive(Debug)]
pub struct Directories(Vec<DataDirectory>);

impl Directories {
    /// Makes them below a folder.
    ///
    /// # Errors
    /// A sentence about a folder that cannot be used.
    pub fn create(world: &World, folder: &Path) -> anyhow::Result<Self> {
        let create = |path: &Path| {
            let shown = path.display();
            DataDirectory::create(path).with_context(|| format!("cannot write a data directory to {shown}"))
        };
        let directories = world.members().iter().map(|member| create(&folder.join(&member.name)));
        Ok(Self(directories.collect::<anyhow::Result<_>>()?))
    }

    /// Where they are.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(DataDirectory::path)
    }

    /// Writes what clients and their applications would have written by now.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn write(&mut self, world: &World) -> anyhow::Result<()> {
        for (directory, member) in self.0.iter_mut().zip(world.members()) {
            directory.write(member).with_context(|| format!("cannot write to {}", directory.path().display()))?;
        }
        Ok(())
    }

    /// Writes now, and each second until what this gives is dropped.
    ///
    /// # Errors
    /// A file cannot be written.
    pub async fn keep_writing(self, world: &Arc<World>) -> anyhow::Result<JoinSet<()>> {
        let mut directories = self.written(world).await?;
        let (world, mut tasks) = (Arc::clone(world), JoinSet::new());
        tasks.spawn(async move {
            let mut clock = interval(PAUSE);
            clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                clock.tick().await;
                match directories.written(&world).await {
                    Ok(again) => directories = again,
                    Err(error) => {
                        tracing::error!("simulated data directories are not written any more: {error:#}");
                        return;
                    }
                }
            }
        });
        Ok(tasks)
    }

    async fn written(mut self, world: &Arc<World>) -> anyhow::Result<Self> {
        let world = Arc::clone(world);
        tokio::task::spawn_blocking(move || self.write(&world).map(|()| self)).await?
    }
}
