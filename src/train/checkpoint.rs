//! The state of a training between two epochs: all that is needed to go on as if it had never stopped. One safetensors
//! document; numbers keep every bit.

use super::selection::{Candidate, Picks};
use crate::event::Epoch;
use safetensors::tensor::{Dtype, SafeTensorError, SafeTensors, TensorView};
use std::collections::HashMap;

/// The version of the document that this program writes.
const VERSION: &str = "1";

/// A training's state after an epoch. Values are flat, in the order of [`crate::nn::Weights`].
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// Hash of the spec that it belongs to.
    pub spec_hash: String,
    /// Epochs done.
    pub epoch: u32,
    /// Seconds that they took together.
    pub seconds: f64,
    /// Figures of the last epoch done, if any is.
    pub last: Option<Epoch>,
    /// All trainable values.
    pub theta: Vec<f32>,
    /// All running statistics.
    pub running: Vec<f32>,
    /// Adam's mean of the gradient.
    pub m: Vec<f32>,
    /// Adam's mean of the squared gradient.
    pub v: Vec<f32>,
    /// Adam's steps done.
    pub step: u64,
    /// The best epochs so far.
    pub picks: Picks,
}

/// Why a checkpoint can't be read or used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// Not safetensors, cut off, or lacking something.
    #[error("the checkpoint is damaged ({0}); retry the run to train it from the start")]
    Damaged(String),
    /// Written by a newer program.
    #[error("the checkpoint has version {0}, this eeg-tui reads {VERSION}; update eeg-tui")]
    Version(String),
    /// Of another run.
    #[error("the checkpoint belongs to another spec; retry the run to train it from the start")]
    OtherSpec,
}

impl From<SafeTensorError> for CheckpointError {
    fn from(error: SafeTensorError) -> Self {
        CheckpointError::Damaged(error.to_string())
    }
}

impl Checkpoint {
    /// The document.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CheckpointError> {
        let mut document = Writer::default();
        document.say("version", VERSION);
        document.say("spec_hash", &self.spec_hash);
        document.say("epoch", self.epoch);
        document.say("step", self.step);
        document.doubles("seconds", &[self.seconds]);
        if let Some(last) = &self.last {
            document.doubles("last", &figures(last));
        }
        for (name, values) in
            [("theta", &self.theta), ("running", &self.running), ("m", &self.m), ("v", &self.v)]
        {
            document.singles(name, values);
        }
        for (rule, pick) in [("validation", &self.picks.validation), ("best_test", &self.picks.best_test)] {
            if let Some(pick) = pick {
                document.candidate(rule, pick);
            }
        }
        document.finish()
    }

    /// Reads a document.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let document = Reader::new(bytes)?;
        let version: String = document.said("version")?;
        if version != VERSION {
            return Err(CheckpointError::Version(version));
        }
        let epoch = document.said("epoch")?;
        Ok(Checkpoint {
            spec_hash: document.said("spec_hash")?,
            epoch,
            seconds: document.double("seconds")?,
            last: document.has("last").then(|| document.epoch("last", epoch)).transpose()?,
            theta: document.singles("theta")?,
            running: document.singles("running")?,
            m: document.singles("m")?,
            v: document.singles("v")?,
            step: document.said("step")?,
            picks: Picks {
                validation: document.candidate("validation")?,
                best_test: document.candidate("best_test")?,
            },
        })
    }
}

/// An epoch's figures but its number; NaN where there is none.
fn figures(epoch: &Epoch) -> [f64; 7] {
    let known = |figure: Option<f64>| figure.unwrap_or(f64::NAN);
    [
        epoch.train_loss,
        epoch.train_acc,
        known(epoch.val_loss),
        known(epoch.val_acc),
        epoch.test_loss,
        epoch.test_acc,
        epoch.seconds,
    ]
}

#[derive(Default)]
struct Writer {
    metadata: HashMap<String, String>,
    tensors: Vec<(String, Dtype, usize, Vec<u8>)>,
}

impl Writer {
    fn say(&mut self, key: &str, value: impl ToString) {
        self.metadata.insert(key.to_string(), value.to_string());
    }

    fn singles(&mut self, name: &str, values: &[f32]) {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensors.push((name.to_string(), Dtype::F32, values.len(), bytes));
    }

    fn doubles(&mut self, name: &str, values: &[f64]) {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensors.push((name.to_string(), Dtype::F64, values.len(), bytes));
    }

    fn candidate(&mut self, rule: &str, pick: &Candidate) {
        self.say(&format!("{rule}.epoch"), pick.epoch);
        self.say(&format!("{rule}.step"), pick.step);
        self.doubles(&format!("{rule}.score"), &[pick.score]);
        self.singles(&format!("{rule}.theta"), &pick.theta);
        self.singles(&format!("{rule}.running"), &pick.running);
        self.singles(&format!("{rule}.logits"), &pick.logits);
    }

    fn finish(self) -> Result<Vec<u8>, CheckpointError> {
        let views = self
            .tensors
            .iter()
            .map(|(name, dtype, count, bytes)| Ok((name, TensorView::new(*dtype, vec![*count], bytes)?)))
            .collect::<Result<Vec<_>, SafeTensorError>>()?;
        Ok(crate::tensor_file::serialize(views, self.metadata)?)
    }
}

