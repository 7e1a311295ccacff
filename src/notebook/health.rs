//! Looks a notebook over: what `doctor` says about it. Reads everything, changes nothing but a lock file of its own.

use super::history::Standing;
use super::lock::Lock;
use super::mount::{self, Reach};
use super::run_dir::RunDir;
use super::{Notebook, NotebookError, RunState, index};
use crate::disk::{Disk, TEMPORARY, named};
use crate::spec::Rule;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// Free space below which runs may soon have to wait.
const TIGHT: u64 = 1 << 30;

/// How a finding is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Good,
    /// Worth knowing.
    Note,
    /// Needs mending.
    Bad,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// How it is to be taken.
    pub level: Level,
    /// What was found.
    pub what: String,
    /// How to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
}

impl Finding {
    /// As it should be.
    pub fn good(what: impl Into<String>) -> Self {
        Finding { level: Level::Good, what: what.into(), mend: None }
    }

    /// Worth knowing, with what can be done about it.
    pub fn note(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Finding { level: Level::Note, what: what.into(), mend: Some(mend.into()) }
    }

    /// Needs mending, in this way.
    pub fn bad(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Finding { level: Level::Bad, what: what.into(), mend: Some(mend.into()) }
    }
}

/// What a lock of its own in the folder came to.
enum Locks {
    /// One has it at a time.
    Work,
    /// Whoever asks has it.
    Missing,
    /// There can't be one, for this reason.
    Unwritable(String),
}

impl Locks {
    fn finding(&self) -> Finding {
        match self {
            Locks::Work => Finding::good("the folder can be written, and its file locks work"),
            Locks::Missing => Finding::note(
                "its file system has no working file locks: leases alone keep two processes from training one run",
                "a local disk, or a network disk mounted with locks, is quicker to notice a dead worker",
            ),
            Locks::Unwritable(error) => Finding::note(
                format!("it can't be written ({error}): browsing works, changes don't"),
                "check the folder's permissions",
            ),
        }
    }
}

impl Notebook {
    /// Everything that can be said about the notebook's state. Reads every event of every run.
    pub fn health(&self) -> Vec<Finding> {
        if self.disk().exists(self.root()).is_ok_and(|there| !there) {
            return vec![Finding::good(format!(
                "{} does not exist yet; the first run makes it",
                self.root().display()
            ))];
        }
        let locks = self.locks();
        let mut findings = vec![self.check_version(), locks.finding(), self.check_space()];
        if matches!(locks, Locks::Work | Locks::Unwritable(_)) {
            findings.extend(self.check_reach());
        }
        match index::names(self.disk(), self.root()) {
            Ok(names) => findings.extend(self.check_runs(&names)),
            Err(error) => findings.push(Finding::bad(error.to_string(), "check the folder's permissions")),
        }
        findings.push(match self.has_worker() {
            _ if matches!(locks, Locks::Missing) => Finding::note(
                "whether a worker is alive can't be seen without locks",
                "a run in training shows as running, by its lease",
            ),
            true => Finding::good("a worker is alive"),
            false => Finding::good(
                "no worker is alive; the screen starts one when there is work, or 'eeg-tui work'",
            ),
        });
        match self.trashed() {
            Ok(removed) if removed.is_empty() => {}
            Ok(removed) => findings.push(Finding::note(
                format!("{} removed runs are in the trash", removed.len()),
                "'eeg-tui restore' takes one back, 'eeg-tui empty-trash' deletes them",
            )),
            Err(error) => findings.push(Finding::bad(error.to_string(), "mend that, then look again")),
        }
        findings
    }

    fn check_version(&self) -> Finding {
        match self.writable() {
            Ok(()) => {
                Finding::good(format!("{} is a notebook that this program knows", self.root().display()))
            }
            Err(error) => {
                let mend = match error {
                    NotebookError::Clock => "'date' shows the clock, your administrator sets it",
                    NotebookError::Damaged { .. } => {
                        "remove that file: it says the notebook's version alone, and is written anew"
                    }
                    NotebookError::Io { .. } => "mend that, then look again",
                    _ => "update eeg-tui",
                };
                Finding::bad(error.to_string(), mend)
            }
        }
    }

    /// Takes a lock twice: a file system without locks lets both have it.
    fn locks(&self) -> Locks {
        let path = self.root().join(".doctor.lock");
        let first = Lock::try_exclusive(self.disk(), &path);
        let second = Lock::try_exclusive(self.disk(), &path);
        let locks = match (&first, &second) {
            // Held by this one, or by another doctor.
            (Ok(Some(_)), Ok(None)) | (Ok(None), Ok(_)) => Locks::Work,
            (Ok(Some(_)), Ok(Some(_))) => Locks::Missing,
            (Err(error), _) | (_, Err(error)) => Locks::Unwritable(error.to_string()),
        };
        let _ = self.disk().remove_file(&path);
        locks
    }

