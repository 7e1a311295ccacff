//! The beginning of a recording's signal, for a look before anything is made of it.

use super::super::{Channel, Content, Kind, ReadError, Recording, Watch};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

/// Seconds that are kept, and the most samples and channels.
const SECONDS: f64 = 10.0;
const MOST_SAMPLES: usize = 20_000;
const MOST_CHANNELS: usize = 128;

/// The first seconds of a recording's EEG channels, or its first trial.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// Hz, where it is known.
    pub rate: Option<f64>,
    /// In the file's order.
    pub channels: Vec<TraceChannel>,
}

/// One channel of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TraceChannel {
    /// Its name.
    pub name: String,
    /// The unit of the values: µV where the file's is a voltage.
    pub unit: String,
    /// NaN where nothing was recorded.
    pub values: Vec<f32>,
}

impl Trace {
    /// Reads no more of the recording than is kept, to a block. Where there is no EEG, all channels are taken; those of a lower
    /// rate than the fastest are left out.
    pub fn of(recording: &mut Recording, watch: &Watch) -> Result<Self, ReadError> {
        let rate = recording.rate();
        let is_eeg = |channel: &Channel| channel.kind == Kind::Eeg;
        let any = recording.channels.iter().any(is_eeg);
        let wanted: Vec<usize> = (0..recording.channels.len())
            .filter(|&index| recording.channels[index].rate == rate)
            .filter(|&index| !any || is_eeg(&recording.channels[index]))
            .take(MOST_CHANNELS)
            .collect();
        let kept =
            rate.map_or(MOST_SAMPLES, |rate| ((rate * SECONDS).ceil() as usize).clamp(1, MOST_SAMPLES));
        let mut values: Vec<Vec<f32>> = vec![Vec::new(); wanted.len()];
        match &mut recording.content {
            Content::Trials(trials) if trials.is_empty() => {}
            Content::Trials(trials) => {
                for (values, &index) in values.iter_mut().zip(&wanted) {
                    values.extend(trials.channel(0, index).take(kept).map(|value| value as f32));
                }
            }
            Content::Continuous(samples) => {
                let (enough, short) = (AtomicBool::new(wanted.is_empty()), Cell::new(wanted.len()));
                let progress = |_| {
                    if short.get() == 0 || watch.stop.load(Ordering::Relaxed) {
                        enough.store(true, Ordering::Relaxed);
                    }
                };
                let beginning = Watch { stop: &enough, progress: &progress };
                let read = samples.stream(&wanted, &beginning, &mut |slot, block| {
                    let room = kept - values[slot].len();
                    values[slot].extend(block.iter().take(room).map(|&value| value as f32));
                    if room > 0 && values[slot].len() == kept {
                        short.set(short.get() - 1);
                    }
                });
                match read {
                    Err(ReadError::Stopped) if !watch.stop.load(Ordering::Relaxed) => {}
                    read => read?,
                }
            }
        }
        let channel = |(values, &index): (Vec<f32>, &usize)| {
            let Channel { name, unit, factor, .. } = &recording.channels[index];
            let values = values.into_iter().map(|value| (f64::from(value) * factor) as f32).collect();
            TraceChannel { name: name.clone(), unit: unit.clone(), values }
        };
        Ok(Trace { rate, channels: values.into_iter().zip(&wanted).map(channel).collect() })
    }
}