struct Reader<'a> {
    metadata: HashMap<String, String>,
    tensors: SafeTensors<'a>,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, CheckpointError> {
        let (_, header) = SafeTensors::read_metadata(bytes)?;
        let metadata = header.metadata().clone().unwrap_or_default();
        Ok(Reader { metadata, tensors: SafeTensors::deserialize(bytes)? })
    }

    fn has(&self, name: &str) -> bool {
        self.tensors.tensor(name).is_ok()
    }

    fn said<T: std::str::FromStr>(&self, key: &str) -> Result<T, CheckpointError> {
        let text = self.metadata.get(key).and_then(|text| text.parse().ok());
        text.ok_or_else(|| CheckpointError::Damaged(format!("it does not say its {key}")))
    }

    fn numbers<const N: usize, T>(
        &self,
        name: &str,
        dtype: Dtype,
        number: fn([u8; N]) -> T,
    ) -> Result<Vec<T>, CheckpointError> {
        let tensor = self.tensors.tensor(name)?;
        if tensor.dtype() != dtype {
            return Err(CheckpointError::Damaged(format!("'{name}' has another type")));
        }
        let (chunks, _) = tensor.data().as_chunks::<N>();
        Ok(chunks.iter().map(|bytes| number(*bytes)).collect())
    }

    fn singles(&self, name: &str) -> Result<Vec<f32>, CheckpointError> {
        self.numbers(name, Dtype::F32, f32::from_le_bytes)
    }

    fn double(&self, name: &str) -> Result<f64, CheckpointError> {
        let numbers = self.numbers(name, Dtype::F64, f64::from_le_bytes)?;
        numbers.first().copied().ok_or_else(|| CheckpointError::Damaged(format!("'{name}' is empty")))
    }

    fn epoch(&self, name: &str, epoch: u32) -> Result<Epoch, CheckpointError> {
        let figures = self.numbers(name, Dtype::F64, f64::from_le_bytes)?;
        let known = |figure: f64| (!figure.is_nan()).then_some(figure);
        let [train_loss, train_acc, val_loss, val_acc, test_loss, test_acc, seconds] = figures[..] else {
            return Err(CheckpointError::Damaged(format!("'{name}' has {} figures", figures.len())));
        };
        let (val_loss, val_acc) = (known(val_loss), known(val_acc));
        Ok(Epoch { epoch, train_loss, train_acc, val_loss, val_acc, test_loss, test_acc, seconds })
    }

    fn candidate(&self, rule: &str) -> Result<Option<Candidate>, CheckpointError> {
        if !self.has(&format!("{rule}.theta")) {
            return Ok(None);
        }
        Ok(Some(Candidate {
            epoch: self.said(&format!("{rule}.epoch"))?,
            score: self.double(&format!("{rule}.score"))?,
            step: self.said(&format!("{rule}.step"))?,
            theta: self.singles(&format!("{rule}.theta"))?,
            running: self.singles(&format!("{rule}.running"))?,
            logits: self.singles(&format!("{rule}.logits"))?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        let best_test = Candidate {
            epoch: 2,
            score: 0.1 + 0.2,
            step: 10,
            theta: vec![0.1, 0.2],
            running: vec![0.3],
            logits: vec![1.0, f32::MIN_POSITIVE],
        };
        let last = Epoch {
            epoch: 3,
            train_loss: 1.0 / 3.0,
            train_acc: 0.75,
            val_loss: None,
            val_acc: None,
            test_loss: 0.7,
            test_acc: 0.6,
            seconds: 0.2,
        };
        Checkpoint {
            spec_hash: "ab".into(),
            epoch: 3,
            seconds: 0.6,
            last: Some(last),
            theta: vec![1.0, -0.0],
            running: vec![2.0],
            m: vec![3.0, 3.5],
            v: vec![4.0, 4.5],
            step: 15,
            picks: Picks { validation: None, best_test: Some(best_test) },
        }
    }

    #[test]
    fn bytes_give_it_back() {
        let bytes = checkpoint().to_bytes().unwrap();
        assert_eq!(Checkpoint::from_bytes(&bytes).unwrap(), checkpoint());
        let first = Checkpoint { epoch: 0, last: None, picks: Picks::default(), ..checkpoint() };
        assert_eq!(Checkpoint::from_bytes(&first.to_bytes().unwrap()).unwrap(), first);
    }

    #[test]
    fn damage_and_the_future_are_told_apart() {
        let bytes = checkpoint().to_bytes().unwrap();
        for length in [0, 7, 100, bytes.len() - 1] {
            let error = Checkpoint::from_bytes(&bytes[..length]).unwrap_err();
            assert!(matches!(error, CheckpointError::Damaged(_)), "{length} bytes: {error}");
        }
        let mut newer = Writer::default();
        newer.say("version", "2");
        let error = Checkpoint::from_bytes(&newer.finish().unwrap()).unwrap_err();
        assert!(matches!(error, CheckpointError::Version(_)), "{error}");
    }
}
