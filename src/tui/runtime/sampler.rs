//! Asks the machine what it is busy with, every two seconds, on a thread of its own: a driver that hangs stops the
//! figures, not the screen.

use super::News;
use crate::disk::named;
use crate::tui::effect::Message;
use crate::tui::machine::{self, InUse, Load, Ticks};
use std::path::Path;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const PERIOD: Duration = Duration::from_secs(2);

/// Starts asking; of the cards, for the one in use.
pub fn start(in_use: Arc<Mutex<InUse>>, tell: Sender<News>) {
    std::thread::spawn(move || {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut gpu = machine::Cards::open();
        let mut before: Option<Ticks> = None;
        loop {
            let ticks = read("/proc/stat").and_then(|text| Ticks::parse(&text));
            let cpu = before.zip(ticks).and_then(|(before, now)| now.busy_since(before));
            before = ticks;
            let memory = read("/proc/meminfo").and_then(|text| machine::memory(&text));
            let used = in_use.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let gpu = gpu.as_mut().and_then(|card| card.sample(&used));
            let load = Load { cores, cpu, memory, gpu };
            if tell.send(News::Message(Message::Load(load))).is_err() {
                return;
            }
            std::thread::sleep(PERIOD);
        }
    });
}

/// Linux's accounts; elsewhere there are none and the figures stay away.
fn read(path: &str) -> Option<String> {
    named::read_system(Path::new(path)).ok()
}
