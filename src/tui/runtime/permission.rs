//! Whether a worker may be started on runs that wait: nobody's machine trains by surprise.

use crate::tui::config::WorkerPolicy;
use crate::tui::effect::Hold;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// The file in a notebook that names machines, one a line, which train nothing of it by themselves; `*` is all of them.
const FILE: &str = "never-train-on";

/// What may be started on its own.
#[derive(Debug)]
pub struct Permission {
    policy: WorkerPolicy,
    /// Whether a person enqueued something here.
    granted: AtomicBool,
    /// Whether a person asked for a worker.
    asked: AtomicBool,
    /// Whether that was since someone looked.
    newly_asked: AtomicBool,
    file: PathBuf,
    host: String,
}

impl Permission {
    /// For a notebook on this machine.
    pub fn new(policy: WorkerPolicy, runs: &std::path::Path, host: &str) -> Self {
        Permission {
            policy,
            granted: AtomicBool::new(false),
            asked: AtomicBool::new(false),
            newly_asked: AtomicBool::new(false),
            file: runs.join(FILE),
            host: host.into(),
        }
    }

    /// A person enqueued runs here.
    pub fn grant(&self) {
        self.granted.store(true, Ordering::Relaxed);
    }

    /// A person asked for a worker.
    pub fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
        self.newly_asked.store(true, Ordering::Relaxed);
    }

    /// Whether a person asked for a worker since this was last called.
    pub fn is_newly_asked(&self) -> bool {
        self.newly_asked.swap(false, Ordering::Relaxed)
    }

    /// Why no worker is started; `None` where one is.
    pub fn hold(&self) -> Option<Hold> {
        if self.is_never_here() {
            return Some(Hold::NeverHere);
        }
        match self.policy {
            WorkerPolicy::Auto => None,
            _ if self.asked.load(Ordering::Relaxed) => None,
            WorkerPolicy::Ask if self.granted.load(Ordering::Relaxed) => None,
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

    fn is_never_here(&self) -> bool {
        self.text().lines().map(str::trim).any(|host| host == "*" || host == self.host)
    }

    fn text(&self) -> String {
        crate::disk::named::read_text(&self.file, 1 << 20).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_enqueued_elsewhere_waits_for_a_person() {
        let runs = tempfile::tempdir().unwrap();
        let with = |policy| Permission::new(policy, runs.path(), "login1");
        let ask = with(WorkerPolicy::Ask);
        assert_eq!(ask.hold(), Some(Hold::Ask));
        ask.grant();
        assert_eq!(ask.hold(), None);
        assert_eq!(with(WorkerPolicy::Auto).hold(), None);
        let never = with(WorkerPolicy::Never);
        never.grant();
        assert_eq!(never.hold(), Some(Hold::Never));
        never.ask();
        assert_eq!(never.hold(), None);
    }

    #[test]
    fn a_notebook_says_where_it_is_never_trained() {
        let runs = tempfile::tempdir().unwrap();
        let login = Permission::new(WorkerPolicy::Auto, runs.path(), "login1");
        login.toggle_never_here().unwrap();
        assert_eq!(login.hold(), Some(Hold::NeverHere));
        assert_eq!(Permission::new(WorkerPolicy::Auto, runs.path(), "node7").hold(), None);
        login.toggle_never_here().unwrap();
        assert_eq!(login.hold(), None);
    }
}
