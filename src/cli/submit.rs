//! `eeg-tui submit`: gives the queue to Slurm.

use super::list::warn;
use super::machine::check_cards;
use super::{Failure, Global, Outcome, print, print_json};
use crate::counted::counted;
use crate::notebook::Notebook;
use crate::worker::slurm::{self, Submission};
use serde_json::json;
use std::ffi::OsString;
use std::path::Path;

/// What `submit` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Elements of the array; each takes queued runs until none is left
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    array: u32,
    /// Slurm's partition [default: the cluster's]
    #[arg(long, value_name = "NAME")]
    partition: Option<String>,
    /// Time limit of each element, as sbatch takes it; what is not done by then goes on in the next
    #[arg(long, value_name = "TIME")]
    time: Option<String>,
    /// GPUs for each element
    #[arg(long, value_name = "N")]
    gpus: Option<u32>,
    /// Cores for each element [default: the cluster's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    cpus: Option<u32>,
    /// Print the script and send nothing
    #[arg(long)]
    dry_run: bool,
    /// One JSON document: the job and its script
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(global: &Global, args: &Args) -> Outcome {
    check_cards(global, args.gpus.unwrap_or(0))?;
    let notebook = Notebook::open(&global.runs);
    let submission = submission(global, args)?;
    if args.dry_run {
        return match args.json {
            true => print_json(&json!({ "job": null, "script": submission.script() })),
            false => print(&submission.script()),
        };
    }
    // Refused before anything is sent, where a newer program made the notebook.
    notebook.writable()?;
    let index = notebook.index()?.complete();
    warn(&index);
    let waiting = index.queue().len();
    if waiting == 0 {
        return Err(Failure::work("nothing is queued, so there is nothing to submit; 'eeg-tui add' first"));
    }
    let job = submission.send()?;
    let noted = slurm::note(notebook.disk(), notebook.root(), &job);
    if args.json {
        print_json(&json!({ "job": job, "script": submission.script() }))?;
    } else {
        let (elements, runs) = (counted(args.array as usize, "element"), counted(waiting, "run"));
        print(&format!("job {job}: {elements} for {runs}; 'scancel {job}' gives it up\n"))?;
    }
    noted.map_err(|error| {
        Failure::work(format!("job {job} is sent, and can't be noted in the notebook: {error}"))
    })
}

fn submission(global: &Global, args: &Args) -> Result<Submission, Failure> {
    let runs = absolute(&global.runs)?;
    let mut command = vec![
        in_a_script(std::env::current_exe()?.into_os_string())?,
        "--runs".into(),
        runs.clone(),
        "--data".into(),
        absolute(&global.data)?,
        "--device".into(),
        in_a_script(global.device.clone().into())?,
    ];
    if let Some(threads) = global.threads.map(u32::from).or(args.cpus) {
        command.extend(["--threads".into(), threads.to_string()]);
    }
    command.extend(["work".into(), "--once".into()]);
    let word = |word: &Option<String>| word.clone().map(|word| in_a_script(word.into())).transpose();
    Ok(Submission {
        elements: args.array,
        partition: word(&args.partition)?,
        time: word(&args.time)?,
        gpus: args.gpus,
        cpus: args.cpus,
        command,
        logs: runs,
    })
}

fn absolute(path: &Path) -> Result<String, Failure> {
    in_a_script(std::path::absolute(path)?.into_os_string())
}

/// A word as it can stand in a batch script: a line break in an option would end the option.
fn in_a_script(word: OsString) -> Result<String, Failure> {
    let text = word.into_string().map_err(|word| word.to_string_lossy().into_owned());
    match text {
        Ok(text) if !text.contains(char::is_control) => Ok(text),
        Ok(text) | Err(text) => Err(Failure::usage(format!(
            "'{text}' can't stand in a batch script, as it is no text of one line; choose another name"
        ))),
    }
}
