//! The four pipelines as one thing: filter, features, classifier.

use super::features::Features;
use super::linear::{Linear, counts};
use super::trials::Trials;
use super::{BaselineError, discriminant, logistic};
use crate::model::Baseline;
use crate::signal::{Butterworth, PassBand};
use faer::MatRef;

/// A fitted pipeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    pub(super) baseline: Baseline,
    /// What passes of each trial first, at how many samples a second.
    pub(super) band: Option<(PassBand, f64)>,
    pub(super) electrodes: usize,
    pub(super) samples: usize,
    pub(super) features: Features,
    pub(super) classifier: Linear,
    /// What the reader of its scores should know about the fit.
    pub(super) remark: Option<String>,
}

impl Fitted {
    /// Fits a pipeline to training trials and their classes, indices below `classes`. `band` is what is filtered out of
    /// each trial first, with the sampling rate where it is known.
    pub fn fit(
        baseline: Baseline,
        band: Option<(PassBand, Option<f64>)>,
        trials: &Trials,
        labels: &[u32],
        classes: usize,
    ) -> Result<Self, BaselineError> {
        let few = counts(labels, classes).into_iter().enumerate().find(|(_, count)| *count < 2);
        if let Some((class, trials)) = few {
            return Err(BaselineError::FewTrials { class: class + 1, trials });
        }
        let band = band
            .map(|(band, sfreq)| sfreq.map(|sfreq| (band, sfreq)).ok_or(BaselineError::NoRate))
            .transpose()?;
        let (electrodes, samples) = (trials.electrodes(), trials.samples());
        let passed = pass(band, trials)?;
        let (features, values) = Features::fit(baseline, passed.as_ref().unwrap_or(trials), labels, classes)?;
        let (classifier, remark) = classify(baseline, values.as_ref(), labels, classes)?;
        Ok(Fitted { baseline, band, electrodes, samples, features, classifier, remark })
    }

    /// A score for each class of each trial, (trial, class) in row order. Their softmax is the probability of each
    /// class; of two classes, the second's less the first's is what is called the decision value.
    pub fn scores(&self, trials: &Trials) -> Result<Vec<f64>, BaselineError> {
        let shape = [
            ("electrodes", self.electrodes, trials.electrodes()),
            ("samples a trial", self.samples, trials.samples()),
        ];
        for (what, fitted, found) in shape {
            if fitted != found && !trials.is_empty() {
                return Err(BaselineError::Shape { what, fitted, found });
            }
        }
        let passed = pass(self.band, trials)?;
        let features = self.features.of(passed.as_ref().unwrap_or(trials))?;
        let scores = self.classifier.scores(features.as_ref());
        Ok(scores.row_iter().flat_map(|row| row.iter().copied().collect::<Vec<_>>()).collect())
    }

    /// Which pipeline it is.
    pub fn baseline(&self) -> Baseline {
        self.baseline
    }

    /// How many classes it tells apart.
    pub fn classes(&self) -> usize {
        self.classifier.bias.len()
    }

    /// What the reader of its scores should know about the fit, in one sentence.
    pub fn remark(&self) -> Option<&str> {
        self.remark.as_deref()
    }
}

/// The trials behind the filter; `None` where there is none.
fn pass(band: Option<(PassBand, f64)>, trials: &Trials) -> Result<Option<Trials>, BaselineError> {
    band.map(|(band, sfreq)| trials.filtered(&Butterworth::design(band, sfreq)?)).transpose()
}

/// The pipeline's classifier, fitted to features (trial, feature), and what to say of it.
fn classify(
    baseline: Baseline,
    features: MatRef<'_, f64>,
    labels: &[u32],
    classes: usize,
) -> Result<(Linear, Option<String>), BaselineError> {
    match baseline {
        Baseline::Tangent => Ok((logistic::fit(features, labels, classes)?, None)),
        Baseline::Blocks => Ok((discriminant::shrunk(features, labels, classes)?, None)),
        Baseline::LogVar | Baseline::Csp => match discriminant::plain(features, labels, classes)? {
            (linear, None) => Ok((linear, None)),
            (_, Some(rank)) => {
                let remark = format!(
                    "{} training trials vary in {rank} of {} features only, so their covariance was shrunk",
                    features.nrows(),
                    features.ncols()
                );
                Ok((discriminant::shrunk(features, labels, classes)?, Some(remark)))
            }
        },
    }
}
