//! From one recording to its trials: channels, reference, filter, new rate, windows. Channels go through in groups that fit
//! into memory, so that a recording may be larger than it.

use super::options::{Class, Options, Plan};
use super::select::{self, Chosen};
use super::write::Form;
use super::{ImportError, tally::Tally};
use crate::recording::stim::Changes;
use crate::recording::trials::Part;
use crate::recording::true_labels::UNLABELLED;
use crate::recording::{Channel, Content, Event, ReadError, Recording, Samples, Segment, Trials, Watch};
use crate::signal::{Butterworth, Resampler};

/// Bytes of continuous samples that are in memory at a time.
const AT_ONCE: usize = 512 << 20;

/// A trial that was cut: its class, its place, and its samples in [`Cut::signal`].
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// What it is called.
    pub class: String,
    /// Seconds from the beginning of the recording.
    pub onset: f64,
    /// The part that the file gives it.
    pub part: Option<Part>,
    /// Its own subject, session and run, where the file has them.
    pub own: [Option<String>; 3],
}

/// The trials of a recording.
#[derive(Clone, Debug, Default)]
pub struct Cut {
    /// Names of the electrodes.
    pub electrodes: Vec<String>,
    /// Hz.
    pub rate: Option<f64>,
    /// Samples of a trial.
    pub samples: usize,
    /// In the order of time.
    pub trials: Vec<Trial>,
    /// (trial, sample, electrode), µV.
    pub signal: Vec<f32>,
}

/// The steps between two samples of a channel and its windows.
struct Chain {
    filter: Option<Butterworth>,
    resampler: Option<Resampler>,
}

impl Chain {
    fn new(plan: &Plan, options: &Options, rate: Option<f64>) -> Result<Self, ImportError> {
        let needs = |what: &str| {
            let rate = rate.ok_or_else(|| {
                ImportError::Work(format!("{what} needs the sampling rate; give it with --rate"))
            })?;
            Ok::<f64, ImportError>(rate)
        };
        let filter = match plan.band {
            Some(band) => {
                let rate = needs("--band")?;
                Some(Butterworth::design(band, rate).map_err(|error| ImportError::Usage(error.to_string()))?)
            }
            None => None,
        };
        let resampler = match options.resample {
            Some(to) => {
                let rate = needs("--resample")?;
                let resampler = Resampler::new(rate, to);
                let what = format!(
                    "{rate} Hz can't be brought to {to} Hz: their ratio is no simple fraction; take another rate"
                );
                Some(resampler.ok_or(ImportError::Usage(what))?)
            }
            None => None,
        };
        Ok(Chain { filter, resampler })
    }

    fn length(&self, samples: usize) -> usize {
        self.resampler.as_ref().map_or(samples, |resampler| resampler.length(samples))
    }

    /// A stretch of one channel.
    fn run(&self, signal: &[f64]) -> Vec<f64> {
        let filtered = match &self.filter {
            Some(filter) => filter_stretches(filter, signal),
            None => signal.to_vec(),
        };
        match &self.resampler {
            Some(resampler) => resampler.run(&filtered),
            None => filtered,
        }
    }
}

/// Filters what lies between missing values; stretches that are too short for it are missing too.
fn filter_stretches(filter: &Butterworth, signal: &[f64]) -> Vec<f64> {
    let mut filtered = vec![f64::NAN; signal.len()];
    let mut at = 0;
    while at < signal.len() {
        let end =
            signal[at..].iter().position(|value| !value.is_finite()).map_or(signal.len(), |len| at + len);
        if let Ok(stretch) = filter.forwards_and_backwards(&signal[at..end]) {
            filtered[at..end].copy_from_slice(&stretch);
        }
        at = end + 1;
    }
    filtered
}

