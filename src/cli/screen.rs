//! `eeg-tui` without a command: the screen. And `--print-config`.

use super::machine::catalogue;
use super::{Failure, Global, Outcome, print};
use crate::tui::config::Config;
use crate::tui::{self, ScreenError};
use std::ffi::OsString;
use std::path::PathBuf;

/// Opens the screen, or prints its settings.
pub fn run(
    global: &Global,
    data_set: Option<String>,
    config: Option<PathBuf>,
    print_config: bool,
) -> Outcome {
    if print_config {
        let settings = Config::find(config.as_deref()).map_err(|error| Failure::usage(error.to_string()))?;
        return print(&Config::print(&settings));
    }
    // A worker started from here computes as this process would, on the same recordings.
    let data = std::path::absolute(&global.data)?;
    let mut worker: Vec<OsString> =
        vec!["--data".into(), data.into(), "--device".into(), (&global.device).into()];
    if let Some(threads) = global.threads {
        worker.extend(["--threads".into(), threads.to_string().into()]);
    }
    let options = tui::Options {
        runs: global.runs.clone(),
        data: global.data.clone(),
        data_set,
        networks: catalogue(global),
        config,
        worker,
    };
    tui::run(&options).map_err(|error| match error {
        ScreenError::NoTerminal | ScreenError::Config(_) => Failure::usage(error.to_string()),
        error => Failure::work(error.to_string()),
    })
}
