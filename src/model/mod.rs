//! The networks as data: a list of layers and a head, from which shapes, the parameter table, weight names and
//! multiply-adds all follow. This module knows nothing of tensors, devices or training; [`crate::nn`] executes it.

mod activation;
mod deepconvnet;
mod eegnet;
mod layer;
mod table;

pub use activation::Activation;
pub use layer::{Layer, Network, Shape};
pub use table::{LayerRow, Parameter, thousands};

use serde::{Deserialize, Serialize};

/// What a network is built for: the size of a trial and the number of classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Geometry {
    /// Electrodes (C).
    pub channels: usize,
    /// Samples of one trial (T).
    pub samples: usize,
    /// Number of classes (K).
    pub classes: usize,
}

impl Geometry {
    /// The lab's: two bipolar channels, six seconds at 125 Hz, left against right.
    pub const LAB: Geometry = Geometry { channels: 2, samples: 750, classes: 2 };
}

/// The architectures that the notebook knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Model {
    /// EEGNet (Lawhern et al. 2018) as the lab built it.
    EegNet,
    /// DeepConvNet (Schirrmeister et al. 2017) as the lab built it.
    DeepConvNet,
}

impl Model {
    /// Every model, in the order of the lab's tables.
    pub const ALL: [Model; 2] = [Model::EegNet, Model::DeepConvNet];

    /// The name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Model::EegNet => "eegnet",
            Model::DeepConvNet => "deepconvnet",
        }
    }

    /// The name in prose and tables.
    pub fn title(self) -> &'static str {
        match self {
            Model::EegNet => "EEGNet",
            Model::DeepConvNet => "DeepConvNet",
        }
    }

    /// Dropout probability of the lab's recipe.
    pub fn default_dropout(self) -> f64 {
        match self {
            Model::EegNet => 0.25,
            Model::DeepConvNet => 0.5,
        }
    }

    /// The network for trials of this geometry, or why there can be none.
    pub fn network(
        self,
        geometry: Geometry,
        activation: Activation,
        dropout: f64,
    ) -> Result<Network, ModelError> {
        let build = match self {
            Model::EegNet => eegnet::network,
            Model::DeepConvNet => deepconvnet::network,
        };
        let minimum = self.minimum_samples();
        if geometry.channels == 0 {
            return Err(ModelError::NoChannels);
        }
        if geometry.classes < 2 {
            return Err(ModelError::TooFewClasses(geometry.classes));
        }
        if geometry.samples < minimum {
            return Err(ModelError::TooShort { model: self, samples: geometry.samples, minimum });
        }
        Ok(build(geometry, activation, dropout))
    }

    /// The fewest samples a trial may have for every pool to leave at least one value.
    pub fn minimum_samples(self) -> usize {
        match self {
            // Two poolings by 4 and 8; the convolutions keep the length.
            Model::EegNet => 32,
            // Four times: a valid convolution of 5, then halve. 1 ← 6 ← 16 ← 36 ← 76.
            Model::DeepConvNet => 76,
        }
    }
}

impl std::fmt::Display for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl std::str::FromStr for Model {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Model::ALL
            .into_iter()
            .find(|model| model.name() == text)
            .ok_or_else(|| format!("no model is called '{text}'; there are eegnet and deepconvnet"))
    }
}

/// Why a network can't be built for a geometry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The pools would leave nothing.
    #[error("{} needs trials of at least {minimum} samples, these have {samples}; take longer trials", model.title())]
    TooShort {
        /// The model asked for.
        model: Model,
        /// Samples of the trials at hand.
        samples: usize,
        /// The least that works.
        minimum: usize,
    },
    /// No electrode.
    #[error("a trial needs at least one channel")]
    NoChannels,
    /// Nothing to tell apart.
    #[error("a classifier needs at least two classes, the data have {0}")]
    TooFewClasses(usize),
}

#[cfg(test)]
mod tests;