/// Cuts a recording.
pub fn cut(
    recording: Recording,
    options: &Options,
    plan: &Plan,
    tally: &mut Tally,
    watch: &Watch,
) -> Result<Cut, ImportError> {
    let path = recording.path.clone();
    let of = |error: ReadError| ImportError::Recording(error.of(&path));
    let chosen = select::channels(&recording, options)?;
    if options.stim.is_none() {
        let meant =
            |event: &&Event| plan.classes.is_empty() || class_of(&plan.classes, &event.name).is_some();
        tally.lose("the event lies outside the recording", recording.outside.iter().filter(meant).count());
    }
    let Recording { channels, events, segments, content, .. } = recording;
    match content {
        Content::Continuous(mut samples) => {
            let events = match &options.stim {
                Some(name) => {
                    let index = select::stim(&path, &channels, name)?;
                    codes(samples.as_mut(), &channels, index, watch).map_err(of)?
                }
                None => events,
            };
            let windows = Windows::place(&path, &events, &segments, &chosen, options, plan, tally)?;
            continuous(samples.as_mut(), &chosen, &windows, watch).map_err(of)
        }
        Content::Trials(trials) => from_trials(&path, &trials, &chosen, options, plan, tally),
    }
}

/// A trigger channel's codes as events, named by their numbers.
pub fn codes(
    samples: &mut dyn Samples,
    channels: &[Channel],
    index: usize,
    watch: &Watch,
) -> Result<Vec<Event>, ReadError> {
    let channel = &channels[index];
    let mut changes = Changes::new(channel.codes);
    samples.stream(&[index], watch, &mut |_, block| changes.take(block))?;
    let rate = channel.rate.unwrap_or(f64::NAN);
    Ok(changes
        .found
        .iter()
        .map(|&(sample, code)| Event::new(sample as f64 / rate, 0.0, code.to_string()))
        .collect())
}

/// What is done to the channels of one rate.
struct Lane {
    rate: Option<f64>,
    chain: Chain,
    /// In samples of the recording as it is: from, up to and without.
    stretches: Vec<(usize, usize)>,
}

/// Where trials lie within a recording.
struct Windows {
    lanes: Vec<Lane>,
    rate: f64,
    /// Samples of a trial at the new rate.
    length: usize,
    /// For each trial its stretch and its first sample in it at the new rate.
    places: Vec<(usize, usize)>,
    trials: Vec<Trial>,
}

impl Lane {
    fn new(rate: f64, segments: &[Segment], options: &Options, plan: &Plan) -> Result<Self, ImportError> {
        let sample = |seconds: f64| (seconds * rate).round() as usize;
        Ok(Lane {
            rate: Some(rate),
            chain: Chain::new(plan, options, Some(rate))?,
            stretches: segments
                .iter()
                .map(|it| (sample(it.before), sample(it.before + it.seconds)))
                .collect(),
        })
    }

    /// Samples of a stretch at the new rate.
    fn length(&self, stretch: usize) -> usize {
        self.stretches.get(stretch).map_or(0, |&(from, to)| self.chain.length(to.saturating_sub(from)))
    }

    fn refuse_short(&self, path: &std::path::Path, whole: &Segment) -> Result<(), ImportError> {
        let needed = self.chain.filter.as_ref().map_or(0, Butterworth::padding);
        let samples = (whole.seconds * self.rate.unwrap_or(0.0)).round() as usize;
        match samples > needed || needed == 0 {
            true => Ok(()),
            false => Err(ImportError::Work(format!(
                "{} has {samples} samples, too few for a filter that needs more than {needed}; leave --band out",
                path.display()
            ))),
        }
    }
}

impl Windows {
    fn place(
        path: &std::path::Path,
        events: &[Event],
        segments: &[Segment],
        chosen: &Chosen,
        options: &Options,
        plan: &Plan,
        tally: &mut Tally,
    ) -> Result<Self, ImportError> {
        let file = path.display();
        let rate = chosen.rate.ok_or_else(|| {
            ImportError::Work(format!("{file} doesn't say its sampling rate; give it with --rate"))
        })?;
        let new_rate = options.resample.unwrap_or(rate);
        let called = classes_of(path, events, plan)?;
        let (from, to) = plan.window.ok_or_else(|| {
            ImportError::Usage("say which seconds from the event on make a trial with --window, such as 0..4 (set IIIb: 0..6)".into())
        })?;
        let length = ((to - from) * new_rate).round_ties_even();
        if length < 1.0 {
            return Err(ImportError::Usage(format!(
                "--window {from}..{to} is shorter than a sample at {new_rate} Hz"
            )));
        }
        let length = length as usize;
        let mut lanes: Vec<Lane> = Vec::new();
        for (_, channel) in &chosen.channels {
            if lanes.iter().all(|lane| lane.rate != channel.rate) {
                lanes.push(Lane::new(channel.rate.unwrap_or(rate), segments, options, plan)?);
            }
        }
        if let [segment] = segments {
            for lane in &lanes {
                lane.refuse_short(path, segment)?;
            }
        }
        let mut windows = Windows { lanes, rate: new_rate, length, places: Vec::new(), trials: Vec::new() };
        for (event, class) in called {
            windows.add(event, class, segments, from, plan, tally);
        }
        if !options.overlap {
            windows.refuse_overlap(path)?;
        }
        let form = Form {
            samples: length,
            electrodes: chosen.channels.iter().map(|(_, channel)| channel.name.clone()).collect(),
            sfreq: Some(new_rate),
            classes: None,
        };
        form.check(windows.trials.len())?;
        Ok(windows)
    }