    /// Whether other machines see the locks. Where they don't, leases keep their workers from this one's runs.
    fn check_reach(&self) -> Option<Finding> {
        let mounts = named::read_system(Path::new("/proc/self/mountinfo")).ok()?;
        let folder = match self.root().canonicalize() {
            Ok(folder) => folder,
            Err(error) => return Some(unseen(self.root(), &error)),
        };
        let advice = "leases keep two machines from training one run; a worker that dies is noticed elsewhere after 90 s";
        Some(match mount::reach(&folder, &mounts)? {
            Reach::ThisMachine => {
                Finding::good("its disk is this machine's own, so that its locks hold for all who use it")
            }
            Reach::Every => Finding::good("its file locks hold between machines, as its disk is mounted"),
            Reach::EachItsOwn(why) => {
                Finding::note(format!("its file locks don't hold between machines: {why}"), advice)
            }
            Reach::Unknown(kind) => Finding::note(
                format!("whether its file locks hold between machines is unknown of {kind}"),
                advice,
            ),
        })
    }

    fn check_space(&self) -> Finding {
        match self.disk().free_space(self.root()) {
            Ok(free) if free >= TIGHT => Finding::good(format!("{} GB are free on its disk", free >> 30)),
            Ok(free) => Finding::bad(
                format!("only {} MB are free on its disk", free >> 20),
                "make room, or runs will have to wait",
            ),
            Err(error) => Finding::note(format!("the free space is unknown: {error}"), "look with 'df'"),
        }
    }

    fn check_runs(&self, names: &[String]) -> Vec<Finding> {
        let looked: Vec<(Option<RunState>, Vec<Finding>)> =
            names.par_iter().map(|name| check_run(&self.dir(name))).collect();
        let mut counts: BTreeMap<RunState, usize> = BTreeMap::new();
        for state in looked.iter().filter_map(|(state, _)| *state) {
            *counts.entry(state).or_default() += 1;
        }
        let counted: Vec<String> = counts.iter().map(|(state, count)| format!("{count} {state}")).collect();
        let mut findings = vec![Finding::good(format!("{} runs: {}", names.len(), counted.join(", ")))];
        findings.extend(looked.into_iter().flat_map(|(_, findings)| findings));
        findings
    }
}

fn check_run(dir: &RunDir) -> (Option<RunState>, Vec<Finding>) {
    let id = dir.id();
    let (history, mut findings) = match (dir.spec(), dir.history()) {
        (Ok(_), Ok(history)) => (history, Vec::new()),
        (Err(newer @ NotebookError::NewerRun { .. }), _) => {
            return (
                None,
                vec![Finding::note(newer.to_string(), "update eeg-tui; the other runs are not affected")],
            );
        }
        (Err(error), _) | (_, Err(error)) => {
            let mend =
                "put the file back from a copy, or move the folder away; the other runs are not affected";
            return (None, vec![Finding::bad(error.to_string(), mend)]);
        }
    };
    let state = Standing::state(history.standing, dir.is_held());
    if history.damaged > 0 {
        findings.push(Finding::bad(
            format!("{id}: {} lines of events.jsonl can't be understood and are left out", history.damaged),
            format!("'eeg-tui verify {id}' says whether the figures still hold, 'retry' trains it again"),
        ));
    }
    if history.newer.is_some() {
        findings
            .push(Finding::note(format!("{id}: a newer eeg-tui wrote some of its events"), "update eeg-tui"));
    }
    if state == RunState::Finished {
        findings.extend(missing_results(dir, &history.test_acc));
    }
    if let Some(suspicion) = history.suspicion().filter(|_| state == RunState::Interrupted) {
        findings.push(Finding::bad(
            format!("{id}: {suspicion}"),
            format!("'eeg-tui cancel {id}', then add it anew with a smaller --batch"),
        ));
    }
    match has_temporary(dir.disk(), dir.path()) {
        Ok(true) if state != RunState::Running => findings.push(Finding::note(
            format!("{id}: a crash left a temporary file"),
            "it is removed when the run is next changed",
        )),
        Ok(_) => {}
        Err(error) => findings.push(unseen(dir.path(), &error)),
    }
    (Some(state), findings)
}

fn missing_results(dir: &RunDir, applying: &BTreeMap<Rule, Option<f64>>) -> Vec<Finding> {
    let rules = applying.iter().filter(|(_, accuracy)| accuracy.is_some()).map(|(rule, _)| *rule);
    let paths = rules.flat_map(|rule| [dir.weights_path(rule), dir.predictions_path(rule)]);
    let seen = paths.filter_map(|path| match dir.disk().is_file(&path) {
        Ok(true) => None,
        Ok(false) => {
            let what = format!("{} is missing", path.display());
            Some(Finding::bad(what, format!("'eeg-tui retry {}' trains the same spec again", dir.id())))
        }
        Err(error) => Some(unseen(&path, &error)),
    });
    seen.collect()
}

fn has_temporary(disk: &dyn Disk, folder: &Path) -> std::io::Result<bool> {
    let entries = disk.list(folder)?;
    Ok(entries.iter().any(|entry| entry.text().is_some_and(|name| name.ends_with(TEMPORARY))))
}

fn unseen(path: &Path, error: &std::io::Error) -> Finding {
    Finding::bad(format!("{} can't be looked at: {error}", path.display()), "mend that, then look again")
}
