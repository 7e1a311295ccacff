//! What happened during a recording, and where the recording is whole.

use serde::Serialize;

/// An event: an annotation, a marker, or a change of a trigger's code.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// Seconds from the first sample.
    pub onset: f64,
    /// Seconds; 0 where the file gives none.
    pub duration: f64,
    /// What the file calls it.
    pub name: String,
    /// Whether the file marks it as disturbed.
    #[serde(skip)]
    pub artifact: bool,
    /// Whether the file keeps its class for a test.
    #[serde(skip)]
    pub held_out: bool,
}

impl Event {
    /// An event of which nothing more is known.
    pub fn new(onset: f64, duration: f64, name: impl Into<String>) -> Self {
        Event { onset, duration, name: name.into(), artifact: false, held_out: false }
    }
}

/// A stretch without a gap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// Seconds from the first sample of the recording to the first of this stretch, by the recording's clock.
    pub onset: f64,
    /// How many seconds of samples lie before it in the file.
    pub before: f64,
    /// How many seconds of samples it has.
    pub seconds: f64,
}

impl Segment {
    /// A recording without gaps.
    pub fn whole(seconds: f64) -> Vec<Segment> {
        vec![Segment { onset: 0.0, before: 0.0, seconds }]
    }

    /// Cuts a recording without a clock of its own at these places, in seconds from its beginning.
    pub fn cut(seconds: f64, breaks: &[f64]) -> Vec<Segment> {
        let mut edges: Vec<f64> =
            breaks.iter().copied().filter(|&at| at > 0.0 && at < seconds).chain([0.0, seconds]).collect();
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        let pieces = edges.windows(2).map(|edge| match edge {
            &[from, to] => Segment { onset: from, before: from, seconds: to - from },
            _ => Segment { onset: 0.0, before: 0.0, seconds },
        });
        pieces.collect()
    }

    /// Whether a moment of the recording's clock lies in it.
    pub fn contains(&self, onset: f64) -> bool {
        onset >= self.onset && onset < self.onset + self.seconds
    }
}

/// Puts events in the order of their onsets (the file's order where these are equal) and takes out those that lie in none
/// of the stretches: the ones that lie within, and the others. None lasts longer than the recording, as MNE has it.
pub fn in_order(events: Vec<Event>, segments: &[Segment], tolerance: f64) -> (Vec<Event>, Vec<Event>) {
    let inside = |event: &Event| {
        let is_in =
            |segment: &Segment| segment.contains(event.onset) || segment.contains(event.onset + tolerance);
        event.onset.is_finite() && segments.iter().any(is_in)
    };
    let (mut events, outside): (Vec<Event>, Vec<Event>) = events.into_iter().partition(inside);
    let end = segments.iter().map(|segment| segment.onset + segment.seconds).fold(0.0, f64::max);
    for event in &mut events {
        event.duration = event.duration.min((end - event.onset).max(0.0));
    }
    events.sort_by(|a, b| a.onset.total_cmp(&b.onset));
    (events, outside)
}
