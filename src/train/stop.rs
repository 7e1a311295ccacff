//! How a running training is asked to stop. Knows nothing of who asks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// A request to a running training, read between batches. Clones share one request.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicU8>);

/// What is asked of a running training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum StopRequest {
    /// Keep a checkpoint and set the run aside.
    Pause = 1,
    /// Give the run up.
    Cancel = 2,
    /// The process is ending: keep a checkpoint and say nothing, so that the run goes on later.
    Interrupt = 3,
}

impl Stop {
    /// Nothing is asked yet.
    pub fn new() -> Self {
        Stop::default()
    }

    /// Asks the training to stop. The last request before it looks counts.
    pub fn request(&self, request: StopRequest) {
        self.0.store(request as u8, Ordering::Relaxed);
    }

    /// Takes back the request to pause or give up, if the training did not act on it yet. A process that is ending stays so.
    pub fn withdraw(&self) {
        for request in [StopRequest::Pause, StopRequest::Cancel] {
            let _ = self.0.compare_exchange(request as u8, 0, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// What is asked, if anything.
    pub fn requested(&self) -> Option<StopRequest> {
        [StopRequest::Pause, StopRequest::Cancel, StopRequest::Interrupt]
            .into_iter()
            .find(|request| *request as u8 == self.0.load(Ordering::Relaxed))
    }
}
