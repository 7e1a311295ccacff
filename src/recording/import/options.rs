//! What a person asks of an import: every option, its notation, and what makes no sense of it.

use super::ImportError;
use crate::recording::unit::microvolts;
use crate::signal::PassBand;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::str::FromStr;

/// All options, as they were typed; kept in the set's provenance and read back from there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Events in the order of their classes, each `EVENT` or `EVENT=CLASS`.
    pub events: Vec<String>,
    /// Seconds from the event: from, up to and without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
    /// What is for the test.
    pub test: Vec<String>,
    /// The unit of channels that don't say theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The channel whose codes are the events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stim: Option<String>,
    /// The channels to take, in this order.
    pub picks: Vec<String>,
    /// What is taken away from every channel: `average`, or names of channels.
    pub reference: Vec<String>,
    /// What passes the filter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub band: Option<String>,
    /// The new sampling rate in Hz.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resample: Option<f64>,
    /// Which trials are dropped: a number of µV from peak to peak, or `artifacts`.
    pub reject: Vec<String>,
    /// Files with the classes of all trials, one for each recording.
    pub true_labels: Vec<PathBuf>,
    /// The subject of all recordings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The session of all recordings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The run of all recordings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// How file names tell these three, such as `S{subject}R{run}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The sampling rate of files that don't say theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// The array that holds the trials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
    /// The array that holds their labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<String>,
    /// The order of the array's axes.
    pub axes: Vec<String>,
    /// Whether trials may share samples.
    pub overlap: bool,
}

/// What is for the test.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Nothing, unless the files say so themselves.
    AsGiven,
    /// The last share of each recording.
    Share(f64),
    /// Whole subjects, sessions or runs.
    Named(Unit, Vec<String>),
}

/// What recordings are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Who.
    Subject,
    /// On which day.
    Session,
    /// Which of a day's recordings.
    Run,
}

impl Unit {
    const ALL: [(&'static str, Unit); 3] =
        [("subject", Unit::Subject), ("session", Unit::Session), ("run", Unit::Run)];

    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Subject => "subject",
            Unit::Session => "session",
            Unit::Run => "run",
        }
    }
}

/// A class: its name, and the events that belong to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// As tables show it.
    pub name: String,
    /// As recordings call them.
    pub events: Vec<String>,
}

/// The options, understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Empty where the files' own labels are the classes.
    pub classes: Vec<Class>,
    /// Seconds.
    pub window: Option<(f64, f64)>,
    /// What passes.
    pub band: Option<PassBand>,
    /// µV from peak to peak.
    pub reject: Option<f64>,
    /// Whether trials that are marked as disturbed are dropped.
    pub reject_artifacts: bool,
    /// What is for the test.
    pub test: Test,
    /// The places of (trial, time, electrode) among an array's axes.
    pub axes: Option<[usize; 3]>,
}

impl Options {
    /// Understands the options.
    pub fn plan(&self) -> Result<Plan, ImportError> {
        let rate = |name: &str, rate: Option<f64>| match rate {
            Some(rate) if !(rate.is_finite() && rate > 0.0) => {
                Err(usage(format!("--{name} {rate} is no sampling rate")))
            }
            _ => Ok(()),
        };
        rate("rate", self.rate)?;
        rate("resample", self.resample)?;
        if let Some(unit) = self.unit.as_deref().filter(|unit| microvolts(unit).is_none()) {
            return Err(usage(format!("--unit {unit} is no voltage; give V, mV, uV or nV")));
        }
        let (reject, reject_artifacts) = self.reject()?;
        Ok(Plan {
            classes: self.classes()?,
            window: self.window.as_deref().map(window).transpose()?,
            band: self.band.as_deref().map(band).transpose()?,
            reject,
            reject_artifacts,
            test: self.test()?,
            axes: self.axes()?,
        })
    }

