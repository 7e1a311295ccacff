//! Runs for the tools that track experiments: TensorBoard, followed while they train, MLflow and Weights & Biases.

use crate::cli::Failure;
use crate::cli::output::write_below;
use crate::disk::{self, named};
use crate::export::{Tracked, mlflow, tensorboard, wandb};
use crate::notebook::{Notebook, RunDir, RunState, RunSummary};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a followed run is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Writes TensorBoard's event files; with `follow` until no run is queued or training any more.
pub fn tensorboard(
    notebook: &Notebook,
    runs: &[RunSummary],
    folder: &Path,
    follow: bool,
) -> Result<(), Failure> {
    let mut logs = runs.iter().map(|run| Log::begin(folder, run)).collect::<Result<Vec<_>, _>>()?;
    while advance(notebook, &mut logs)? && follow {
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(())
}

/// Writes MLflow's store.
pub fn mlflow(notebook: &Notebook, runs: &[RunSummary], folder: &Path) -> Result<(), Failure> {
    let root = std::path::absolute(folder)?;
    each(notebook, runs, |run| {
        let store = mlflow::store(run, &root);
        for path in &store.folders {
            named::make_folders_below(folder, path)
                .map_err(|error| Failure::unwritable(&folder.join(path), &error))?;
        }
        store.files.iter().try_for_each(|(path, text)| write_below(folder, path, text.as_bytes()))
    })
}

/// Writes logs for `wandb sync`.
pub fn wandb(notebook: &Notebook, runs: &[RunSummary], folder: &Path) -> Result<(), Failure> {
    each(notebook, runs, |run| {
        let (place, name) = wandb::place(run);
        write_below(folder, &Path::new(&place).join(name), &wandb::log(run))
    })
}

fn each(
    notebook: &Notebook,
    runs: &[RunSummary],
    write: impl Fn(&Tracked<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    runs.iter().try_for_each(|summary| {
        let dir = notebook.run(&summary.id)?;
        write(&Tracked { summary, records: &dir.events()?, notes: &dir.notes()? })
    })
}

/// One run's event file.
struct Log {
    id: String,
    file: File,
    path: PathBuf,
    /// Records of the run that are in it.
    written: usize,
}

impl Log {
    fn begin(folder: &Path, run: &RunSummary) -> Result<Self, Failure> {
        let created = run.created.as_second();
        let name = Path::new(&run.id).join(format!("{}.{created}.eeg-tui", tensorboard::PREFIX));
        let opening = tensorboard::opening(&run.id, &run.spec, created as f64);
        write_below(folder, &name, &opening)?;
        let path = folder.join(name);
        let file = disk::open_to_append(&path).map_err(|error| Failure::unwritable(&path, &error))?;
        Ok(Log { id: run.id.clone(), file, path, written: 0 })
    }

    /// Adds what has happened since.
    fn catch_up(&mut self, dir: &RunDir) -> Result<(), Failure> {
        let events = dir.events()?;
        let new: Vec<u8> = events.iter().skip(self.written).flat_map(tensorboard::of_record).collect();
        self.written = events.len();
        self.file.write_all(&new).map_err(|error| Failure::unwritable(&self.path, &error))
    }
}

/// Brings every file up to date; says whether more is to come.
fn advance(notebook: &Notebook, logs: &mut [Log]) -> Result<bool, Failure> {
    let mut more = false;
    for log in logs {
        let dir = notebook.run(&log.id)?;
        // The state first: what a run says while it ends is then not missed.
        let state = dir.state()?;
        log.catch_up(&dir)?;
        more |= state.awaits_worker() || state == RunState::Running;
    }
    Ok(more)
}
