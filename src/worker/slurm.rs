//! Slurm: the job that this process is, the script that makes more of them, and what its queue says. Talks to it through its
//! own commands: `sbatch`, `squeue`, `scontrol` and `scancel`, which every installation has, and `sacct` where it keeps
//! accounts. Knows nothing of what is trained.

use crate::disk::{Access, Disk};
use crate::event::BatchJob;
use std::fmt::{self, Write};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Seconds before the time is up that an element is told to keep its place.
const NOTICE: u32 = 60;

/// How long an answer is waited for. Controllers of large clusters take their time.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked for.
const LOOK: Duration = Duration::from_millis(10);

/// So many of a notebook's jobs are looked for in the queue: a command line has an end.
const ASKED: usize = 1000;

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
    /// It did not answer.
    #[error("'{command}' gave no answer in {seconds} s; is Slurm's controller up? 'scontrol ping' says")]
    Silent {
        /// The command.
        command: &'static str,
        /// How long it had.
        seconds: u64,
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
    /// The folder in which each element keeps what it says, in a file of its own.
    pub logs: String,
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
            // Slurm puts the job's and the element's numbers in; any other '%' is the folder's own.
            format!("--output={}/.slurm-%A_%a.log", self.logs.replace('%', "%%")),
        ];
        options.extend(self.partition.iter().map(|partition| format!("--partition={partition}")));
        options.extend(self.time.iter().map(|time| format!("--time={time}")));
        options.extend(self.gpus.iter().map(|gpus| format!("--gpus={gpus}")));
        options.extend(self.cpus.iter().map(|cpus| format!("--cpus-per-task={cpus}")));
        let mut text = "#!/usr/bin/env bash\n".to_owned();
        for option in options {
            let _ = writeln!(text, "#SBATCH {}", directive(&option));
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

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/._-=:,+%@".contains(c)
}

/// An option as `sbatch` reads it in a script: it takes a quoted one for one word, and a '#' for the start of a comment.
fn directive(option: &str) -> String {
    match option.chars().all(is_plain) {
        true => option.to_owned(),
        false => format!("\"{}\"", option.replace('\\', r"\\").replace('"', "\\\"")),
    }
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    match !word.is_empty() && word.chars().all(is_plain) {
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

/// Gives a job up: what waits of it leaves the queue, what runs is told to end.
pub fn cancel(job: &str) -> Result<(), SlurmError> {
    ask("scancel", &[job], None).map(drop)
}

/// A job, or an element of one, in Slurm's queue.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Waiting {
    /// Its number, with the element's.
    pub job: String,
    /// The number of the job that it is an element of, its own where it is none.
    pub of: String,
    /// Slurm's word for where it stands, such as `PENDING` or `RUNNING`.
    pub state: String,
    /// When Slurm thinks that it will start, where it does.
    pub start: Option<String>,
    /// Where it runs.
    pub node: Option<String>,
    /// Slurm's word for why it waits, such as `Resources` or `PartitionTimeLimit`.
    pub reason: Option<String>,
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.node, &self.start) {
            (Some(node), _) => write!(f, "job {} is {} on node {node}", self.job, self.state.to_lowercase()),
            (None, Some(start)) => {
                let state = self.state.to_lowercase();
                write!(f, "job {} is {state} on Slurm, which expects to start it at {start}", self.job)
            }
            (None, None) => {
                write!(f, "job {} is {} on Slurm", self.job, self.state.to_lowercase())?;
                self.reason.iter().try_for_each(|reason| write!(f, " ({reason})"))
            }
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
    let said =
        ask("squeue", &["--noheader", "--array", &numbered(&jobs), "--format=%i|%T|%S|%N|%F|%r"], None)?;
    Ok(said.lines().filter_map(|line| waiting(line, &jobs)).collect())
}

/// Which jobs `squeue` is asked for: those of the notebook, whoever submitted them, the newest where they are very many. One number
/// alone it refuses when it has forgotten it; of several it leaves out what it does not know.
fn numbered(jobs: &[String]) -> String {
    let newest = &jobs[jobs.len().saturating_sub(ASKED)..];
    let twice = newest.iter().chain(newest.first());
    format!("--jobs={}", twice.map(String::as_str).collect::<Vec<_>>().join(","))
}

fn waiting(line: &str, jobs: &[String]) -> Option<Waiting> {
    let mut fields =
        line.trim().split('|').map(|field| Some(field).filter(|field| !["", "N/A", "None"].contains(field)));
    let mut next = || fields.next().flatten().map(str::to_owned);
    let (job, state, start, node, of, reason) = (next(), next(), next(), next(), next(), next());
    let of = of.filter(|of| jobs.contains(of))?;
    Some(Waiting { job: job?, of, state: state?, start, node, reason })
}

/// Why no worker is to be started beside what Slurm said of a notebook's jobs: what waits may be for a cluster to train.
/// Where there is no Slurm, the notebook has come from elsewhere, and its jobs with it.
pub fn keeps(said: &Result<Vec<Waiting>, SlurmError>) -> Option<String> {
    match said {
        Ok(jobs) => jobs.first().map(ToString::to_string),
        Err(SlurmError::Missing(_)) => None,
        Err(error) => Some(format!("jobs were submitted, and where they stand can't be seen: {error}")),
    }
}

/// What became of a job's element that has left Slurm's queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// Its number, with the element's.
    pub job: String,
    /// Slurm's word for how it ended, such as `COMPLETED`, `TIMEOUT` or `OUT_OF_MEMORY`.
    pub state: String,
    /// Where it ran.
    pub node: Option<String>,
}

