//! Asks Slurm where the notebook's jobs stand, on a thread of its own: a controller that does not answer stops nothing else.
//! Where no job was submitted nothing is asked.

use super::News;
use crate::notebook::Notebook;
use crate::tui::effect::Message;
use crate::worker::slurm::{self, SlurmError};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

/// How often the queue is asked: a controller that serves a whole cluster is not to be asked more often.
const PERIOD: Duration = Duration::from_secs(30);

/// Starts asking. A unit sent to the result makes it ask at once.
pub fn start(notebook: &Notebook, tell: Sender<News>) -> Sender<()> {
    let (poke, poked) = mpsc::channel();
    let notebook = notebook.clone();
    std::thread::spawn(move || {
        let mut told = Vec::new();
        loop {
            let jobs = match slurm::queue(notebook.disk(), notebook.root()) {
                Ok(jobs) => jobs,
                Err(SlurmError::Missing(_)) => Vec::new(),
                // A controller that is down for a moment has not lost its jobs. `list` says why they can't be seen.
                Err(_) => told.clone(),
            };
            if jobs != told {
                told.clone_from(&jobs);
                if tell.send(News::Message(Message::Jobs(jobs))).is_err() {
                    return;
                }
            }
            match poked.recv_timeout(PERIOD) {
                Ok(()) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    });
    poke
}
