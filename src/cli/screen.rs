//! `eeg-tui` without a command: the screen. And `--print-config`.

use super::machine::{catalogue, choice};
use super::{Failure, Global, Outcome, print};
use crate::tui::config::Config;
use crate::tui::{self, ScreenError};
use std::ffi::OsString;
use std::path::PathBuf;

/// Names another config file.
const CONFIG: &str = "EEG_TUI_CONFIG";

/// What is said to the screen.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "The screen")]
pub struct Args {
    /// Print all that the screen's config file can set, as it is set now, and exit
    #[arg(long)]
    print_config: bool,
    /// What the screen enqueues runs on: a folder under --data, a path, or 'simulated' [default: --data itself if it
    /// holds npz files, else simulated]
    #[arg(long, value_name = "NAME")]
    data_set: Option<String>,
    /// Another config file of the screen than ~/.config/eeg-tui/config.toml
    #[arg(long, value_name = "FILE", env = CONFIG)]
    config: Option<PathBuf>,
}

impl Args {
    /// Refuses what was said of the screen ahead of a command, which would not hear it. What the environment says is about
    /// every screen, and no mistake beside a command.
    pub fn refuse(&self) -> Outcome {
        let config = self.config.as_ref().map(|path| path.as_os_str());
        let said = [
            (
                self.data_set.is_some(),
                "--data-set",
                "; behind a command that takes one it is about that command",
            ),
            (config != std::env::var_os(CONFIG).as_deref(), "--config", ""),
            (self.print_config, "--print-config", ""),
        ];
        match said.into_iter().find(|(is_said, ..)| *is_said) {
            Some((_, flag, instead)) => Err(Failure::usage(format!(
                "{flag} ahead of a command is about the screen, which a command does not open{instead}"
            ))),
            None => Ok(()),
        }
    }
}

/// Opens the screen, or prints its settings.
pub fn run(global: &Global, Args { print_config, data_set, config }: Args) -> Outcome {
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
        device: choice(global)?,
        worker,
    };
    tui::run(&options).map_err(|error| match error {
        ScreenError::NoTerminal | ScreenError::Config(_) => Failure::usage(error.to_string()),
        error => Failure::work(error.to_string()),
    })
}
