//! Scores saved weights on test trials, as the lab's last step does. Computes exactly what training computed when it
//! recorded the same epoch.

use super::trials::{Scores, Trials, trials_of};
use super::{LoadedWeights, SavedError};
use super::{fit, pool};
use crate::baseline::{self, BaselineError, Fitted};
use crate::dataset::Prepared;
use crate::model::{Activation, Geometry, Model, ModelError};
use crate::nn::trainer::{Beginning, trainer};
use crate::nn::{Backend, Weights, WeightsError};
use candle_core::Device;

/// What saved weights say about a test set.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The network, known by the names of its tensors, or the baseline.
    pub model: Model,
    /// Share of trials whose class was found.
    pub accuracy: f64,
    /// Mean cross-entropy.
    pub loss: f64,
    /// A row of class logits a trial; of a baseline its scores, whose softmax are probabilities too.
    pub logits: Vec<Vec<f64>>,
    /// The true classes, indices into a row of logits.
    pub labels: Vec<u32>,
}

/// Why weights can't be scored on a data set.
#[derive(Debug, thiserror::Error)]
pub enum EvaluationError {
    /// They can't be read, or belong to no known network.
    #[error(transparent)]
    Saved(#[from] SavedError),
    /// No network can be built for the trials.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The trials are not of the kind that the weights are for.
    #[error(
        "the weights are for {weights}, the data set has {data}; take the data set that they were trained on"
    )]
    Geometry {
        /// What the weights are for.
        weights: String,
        /// What the data set has.
        data: String,
    },
    /// The baseline can't be applied to them.
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    /// The tensors don't fit in another way.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The weights hold NaN or too large numbers.
    #[error("the weights give logits that are no finite numbers; they come from a training that failed")]
    NotFinite,
    /// The device failed.
    #[error("the device could not compute: {0}")]
    Device(#[from] candle_core::Error),
    /// No threads to be had.
    #[error("the threads could not be started ({0}); take fewer --threads")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// Scores weights on the test trials. Their network is built for these trials, with this activation function.
pub fn evaluate(
    saved: &LoadedWeights,
    model: &Model,
    activation: Activation,
    data: &Prepared,
    device: &Backend,
    threads: usize,
) -> Result<Evaluation, EvaluationError> {
    let geometry = data.geometry();
    // Dropout plays no part in evaluation.
    let network = model.network(geometry, activation, 0.0)?;
    compare(model, saved, geometry)?;
    // All of it on the threads that compute: a card orders what one thread asks of it, not what several do.
    let scores = pool(threads)?.install(|| -> Result<Scores, EvaluationError> {
        let weights = Weights::from_state_dict(&network, &saved.tensors, &Device::Cpu)?;
        let beginning = Beginning { seed: 0, lr: 0.0, weight_decay: 0.0, sets: vec![trials_of(&data.test)] };
        let mut trainer = trainer(device, &network, &beginning)?;
        let (theta, running) = (weights.theta().to_vec1()?, weights.running().to_vec1()?);
        let logits = trainer.evaluate_with(0, &theta, &running)?;
        Ok(Trials::new(&data.test, geometry.classes, 0).score(logits))
    })?;
    if !scores.loss.is_finite() {
        return Err(EvaluationError::NotFinite);
    }
    let row = |logits: &[f32]| logits.iter().copied().map(f64::from).collect();
    Ok(Evaluation {
        model: model.clone(),
        accuracy: scores.accuracy,
        loss: scores.loss,
        logits: scores.logits.chunks(geometry.classes).map(row).collect(),
        labels: data.test.labels.clone(),
    })
}

/// Scores a saved baseline on the test trials.
pub fn evaluate_baseline(
    fitted: &Fitted,
    model: &Model,
    data: &Prepared,
) -> Result<Evaluation, EvaluationError> {
    if fitted.classes() != data.classes.len() {
        let words = |classes| format!("{classes} classes");
        let (weights, data) = (words(fitted.classes()), words(data.classes.len()));
        return Err(EvaluationError::Geometry { weights, data });
    }
    let scores = fitted.scores(&baseline::Trials::of(&data.test))?;
    let said = fit::said(data, &data.test, &data.judged, &scores);
    Ok(Evaluation {
        model: model.clone(),
        accuracy: said.predictions.accuracy(),
        loss: said.loss,
        logits: scores.chunks(fitted.classes().max(1)).map(<[f64]>::to_vec).collect(),
        labels: data.test.labels.clone(),
    })
}

/// Refuses weights whose shapes tell of other channels or classes than the data set has.
fn compare(model: &Model, saved: &LoadedWeights, data: Geometry) -> Result<(), EvaluationError> {
    let sizes = saved.likeness(model).map(|likeness| (likeness.channels, likeness.classes));
    let Some((Some(channels), Some(classes))) = sizes else {
        // Loading them names what is missing.
        return Ok(());
    };
    if (channels, classes) == (data.channels, data.classes) {
        return Ok(());
    }
    let words = |channels, classes| format!("{channels} channels and {classes} classes");
    Err(EvaluationError::Geometry {
        weights: words(channels, classes),
        data: words(data.channels, data.classes),
    })
}
