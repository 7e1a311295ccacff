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

/// What the ends of the file say about a finished run.
#[derive(Debug)]
pub struct Glance {
    /// What the closing event says, and the `started` event.
    pub history: History,
    /// The last epoch.
    pub last: Option<Epoch>,
    /// Some training losses, oldest first.
    pub losses: Vec<f32>,
    /// Seconds of all epochs.
    pub seconds: f64,
    /// Epochs done.
    pub epoch: u32,
}

/// Looks at a file of this length. `None`: the run is not finished, or the whole file must be read to know.
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
    // The best so far of a run that stopped before its end is in no line but its own.
    let Event::Finished(finished) = &closing.event else { return Ok(None) };
    let finished = finished.clone();
    if let Some(started) = first_line(file)? {
        history.line(started);
    }
    history.line(Line::Record(closing));
    debug_assert!(history.standing.is_some_and(|standing| standing != Standing::Training));
    let samples = sample(file, length)?;
    Ok(Some(glance(history, last, &samples, &finished)))
}

fn glance(history: History, last: Epoch, samples: &[f32], finished: &Finished) -> Glance {
    let mut losses = samples.to_vec();
    losses.push(last.train_loss as f32);
    Glance { history, last: Some(last), losses, seconds: finished.seconds, epoch: finished.epochs }
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

/// Looks up training losses at even distances.
fn sample(file: &dyn OpenFile, length: u64) -> io::Result<Vec<f32>> {
    let mut block = [0; PROBE];
    let mut samples = Vec::with_capacity(LOSSES as usize);
    let span = length - TAIL as u64;
    for k in 0..LOSSES {
        file.read_exact_at(&mut block, span * k / LOSSES)?;
        samples.extend(number_after(&block, b"\"train_loss\":").map(|loss| loss as f32));
    }
    Ok(samples)
}

/// The number after the first occurrence of a key, if it ends within the block.
fn number_after(block: &[u8], key: &[u8]) -> Option<f64> {
    let start = block.windows(key.len()).position(|window| window == key)? + key.len();
    let length = block[start..].iter().position(|byte| matches!(byte, b',' | b'}'))?;
    std::str::from_utf8(&block[start..start + length]).ok()?.parse().ok()
}
