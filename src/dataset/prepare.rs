//! From recordings to what a run trains on: split, missing samples filled, scaled. Everything that is fitted is fitted
//! on the trials that are trained on.

use super::division::{Division, divide};
use super::{DataError, DataSet, TrialSet, measured, missing, scale, split};
use crate::model::{Geometry, ModelError};
use crate::signal::Butterworth;
use crate::spec::{NanPolicy, Outliers, Spec, Split, Standardize};

/// What a run trains, chooses and is judged on. No sample is NaN or infinite.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// Trained on.
    pub train: TrialSet,
    /// Held out to choose the epoch; `None` where the spec holds nothing out.
    pub validation: Option<TrialSet>,
    /// Where those come from, ascending: places among the data set's training trials, or, where the run's split divides the
    /// whole set anew, among its training trials followed by its test trials.
    pub held_out: Vec<usize>,
    /// Judged on.
    pub test: TrialSet,
    /// Where those come from, ascending: places among the data set's test trials, or, where the run's split divides the whole
    /// set anew, among its training trials followed by its test trials.
    pub judged: Vec<usize>,
    /// What stands in for a missing sample of each electrode; `None` where each set has a filling of its own.
    pub filling: Option<Vec<f32>>,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Names of the subjects.
    pub subjects: Vec<String>,
    /// Names of the electrodes.
    pub electrodes: Vec<String>,
    /// Samples a second, where the files say so.
    pub sfreq: Option<f64>,
    /// The data set's fingerprint, for the run's provenance.
    pub fingerprint: String,
}

impl Prepared {
    /// What a network for these trials is built for.
    pub fn geometry(&self) -> Geometry {
        Geometry {
            channels: self.train.electrodes,
            samples: self.train.samples,
            classes: self.classes.len(),
            sfreq: self.sfreq,
        }
    }
}

/// Makes a data set's trials ready for a run. Fails where the spec and the data don't fit each other.
pub fn prepare(data: &DataSet, spec: &Spec) -> Result<Prepared, DataError> {
    let Places { learned, mut judged, parts } = places(data, spec)?;
    let mut all = data.select(&learned);
    let mut test = data.select(&judged);
    if spec.nan == NanPolicy::Reference {
        // The lab's mean is over a whole file set, whatever is held out of it afterwards.
        missing::fill_with_own_mean(&mut all);
        missing::fill_with_own_mean(&mut test);
    }
    let held_out = parts
        .as_ref()
        .map_or(Vec::new(), |parts| parts.validation.iter().map(|&place| learned[place]).collect());
    let (mut train, mut validation) = match parts {
        None => (all, None),
        Some(parts) => (all.select(&parts.train), Some(all.select(&parts.validation))),
    };
    let mut others: Vec<&mut TrialSet> = validation.iter_mut().chain([&mut test]).collect();
    let filling =
        (spec.nan == NanPolicy::Train).then(|| missing::fill_from_training(&mut train, &mut others));
    scale::standardize(spec.standardize, &mut train, &mut others);
    if spec.split == Split::Given {
        judged.iter_mut().for_each(|trial| *trial -= data.train.len());
    }
    Ok(Prepared {
        train,
        validation,
        held_out,
        test,
        judged,
        filling,
        classes: data.classes.clone(),
        subjects: data.subjects.clone(),
        electrodes: data.electrodes.clone(),
        sfreq: data.sfreq,
        fingerprint: data.source.fingerprint.clone(),
    })
}

/// What is done to each electrode of every trial alike before it reaches a run's network, as far as that was fitted to its
/// training trials.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fitted {
    /// What stands in for missing samples; empty where each set has a filling of its own.
    pub filling: Vec<f32>,
    /// What is taken off, and what is left multiplied by: mean and 1/sd. Empty where signals are not standardised so.
    pub scaling: Vec<(f64, f64)>,
}

/// What a run's spec fits to these trials.
pub fn fitted(data: &DataSet, spec: &Spec) -> Result<Fitted, DataError> {
    let unscaled = Spec { standardize: Standardize::None, ..spec.clone() };
    let prepared = prepare(data, &unscaled)?;
    let scaling = match spec.standardize {
        Standardize::Zscore => scale::Zscore::fit(&prepared.train).electrodes(),
        Standardize::None | Standardize::PerSubject | Standardize::Ema => Vec::new(),
    };
    Ok(Fitted { filling: prepared.filling.unwrap_or_default(), scaling })
}

/// How many trials a run would be trained on, without making them ready: all that are learned from but those held out.
pub fn training_trials(data: &DataSet, spec: &Spec) -> usize {
    let all = divide(data, spec).map_or(data.train.len(), |division| division.learned.len());
    all - (all as f64 * spec.validation).round() as usize
}

/// Says whether [`prepare`] would do, without copying a trial.
pub fn fits(data: &DataSet, spec: &Spec) -> Result<(), DataError> {
    places(data, spec).map(drop)
}

/// These trials but those that go much further than the others of them.
fn without_outliers(data: &DataSet, trials: Vec<usize>) -> Vec<usize> {
    let outlying = measured::outlying(&data.select(&trials));
    let kept = (0..trials.len()).filter(|place| outlying.binary_search(place).is_err());
    kept.map(|place| trials[place]).collect()
}

/// Refuses trials that the model can't take.
fn check_model(data: &DataSet, spec: &Spec) -> Result<(), DataError> {
    let Some(_) = spec.model.baseline() else {
        spec.model.network(data.geometry(), spec.activation, spec.dropout)?;
        return Ok(());
    };
    if data.classes.len() < 2 {
        return Err(ModelError::TooFewClasses(data.classes.len()).into());
    }
    if let Some(band) = spec.band {
        Butterworth::design(band, data.sfreq.ok_or(DataError::NoRate)?)?;
    }
    Ok(())
}

/// Which trials a run is about.
struct Places {
    /// Learned from, as [`Division::learned`].
    learned: Vec<usize>,
    /// Judged on, as [`Division::judged`].
    judged: Vec<usize>,
    /// Places in `learned` to train on and to hold out; `None` where nothing is held out.
    parts: Option<split::Held>,
}

fn places(data: &DataSet, spec: &Spec) -> Result<Places, DataError> {
    spec.check()?;
    check_model(data, spec)?;
    let Division { mut learned, judged } = divide(data, spec)?;
    if spec.outliers == Outliers::Drop {
        learned = without_outliers(data, learned);
    }
    if spec.validation == 0.0 {
        return Ok(Places { learned, judged, parts: None });
    }
    let strata: Vec<(u16, u32)> = learned.iter().map(|&trial| data.stratum(trial)).collect();
    let parts = match spec.split {
        Split::Given | Split::KFold { shuffled: true, .. } => {
            split::at_random(&strata, spec.validation, spec.seed)
        }
        Split::KFold { shuffled: false, .. } | Split::LeaveOut(_) => {
            split::at_the_end(&strata, spec.validation)
        }
    };
    for (part, trials) in [("training", &parts.train), ("validation", &parts.validation)] {
        let lacks = |class: &usize| !trials.iter().any(|&place| strata[place].1 as usize == *class);
        if let Some(class) = (0..data.classes.len()).find(lacks) {
            let class = data.classes[class].clone();
            return Err(DataError::EmptyClass { fraction: spec.validation, class, part });
        }
    }
    Ok(Places { learned, judged, parts: Some(parts) })
}