    fn add(
        &mut self,
        event: &Event,
        class: String,
        segments: &[Segment],
        from: f64,
        plan: &Plan,
        tally: &mut Tally,
    ) {
        if class == UNLABELLED {
            return tally.lose("nobody has told its class (--true-labels)", 1);
        }
        if plan.reject_artifacts && event.artifact {
            return tally.lose("it is marked as an artifact", 1);
        }
        // An event between two samples belongs to the nearer one.
        let half = 0.5 / self.rate;
        let Some(stretch) = segments.iter().position(|segment| segment.contains(event.onset + half)) else {
            return tally.lose("the event lies outside the recording", 1);
        };
        let onset = ((event.onset - segments[stretch].onset) * self.rate).round_ties_even();
        let start = onset + (from * self.rate).round_ties_even();
        let there = self.lanes.iter().map(|lane| lane.length(stretch)).min().unwrap_or(0);
        if start < 0.0 || start + self.length as f64 > there as f64 {
            let why = if segments.len() == 1 {
                "the window reaches beyond the recording"
            } else {
                "the window reaches over a gap or beyond the recording"
            };
            return tally.lose(why, 1);
        }
        self.places.push((stretch, start as usize));
        self.trials.push(Trial {
            class,
            onset: event.onset,
            part: event.held_out.then_some(Part::Test),
            own: [None, None, None],
        });
    }

    fn refuse_overlap(&self, path: &std::path::Path) -> Result<(), ImportError> {
        let mut order: Vec<usize> = (0..self.places.len()).collect();
        order.sort_by_key(|&trial| self.places[trial]);
        let overlap = order.windows(2).find(|pair| match pair {
            &[a, b] => {
                let (a, b) = (self.places[*a], self.places[*b]);
                a.0 == b.0 && b.1 < a.1 + self.length
            }
            _ => false,
        });
        match overlap {
            Some(&[a, b]) => Err(ImportError::Work(format!(
                "{}: the windows of the events at {} s and {} s overlap, so that trials would share samples; \
                 take a shorter --window, fewer --events, or allow it with --overlap",
                path.display(),
                self.trials[a].onset,
                self.trials[b].onset
            ))),
            _ => Ok(()),
        }
    }
}

/// The events that belong to a class, with the class.
fn classes_of<'a>(
    path: &std::path::Path,
    events: &'a [Event],
    plan: &Plan,
) -> Result<Vec<(&'a Event, String)>, ImportError> {
    if plan.classes.is_empty() {
        // BioSig's events are trials, and their names classes; of others nobody can know which ones are meant.
        return Ok(events.iter().map(|event| (event, event.name.clone())).collect());
    }
    let called: Vec<_> =
        events.iter().filter_map(|event| Some((event, class_of(&plan.classes, &event.name)?))).collect();
    match called.is_empty() {
        true => Err(select::no_such_event(path, events, &plan.classes)),
        false => Ok(called),
    }
}

/// The class of an event: one that names it as it is, else one that names it without what stands before a slash, without
/// blanks and without case (`S1` for `Stimulus/S  1`).
fn class_of(classes: &[Class], event: &str) -> Option<String> {
    let is = |fits: &dyn Fn(&str) -> bool| {
        classes.iter().find(|class| class.events.iter().any(|it| fits(it))).map(|class| class.name.clone())
    };
    let bare = |name: &str| {
        let name = name.rsplit('/').next().unwrap_or(name);
        name.split_whitespace().collect::<String>().to_lowercase()
    };
    // A trial whose class is told elsewhere keeps that mark.
    is(&|it| it == event)
        .or_else(|| is(&|it| !it.contains('/') && bare(it) == bare(event)))
        .or_else(|| (event == UNLABELLED).then(|| UNLABELLED.to_owned()))
}

