//! One run trained in the foreground, with the same care as in a worker: requests from other processes and signals reach it.

use super::attempt::{Attempt, Ended, Machine};
use super::signals::Calls;
use super::supervise::{TICK, Training, finish};
use crate::event::Record;
use crate::notebook::Held;
use crate::train::{Stop, StopRequest};
use std::io;
use std::sync::Arc;

/// Trains a held run. `watch` sees each event once it is written.
pub fn foreground(
    machine: Machine,
    mut held: Held,
    mut watch: impl FnMut(&Record) + Send + 'static,
) -> io::Result<Ended> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut calls = Calls::listen(false, Arc::default())?;
        let stop = Stop::new();
        let asked = stop.clone();
        let care = Training::of(&held, &stop);
        let mut training = tokio::task::spawn_blocking(move || {
            let ended = Attempt { machine: &machine, held: &mut held, stop: &stop, watch: &mut watch }.run();
            finish(&machine.notebook, held);
            ended
        });
        let mut tick = tokio::time::interval(TICK);
        loop {
            tokio::select! {
                ended = &mut training => return ended.map_err(io::Error::other),
                _ = tick.tick() => care.look_after(),
                () = calls.asked_to_end() => asked.request(StopRequest::Interrupt),
            }
        }
    })
}