impl fmt::Display for Past {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "job {} has left Slurm's queue: {}",
            self.job,
            self.state.to_lowercase().replace('_', " ")
        )?;
        self.node.iter().try_for_each(|node| write!(f, " on node {node}"))
    }
}

/// What became of the job that was submitted last for a notebook, element by element: from Slurm's accounts, or, where it
/// keeps none, from its controller, which remembers for some minutes. Empty where neither knows.
pub fn past(disk: &dyn Disk, runs: &Path) -> Vec<Past> {
    let Some(job) = submitted(disk, runs).pop() else { return Vec::new() };
    let numbered = format!("--jobs={job}");
    let accounts = ["--noheader", "--allocations", "--parsable2", &numbered, "--format=JobID,State,NodeList"];
    let kept = ask("sacct", &accounts, None).unwrap_or_default();
    let kept: Vec<Past> = kept.lines().filter_map(accounted).collect();
    if !kept.is_empty() {
        return kept;
    }
    let shown = ask("scontrol", &["--oneliner", "show", "job", &job], None).unwrap_or_default();
    shown.lines().filter_map(remembered).collect()
}

/// A line of `sacct`.
fn accounted(line: &str) -> Option<Past> {
    let mut fields = line.trim().split('|');
    let (job, state, node) = (fields.next()?, fields.next()?, fields.next()?);
    // `CANCELLED by 1000`.
    let state = state.split(' ').next().filter(|state| !state.is_empty())?;
    Some(Past { job: job.into(), state: state.into(), node: named(node) })
}

/// A line of `scontrol`: words like `JobState=FAILED`.
fn remembered(line: &str) -> Option<Past> {
    let said = |name: &str| {
        let mut words = line.split_whitespace();
        words.find_map(|word| word.strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
    };
    let job = match said("ArrayJobId").zip(said("ArrayTaskId")) {
        Some((job, element)) => format!("{job}_{element}"),
        None => said("JobId")?,
    };
    Some(Past { job, state: said("JobState")?, node: said("NodeList").and_then(|node| named(&node)) })
}

/// A node's name, where there is one.
fn named(node: &str) -> Option<String> {
    let is_none = ["", "(null)", "None assigned", "N/A"].contains(&node);
    (!is_none).then(|| node.to_owned())
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
    answer(command, Command::new(command).args(arguments), input, PATIENCE)
}

/// What a command prints. One that does not end is ended: a controller that is down shall keep nobody waiting.
fn answer(
    name: &'static str,
    command: &mut Command,
    input: Option<&str>,
    patience: Duration,
) -> Result<String, SlurmError> {
    let unusable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => SlurmError::Missing(name),
        _ => SlurmError::Unusable { command: name, error },
    };
    let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
    let mut child =
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(unusable)?;
    if let (Some(text), Some(mut pipe)) = (input, child.stdin.take()) {
        match io::Write::write_all(&mut pipe, text.as_bytes()) {
            // It ended without reading all of it, and says itself why.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            written => written.map_err(unusable)?,
        }
    }
    let (printed, complained) = (read(child.stdout.take()), read(child.stderr.take()));
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(unusable)? {
            break status;
        }
        if began.elapsed() >= patience {
            let _ = child.kill();
            let _ = child.wait();
            return Err(SlurmError::Silent { command: name, seconds: patience.as_secs() });
        }
        std::thread::sleep(LOOK);
    };
    match status.success() {
        true => Ok(printed.join().unwrap_or_default()),
        false => {
            let said = complained.join().unwrap_or_default().trim().to_owned();
            Err(SlurmError::Refused { command: name, said })
        }
    }
}

