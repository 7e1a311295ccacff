//! Whether a worker may be started on runs that wait: nobody's machine trains by surprise.

use crate::tui::config::WorkerPolicy;
use crate::tui::effect::Hold;
use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// The file in a notebook that names machines, one a line, which train nothing of it by themselves; `*` is all of them.
const FILE: &str = "never-train-on";

/// What may be started on its own.
#[derive(Debug)]
pub struct Permission {
    policy: WorkerPolicy,
    /// Runs that a person enqueued, resumed or retried here.
    enqueued: Mutex<BTreeSet<String>>,
    /// Runs that waited when a person asked for a worker.
    asked_for: Mutex<BTreeSet<String>>,
    /// Whether a person asked since someone looked.
    newly_asked: AtomicBool,
    file: PathBuf,
    host: String,
}

impl Permission {
    /// For a notebook on this machine.
    pub fn new(policy: WorkerPolicy, runs: &std::path::Path, host: &str) -> Self {
        Permission {
            policy,
            enqueued: Mutex::default(),
            asked_for: Mutex::default(),
            newly_asked: AtomicBool::new(false),
            file: runs.join(FILE),
            host: host.into(),
        }
    }

    /// A person enqueued runs here, or wants them to go on.
    pub fn grant<'a>(&self, ids: impl IntoIterator<Item = &'a String>) {
        add(&self.enqueued, ids);
    }

    /// A person asked for a worker.
    pub fn ask(&self) {
        self.newly_asked.store(true, Ordering::Relaxed);
    }

    /// Whether a person asked for a worker since this was last called: it may train what waits now, whoever enqueued it.
    pub fn is_newly_asked<'a>(&self, waiting: impl IntoIterator<Item = &'a String>) -> bool {
        let asked = self.newly_asked.swap(false, Ordering::Relaxed);
        if asked {
            add(&self.asked_for, waiting);
        }
        asked
    }

    /// Why no worker is started on these runs, which wait; `None` where one is. What comes from elsewhere later is asked about
    /// anew.
    pub fn hold<'a>(&self, waiting: impl IntoIterator<Item = &'a String>) -> Option<Hold> {
        if self.is_never_here() {
            return Some(Hold::NeverHere);
        }
        let (enqueued, asked_for) = (taken(&self.enqueued), taken(&self.asked_for));
        let (mut ours, mut wanted) = (false, false);
        for id in waiting {
            ours |= enqueued.contains(id);
            wanted |= asked_for.contains(id);
        }
        match self.policy {
            WorkerPolicy::Auto => None,
            _ if wanted => None,
            WorkerPolicy::Ask if ours => None,
            WorkerPolicy::Ask => Some(Hold::Ask),
            WorkerPolicy::Never => Some(Hold::Never),
        }
    }

    /// Names this machine in the notebook, or takes it out; gives a sentence.
    pub fn toggle_never_here(&self) -> io::Result<String> {
        let text = self.text();
        let here = self.is_never_here();
        let mut hosts: Vec<&str> = text.lines().map(str::trim).filter(|host| !host.is_empty()).collect();
        hosts.retain(|host| *host != self.host && !(here && *host == "*"));
        if !here {
            hosts.push(&self.host);
        }
        crate::disk::named::make_folders(self.file.parent().unwrap_or(std::path::Path::new(".")))?;
        let text: String = hosts.iter().map(|host| format!("{host}\n")).collect();
        crate::disk::named::write(&self.file, text.as_bytes())?;
        Ok(match here {
            true => "This machine may train this notebook again.".into(),
            false => format!("This notebook is not trained on {} by itself any more.", self.host),
        })
    }

    /// Whether the notebook names this machine.
    pub fn is_never_here(&self) -> bool {
        self.text().lines().map(str::trim).any(|host| host == "*" || host == self.host)
    }

    fn text(&self) -> String {
        crate::disk::named::read_text(&self.file, 1 << 20).unwrap_or_default()
    }
}

fn taken(ids: &Mutex<BTreeSet<String>>) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
    ids.lock().unwrap_or_else(PoisonError::into_inner)
}

fn add<'a>(ids: &Mutex<BTreeSet<String>>, more: impl IntoIterator<Item = &'a String>) {
    taken(ids).extend(more.into_iter().cloned());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_enqueued_elsewhere_waits_for_a_person() {
        let runs = tempfile::tempdir().unwrap();
        let with = |policy| Permission::new(policy, runs.path(), "login1");
        let [theirs, ours, later] = ["theirs", "ours", "later"].map(|id| [id.to_owned()]);
        let ask = with(WorkerPolicy::Ask);
        assert_eq!(ask.hold(&theirs), Some(Hold::Ask));
        ask.grant(&ours);
        assert_eq!(ask.hold(theirs.iter().chain(&ours)), None);
        // Taken back, or trained: what waits now is others' again.
        assert_eq!(ask.hold(&theirs), Some(Hold::Ask));
        ask.ask();
        assert!(ask.is_newly_asked(&theirs) && !ask.is_newly_asked(&theirs));
        assert_eq!(ask.hold(&theirs), None);
        assert_eq!(ask.hold(&later), Some(Hold::Ask), "what came after the answer is another question");
        assert_eq!(with(WorkerPolicy::Auto).hold(&theirs), None);
        let never = with(WorkerPolicy::Never);
        never.grant(&ours);
        assert_eq!(never.hold(&ours), Some(Hold::Never));
        never.ask();
        assert!(never.is_newly_asked(&ours));
        assert_eq!(never.hold(&ours), None);
    }

    #[test]
    fn a_notebook_says_where_it_is_never_trained() {
        let runs = tempfile::tempdir().unwrap();
        let login = Permission::new(WorkerPolicy::Auto, runs.path(), "login1");
        login.toggle_never_here().unwrap();
        assert_eq!(login.hold(&Vec::new()), Some(Hold::NeverHere));
        assert_eq!(Permission::new(WorkerPolicy::Auto, runs.path(), "node7").hold(&Vec::new()), None);
        login.toggle_never_here().unwrap();
        assert_eq!(login.hold(&Vec::new()), None);
    }
}