    /// The same options with the files that they name told wherever the program runs.
    pub fn settled(&self) -> Result<Self, ImportError> {
        let whole = |path: &PathBuf| {
            let error = |error| ImportError::Work(format!("{} can't be read: {error}", path.display()));
            std::fs::canonicalize(path).map_err(error)
        };
        let labels = match &self.labels {
            Some(file) if file.ends_with(".npy") => {
                Some(whole(&PathBuf::from(file))?.to_string_lossy().into_owned())
            }
            labels => labels.clone(),
        };
        let true_labels = self.true_labels.iter().map(whole).collect::<Result<_, _>>()?;
        Ok(Options { labels, true_labels, ..self.clone() })
    }

    fn classes(&self) -> Result<Vec<Class>, ImportError> {
        let mut classes: Vec<Class> = Vec::new();
        for text in &self.events {
            let (event, name) = text.rsplit_once('=').unwrap_or((text, text));
            if event.trim().is_empty() || name.trim().is_empty() {
                return Err(usage(format!("--events has '{text}'; give EVENT or EVENT=CLASS")));
            }
            if classes.iter().any(|class| class.events.iter().any(|it| it == event)) {
                return Err(usage(format!("--events names '{event}' twice")));
            }
            match classes.iter_mut().find(|class| class.name == name) {
                Some(class) => class.events.push(event.to_owned()),
                None => classes.push(Class { name: name.to_owned(), events: vec![event.to_owned()] }),
            }
        }
        Ok(classes)
    }

    fn reject(&self) -> Result<(Option<f64>, bool), ImportError> {
        let (mut most, mut artifacts) = (None, false);
        for text in &self.reject {
            match (text.as_str(), text.parse::<f64>()) {
                ("artifacts", _) => artifacts = true,
                (_, Ok(limit)) if limit.is_finite() && limit > 0.0 => most = Some(limit),
                _ => {
                    let what = "give a number of µV from peak to peak, or 'artifacts'";
                    return Err(usage(format!("--reject {text} is not understood; {what}")));
                }
            }
        }
        Ok((most, artifacts))
    }

    fn test(&self) -> Result<Test, ImportError> {
        let not_understood = |text: &str| {
            let what = "give a share such as 0.3, or subject:NAME, session:NAME or run:NAME";
            usage(format!("--test {text} is not understood; {what}"))
        };
        let mut test = Test::AsGiven;
        for text in &self.test {
            if text == "none" && self.test.len() == 1 {
                return Ok(Test::AsGiven);
            }
            // `run:8,12` arrives in two pieces.
            let (unit, value) = match (text.split_once(':'), &test) {
                (Some((unit, value)), _) => {
                    let known = Unit::ALL.iter().find(|(name, _)| *name == unit);
                    (Some(known.ok_or_else(|| not_understood(text))?.1), value)
                }
                (None, Test::Named(unit, _)) => (Some(*unit), text.as_str()),
                (None, _) => (None, text.as_str()),
            };
            match (unit, &mut test) {
                (Some(unit), Test::Named(other, values)) if *other == unit => values.push(value.to_owned()),
                (Some(unit), Test::AsGiven) if !value.is_empty() => {
                    test = Test::Named(unit, vec![value.to_owned()]);
                }
                (None, Test::AsGiven) => match value.parse::<f64>() {
                    Ok(share) if share > 0.0 && share < 1.0 => test = Test::Share(share),
                    _ => return Err(not_understood(text)),
                },
                _ => return Err(not_understood(&self.test.join(","))),
            }
        }
        Ok(test)
    }

    fn axes(&self) -> Result<Option<[usize; 3]>, ImportError> {
        if self.axes.is_empty() {
            return Ok(None);
        }
        let place = |words: &[&str]| self.axes.iter().position(|axis| words.contains(&axis.as_str()));
        let places = [place(&["trial"]), place(&["time"]), place(&["electrode", "channel"])];
        match (places, self.axes.len()) {
            ([Some(trial), Some(time), Some(electrode)], 3) => Ok(Some([trial, time, electrode])),
            _ => {
                let said = self.axes.join(",");
                Err(usage(format!(
                    "--axes {said} is not understood; give trial, time and electrode in the array's order"
                )))
            }
        }
    }
}

fn usage(sentence: String) -> ImportError {
    ImportError::Usage(sentence)
}

