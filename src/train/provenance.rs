//! Where and by whom a run is trained.

use crate::event::BatchJob;
use crate::nn::Backend;

/// Where and by whom a run is trained; copied into its `started` event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The program's commit, where it was built from one.
    pub commit: Option<String>,
    /// The command line.
    pub command: Vec<String>,
    /// The host's name.
    pub host: String,
    /// The process.
    pub pid: u32,
    /// The batch system's job that it is.
    pub job: Option<BatchJob>,
    /// Such as `cpu` or `cuda:0 NVIDIA H100`.
    pub device: String,
}

impl Provenance {
    /// This process on this device, as a job of a batch system where it is one.
    pub fn of_this_process(device: &Backend, job: Option<BatchJob>) -> Self {
        Provenance {
            commit: option_env!("EEG_TUI_COMMIT").map(str::to_string),
            command: std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect(),
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            pid: std::process::id(),
            job,
            device: device.name(),
        }
    }
}
