//! A network's values as one safetensors document, in PyTorch's `state_dict` names and shapes, so that its
//! `load_state_dict` takes them; and documents that PyTorch wrote. A fitted baseline as a document of its own kind. Bytes in,
//! bytes out: knows nothing of files.

mod pytorch;

pub use pytorch::PytorchError;

use super::TrainedOn;
use crate::baseline::{Fitted, SavedBaselineError};
use crate::model::{Activation, Geometry, Likeness, Model};
use crate::nn::StateDict;
use crate::spec::{Rule, Spec};
use safetensors::tensor::{Dtype, SafeTensorError, SafeTensors, TensorView};
use std::collections::HashMap;

/// What a run leaves to be used again.
#[derive(Clone, Debug, PartialEq)]
pub enum Saved {
    /// A network's weights.
    Network(SavedWeights),
    /// A fitted baseline.
    Baseline(SavedBaseline),
}

/// A fitted baseline with what one must know to use it.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedBaseline {
    /// Features and classifier.
    pub fitted: Fitted,
    /// Where it comes from.
    pub about: About,
}

/// Weights with what one must know to use them.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedWeights {
    /// Parameters and running statistics by name.
    pub tensors: StateDict,
    /// Training steps behind them: PyTorch's `num_batches_tracked`.
    pub steps: u64,
    /// Where they come from.
    pub about: About,
}

/// Where saved weights come from, kept in the document's metadata.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// What was trained.
    pub spec: Spec,
    /// What the network was built for.
    pub geometry: Geometry,
    /// Of which electrodes, classes and rate its trials are.
    pub trained_on: TrainedOn,
    /// The run's id.
    pub run: String,
    /// The rule that picked the epoch.
    pub rule: Rule,
    /// The epoch, counted from 1.
    pub epoch: u32,
}

/// A document as read: ours, or PyTorch's `state_dict`.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadedWeights {
    /// Every tensor by name, converted to f32.
    pub tensors: StateDict,
    /// What else the document says. PyTorch's says nothing.
    pub metadata: HashMap<String, String>,
}

/// Why a document can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// Not safetensors, or cut off.
    #[error("the weights are no whole safetensors document ({0}); save them again")]
    Format(#[from] SafeTensorError),
    /// A file of `torch.save` that holds no weights for us.
    #[error(transparent)]
    Pytorch(#[from] PytorchError),
    /// A type that no weights have.
    #[error("the tensor '{name}' is stored as {dtype:?}; save the weights as float32")]
    Type {
        /// In the document.
        name: String,
        /// As stored.
        dtype: Dtype,
    },
    /// No baseline, or one that can't be written.
    #[error(transparent)]
    Baseline(#[from] SavedBaselineError),
    /// Tensors of no network that this program knows.
    #[error("the weights belong to no network known here ({}); say which with --model", names_of_built_in())]
    UnknownNetwork,
}

impl Saved {
    /// The document.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SavedError> {
        match self {
            Saved::Network(weights) => weights.to_bytes(),
            Saved::Baseline(SavedBaseline { fitted, about }) => Ok(fitted.to_bytes(about.metadata())?),
        }
    }
}

impl SavedWeights {
    /// The document.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SavedError> {
        // PyTorch's strict loading wants the counter that every one of its batch-norms has.
        let counters = self
            .tensors
            .keys()
            .filter_map(|name| Some(format!("{}.num_batches_tracked", name.strip_suffix(".running_mean")?)))
            .map(|name| (name, Dtype::I64, vec![], (self.steps as i64).to_le_bytes().to_vec()));
        let values = self
            .tensors
            .iter()
            .map(|(name, (shape, values))| (name.clone(), Dtype::F32, shape.clone(), le_bytes(values)));
        let tensors: Vec<_> = values.chain(counters).collect();
        let views = tensors
            .iter()
            .map(|(name, dtype, shape, bytes)| Ok((name, TensorView::new(*dtype, shape.clone(), bytes)?)))
            .collect::<Result<Vec<_>, SafeTensorError>>()?;
        Ok(crate::tensor_file::serialize(views, self.about.metadata())?)
    }
}