/// Reads a pipe to its end beside what goes on, so that it never fills up.
fn read(pipe: Option<impl io::Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
        String::from_utf8_lossy(&bytes).into_owned()
    })
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
            logs: "/home/me/runs".into(),
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
    fn folders_may_be_called_anything() {
        let submission = Submission {
            elements: 1,
            partition: None,
            time: None,
            gpus: None,
            cpus: None,
            command: vec!["eeg-tui".into()],
            logs: r#"/home/me/100% "mine" #1"#.into(),
        };
        let wanted = r##"#SBATCH "--output=/home/me/100%% \"mine\" #1/.slurm-%A_%a.log""##;
        assert!(submission.script().lines().any(|line| line == wanted), "{}", submission.script());
    }

    #[test]
    fn no_worker_is_started_beside_jobs_that_may_be_there() {
        let jobs = ["7".to_owned()];
        let waits = waiting("7_0|PENDING|N/A||7|PartitionTimeLimit", &jobs).unwrap();
        assert_eq!(keeps(&Ok(vec![waits])).unwrap(), "job 7_0 is pending on Slurm (PartitionTimeLimit)");
        assert_eq!(keeps(&Ok(Vec::new())), None);
        assert_eq!(keeps(&Err(SlurmError::Missing("squeue"))), None);
        let silent = keeps(&Err(SlurmError::Silent { command: "squeue", seconds: 30 })).unwrap();
        assert!(silent.contains("'squeue' gave no answer"), "{silent}");
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
        let found = waiting("7_1|PENDING|2026-11-26T03:00:00|N/A|7|Priority", &jobs).unwrap();
        assert_eq!((found.job.as_str(), found.state.as_str()), ("7_1", "PENDING"));
        assert_eq!(
            found.to_string(),
            "job 7_1 is pending on Slurm, which expects to start it at 2026-11-26T03:00:00"
        );
        let running = waiting("7_0|RUNNING|2026-11-26T02:00:00|node1|7|None", &jobs).unwrap();
        assert_eq!(running.to_string(), "job 7_0 is running on node node1");
        assert_eq!(
            waiting("7_2|PENDING|N/A||7|None", &jobs).unwrap().to_string(),
            "job 7_2 is pending on Slurm"
        );
        assert_eq!(waiting("9|RUNNING|N/A|node1|9|None", &jobs), None);
        assert_eq!(waiting("nonsense", &jobs), None);
    }

    #[test]
    fn jobs_of_a_shared_notebook_are_asked_for_whoever_submitted_them() {
        assert_eq!(numbered(&["7".into()]), "--jobs=7,7");
        assert_eq!(numbered(&["7".into(), "9".into()]), "--jobs=7,9,7");
        let many: Vec<String> = (0..5000).map(|number: u32| number.to_string()).collect();
        let asked = numbered(&many);
        assert!(asked.starts_with("--jobs=4000,") && asked.ends_with(",4999,4000"), "{asked}");
    }

    #[test]
    fn a_command_that_does_not_answer_is_given_up_in_a_sentence() {
        let ask = |script: &str, patience| {
            answer(
                "squeue",
                Command::new("sh").args(["-c", script]),
                Some("text"),
                Duration::from_millis(patience),
            )
        };
        // More than a pipe holds.
        assert_eq!(ask("cat; head -c 200000 /dev/zero", 60_000).unwrap().len(), 200_004);
        let sentence = ask("exec sleep 600", 20).unwrap_err().to_string();
        assert!(sentence.starts_with("'squeue' gave no answer"), "{sentence}");
        assert_eq!(ask("echo no >&2; exit 3", 60_000).unwrap_err().to_string(), "'squeue' refused: no");
    }

    #[test]
    fn how_a_job_ended_is_read_from_accounts_and_from_the_controller() {
        let past = accounted("7_0|CANCELLED by 1000|node1").unwrap();
        assert_eq!(past.to_string(), "job 7_0 has left Slurm's queue: cancelled on node node1");
        assert_eq!(accounted("Slurm accounting storage is disabled"), None);
        let line = "JobId=8 ArrayJobId=7 ArrayTaskId=1 JobName=eeg-tui JobState=OUT_OF_MEMORY Reason=None NodeList=node2 NumNodes=1";
        assert_eq!(
            remembered(line).unwrap().to_string(),
            "job 7_1 has left Slurm's queue: out of memory on node node2"
        );
        let waits = "JobId=9 JobName=eeg-tui JobState=CANCELLED NodeList=(null)";
        assert_eq!(remembered(waits).unwrap().to_string(), "job 9 has left Slurm's queue: cancelled");
    }
}