/// Runs all channels through the chain and keeps what lies in the windows.
fn continuous(
    samples: &mut dyn Samples,
    chosen: &Chosen,
    windows: &Windows,
    watch: &Watch,
) -> Result<Cut, ReadError> {
    let electrodes = chosen.channels.len();
    let mut signal = vec![0f32; windows.trials.len() * windows.length * electrodes];
    let reference = match chosen.reference.is_empty() || windows.trials.is_empty() {
        true => None,
        false => Some(mean_of(samples, chosen, watch)?),
    };
    let at_once = (AT_ONCE / 8 / chosen.samples.max(1)).clamp(1, electrodes.max(1));
    let groups: Vec<usize> = if windows.trials.is_empty() { Vec::new() } else { (0..electrodes).collect() };
    for group in groups.chunks(at_once) {
        let wanted: Vec<usize> = group.iter().map(|&electrode| chosen.channels[electrode].0).collect();
        let mut whole: Vec<Vec<f64>> = wanted.iter().map(|_| Vec::with_capacity(chosen.samples)).collect();
        samples.stream(&wanted, watch, &mut |slot, block| {
            let factor = chosen.channels[group[slot]].1.factor;
            whole[slot].extend(block.iter().map(|value| value * factor));
        })?;
        for (&electrode, mut whole) in group.iter().zip(whole) {
            if let Some(reference) = &reference {
                whole.iter_mut().zip(reference).for_each(|(value, reference)| *value -= reference);
            }
            if let Some(lane) =
                windows.lanes.iter().find(|lane| lane.rate == chosen.channels[electrode].1.rate)
            {
                keep(&whole, lane, (electrode, electrodes), windows, &mut signal);
            }
            watch.read(0)?;
        }
    }
    Ok(Cut {
        electrodes: chosen.channels.iter().map(|(_, channel)| channel.name.clone()).collect(),
        rate: Some(windows.rate),
        samples: windows.length,
        trials: windows.trials.clone(),
        signal,
    })
}

/// The mean of the reference's channels, sample by sample; NaN where one of them is missing.
fn mean_of(samples: &mut dyn Samples, chosen: &Chosen, watch: &Watch) -> Result<Vec<f64>, ReadError> {
    let wanted: Vec<usize> = chosen.reference.iter().map(|&(index, _)| index).collect();
    let mut sums = vec![0.0; chosen.samples];
    let mut next = vec![0; wanted.len()];
    let count = wanted.len() as f64;
    samples.stream(&wanted, watch, &mut |slot, block| {
        let factor = chosen.reference[slot].1;
        for (sum, value) in sums.iter_mut().skip(next[slot]).zip(block) {
            *sum += value * factor / count;
        }
        next[slot] += block.len();
    })?;
    Ok(sums)
}

fn keep(
    whole: &[f64],
    lane: &Lane,
    (electrode, electrodes): (usize, usize),
    windows: &Windows,
    signal: &mut [f32],
) {
    for (stretch, &(from, to)) in lane.stretches.iter().enumerate() {
        if !windows.places.iter().any(|place| place.0 == stretch) {
            continue;
        }
        let (from, to) = (from.min(whole.len()), to.min(whole.len()));
        let done = lane.chain.run(&whole[from..to]);
        for (trial, _) in windows.places.iter().enumerate().filter(|(_, place)| place.0 == stretch) {
            let start = windows.places[trial].1;
            let window = done.get(start..start + windows.length).unwrap_or(&[]);
            let place = trial * windows.length * electrodes + electrode;
            for (slot, &value) in signal[place..].iter_mut().step_by(electrodes).zip(window) {
                // An infinite value is as good as none.
                *slot = if value.is_finite() { value as f32 } else { f32::NAN };
            }
        }
    }
}

