//! `events.jsonl`: appended to by the one process that holds the run's lock, read by anyone at any moment.

use crate::disk::{Access, Disk, OpenFile};
use crate::event::{EVENT_VERSION, Event, Record};
use jiff::Timestamp;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// A line longer than this is no event: it is skipped, and never held in memory.
const LONGEST_LINE: usize = 1 << 20;

/// No run has more events: a million epochs. A longer file is sparse or hostile, and is not read.
const MOST_BYTES: u64 = 1 << 28;

/// The end of a run's events, open for writing. Whoever has one holds the run's lock.
#[derive(Debug)]
pub struct Journal {
    file: Box<dyn OpenFile>,
    length: u64,
    /// Whether a part of a line may stand after the last whole one: writing failed, and so did taking it back.
    torn: bool,
    clock: fn() -> Timestamp,
}

impl Journal {
    /// Opens the file, making it if need be. A last line that was torn by a crash is cut off.
    pub fn open(disk: &dyn Disk, path: &Path, clock: fn() -> Timestamp) -> io::Result<Self> {
        let file = disk.open(path, Access::Append)?;
        if let (0, Some(folder)) = (file.stat()?.length, path.parent()) {
            // It may be new: its name shall be there after a power cut too.
            disk.sync_folder(folder)?;
        }
        let (found, whole) = (file.stat()?.length, length_of_whole_lines(file.as_ref())?);
        if whole < found {
            file.set_length(whole)?;
            file.sync()?;
        }
        Ok(Journal { file, length: whole, torn: false, clock })
    }

