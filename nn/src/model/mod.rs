//! The networks as data: a list of layers and a head, from which shapes, the parameter table, weight names and
//! multiply-adds all follow; and the classical baselines by name. This module knows nothing of tensors, devices or
//! training; this crate executes the networks, `eeg_tui::baseline` the others.

mod activation;
mod baseline;
mod design;
mod layer;
mod layout;
mod registry;
mod table;
mod text;

pub use activation::Activation;
pub use baseline::Baseline;
pub use layer::{Layer, Network, Padding, Placed, Shape};
pub use layout::{Layout, Limit, Slot};
pub use table::{LayerRow, Parameter, thousands};
pub use text::TextError;

pub use design::Likeness;

use design::{Design, Wrong};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// What a network is built for: the size of a trial and the number of classes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Geometry {
    /// Electrodes (C).
    pub channels: usize,
    /// Samples of one trial (T).
    pub samples: usize,
    /// Number of classes (K).
    pub classes: usize,
    /// Samples a second, where the data set says so; kernels that are times need it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sfreq: Option<f64>,
}

impl Geometry {
    /// The lab's: two bipolar channels, six seconds at 125 Hz, left against right.
    pub const LAB: Geometry = Geometry { channels: 2, samples: 750, classes: 2, sfreq: Some(125.0) };
}

/// A network by name, built in or read from text, or a classical baseline: a handle that is cheap to clone. Two are the same
/// if their names and layers are. In a run's files the lab's two and the baselines are a name alone, `model = "eegnet"`; any
/// other network brings its text, so that neither an edited file nor a later version of this program changes the run.
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct Model(Arc<Design>);

/// A network's fields in a run's files.
#[derive(Serialize, Deserialize)]
struct Stored {
    model: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    network: Option<String>,
}

impl Model {
    /// EEGNet (Lawhern et al. 2018) as the lab built it.
    pub fn eegnet() -> Self {
        registry::lab(0)
    }

    /// DeepConvNet (Schirrmeister et al. 2017) as the lab built it.
    pub fn deepconvnet() -> Self {
        registry::lab(1)
    }

    /// The two that the lab had, in the order of its tables.
    pub fn lab() -> [Self; 2] {
        [Self::eegnet(), Self::deepconvnet()]
    }