impl About {
    fn metadata(&self) -> HashMap<String, String> {
        let Geometry { channels, samples, classes, .. } = self.geometry;
        let mut metadata: HashMap<_, _> = [
            ("program", format!("eeg-tui {}", env!("CARGO_PKG_VERSION"))),
            ("model", self.spec.model.name().into()),
            ("channels", channels.to_string()),
            ("samples", samples.to_string()),
            ("classes", classes.to_string()),
            ("run", self.run.clone()),
            ("rule", self.rule.name().into()),
            ("epoch", self.epoch.to_string()),
            // All that was asked, so that the trials can be made ready in the same way.
            ("spec", serde_json::to_string(&self.spec).unwrap_or_default()),
        ]
        .map(|(key, value)| (key.to_string(), value))
        .into();
        let mut of_network = |key: &str, value: String| metadata.insert(key.into(), value);
        if self.spec.model.baseline().is_none() {
            of_network("format", "pt".into());
            of_network("activation", self.spec.activation.name().into());
            of_network("dropout", self.spec.dropout.to_string());
        }
        if let Some(alpha) = self.spec.activation.alpha() {
            of_network("alpha", alpha.to_string());
        }
        metadata.extend(self.trained_on.metadata());
        metadata
    }
}

impl LoadedWeights {
    /// Reads a document.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SavedError> {
        if pytorch::is_old(bytes) {
            return Err(PytorchError::Old.into());
        }
        if pytorch::is_archive(bytes) {
            return Ok(LoadedWeights { tensors: pytorch::read(bytes)?, metadata: HashMap::new() });
        }
        let document = SafeTensors::deserialize(bytes)?;
        let (_, header) = SafeTensors::read_metadata(bytes)?;
        let mut tensors = StateDict::new();
        for (name, view) in document.iter() {
            tensors.insert(name.to_string(), (view.shape().to_vec(), values(name, &view)?));
        }
        Ok(LoadedWeights { tensors, metadata: header.metadata().clone().unwrap_or_default() })
    }

    /// The network that was trained, as the document says, else the built-in one that most of the tensors look like.
    pub fn model(&self) -> Result<Model, SavedError> {
        if let Some(spec) = self.spec() {
            return Ok(spec.model);
        }
        let alike = |model: &Model| Some((self.likeness(model)?.tensors, model.clone()));
        // Of equals the first listed: a later one must look more alike.
        let best = Model::built_in()
            .iter()
            .filter_map(alike)
            .reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map(|(_, model)| model).ok_or(SavedError::UnknownNetwork)
    }

    /// A network as these tensors have it: kernels that are times are as long as they were.
    pub fn as_saved(&self, model: &Model) -> Model {
        model.as_saved(|name| Some(self.tensors.get(name)?.0.as_slice()))
    }

    /// How much the tensors look like a network's own.
    pub fn likeness(&self, model: &Model) -> Option<Likeness> {
        model.likeness(|name| Some(self.tensors.get(name)?.0.as_slice()))
    }

    /// What was trained, if the document says it.
    pub fn spec(&self) -> Option<Spec> {
        serde_json::from_str(self.metadata.get("spec")?).ok()
    }

    /// The activation function that the document names, if it does.
    pub fn activation(&self) -> Option<Activation> {
        let alpha = self.metadata.get("alpha").map(|alpha| alpha.parse()).transpose().ok()?;
        Activation::new(self.metadata.get("activation")?, alpha).ok()
    }
}

fn names_of_built_in() -> String {
    Model::built_in().iter().map(Model::name).collect::<Vec<_>>().join(", ")
}