    /// Appends one event and gives the record as written. Everything but an epoch is on the disk when this returns; an
    /// epoch reaches the disk with the next checkpoint, as without one it would be trained again anyway.
    ///
    /// Where it can't be written, or can't be brought to the disk, nothing of the line remains: what stands in the file is
    /// what was said to have happened.
    pub fn append(&mut self, event: Event) -> io::Result<Record> {
        let t = Timestamp::from_millisecond((self.clock)().as_millisecond()).unwrap_or_default();
        let record = Record { v: EVENT_VERSION, t, event };
        let mut line = serde_json::to_vec(&record)?;
        line.push(b'\n');
        if self.torn {
            self.cut()?;
        }
        let mut written = self.file.append_all(&line);
        if !matches!(record.event, Event::Epoch(_)) {
            written = written.and_then(|()| self.sync());
        }
        if let Err(error) = written {
            self.torn = self.cut().is_err();
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(record)
    }

    /// Cuts off what stands after the last line that was appended.
    fn cut(&mut self) -> io::Result<()> {
        self.file.set_length(self.length)?;
        self.torn = false;
        Ok(())
    }

    /// Waits until everything is on the disk.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }
}

/// The length of a file up to and including its last line end.
fn length_of_whole_lines(file: &dyn OpenFile) -> io::Result<u64> {
    let mut end = file.stat()?.length;
    let mut block = [0u8; 4096];
    while end > 0 {
        let start = end.saturating_sub(block.len() as u64);
        let part = &mut block[..(end - start) as usize];
        file.read_exact_at(part, start)?;
        if let Some(at) = part.iter().rposition(|&byte| byte == b'\n') {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

/// One line, understood or not.
#[derive(Debug)]
pub enum Line {
    /// An event.
    Record(Box<Record>),
    /// An event that a newer program wrote.
    Newer(u32),
    /// Not an event.
    Damaged,
}

/// What may stand before the event in a line that this program can't read.
#[derive(serde::Deserialize)]
struct Version {
    v: u32,
}

/// Understands one line.
pub fn parse(line: &[u8]) -> Line {
    match serde_json::from_slice::<Record>(line) {
        Ok(record) if record.v <= EVENT_VERSION => Line::Record(Box::new(record)),
        Ok(record) => Line::Newer(record.v),
        Err(_) => match serde_json::from_slice::<Version>(line) {
            Ok(Version { v }) if v > EVENT_VERSION => Line::Newer(v),
            _ => Line::Damaged,
        },
    }
}

/// Reads the whole lines from `offset` on, in order, and gives the offset after the last of them. A last line without an
/// end is being written, or was torn: it is left for later.
pub fn read_from(file: &dyn OpenFile, offset: u64, mut visit: impl FnMut(Line)) -> io::Result<u64> {
    let length = file.stat()?.length;
    if length > MOST_BYTES {
        let sentence = format!("has {length} bytes; at most {MOST_BYTES} are expected here");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, sentence));
    }
    let mut reader = BufReader::with_capacity(1 << 16, file.from(offset));
    let mut at = offset;
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = (&mut reader).take(LONGEST_LINE as u64).read_until(b'\n', &mut line)?;
        if line.last() == Some(&b'\n') {
            at += length as u64;
            if line.len() > 1 {
                visit(parse(&line));
            }
        } else if length == LONGEST_LINE {
            let Some(rest) = skip_line(&mut reader)? else { return Ok(at) };
            at += length as u64 + rest;
            visit(Line::Damaged);
        } else {
            return Ok(at);
        }
    }
}

/// Skips to the next line and says how many bytes that were; `None` where the file ends first.
fn skip_line(reader: &mut impl BufRead) -> io::Result<Option<u64>> {
    let mut skipped = 0;
    loop {
        let block = reader.fill_buf()?;
        if block.is_empty() {
            return Ok(None);
        }
        let end = block.iter().position(|&byte| byte == b'\n');
        let taken = end.map_or(block.len(), |at| at + 1);
        reader.consume(taken);
        skipped += taken as u64;
        if end.is_some() {
            return Ok(Some(skipped));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::real;
    use crate::event::{Queued, Stopped};
    use proptest::prelude::*;

    fn clock() -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn paused(epoch: u32) -> Event {
        Event::Paused(Stopped { epoch, reason: None })
    }

    fn read(path: &Path) -> (Vec<Event>, usize) {
        let (mut events, mut damaged) = (Vec::new(), 0);
        let file = real().open(path, Access::Read).unwrap();
        read_from(file.as_ref(), 0, |line| match line {
            Line::Record(record) => events.push(record.event),
            _ => damaged += 1,
        })
        .unwrap();
        (events, damaged)
    }

    #[test]
    fn a_torn_line_is_cut_off_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let mut journal = Journal::open(real().as_ref(), &path, clock).unwrap();
        journal.append(paused(1)).unwrap();
        journal.append(paused(2)).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let before = read(&path);
            let mut journal = Journal::open(real().as_ref(), &path, clock).unwrap();
            journal.append(Event::Queued(Queued { from_checkpoint: true, after: None })).unwrap();
            let (events, damaged) = read(&path);
            assert_eq!(damaged, 0);
            assert_eq!(events.len(), before.0.len() + 1);
            assert_eq!(events[..before.0.len()], before.0[..]);
        }
    }

    #[test]
    fn a_newer_line_is_known_as_such() {
        assert!(matches!(parse(br#"{"v":2,"t":"x","event":"levitated"}"#), Line::Newer(2)));
        assert!(matches!(parse(br#"{"v":1,"event":"levitated"}"#), Line::Damaged));
    }

    #[test]
    fn an_endless_line_is_skipped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let mut content = vec![b'x'; 3 * LONGEST_LINE];
        content.push(b'\n');
        std::fs::write(&path, &content).unwrap();
        Journal::open(real().as_ref(), &path, clock).unwrap().append(paused(7)).unwrap();
        assert_eq!(read(&path), (vec![paused(7)], 1));
    }

    proptest! {
        // Each case waits for the disk.
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("events.jsonl");
            std::fs::write(&path, &bytes).unwrap();
            read(&path);
            let mut journal = Journal::open(real().as_ref(), &path, clock).unwrap();
            journal.append(paused(1)).unwrap();
            let (events, _) = read(&path);
            prop_assert_eq!(events.last(), Some(&paused(1)));
        }
    }
}
