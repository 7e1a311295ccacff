//! The command line: what can be typed, what each command prints, and how an error becomes a sentence and an exit code.
//! One file a command; the work itself is done by the modules below this one.

mod accept;
pub mod add;
pub mod bench;
pub mod change;
pub mod compare;
pub mod completions;
pub mod data;
pub mod doctor;
pub mod eval;
pub mod export;
pub mod help;
pub mod limits;
pub mod list;
mod machine;
pub mod manual;
pub mod matrix;
pub mod model;
pub mod output;
pub mod params;
pub mod report;
pub mod screen;
pub mod show;
pub mod spec_flags;
pub mod submit;
mod text;
pub mod train;
pub mod verify;
pub mod version;
pub mod work;

pub use output::{Failure, Outcome, print, print_json, print_json_line};

use crate::notebook::Notebook;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// What stands above the flags that say what a run is.
const THE_RUN: &str = "The run";

/// A terminal lab notebook for EEG classification. Without a command it opens the screen.
#[derive(Debug, Parser)]
#[command(name = "eeg-tui", version = version::version(), about, max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    /// What every command understands.
    #[command(flatten)]
    pub global: Global,
    /// What the screen understands.
    #[command(flatten)]
    pub screen: screen::Args,
    /// What to do; none opens the screen.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// The notebook: a folder with one folder a run
    #[arg(long, global = true, value_name = "DIR", env = "EEG_TUI_RUNS", default_value = "runs")]
    pub runs: PathBuf,
    /// Where recordings lie
    #[arg(long, global = true, value_name = "DIR", env = "EEG_TUI_DATA", default_value = "data")]
    pub data: PathBuf,
    /// What computes: auto, cpu, cuda, cuda:N, cuda:N,M or metal; auto takes whichever is faster for a network
    #[arg(long, global = true, value_name = "DEVICE", default_value = "auto")]
    pub device: String,
    /// Threads on the CPU [default: all cores]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
}

impl Global {
    /// How many threads to compute with.
    pub fn threads(&self) -> usize {
        match self.threads {
            Some(threads) => usize::from(threads),
            None => std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

/// Everything that can be asked for.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train one run in the foreground
    Train(Box<train::Args>),
    /// Put runs into the queue: one, or every combination of lists
    Add(Box<add::Args>),
    /// Train what is queued
    Work(work::Args),
    /// Give the queue to Slurm
    Submit(submit::Args),
    /// Every run in a line
    List(list::Args),
    /// One run with its epochs
    Show(show::Args),
    /// Set runs aside; they keep their place
    Pause(change::Runs),
    /// Put paused, cancelled or failed runs back into the queue, from their checkpoints
    Resume(change::Runs),
    /// Give runs up; what they reached stays
    Cancel(change::Runs),
    /// Train specs again from the start; a finished run is kept, and a new one made
    Retry(change::Retry),
    /// Move runs to the trash
    Remove(change::Runs),
    /// Take runs back from the trash
    Restore(change::Restore),
    /// Delete what is in the trash, for good
    EmptyTrash,
    /// Change the order of the queue
    Move(change::Move),
    /// A run's notes
    Note(change::Note),
    /// A run's tags
    Tag(change::Tag),
    /// Train a finished run again and compare every epoch
    Verify(verify::Args),
    /// Look over the machine, the recordings and the notebook, and say how to mend what is found
    Doctor(doctor::Args),
    /// Print a completion script for a shell
    Completions(completions::Args),
    /// Print the manual page
    Man,
    /// The model × activation table over the notebook
    Matrix(matrix::Args),
    /// Two cells, or any two filters, against one another
    Compare(compare::Args),
    /// One page about the runs: tables, curves, methods, as HTML, Markdown or LaTeX
    Report(report::Args),
    /// Runs in the forms of other tools: CSV, Parquet, TensorBoard, MLflow, Weights & Biases, ONNX, safetensors
    Export(export::Args),
    /// Score saved weights on a test set
    Eval(eval::Args),
    /// A network's parameters, layer by layer
    Params(params::Args),
    /// Networks as text: which there are, whether a file is one, a new one to begin with
    #[command(subcommand)]
    Model(model::Command),
    /// The recordings: what is there, whether it is sound, and data sets made of them
    #[command(after_long_help = include_str!("../../docs/recordings.md"))]
    Data(data::Args),
    /// Measure seconds per epoch on this machine
    Bench(bench::Args),
    /// A command's options, or a page of the documentation
    Help(help::Args),
}

/// Does what the command line says.
pub fn run(cli: Cli) -> Outcome {
    limits::open_files()?;
    let global = &cli.global;
    if cli.command.is_some() {
        cli.screen.refuse()?;
    }
    match cli.command {
        None => screen::run(global, cli.screen),
        Some(Command::Train(args)) => train::run(global, &args),
        Some(Command::Work(args)) => work::run(global, &args),
        Some(Command::Submit(args)) => submit::run(global, &args),
        Some(Command::Verify(args)) => verify::run(global, &args),
        Some(Command::Doctor(args)) => doctor::run(global, &args),
        Some(Command::Completions(args)) => completions::run(&args),
        Some(Command::Man) => manual::run(),
        Some(Command::Add(args)) => add::run(global, &args),
        Some(Command::List(args)) => list::run(global, &args),
        Some(Command::Show(args)) => show::run(global, &args),
        Some(Command::Pause(runs)) => change::each(global, &runs, Notebook::pause),
        Some(Command::Resume(runs)) => change::each(global, &runs, Notebook::resume),
        Some(Command::Cancel(runs)) => change::each(global, &runs, Notebook::cancel),
        Some(Command::Retry(args)) => change::retry(global, &args),
        Some(Command::Remove(runs)) => change::each(global, &runs, Notebook::remove),
        Some(Command::Restore(args)) => change::restore(global, &args),
        Some(Command::EmptyTrash) => change::empty_trash(global),
        Some(Command::Move(args)) => change::move_to(global, &args),
        Some(Command::Note(args)) => change::note(global, &args),
        Some(Command::Tag(args)) => change::tag(global, &args),
        Some(Command::Matrix(args)) => matrix::run(global, &args),
        Some(Command::Compare(args)) => compare::run(global, &args),
        Some(Command::Report(args)) => report::run(global, &args),
        Some(Command::Export(args)) => export::run(global, &args),
        Some(Command::Eval(args)) => eval::run(global, &args),
        Some(Command::Params(args)) => params::run(global, &args),
        Some(Command::Model(command)) => model::run(global, &command),
        Some(Command::Data(args)) => data::run(global, &args),
        Some(Command::Bench(args)) => bench::run(global, &args),
        Some(Command::Help(args)) => help::run(&args),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }
}