    /// Every network that comes with the program, the lab's first.
    pub fn built_in() -> &'static [Self] {
        registry::built_in()
    }

    /// Every classical baseline.
    pub fn baselines() -> &'static [Self] {
        registry::baselines()
    }

    /// Every model that comes with the program: networks, then baselines.
    pub fn known() -> impl Iterator<Item = &'static Self> {
        Self::built_in().iter().chain(Self::baselines())
    }

    /// The model of this name that comes with the program.
    pub fn named(name: &str) -> Option<Self> {
        Self::known().find(|model| model.name() == name).cloned()
    }

    /// Which classical pipeline it is; `None` of a network.
    pub fn baseline(&self) -> Option<Baseline> {
        self.0.baseline
    }

    /// Reads a network's text.
    pub fn from_text(text: &str) -> Result<Self, TextError> {
        text::read(text).map(|design| Model(Arc::new(design)))
    }

    /// The name on the command line and in files.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The name in prose and tables.
    pub fn title(&self) -> &str {
        &self.0.title
    }

    /// The text that says all of it.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// Whether the lab had it.
    pub fn is_the_labs(&self) -> bool {
        Self::lab().contains(self)
    }

    /// Whether its name says all of it for good: so of the lab's two and of the baselines, whose definitions never change.
    pub fn is_a_name(&self) -> bool {
        self.is_the_labs() || self.baseline().is_some()
    }

    /// Dropout probability unless a run says otherwise.
    pub fn default_dropout(&self) -> f64 {
        self.0.dropout
    }

    /// The activation function unless a run says otherwise: [`Activation::None`] where [`Self::has_open_activation`] is
    /// false.
    pub fn default_activation(&self) -> Activation {
        self.0.activation.unwrap_or(Activation::None)
    }

    /// Whether a run chooses its activation function.
    pub fn has_open_activation(&self) -> bool {
        self.0.activation.is_some()
    }

    /// Steps that its batch norms need for their running statistics to follow the weights, where that is more than PyTorch's
    /// default momentum of 0.1 needs: 15/momentum, a rule from one data set (80 trials of motor imagery, EEGNet-8,2).
    pub fn steps_of_slow_norms(&self) -> Option<usize> {
        let momenta = self.0.layers.iter().filter_map(|draft| match draft.layer {
            Layer::BatchNorm { momentum, .. } if momentum < 0.1 => Some(momentum),
            _ => None,
        });
        let least = momenta.min_by(f64::total_cmp)?;
        Some((15.0 / least).ceil() as usize)
    }

    /// Its layers, one a line, with all that is said of them but the defaults. A run's hash covers these lines.
    pub fn lines(&self) -> Vec<String> {
        self.0.layers.iter().map(design::Draft::canonical).collect()
    }

    /// The network for trials of this geometry, or why there can be none.
    pub fn network(
        &self,
        geometry: Geometry,
        activation: Activation,
        dropout: f64,
    ) -> Result<Network, ModelError> {
        if self.baseline().is_some() {
            return Err(ModelError::NoLayers(self.clone()));
        }
        if geometry.channels == 0 {
            return Err(ModelError::NoChannels);
        }
        if geometry.classes < 2 {
            return Err(ModelError::TooFewClasses(geometry.classes));
        }
        match self.0.build(geometry, activation, dropout) {
            Ok(layers) => Ok(Network { model: self.clone(), geometry, layers }),
            Err(Wrong::Short(layer)) => Err(ModelError::TooShort {
                model: self.clone(),
                layer,
                samples: geometry.samples,
                minimum: self.0.minimum_samples(geometry)?,
            }),
            Err(Wrong::Other(sentence)) => Err(ModelError::Layer(sentence)),
        }
    }

    /// Compares with saved tensors, of which `shape_of` gives the shape by name. `None` if the first of its own is missing.
    pub fn likeness<'s>(&self, shape_of: impl Fn(&str) -> Option<&'s [usize]>) -> Option<Likeness> {
        self.0.likeness(shape_of)
    }

    /// The network with kernels that are times as long as they were when these tensors were saved, whatever the sampling rate
    /// of the trials at hand.
    pub fn as_saved<'s>(&self, shape_of: impl Fn(&str) -> Option<&'s [usize]>) -> Self {
        let layers = self.0.layers_as_saved(shape_of);
        Model(Arc::new(Design { layers, ..Design::clone(&self.0) }))
    }

    /// The fewest samples a trial may have for every layer to leave at least one value.
    pub fn minimum_samples(&self, geometry: Geometry) -> Result<usize, ModelError> {
        self.0.minimum_samples(geometry)
    }

    /// What comes with the program in its order, then the others by name.
    fn rank(&self) -> usize {
        Self::known().position(|other| other == self).unwrap_or(usize::MAX)
    }
}

impl std::fmt::Display for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Model({})", self.name())
    }
}

impl PartialEq for Model {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || (self.name() == other.name() && self.lines() == other.lines())
    }
}

impl Eq for Model {}

impl Hash for Model {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl Ord for Model {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |model: &Self| (model.rank(), model.name().to_owned());
        key(self).cmp(&key(other)).then_with(|| self.lines().cmp(&other.lines()))
    }
}

impl PartialOrd for Model {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl std::str::FromStr for Model {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Model::named(name).ok_or_else(|| {
            let names: Vec<_> = Self::known().map(Model::name).collect();
            format!("no model is called '{name}'; there are {}", names.join(", "))
        })
    }
}

impl From<Model> for Stored {
    fn from(model: Model) -> Self {
        let network = (!model.is_a_name()).then(|| model.text().to_owned());
        Stored { model: model.name().to_owned(), network }
    }
}

impl TryFrom<Stored> for Model {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        match stored.network {
            None => stored.model.parse(),
            Some(text) => Model::from_text(&text).map_err(|error| format!("network: {error}")),
        }
    }
}

/// Why a network can't be built for a geometry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// A kernel or a pool is longer than what reaches it.
    #[error("{layer}; {} needs trials of at least {minimum} samples, these have {samples}: take longer trials", model.title())]
    TooShort {
        /// The model asked for.
        model: Model,
        /// Which layer, and what is too long.
        layer: String,
        /// Samples of the trials at hand.
        samples: usize,
        /// The least that works.
        minimum: usize,
    },
    /// A layer can't be built for these trials.
    #[error("{0}")]
    Layer(String),
    /// A classical pipeline.
    #[error(
        "{0} is a baseline: it has no layers, and no parameters but those that are fitted to the training trials"
    )]
    NoLayers(Model),
    /// No electrode.
    #[error("a trial needs at least one channel")]
    NoChannels,
    /// Nothing to tell apart.
    #[error("a classifier needs at least two classes, the data have {0}")]
    TooFewClasses(usize),
}

#[cfg(test)]
mod tests;
