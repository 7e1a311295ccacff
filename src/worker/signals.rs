//! What asks a process to end: signals, or whoever started the work within this process.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;

/// Calls to end.
#[derive(Debug)]
pub struct Calls {
    source: Source,
    /// Whether the call was also to be put back into the batch system's queue.
    requeue: Arc<AtomicBool>,
}

#[derive(Debug)]
enum Source {
    Signals { interrupt: Signal, terminate: Signal, hangup: Signal, user: Signal, detached: bool },
    Within(Arc<Notify>),
}

impl Calls {
    /// Begins to listen for SIGINT, SIGTERM and SIGUSR2; for SIGHUP too, unless the process belongs to no terminal. From here
    /// on none of the four ends the process by itself. SIGUSR2 sets `requeue`: batch systems send it before the time is up.
    pub fn listen(detached: bool, requeue: Arc<AtomicBool>) -> io::Result<Self> {
        let source = Source::Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            user: signal(SignalKind::user_defined2())?,
            detached,
        };
        Ok(Calls { source, requeue })
    }

    /// Calls from within this process: each notice is one.
    pub fn within(notice: Arc<Notify>) -> Self {
        Calls { source: Source::Within(notice), requeue: Arc::default() }
    }

    /// Waits for one of them.
    pub async fn asked_to_end(&mut self) {
        match &mut self.source {
            Source::Within(notice) => notice.notified().await,
            Source::Signals { interrupt, terminate, hangup, user, detached } => loop {
                tokio::select! {
                    _ = interrupt.recv() => return,
                    _ = terminate.recv() => return,
                    _ = user.recv() => return self.requeue.store(true, Ordering::Relaxed),
                    _ = hangup.recv() => if !*detached { return },
                }
            },
        }
    }
}
