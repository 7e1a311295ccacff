//! The process that trains what is queued: takes runs in the queue's order, each under its lock, so that a run outlives the
//! terminal that started it and is never trained twice at once. Knows nothing of any screen.

mod data;
mod detach;
mod log;

pub use data::DataCache;
pub use detach::{become_session, spawn_detached};
pub use log::{LogFile, log_path};

/// This machine's name.
pub fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The commit that the program was built from, where it was built from one; `+changes` where the sources differed from it.
pub fn commit() -> Option<&'static str> {
    option_env!("EEG_TUI_COMMIT")
}
