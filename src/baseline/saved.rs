//! A fitted pipeline as a safetensors file: float64 tensors, and in the header what they belong to.

use super::features::Features;
use super::linear::Linear;
use super::pipeline::Fitted;
use crate::model::Baseline;
use crate::signal::PassBand;
use crate::tensor_file;
use faer::Mat;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::HashMap;

/// Why a file is no saved baseline.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no baseline saved by eeg-tui: {0}")]
pub struct SavedBaselineError(String);

const BASELINE: &str = "eeg-tui.baseline";
const BAND: &str = "band";
const SFREQ: &str = "sfreq";
const SAMPLES: &str = "samples";
const ELECTRODES: &str = "electrodes";
const REMARK: &str = "remark";
const WEIGHTS: &str = "classifier.weight";
const BIAS: &str = "classifier.bias";
const FILTERS: &str = "csp.filters";
const INVERSE_ROOT: &str = "tangent.inverse_root";

impl Fitted {
    /// The file's bytes, with what else its header shall say. `classifier.weight` is (class, feature).
    pub fn to_bytes(&self, also: HashMap<String, String>) -> Result<Vec<u8>, SavedBaselineError> {
        let mut tensors = vec![
            (WEIGHTS, matrix_bytes(&self.classifier.weights.transpose().to_owned())),
            (BIAS, (vec![self.classifier.bias.len()], bytes(self.classifier.bias.iter().copied()))),
        ];
        match &self.features {
            Features::Csp(filters) => tensors.push((FILTERS, matrix_bytes(filters))),
            Features::Tangent(root) => tensors.push((INVERSE_ROOT, matrix_bytes(root))),
            Features::LogVariance | Features::Blocks => {}
        }
        let views = tensors
            .iter()
            .map(|(name, (shape, bytes))| Ok((*name, TensorView::new(Dtype::F64, shape.clone(), bytes)?)))
            .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()
            .map_err(|error| SavedBaselineError(error.to_string()))?;
        tensor_file::serialize(views, also.into_iter().chain(self.header()).collect())
            .map_err(|error| SavedBaselineError(error.to_string()))
    }

    fn header(&self) -> HashMap<String, String> {
        let mut header = HashMap::from([
            (BASELINE.to_owned(), self.baseline.name().to_owned()),
            (ELECTRODES.to_owned(), self.electrodes.to_string()),
            (SAMPLES.to_owned(), self.samples.to_string()),
        ]);
        if let Some((band, sfreq)) = self.band {
            header.insert(BAND.to_owned(), band.to_string());
            header.insert(SFREQ.to_owned(), sfreq.to_string());
        }
        if let Some(remark) = &self.remark {
            header.insert(REMARK.to_owned(), remark.clone());
        }
        header
    }

    /// Whether a file's bytes say that they are a saved baseline.
    pub fn is_saved(bytes: &[u8]) -> bool {
        header_of(bytes).is_some_and(|header| header.contains_key(BASELINE))
    }

    /// Reads it back.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SavedBaselineError> {
        let no = |what: &str| SavedBaselineError(what.to_owned());
        let header = header_of(bytes).ok_or_else(|| no("its header says nothing"))?;
        let text = |key: &str| header.get(key).ok_or_else(|| no(&format!("its header has no {key}")));
        let number = |key: &str| text(key)?.parse().map_err(|_| no(&format!("its {key} is no number")));
        let name = text(BASELINE)?;
        let baseline = Baseline::ALL.into_iter().find(|baseline| baseline.name() == name);
        let baseline = baseline.ok_or_else(|| no(&format!("this program knows no baseline '{name}'")))?;
        let band = match header.get(BAND) {
            None => None,
            Some(band) => {
                let band: PassBand = band.parse().map_err(|_| no("its band is none"))?;
                Some((band, text(SFREQ)?.parse().map_err(|_| no("its sfreq is no number"))?))
            }
        };
        let file = SafeTensors::deserialize(bytes).map_err(|error| no(&error.to_string()))?;
        let weights = matrix(&file, WEIGHTS)?;
        let bias: Vec<f64> = values(&file, BIAS)?.1;
        if weights.nrows() != bias.len() {
            return Err(no("its weights and biases are not of the same number of classes"));
        }
        let features = match baseline {
            Baseline::LogVar => Features::LogVariance,
            Baseline::Blocks => Features::Blocks,
            Baseline::Csp => Features::Csp(matrix(&file, FILTERS)?),
            Baseline::Tangent => Features::Tangent(matrix(&file, INVERSE_ROOT)?),
        };
        let fitted = Fitted {
            baseline,
            band,
            electrodes: number(ELECTRODES)?,
            samples: number(SAMPLES)?,
            features,
            classifier: Linear { weights: weights.transpose().to_owned(), bias },
            remark: header.get(REMARK).cloned(),
        };
        match fitted.fits_together() {
            true => Ok(fitted),
            false => Err(no("the shapes of its tensors do not belong together")),
        }
    }

    /// Whether electrodes, features and classifier are of sizes that can follow one another.
    fn fits_together(&self) -> bool {
        let electrodes = self.electrodes;
        let (learnt, features) = match &self.features {
            Features::LogVariance => (true, electrodes),
            Features::Blocks => (true, electrodes.saturating_mul(self.samples / super::features::BLOCK)),
            Features::Csp(filters) => (filters.ncols() == electrodes, filters.nrows()),
            Features::Tangent(root) => (
                root.nrows() == electrodes && root.ncols() == electrodes,
                electrodes.saturating_mul(electrodes.saturating_add(1)) / 2,
            ),
        };
        learnt && features == self.classifier.weights.nrows()
    }
}

fn header_of(bytes: &[u8]) -> Option<HashMap<String, String>> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).ok()?;
    metadata.metadata().clone()
}

fn bytes(values: impl Iterator<Item = f64>) -> Vec<u8> {
    values.flat_map(f64::to_le_bytes).collect()
}

fn matrix_bytes(matrix: &Mat<f64>) -> (Vec<usize>, Vec<u8>) {
    let rows = matrix.row_iter().flat_map(|row| row.iter().copied().collect::<Vec<_>>());
    (vec![matrix.nrows(), matrix.ncols()], bytes(rows))
}

fn values(file: &SafeTensors<'_>, name: &str) -> Result<(Vec<usize>, Vec<f64>), SavedBaselineError> {
    let tensor = file.tensor(name).map_err(|_| SavedBaselineError(format!("it has no tensor {name}")))?;
    if tensor.dtype() != Dtype::F64 {
        return Err(SavedBaselineError(format!("its {name} is not float64")));
    }
    let number = |bytes: &[u8]| f64::from_le_bytes(bytes.try_into().unwrap_or_default());
    Ok((tensor.shape().to_vec(), tensor.data().chunks_exact(8).map(number).collect()))
}

fn matrix(file: &SafeTensors<'_>, name: &str) -> Result<Mat<f64>, SavedBaselineError> {
    match values(file, name)? {
        (shape, values) if shape.len() == 2 => {
            Ok(Mat::from_fn(shape[0], shape[1], |row, column| values[row * shape[1] + column]))
        }
        _ => Err(SavedBaselineError(format!("its {name} is no matrix"))),
    }
}
