//! Starting a worker that belongs to no terminal.

use super::log::{LogFile, log_path};
use crate::disk;
use rustix::process::setsid;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// Starts a detached worker for a notebook and gives its process id. It is this same program; it leaves the terminal's
/// session, so that neither a hang-up nor Ctrl-C reaches it, and ends by itself when it was idle for a while. Where the
/// notebook has a detached worker already, the new one ends at once.
///
/// `arguments` are global options to pass on, such as `--data DIR`.
pub fn spawn_detached(runs: &Path, arguments: &[OsString]) -> io::Result<u32> {
    disk::real().make_folders(runs)?;
    // Opened once, so that a long log starts anew; what the process itself can't say (a panic, an abort) lands in it too.
    drop(LogFile::open(log_path(runs))?);
    let log = disk::open_to_append(&log_path(runs))?;
    let mut child = Command::new(std::env::current_exe()?)
        .arg("--runs")
        .arg(std::path::absolute(runs)?)
        .args(arguments)
        .args(["work", "--detached"])
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()?;
    let pid = child.id();
    // Someone must take note when it ends, or its entry stays in the process table for as long as this process lives.
    std::thread::spawn(move || child.wait());
    Ok(pid)
}

/// Leaves the terminal's session. Called first thing by a detached worker.
pub fn become_session() -> io::Result<()> {
    match setsid() {
        Ok(_) => Ok(()),
        // The leader of a process group can't; it is started that way by a service manager, and has no terminal then.
        Err(rustix::io::Errno::PERM) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