/// Two numbers between which `..` stands.
fn pair(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    text.split_once("..").or_else(|| text.split_once(',')).or_else(|| text.split_once(':')).or_else(|| {
        // 8-30, but not -1: a minus that stands behind a number.
        let at = text.char_indices().skip(1).find(|&(_, c)| c == '-')?.0;
        Some((&text[..at], &text[at + 1..]))
    })
}

fn number(text: &str) -> Option<f64> {
    f64::from_str(text.trim()).ok().filter(|value| value.is_finite())
}

fn window(text: &str) -> Result<(f64, f64), ImportError> {
    let parsed = pair(text).and_then(|(from, to)| Some((number(from)?, number(to)?)));
    match parsed {
        Some((from, to)) if from < to && to - from < 1e6 => Ok((from, to)),
        _ => Err(usage(format!(
            "--window {text} is not understood; give seconds from the event, such as 0..4 or -0.5..3.5"
        ))),
    }
}

fn band(text: &str) -> Result<PassBand, ImportError> {
    let not_understood =
        || usage(format!("--band {text} is not understood; give Hz, such as 8..30, 0.5.. or ..40"));
    let side = |text: &str| if text.trim().is_empty() { Some(None) } else { number(text).map(Some) };
    let parsed = pair(text).and_then(|(low, high)| Some((side(low)?, side(high)?)));
    let (low, high) = parsed.ok_or_else(not_understood)?;
    PassBand::new(low, high).map_err(|error| usage(format!("--band: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(change: impl Fn(&mut Options)) -> Result<Plan, String> {
        let mut options = Options::default();
        change(&mut options);
        options.plan().map_err(|error| error.to_string())
    }

    #[test]
    fn windows_and_bands_are_read_as_people_write_them() {
        for (text, right) in [
            ("0..4", (0.0, 4.0)),
            ("-5..2", (-5.0, 2.0)),
            ("-1..-0.5", (-1.0, -0.5)),
            ("0.5,2.5", (0.5, 2.5)),
        ] {
            assert_eq!(window(text).unwrap(), right, "{text}");
        }
        let passes = |low, high| PassBand::new(low, high).unwrap();
        assert_eq!(band("8..30").unwrap(), passes(Some(8.0), Some(30.0)));
        assert_eq!(band("8-30").unwrap(), passes(Some(8.0), Some(30.0)));
        assert_eq!(band("0.5..").unwrap(), passes(Some(0.5), None));
        assert_eq!(band("..40").unwrap(), passes(None, Some(40.0)));
        for text in ["4..0", "4", "", "a..b", "0..inf", "NaN..2"] {
            assert!(window(text).is_err(), "{text}");
        }
        assert!(band("..").is_err());
    }

    #[test]
    fn events_may_be_renamed_and_joined() {
        let plan =
            plan(|it| it.events = ["769=left", "770=right", "1=left"].map(String::from).to_vec()).unwrap();
        let class = |name: &str, events: &[&str]| Class {
            name: name.into(),
            events: events.iter().map(|it| (*it).to_owned()).collect(),
        };
        assert_eq!(plan.classes, [class("left", &["769", "1"]), class("right", &["770"])]);
    }

    #[test]
    fn a_test_part_is_a_share_or_whole_units() {
        let test = |texts: &[&str]| {
            plan(|it| it.test = texts.iter().map(|it| (*it).to_owned()).collect()).map(|it| it.test)
        };
        let named =
            |unit, names: &[&str]| Test::Named(unit, names.iter().map(|it| (*it).to_owned()).collect());
        assert_eq!(test(&["0.3"]).unwrap(), Test::Share(0.3));
        assert_eq!(test(&["run:8", "12"]).unwrap(), named(Unit::Run, &["8", "12"]));
        assert_eq!(test(&["subject:S3"]).unwrap(), named(Unit::Subject, &["S3"]));
        assert_eq!(test(&["none"]).unwrap(), Test::AsGiven);
        for texts in [&["1.5"][..], &["0"], &["day:2"], &["run:1", "session:2"], &["0.3", "run:1"], &["run:"]]
        {
            assert!(test(texts).is_err(), "{texts:?}");
        }
    }
}