/// Trials that are cut already: the window is cut out of each, and each is filtered and resampled by itself.
fn from_trials(
    path: &std::path::Path,
    trials: &Trials,
    chosen: &Chosen,
    options: &Options,
    plan: &Plan,
    tally: &mut Tally,
) -> Result<Cut, ImportError> {
    let chain = Chain::new(plan, options, chosen.rate)?;
    let file = path.display();
    if chain.filter.as_ref().is_some_and(|filter| trials.samples <= filter.padding()) {
        return Err(ImportError::Work(format!(
            "{file} has trials too short to be filtered; leave --band out"
        )));
    }
    if chain.filter.is_some() || chain.resampler.is_some() {
        tally.note(format!("{file} is cut already: each trial was filtered and resampled by itself, with what that does to its ends"));
    }
    let rate = options.resample.or(chosen.rate);
    let there = chain.length(trials.samples);
    let (first, length) = match (plan.window, rate) {
        (None, _) => (0, there),
        (Some(_), None) => {
            return Err(ImportError::Work(format!(
                "--window needs the sampling rate of {file}; give it with --rate"
            )));
        }
        (Some((from, to)), Some(rate)) => {
            let first = ((from - trials.start.unwrap_or(0.0)) * rate).round_ties_even();
            let length = ((to - from) * rate).round_ties_even();
            if first < 0.0 || length < 1.0 || first + length > there as f64 {
                let (start, seconds) = (trials.start.unwrap_or(0.0), there as f64 / rate);
                return Err(ImportError::Work(format!(
                    "{file} has trials from {start} s to {} s; --window {from}..{to} reaches beyond",
                    start + seconds
                )));
            }
            (first as usize, length as usize)
        }
    };
    let electrodes = chosen.channels.len();
    let mut cut = Cut {
        electrodes: chosen.channels.iter().map(|(_, channel)| channel.name.clone()).collect(),
        rate,
        samples: length,
        ..Cut::default()
    };
    for trial in 0..trials.len() {
        let names = &trials.names[trial];
        let class = match plan.classes.is_empty() {
            true => names.first().cloned(),
            false => names.iter().find_map(|name| class_of(&plan.classes, name)),
        };
        match class {
            Some(class) if class != "NaN" && class != UNLABELLED => {
                let own = [&trials.subjects, &trials.sessions, &trials.runs]
                    .map(|list| list.as_ref().and_then(|it| it.get(trial)).cloned());
                let part = trials.parts.get(trial).copied().flatten();
                cut.trials.push(Trial { class, onset: trial as f64, part, own });
            }
            Some(_) => {
                tally.lose("nobody has told its class (--true-labels)", 1);
                continue;
            }
            None => {
                tally.lose("its event is none of --events", 1);
                continue;
            }
        }
        let reference = reference_of(trials, trial, chosen);
        let from = cut.signal.len();
        cut.signal.resize(from + length * electrodes, 0.0);
        for (electrode, (index, channel)) in chosen.channels.iter().enumerate() {
            let mut whole: Vec<f64> =
                trials.channel(trial, *index).map(|value| value * channel.factor).collect();
            if let Some(reference) = &reference {
                whole.iter_mut().zip(reference).for_each(|(value, reference)| *value -= reference);
            }
            let done = chain.run(&whole);
            let window = done.get(first..first + length).unwrap_or(&[]);
            for (slot, &value) in cut.signal[from + electrode..].iter_mut().step_by(electrodes).zip(window) {
                *slot = if value.is_finite() { value as f32 } else { f32::NAN };
            }
        }
    }
    if cut.trials.is_empty() && !plan.classes.is_empty() {
        let events: Vec<Event> =
            trials.names.iter().flatten().map(|name| Event::new(0.0, 0.0, name.as_str())).collect();
        return Err(select::no_such_event(path, &events, &plan.classes));
    }
    Ok(cut)
}

fn reference_of(trials: &Trials, trial: usize, chosen: &Chosen) -> Option<Vec<f64>> {
    if chosen.reference.is_empty() {
        return None;
    }
    let mut sums = vec![0.0; trials.samples];
    let count = chosen.reference.len() as f64;
    for &(index, factor) in &chosen.reference {
        sums.iter_mut()
            .zip(trials.channel(trial, index))
            .for_each(|(sum, value)| *sum += value * factor / count);
    }
    Some(sums)
}
