//! Which process on which machine: enough to ask later whether it still lives. Knows nothing of runs.

use crate::disk::named;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::OnceLock;

/// A process, told from every other that there was or will be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// The machine's name.
    pub host: String,
    /// Which start of the machine; empty where the system does not say.
    pub boot: String,
    /// In which space of process numbers (containers have their own); empty where the system does not say.
    pub space: String,
    /// Its number.
    pub pid: u32,
    /// When it started, in the system's own count; 0 where the system does not say.
    pub began: u64,
}

impl Process {
    /// This process.
    pub fn this() -> &'static Process {
        static THIS: OnceLock<Process> = OnceLock::new();
        THIS.get_or_init(|| {
            let pid = std::process::id();
            let boot = named::read_system(Path::new("/proc/sys/kernel/random/boot_id")).unwrap_or_default();
            Process {
                host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
                boot: boot.trim().to_owned(),
                space: space(),
                pid,
                began: began(pid).unwrap_or_default(),
            }
        })
    }

    /// Whether it lives; `None` where that can't be asked from here, as it is another machine's.
    pub fn lives(&self) -> Option<bool> {
        let this = Process::this();
        // Its name may change while the machine is up; no two machines have the same start.
        let is_here = (&self.boot, &self.space) == (&this.boot, &this.space);
        if !is_here || this.boot.is_empty() && self.host != this.host {
            return None;
        }
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.pid).ok()?)?;
        // A process of another person may not be signalled, and lives.
        let is_there = rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH);
        // Numbers are given again: the one that has it now may have started later.
        Some(is_there && (self.began == 0 || began(self.pid).is_none_or(|began| began == self.began)))
    }
}

/// Linux's name of the space of process numbers.
fn space() -> String {
    let link = rustix::fs::readlink("/proc/self/ns/pid", Vec::new());
    link.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// When a process started, in clock ticks since the machine did: the 22nd field of Linux's account of it.
fn began(pid: u32) -> Option<u64> {
    let account = named::read_system(Path::new(&format!("/proc/{pid}/stat"))).ok()?;
    // The second field, the program's name in brackets, may hold blanks and brackets.
    account.rsplit(')').next()?.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_lives_and_an_ended_one_does_not() {
        let this = Process::this();
        assert_eq!(this.lives(), Some(true));
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let other = Process { pid: child.id(), began: began(child.id()).unwrap_or_default(), ..this.clone() };
        child.wait().unwrap();
        assert_eq!(other.lives(), Some(false));
        if this.began > 0 {
            assert_eq!(
                Process { began: this.began + 1, ..this.clone() }.lives(),
                Some(false),
                "a number given again"
            );
        }
        assert_eq!(Process { boot: "another".into(), ..this.clone() }.lives(), None);
        let renamed = Process { host: "elsewhere".into(), ..this.clone() };
        assert_eq!(renamed.lives(), if this.boot.is_empty() { None } else { Some(true) });
    }
}
