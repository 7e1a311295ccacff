//! Files of equal records, each holding so many values of every channel one channel after another: EDF, BDF and GDF as they
//! call it; a multiplexed file is one of short records, a vectorised one of a single long record.

use super::ReadError;
use super::bytes::{Bytes, Number};
use super::samples::{Samples, Sink, Watch};

/// Bytes that are read at a time.
const BLOCK: usize = 4 << 20;

/// Where a channel's values lie in a record, and what makes physical values of them:
/// `((digital − subtract) · gain + add) · scale`.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Bytes from the record's beginning.
    pub at: usize,
    /// Values a record.
    pub count: usize,
    /// How a value lies in the file.
    pub number: Number,
    /// The digital value of `add`.
    pub subtract: f64,
    /// Physical units a digital step.
    pub gain: f64,
    /// The physical value of `subtract`.
    pub add: f64,
    /// From the file's unit to the channel's.
    pub scale: f64,
}

impl Field {
    fn value(&self, bytes: &[u8], big: bool) -> f64 {
        ((self.number.value(bytes, big) - self.subtract) * self.gain + self.add) * self.scale
    }
}

/// A file of records.
pub struct Records {
    /// The file.
    pub file: Bytes,
    /// Where the first record begins.
    pub start: u64,
    /// Bytes of a record.
    pub size: usize,
    /// How many there are; they lie within the file.
    pub count: u64,
    /// Of each channel.
    pub fields: Vec<Field>,
    /// Whether the highest byte comes first.
    pub big: bool,
}

impl Records {
    /// Checks that the records lie within the file and the fields within a record.
    pub fn check(self) -> Result<Self, ReadError> {
        let bytes = self.count.checked_mul(self.size as u64).and_then(|bytes| bytes.checked_add(self.start));
        if bytes.is_none_or(|end| end > self.file.len) {
            return Err(ReadError::cut_off(format!("it ends after {} bytes", self.file.len)));
        }
        let fits = |field: &Field| {
            let bytes =
                field.count.checked_mul(field.number.size()).and_then(|bytes| bytes.checked_add(field.at));
            bytes.is_some_and(|end| end <= self.size)
        };
        match self.fields.iter().all(fits) {
            true => Ok(self),
            false => Err(ReadError::header("its channels don't fit into its records")),
        }
    }

    /// Short records, many at a time.
    fn short(&mut self, wanted: &[Field], watch: &Watch, sink: &mut Sink) -> Result<(), ReadError> {
        let at_once = (BLOCK / self.size.max(1)).max(1) as u64;
        let mut values = Vec::new();
        let mut done = 0;
        while done < self.count {
            let now = at_once.min(self.count - done);
            let bytes = self.file.at(self.start + done * self.size as u64, now as usize * self.size)?;
            for (slot, field) in wanted.iter().enumerate() {
                values.clear();
                for record in bytes.chunks_exact(self.size) {
                    let part = &record[field.at..][..field.count * field.number.size()];
                    values.extend(part.chunks_exact(field.number.size()).map(|it| field.value(it, self.big)));
                }
                sink(slot, &values);
            }
            watch.read(bytes.len() as u64)?;
            done += now;
        }
        Ok(())
    }

    /// Long records, a stretch of one channel at a time.
    fn long(&mut self, wanted: &[Field], watch: &Watch, sink: &mut Sink) -> Result<(), ReadError> {
        for record in 0..self.count {
            for (slot, field) in wanted.iter().enumerate() {
                let size = field.number.size();
                let mut done = 0;
                while done < field.count {
                    let now = (BLOCK / size).min(field.count - done);
                    let from = self.start + record * self.size as u64 + (field.at + done * size) as u64;
                    let bytes = self.file.at(from, now * size)?;
                    let values: Vec<f64> =
                        bytes.chunks_exact(size).map(|it| field.value(it, self.big)).collect();
                    sink(slot, &values);
                    watch.read(bytes.len() as u64)?;
                    done += now;
                }
            }
        }
        Ok(())
    }
}

impl Samples for Records {
    fn stream(&mut self, wanted: &[usize], watch: &Watch, sink: &mut Sink) -> Result<(), ReadError> {
        let fields: Vec<Field> = wanted.iter().map(|&channel| self.fields[channel]).collect();
        if self.size == 0 {
            Ok(())
        } else if self.size <= BLOCK {
            self.short(&fields, watch, sink)
        } else {
            self.long(&fields, watch, sink)
        }
    }

    fn bytes(&self) -> u64 {
        self.count * self.size as u64
    }
}
