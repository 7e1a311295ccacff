//! Recordings as people have them: one file a format, each read into the same plain description (channels, events, breaks)
//! with the samples streamed on demand, and the steps from a continuous recording to trials. Knows nothing of networks,
//! runs or the screen. No header is believed: sizes, rates and counts are compared with the file before anything is allocated.

mod arrays;
mod assume;
mod bids;
mod biosig;
mod brainvision;
mod bytes;
mod channel;
mod edf;
mod eeglab;
mod error;
mod event;
mod foreign;
mod gdf;
mod mat5;
mod open;
mod peek;
mod records;
mod samples;
mod stim;
mod tal;
mod trials;
mod true_labels;
mod unit;

pub mod import;

pub use assume::Assume;
pub use channel::{Channel, Kind};
pub use error::{ReadError, RecordingError};
pub use event::{Event, Segment};
pub use open::open;
pub use peek::{ChannelSummary, Summary, peek};
pub use samples::{Samples, Watch};
pub use trials::Trials;

use std::path::PathBuf;

/// A recording whose header has been read and found possible.
pub struct Recording {
    /// The file that was named.
    pub path: PathBuf,
    /// The format in the field's words: `EDF+`, `BrainVision` …
    pub format: &'static str,
    /// What was recorded, in the order of the file, annotations left out.
    pub channels: Vec<Channel>,
    /// What happened, by onset.
    pub events: Vec<Event>,
    /// Events that lie outside the recording; they are not among `events`.
    pub outside: Vec<Event>,
    /// Stretches without a gap inside; a sound recording is one.
    pub segments: Vec<Segment>,
    /// The samples.
    pub content: Content,
    /// What a reader should be told of.
    pub notes: Vec<String>,
}

/// What a file's samples are.
pub enum Content {
    /// One long recording of every channel.
    Continuous(Box<dyn Samples>),
    /// Trials that were cut by somebody else.
    Trials(Trials),
}

impl Recording {
    /// The highest rate of its channels in Hz, where it is known.
    pub fn rate(&self) -> Option<f64> {
        self.channels.iter().filter_map(|channel| channel.rate).max_by(f64::total_cmp)
    }

    /// Samples of the longest channel.
    pub fn samples(&self) -> u64 {
        self.channels.iter().map(|channel| channel.samples).max().unwrap_or(0)
    }

    /// The channels whose name is a trigger's.
    pub fn stim_channels(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.channels.len()).filter(|&index| self.channels[index].kind == Kind::Stim)
    }
}

#[cfg(test)]
mod tests;
