//! The program: parses the command line, dispatches, and turns errors into one readable sentence and an exit code.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

use clap::Parser;
use eeg_tui::cli::{self, Cli, Failure};
use eeg_tui::printable::printable;
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Where standard error is gone too, there is nobody left to tell.
            let _ = match &failure {
                Failure::HungUp => Ok(()),
                Failure::Work(sentence) | Failure::Unfinished(sentence) => {
                    writeln!(io::stderr(), "eeg-tui: {}", printable(sentence))
                }
                Failure::Usage(sentence) => {
                    writeln!(io::stderr(), "eeg-tui: {}\nTry 'eeg-tui --help'.", printable(sentence))
                }
            };
            ExitCode::from(failure.code())
        }
    }
}
