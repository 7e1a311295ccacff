//! Samples on demand: a recording is read from its beginning to its end, a block at a time, so that files larger than the
//! memory pass through.

use super::ReadError;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whoever waits for a long read: told how far it has come, and able to stop it.
pub struct Watch<'a> {
    /// Set when the person wants to stop.
    pub stop: &'a AtomicBool,
    /// Told how many bytes more have been read.
    pub progress: &'a dyn Fn(u64),
}

impl Watch<'_> {
    /// Says that so many bytes more have been read; an error when it is to stop.
    pub fn read(&self, bytes: u64) -> Result<(), ReadError> {
        (self.progress)(bytes);
        match self.stop.load(Ordering::Relaxed) {
            true => Err(ReadError::Stopped),
            false => Ok(()),
        }
    }

    /// For reads that nobody waits for.
    pub fn nobody() -> Watch<'static> {
        static NEVER: AtomicBool = AtomicBool::new(false);
        Watch { stop: &NEVER, progress: &|_| {} }
    }
}

/// Takes the values of one of the wanted channels as they come: its place among the wanted, and the next values in the
/// channel's unit (µV for voltages), in order.
pub type Sink<'a> = dyn FnMut(usize, &[f64]) + 'a;

/// A recording's samples.
pub trait Samples: Send {
    /// Reads these channels (indices into the recording's) from the first sample to the last.
    fn stream(&mut self, wanted: &[usize], watch: &Watch, sink: &mut Sink) -> Result<(), ReadError>;

    /// How many bytes one pass reads.
    fn bytes(&self) -> u64;
}

/// Samples that lie in memory, (sample, channel).
pub struct InMemory {
    /// The values.
    pub values: Vec<f64>,
    /// How many channels a sample has.
    pub channels: usize,
}

impl Samples for InMemory {
    fn stream(&mut self, wanted: &[usize], watch: &Watch, sink: &mut Sink) -> Result<(), ReadError> {
        let mut block = Vec::new();
        for rows in self.values.chunks(self.channels.max(1) << 12) {
            for (slot, &channel) in wanted.iter().enumerate() {
                block.clear();
                block.extend(rows.iter().skip(channel).step_by(self.channels.max(1)));
                sink(slot, &block);
            }
            watch.read(size_of_val(rows) as u64)?;
        }
        Ok(())
    }

    fn bytes(&self) -> u64 {
        size_of_val(&self.values[..]) as u64
    }
}
