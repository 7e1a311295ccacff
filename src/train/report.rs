//! What a training says, in the notebook's words.

use super::selection::Candidate;
use super::trials::{first_largest, softmax};
use super::{About, Saved, SavedWeights, TrainedOn};
use super::{Job, Pick, TrainError};
use crate::dataset::{Prepared, TrialSet};
use crate::event::{Epoch, Finished, Started, TrialCounts};
use crate::model::{Geometry, Network};
use crate::nn::{Backend, Weights};
use crate::predictions::{Prediction, Predictions};
use crate::spec::{Rule, Spec, Standardize};
use candle_core::Device;
use std::collections::BTreeMap;

pub(super) fn started(job: &Job, epoch: u32, trials: TrialCounts) -> Started {
    let provenance = &job.provenance;
    Started {
        epoch,
        program: env!("CARGO_PKG_VERSION").into(),
        commit: provenance.commit.clone(),
        command: provenance.command.clone(),
        host: provenance.host.clone(),
        pid: provenance.pid,
        job: provenance.job.clone(),
        device: match job.spec.model.baseline() {
            // Double precision, on the processor alone.
            Some(_) => Backend::CPU.name(),
            None => provenance.device.clone(),
        },
        threads: job.threads,
        fingerprint: job.data.fingerprint.clone(),
        spec_hash: job.spec.hash(),
        trials,
        remark: None,
    }
}

/// A finished run without what its rules pick.
pub(super) fn finished(job: &Job, last: &Epoch, epochs: u32, seconds: f64) -> Finished {
    Finished {
        id: job.id.into(),
        test_acc: BTreeMap::new(),
        picked: BTreeMap::new(),
        train_loss: last.train_loss,
        train_acc: last.train_acc,
        epochs,
        seconds,
        remark: None,
    }
}

/// Why a run can't go on, and what to try.
pub(super) fn diverged(what: &str, epoch: u32, spec: &Spec) -> String {
    let scale = match spec.standardize {
        Standardize::None => "--standardize zscore, ",
        Standardize::Zscore | Standardize::PerSubject | Standardize::Ema => "",
    };
    format!(
        "{what} is no finite number any more in epoch {epoch}; try a smaller --lr than {}, {scale}or look for damaged trials with 'eeg-tui data check'",
        spec.lr
    )
}

/// An epoch as it leaves training: weights under the lab's names, and a row for each test trial and each one held out.
/// `validation` holds the latter's logits.
pub(super) fn pick(
    job: &Job,
    network: &Network,
    rule: Rule,
    candidate: Candidate,
    validation: Option<Vec<f32>>,
) -> Result<Pick, TrainError> {
    let Candidate { epoch, step, theta, running, logits, .. } = candidate;
    let data = job.data;
    let tensors = Weights::from_flat(network, theta, running, &Device::Cpu)?.state_dict()?;
    let about = about(job, network.geometry, rule, epoch);
    let predictions = predictions(data, &data.test, &data.judged, &logits);
    let validation = validation.zip(data.validation.as_ref());
    let validation = validation.map(|(logits, set)| self::predictions(data, set, &data.held_out, &logits));
    let weights = Saved::Network(SavedWeights { tensors, steps: step, about });
    Ok(Pick { epoch, weights, predictions, validation })
}

/// Where an epoch's weights come from.
pub(super) fn about(job: &Job, geometry: Geometry, rule: Rule, epoch: u32) -> About {
    let data = job.data;
    let trained_on = TrainedOn {
        electrodes: Some(data.electrodes.clone()),
        classes: Some(data.classes.clone()),
        sfreq: data.sfreq,
    };
    About { spec: job.spec.clone(), geometry, trained_on, run: job.id.into(), rule, epoch }
}

/// Logits in words, `places` being where each trial of the set comes from.
fn predictions(data: &Prepared, set: &TrialSet, places: &[usize], logits: &[f32]) -> Predictions {
    let rows = logits.chunks(data.classes.len().max(1)).zip(&set.labels).zip(&set.subjects).zip(places).map(
        |(((logits, &label), &subject), &trial)| Prediction {
            trial,
            subject: data.subjects.get(usize::from(subject)).cloned().unwrap_or_default(),
            label,
            predicted: first_largest(logits),
            probabilities: softmax(logits).into_iter().map(f64::from).collect(),
        },
    );
    Predictions { classes: data.classes.clone(), rows: rows.collect() }
}
