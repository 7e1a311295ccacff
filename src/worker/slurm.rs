//! Slurm: the job that this process is, the script that makes more of them, and what its queue says. Talks to it through its
//! own commands (`sbatch`, `squeue`, `scontrol`, `scancel`), which every installation has; knows nothing of what is trained.

use crate::disk::{Access, Disk};
use crate::event::BatchJob;
use std::fmt::{self, Write};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Seconds before the time is up that an element is told to keep its place.
const NOTICE: u32 = 60;

/// The most that a list of submitted jobs may hold.
const LIMIT: u64 = 1 << 20;

/// Why Slurm did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum SlurmError {
    /// There is no Slurm, or not on this machine.
    #[error("there is no '{0}' here: submit on a machine of the cluster, or train here with 'eeg-tui work'")]
    Missing(&'static str),
    /// It refused.
    #[error("'{command}' refused: {said}")]
    Refused {
        /// The command.
        command: &'static str,
        /// What it said.
        said: String,
    },
    /// It could not be asked.
    #[error("'{command}' can't be run: {error}")]
    Unusable {
        /// The command.
        command: &'static str,
        /// What the system said.
        error: io::Error,
    },
}

/// What to submit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Elements of the array: each is a worker that takes runs until none is left.
    pub elements: u32,
    /// Slurm's partition.
    pub partition: Option<String>,
    /// Its time limit, in its own words.
    pub time: Option<String>,
    /// GPUs for each element.
    pub gpus: Option<u32>,
    /// Cores for each element.
    pub cpus: Option<u32>,
    /// The program and its arguments, `work` included.
    pub command: Vec<String>,
    /// Where each element writes what it says; `%A` and `%a` are the job's and the element's numbers.
    pub log: PathBuf,
}

impl Submission {
    /// The script for `sbatch`.
    pub fn script(&self) -> String {
        let mut options = vec![
            "--job-name=eeg-tui".to_owned(),
            format!("--array=0-{}", self.elements.max(1) - 1),
            "--requeue".into(),
            "--open-mode=append".into(),
            format!("--signal=B:USR2@{NOTICE}"),
            format!("--output={}", self.log.display()),
        ];
        options.extend(self.partition.iter().map(|partition| format!("--partition={partition}")));
        options.extend(self.time.iter().map(|time| format!("--time={time}")));
        options.extend(self.gpus.iter().map(|gpus| format!("--gpus={gpus}")));
        options.extend(self.cpus.iter().map(|cpus| format!("--cpus-per-task={cpus}")));
        let mut text = "#!/usr/bin/env bash\n".to_owned();
        for option in options {
            let _ = writeln!(text, "#SBATCH {option}");
        }
        let command: Vec<String> = self.command.iter().map(|word| quoted(word)).collect();
        let _ = write!(
            text,
            "# Each element takes queued runs until none is left. On USR2, before its time is up, it keeps checkpoints and puts\n\
             # itself back into Slurm's queue, to go on from them.\n\
             exec {}\n",
            command.join(" ")
        );
        text
    }

    /// Gives the script to Slurm; gives the job's number.
    pub fn send(&self) -> Result<String, SlurmError> {
        let said = ask("sbatch", &["--parsable"], Some(&self.script()))?;
        // `--parsable` gives "number" or "number;cluster".
        Ok(said.trim().split(';').next().unwrap_or_default().to_owned())
    }
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-=:,+%".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// The job that a process is, by its environment.
pub fn job(set: impl Fn(&str) -> Option<String>) -> Option<BatchJob> {
    let array = set("SLURM_ARRAY_JOB_ID").zip(set("SLURM_ARRAY_TASK_ID"));
    match array {
        Some((id, element)) => Some(BatchJob { id, element: Some(element) }),
        None => Some(BatchJob { id: set("SLURM_JOB_ID")?, element: None }),
    }
}

/// The job that this process is.
pub fn this_job() -> Option<BatchJob> {
    job(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

/// Puts a job's element back into Slurm's queue: that one alone, not the array.
pub fn requeue(job: &BatchJob) -> Result<(), SlurmError> {
    ask("scontrol", &["requeue", &job.to_string()], None).map(drop)
}

/// A job, or an element of one, in Slurm's queue.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Waiting {
    /// Its number, with the element's.
    pub job: String,
    /// Slurm's word for where it stands, such as `PENDING` or `RUNNING`.
    pub state: String,
    /// When Slurm thinks that it will start, where it does.
    pub start: Option<String>,
    /// Where it runs.
    pub node: Option<String>,
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.node, &self.start) {
            (Some(node), _) => write!(f, "job {} is {} on node {node}", self.job, self.state.to_lowercase()),
            (None, Some(start)) => {
                let state = self.state.to_lowercase();
                write!(f, "job {} is {state} on Slurm, which expects to start it at {start}", self.job)
            }
            (None, None) => write!(f, "job {} is {} on Slurm", self.job, self.state.to_lowercase()),
        }
    }
}

