//! The process that trains what is queued: takes runs in the queue's order, each under its lock, so that a run outlives the
//! terminal that started it and is never trained twice at once. Knows nothing of any screen.

mod attempt;
mod data;
mod detach;
mod elsewhere;
mod fastest;
mod foreground;
mod grouping;
mod log;
mod notice;
mod recorder;
mod respite;
mod signals;
pub mod slurm;
mod supervise;

pub use attempt::{Attempt, Ended, Machine};
pub use data::DataCache;
pub use detach::{become_session, spawn_detached};
pub use fastest::Fastest;
pub use foreground::foreground;
pub use log::{LogFile, log_path};
pub use notice::Notice;
pub use signals::Calls;
pub use supervise::{Options, Report, Watch, WorkerError, work};

#[cfg(test)]
mod tests;

/// This machine's name.
pub fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
