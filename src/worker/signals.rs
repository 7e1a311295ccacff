//! The signals that ask a process to end.

use std::io;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGINT and SIGTERM; SIGHUP too, unless the process belongs to no terminal.
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
    detached: bool,
}

impl Signals {
    /// Begins to listen. From here on none of the three ends the process by itself.
    pub fn listen(detached: bool) -> io::Result<Self> {
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            detached,
        })
    }

    /// Waits for one of them.
    pub async fn asked_to_end(&mut self) {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => return,
                _ = self.terminate.recv() => return,
                _ = self.hangup.recv() => if !self.detached { return },
            }
        }
    }
}