/// What Slurm's queue holds of the jobs that were submitted for a notebook. Those that it knows no more are left out; where
/// none was submitted, it is not asked.
pub fn queue(disk: &dyn Disk, runs: &Path) -> Result<Vec<Waiting>, SlurmError> {
    let jobs = submitted(disk, runs);
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    // Asked of all of the person's jobs: a number that is forgotten would make it refuse the others too.
    let said = ask("squeue", &["--noheader", "--me", "--array", "--format=%i|%T|%S|%N|%F"], None)?;
    Ok(said.lines().filter_map(|line| waiting(line, &jobs)).collect())
}

fn waiting(line: &str, jobs: &[String]) -> Option<Waiting> {
    let mut fields =
        line.trim().split('|').map(|field| Some(field).filter(|field| !["", "N/A"].contains(field)));
    let mut next = || fields.next().flatten().map(str::to_owned);
    let (job, state, start, node, of) = (next(), next(), next(), next(), next());
    jobs.contains(&of?).then_some(Waiting { job: job?, state: state?, start, node })
}

/// Notes a submitted job in the notebook.
pub fn note(disk: &dyn Disk, runs: &Path, job: &str) -> io::Result<()> {
    disk.open(&list(runs), Access::Append)?.append_all(format!("{job}\n").as_bytes())
}

/// The jobs that were submitted for a notebook, oldest first.
fn submitted(disk: &dyn Disk, runs: &Path) -> Vec<String> {
    let text = disk.read_text(&list(runs), LIMIT).unwrap_or_default();
    text.lines()
        .filter(|line| !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit()))
        .map(Into::into)
        .collect()
}

fn list(runs: &Path) -> PathBuf {
    runs.join(".jobs")
}

fn ask(command: &'static str, arguments: &[&str], input: Option<&str>) -> Result<String, SlurmError> {
    let unusable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => SlurmError::Missing(command),
        _ => SlurmError::Unusable { command, error },
    };
    let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
    let mut child = Command::new(command)
        .args(arguments)
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(unusable)?;
    if let (Some(text), Some(mut pipe)) = (input, child.stdin.take()) {
        io::Write::write_all(&mut pipe, text.as_bytes()).map_err(unusable)?;
    }
    let output = child.wait_with_output().map_err(unusable)?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            Err(SlurmError::Refused { command, said })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_one_that_a_person_can_read_and_change() {
        let submission = Submission {
            elements: 4,
            partition: Some("gpu".into()),
            time: Some("2:00:00".into()),
            gpus: Some(1),
            cpus: None,
            command: ["/opt/eeg tui", "--runs", "/home/me/runs", "work", "--once"].map(String::from).to_vec(),
            log: "/home/me/runs/.slurm-%A_%a.log".into(),
        };
        let text = submission.script();
        for line in
            ["#SBATCH --array=0-3", "#SBATCH --signal=B:USR2@60", "#SBATCH --gpus=1", "#SBATCH --requeue"]
        {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
        assert!(text.ends_with("exec '/opt/eeg tui' --runs /home/me/runs work --once\n"), "{text}");
    }

    #[test]
    fn words_of_a_shell_say_nothing_to_it() {
        assert_eq!(quoted("it's $(x)"), r"'it'\''s $(x)'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn an_element_is_told_from_its_array() {
        let set = |names: &'static [(&'static str, &'static str)]| {
            move |name: &str| {
                names.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            }
        };
        let array =
            job(set(&[("SLURM_JOB_ID", "8"), ("SLURM_ARRAY_JOB_ID", "7"), ("SLURM_ARRAY_TASK_ID", "1")]));
        assert_eq!(array.unwrap().to_string(), "7_1");
        assert_eq!(job(set(&[("SLURM_JOB_ID", "8")])).unwrap().to_string(), "8");
        assert_eq!(job(set(&[])), None);
    }

    #[test]
    fn the_queue_is_read_of_the_notebook_s_own_jobs() {
        let jobs = ["7".to_owned()];
        let found = waiting("7_1|PENDING|2026-11-26T03:00:00|N/A|7", &jobs).unwrap();
        assert_eq!((found.job.as_str(), found.state.as_str()), ("7_1", "PENDING"));
        assert_eq!(
            found.to_string(),
            "job 7_1 is pending on Slurm, which expects to start it at 2026-11-26T03:00:00"
        );
        let running = waiting("7_0|RUNNING|2026-11-26T02:00:00|node1|7", &jobs).unwrap();
        assert_eq!(running.to_string(), "job 7_0 is running on node node1");
        assert_eq!(waiting("7_2|PENDING|N/A||7", &jobs).unwrap().to_string(), "job 7_2 is pending on Slurm");
        assert_eq!(waiting("9|RUNNING|N/A|node1|9", &jobs), None);
        assert_eq!(waiting("nonsense", &jobs), None);
    }
}
