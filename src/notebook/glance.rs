//! A quick look at a long `events.jsonl`: its first line, its last lines and a few losses between, instead of all of it.
//! Enough for a list; what it can't tell for sure, it leaves to reading the file.

use super::history::{History, Standing};
use super::journal::{self, Line};
use crate::disk::OpenFile;
use crate::event::{Epoch, Event, Finished};
use std::io;

/// Bytes of the end that are read: at least the closing event and the epoch before it.
const TAIL: usize = 2048;
/// Bytes of the beginning: the `started` event.
const HEAD: usize = 2048;
/// How many losses are looked up, and in how many bytes each.
const LOSSES: u64 = 8;
const PROBE: usize = 640;

/// What the ends of the file say about a run that has come to rest.
#[derive(Debug)]
pub struct Glance {
    /// What the closing event says, and the `started` event.
    pub history: History,
    /// The last epoch.
    pub last: Option<Epoch>,
    /// Some training losses, oldest first.
    pub losses: Vec<f32>,
    /// Seconds of all epochs: as the `finished` event says, or the sampled mean times the epochs done.
    pub seconds: f64,
    /// Epochs done.
    pub epoch: u32,
}

/// Looks at a file of this length. `None`: the run is not at rest, or the whole file must be read to know.
pub fn look(file: &dyn OpenFile, length: u64) -> io::Result<Option<Glance>> {
    if length <= (HEAD + TAIL) as u64 {
        return Ok(None);
    }
    let mut tail = [0; TAIL];
    file.read_exact_at(&mut tail, length - TAIL as u64)?;
    let Some(mut lines) = whole_lines(&tail) else { return Ok(None) };
    let (Some(closing), Some(before)) = (lines.next(), lines.next()) else { return Ok(None) };
    let Line::Record(closing) = journal::parse(closing) else { return Ok(None) };
    let Line::Record(before) = journal::parse(before) else { return Ok(None) };
    let Event::Epoch(last) = before.event else { return Ok(None) };
    let mut history = History::default();
    let finished = match &closing.event {
        Event::Finished(finished) => Some(finished.clone()),
        Event::Failed(_) | Event::Cancelled(_) | Event::Paused(_) => None,
        _ => return Ok(None),
    };
    if let Some(started) = first_line(file)? {
        history.line(started);
    }
    history.line(Line::Record(closing));
    debug_assert!(history.standing.is_some_and(|standing| standing != Standing::Training));
    let samples = sample(file, length)?;
    Ok(Some(glance(history, last, &samples, finished.as_ref())))
}

fn glance(history: History, last: Epoch, samples: &[Sample], finished: Option<&Finished>) -> Glance {
    let (epoch, seconds) = match finished {
        Some(finished) => (finished.epochs, finished.seconds),
        None => {
            let mean = samples.iter().map(|sample| sample.seconds).sum::<f64>() / samples.len().max(1) as f64;
            (last.epoch, mean * f64::from(last.epoch))
        }
    };
    let mut losses: Vec<f32> = samples.iter().map(|sample| sample.loss).collect();
    losses.push(last.train_loss as f32);
    Glance { history, last: Some(last), losses, seconds, epoch }
}

/// The whole lines of the end of a file, last one first. `None` where the last is torn.
fn whole_lines(tail: &[u8]) -> Option<impl Iterator<Item = &[u8]>> {
    let body = tail.strip_suffix(b"\n")?;
    let first = body.iter().position(|&byte| byte == b'\n')? + 1;
    Some(body[first..].rsplit(|&byte| byte == b'\n'))
}

fn first_line(file: &dyn OpenFile) -> io::Result<Option<Line>> {
    let mut head = [0; HEAD];
    file.read_exact_at(&mut head, 0)?;
    let end = head.iter().position(|&byte| byte == b'\n');
    Ok(end.map(|end| journal::parse(&head[..end])))
}

/// One epoch, as far as a sparkline needs it.
struct Sample {
    loss: f32,
    seconds: f64,
}

/// Looks up epochs at even distances.
fn sample(file: &dyn OpenFile, length: u64) -> io::Result<Vec<Sample>> {
    let mut block = [0; PROBE];
    let mut samples = Vec::with_capacity(LOSSES as usize);
    let span = length - TAIL as u64;
    for k in 0..LOSSES {
        file.read_exact_at(&mut block, span * k / LOSSES)?;
        let loss = number_after(&block, b"\"train_loss\":");
        let seconds = number_after(&block, b"\"seconds\":");
        if let (Some(loss), Some(seconds)) = (loss, seconds) {
            samples.push(Sample { loss: loss as f32, seconds });
        }
    }
    Ok(samples)
}

/// The number after the first occurrence of a key, if it ends within the block.
fn number_after(block: &[u8], key: &[u8]) -> Option<f64> {
    let start = block.windows(key.len()).position(|window| window == key)? + key.len();
    let length = block[start..].iter().position(|byte| matches!(byte, b',' | b'}'))?;
    std::str::from_utf8(&block[start..start + length]).ok()?.parse().ok()
}
