//! From recordings to what a run trains on: split, missing samples filled, scaled. Everything that is fitted is fitted
//! on the trials that are trained on.

use super::{DataError, DataSet, TrialSet, missing, scale::Zscore, split};
use crate::model::Geometry;
use crate::spec::{NanPolicy, Spec, Standardize};

/// What a run trains, chooses and is judged on. No sample is NaN or infinite.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// Trained on.
    pub train: TrialSet,
    /// Held out to choose the epoch; `None` where the spec holds nothing out.
    pub validation: Option<TrialSet>,
    /// Which of the data set's training trials those are, ascending.
    pub held_out: Vec<usize>,
    /// Judged on.
    pub test: TrialSet,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Names of the subjects.
    pub subjects: Vec<String>,
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
    spec.check()?;
    spec.model.network(data.geometry(), spec.activation, spec.dropout)?;
    let mut all = data.train.clone();
    let mut test = data.test.clone();
    if spec.nan == NanPolicy::Reference {
        // The lab's mean is over a whole file set, whatever is held out of it afterwards.
        missing::fill_with_own_mean(&mut all);
        missing::fill_with_own_mean(&mut test);
    }
    let (mut train, mut validation, held_out) = hold_out(data, all, spec)?;
    let mut others: Vec<&mut TrialSet> = validation.iter_mut().chain([&mut test]).collect();
    if spec.nan == NanPolicy::Train {
        missing::fill_from_training(&mut train, &mut others);
    }
    if spec.standardize == Standardize::Zscore {
        let zscore = Zscore::fit(&train);
        zscore.apply(&mut train);
        for set in others {
            zscore.apply(set);
        }
    }
    Ok(Prepared {
        train,
        validation,
        held_out,
        test,
        classes: data.classes.clone(),
        subjects: data.subjects.clone(),
        sfreq: data.sfreq,
        fingerprint: data.source.fingerprint.clone(),
    })
}

/// How many trials a run would be trained on, without making them ready: all but those that are held out.
pub fn training_trials(data: &DataSet, spec: &Spec) -> usize {
    let all = data.train.len();
    all - (all as f64 * spec.validation).round() as usize
}

/// Trained on, held out, and which trials the latter are.
type Parts = (TrialSet, Option<TrialSet>, Vec<usize>);

fn hold_out(data: &DataSet, all: TrialSet, spec: &Spec) -> Result<Parts, DataError> {
    if spec.validation == 0.0 {
        return Ok((all, None, Vec::new()));
    }
    let split = split::split(&all, spec.validation, spec.seed);
    let (train, validation) = (all.select(&split.train), all.select(&split.validation));
    for (part, set) in [("training", &train), ("validation", &validation)] {
        let counts = set.per_class(data.classes.len());
        if let Some(class) = counts.iter().position(|&count| count == 0) {
            return Err(DataError::EmptyClass {
                fraction: spec.validation,
                class: data.classes[class].clone(),
                part,
            });
        }
    }
    Ok((train, Some(validation), split.validation))
}
