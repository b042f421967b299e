//! The data directory of the first simulated client, written while the demo runs.

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

/// Writes it now, and each second until what this gives is dropped.
///
/// # Errors
/// A sentence about a folder that cannot be used.
pub async fn write(world: &Arc<World>, folder: &Path) -> anyhow::Result<JoinSet<()>> {
    let shown = folder.display();
    let directory =
        DataDirectory::create(folder).with_context(|| format!("cannot write a data directory to {shown}"))?;
    let mut directory = written(world, directory).await.with_context(|| format!("cannot write to {shown}"))?;
    let (world, mut tasks) = (Arc::clone(world), JoinSet::new());
    tasks.spawn(async move {
        let mut clock = interval(PAUSE);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            clock.tick().await;
            let place = directory.path().to_owned();
            match written(&world, directory).await {
                Ok(again) => directory = again,
                Err(error) => {
                    tracing::error!(
                        "the simulated data directory {} is not written any more: {error}",
                        place.display()
                    );
                    return;
                }
            }
        }
    });
    Ok(tasks)
}

async fn written(world: &Arc<World>, mut directory: DataDirectory) -> anyhow::Result<DataDirectory> {
    let world = Arc::clone(world);
    tokio::task::spawn_blocking(move || {
        world.members().first().map_or(Ok(()), |member| directory.write(member))?;
        Ok(directory)
    })
    .await?
}