fn le_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// A tensor's values as f32.
fn values(name: &str, view: &TensorView) -> Result<Vec<f32>, SavedError> {
    let bytes = view.data();
    Ok(match view.dtype() {
        Dtype::F32 => numbers(bytes, f32::from_le_bytes),
        Dtype::F64 => numbers(bytes, |b| f64::from_le_bytes(b) as f32),
        // The upper half of an f32.
        Dtype::BF16 => numbers(bytes, |[low, high]| f32::from_le_bytes([0, 0, low, high])),
        Dtype::I64 => numbers(bytes, |b| i64::from_le_bytes(b) as f32),
        dtype => return Err(SavedError::Type { name: name.to_string(), dtype }),
    })
}

fn numbers<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    let (chunks, _) = bytes.as_chunks::<N>();
    chunks.iter().map(|chunk| number(*chunk)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::Weights;
    use crate::spec::DataSource;
    use candle_core::Device;

    fn saved() -> SavedWeights {
        let activation = Activation::Elu { alpha: 0.3 };
        let network = Model::eegnet().network(Geometry::LAB, activation, 0.25).unwrap();
        let data = DataSource { name: "IIIb".into(), path: None, fingerprint: "f".into() };
        SavedWeights {
            tensors: Weights::initialise(&network, 1, &Device::Cpu).unwrap().state_dict().unwrap(),
            steps: 250,
            about: About {
                spec: Spec::recipe(Model::eegnet(), activation, data),
                geometry: Geometry::LAB,
                trained_on: TrainedOn::default(),
                run: "a run".into(),
                rule: Rule::Last,
                epoch: 50,
            },
        }
    }

    #[test]
    fn a_document_gives_back_tensors_and_says_what_they_are() {
        let loaded = LoadedWeights::from_bytes(&saved().to_bytes().unwrap()).unwrap();
        assert_eq!(loaded.model().unwrap(), Model::eegnet());
        assert_eq!(loaded.activation(), Some(Activation::Elu { alpha: 0.3 }));
        assert_eq!(loaded.spec(), Some(saved().about.spec));
        assert_eq!(loaded.metadata["rule"], "last");
        for (name, tensor) in saved().tensors {
            assert_eq!(loaded.tensors[&name], tensor, "{name}");
        }
    }

    #[test]
    fn every_batch_norm_has_its_counter() {
        let bytes = saved().to_bytes().unwrap();
        let document = SafeTensors::deserialize(&bytes).unwrap();
        for norm in ["firstconv.1", "depthwiseConv.1", "seperableConv.1"] {
            let counter = document.tensor(&format!("{norm}.num_batches_tracked")).unwrap();
            assert_eq!((counter.dtype(), counter.shape()), (Dtype::I64, &[][..]));
            assert_eq!(counter.data(), 250i64.to_le_bytes());
        }
    }

    #[test]
    fn other_types_are_converted_or_refused_by_name() {
        let read = |dtype, bytes: &[u8]| {
            let view = TensorView::new(dtype, vec![2], bytes).unwrap();
            LoadedWeights::from_bytes(&safetensors::serialize([("w", view)], None).unwrap())
        };
        let doubles: Vec<u8> = [1.5f64, -2.0].iter().flat_map(|x| x.to_le_bytes()).collect();
        assert_eq!(read(Dtype::F64, &doubles).unwrap().tensors["w"], (vec![2], vec![1.5, -2.0]));
        assert_eq!(read(Dtype::BF16, &[0xc0, 0x3f, 0, 0xc0]).unwrap().tensors["w"].1, [1.5, -2.0]);
        let error = read(Dtype::U8, &[1, 2]).unwrap_err().to_string();
        assert!(error.contains("'w'") && error.contains("U8"), "{error}");
    }

    #[test]
    fn a_cut_off_or_foreign_document_is_refused() {
        let bytes = saved().to_bytes().unwrap();
        assert!(matches!(LoadedWeights::from_bytes(&bytes[..bytes.len() - 1]), Err(SavedError::Format(_))));
        let other = LoadedWeights { tensors: StateDict::new(), metadata: HashMap::new() };
        assert!(matches!(other.model(), Err(SavedError::UnknownNetwork)));
    }
}
