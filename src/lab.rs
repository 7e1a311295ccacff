//! The lab's report: which networks it trained, how, and what it printed. Everything that must stay as the report has it,
//! however many networks and activations the notebook learns.

use crate::model::{Activation, Model};
use crate::spec::{NanPolicy, Spec, Value};

/// What has to be said wherever the lab's figures stand.
pub const HOW: &str = "lab: the lab's figure on set IIIb; best epoch on the test set, one seed";

/// The two networks of the report, in its order.
pub fn models() -> [Model; 2] {
    Model::lab()
}

/// The three columns of its first table, with PyTorch's default parameters.
pub const ACTIVATIONS: [Activation; 3] =
    [Activation::Relu, Activation::LeakyRelu { slope: 0.01 }, Activation::Elu { alpha: 1.0 }];

/// The α values of its sweep.
pub const ALPHAS: [f64; 9] = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1];

/// Experiments that go by a name: the lab's, and what they must be held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// All of it exactly as the lab did it, both of what follows: nothing held out, its filling of missing samples.
    Lab,
    /// Both networks with each of the three activations, with an honest validation split.
    Activations,
    /// Both networks with ELU's α from 0.9 to 0.1.
    Alpha,
    /// Every classical baseline, on all that was recorded and on the rhythms of movement (mu and beta) alone.
    Baselines,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Preset; 4] = [Preset::Lab, Preset::Activations, Preset::Alpha, Preset::Baselines];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Preset::Lab => "lab",
            Preset::Activations => "activations",
            Preset::Alpha => "alpha",
            Preset::Baselines => "baselines",
        }
    }

    /// What it enqueues, in a line of help.
    pub fn help(self) -> &'static str {
        match self {
            Preset::Lab => {
                "Both of what follows, exactly as the lab did it: validation 0, its filling of missing samples"
            }
            Preset::Activations => "Both networks, three activations, with an honest validation split",
            Preset::Alpha => "Both networks, ELU with α from 0.9 to 0.1",
            Preset::Baselines => "The classical baselines, each on the whole signal and on 8-30 Hz",
        }
    }

    /// Its models.
    pub fn models(self) -> Vec<Model> {
        match self {
            Preset::Lab | Preset::Activations | Preset::Alpha => models().into(),
            Preset::Baselines => Model::baselines().into(),
        }
    }

    /// What passes before its baselines are fitted: a band for rhythms, everything for slow potentials.
    pub fn bands(self) -> &'static [Value] {
        static BANDS: [Value; 2] = [Value::word("none"), Value::word("8-30")];
        match self {
            Preset::Lab | Preset::Activations | Preset::Alpha => &[],
            Preset::Baselines => &BANDS,
        }
    }

    /// Its activation functions; none where each network takes its own.
    pub fn activations(self) -> Vec<Activation> {
        let sweep = ALPHAS.map(|alpha| Activation::Elu { alpha });
        match self {
            Preset::Lab => [&ACTIVATIONS[..], &sweep].concat(),
            Preset::Activations => ACTIVATIONS.into(),
            Preset::Alpha => sweep.into(),
            Preset::Baselines => Vec::new(),
        }
    }

    /// The recipe with this preset's habits.
    pub fn apply(self, recipe: Spec) -> Spec {
        match self {
            Preset::Lab => as_in_the_report(recipe),
            Preset::Activations | Preset::Alpha | Preset::Baselines => recipe,
        }
    }
}

/// A recipe with the lab's own habits: nothing held out, and its filling of missing samples.
pub fn as_in_the_report(recipe: Spec) -> Spec {
    Spec { validation: 0.0, nan: NanPolicy::Reference, ..recipe }
}

/// EEGNet's and DeepConvNet's test accuracy in percent, by ELU's α.
const ELU: [(f64, f64, f64); 10] = [
    (0.1, 86.30, 83.70),
    (0.2, 87.96, 84.54),
    (0.3, 86.57, 84.63),
    (0.4, 85.46, 84.26),
    (0.5, 85.09, 83.70),
    (0.6, 85.00, 83.70),
    (0.7, 84.35, 82.50),
    (0.8, 85.65, 82.41),
    (0.9, 85.28, 81.94),
    (1.0, 83.98, 82.59),
];

/// The lab's accuracy in percent, where it trained such a network.
pub fn accuracy(model: &Model, activation: Activation) -> Option<f64> {
    let row = match activation {
        Activation::Relu => (87.13, 85.09),
        Activation::LeakyRelu { slope: 0.01 } => (88.15, 83.92),
        Activation::LeakyRelu { .. } => return None,
        Activation::Elu { alpha } => {
            let row = ELU.iter().find(|row| row.0 == alpha)?;
            (row.1, row.2)
        }
        _ => return None,
    };
    of(model, row)
}

/// The lab's sweep: α and accuracy in percent, α ascending; nothing for a network that it didn't train.
pub fn sweep(model: &Model) -> impl Iterator<Item = (f64, f64)> {
    ELU.iter().filter_map(|&(alpha, eegnet, deepconvnet)| Some((alpha, of(model, (eegnet, deepconvnet))?)))
}

/// The figure of one of the two networks.
fn of(model: &Model, (eegnet, deepconvnet): (f64, f64)) -> Option<f64> {
    let place = models().iter().position(|known| known == model)?;
    [eegnet, deepconvnet].get(place).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_the_reports() {
        assert_eq!(accuracy(&Model::eegnet(), ACTIVATIONS[1]), Some(88.15));
        assert_eq!(accuracy(&Model::deepconvnet(), Activation::Elu { alpha: 0.3 }), Some(84.63));
        assert_eq!(accuracy(&Model::eegnet(), Activation::Elu { alpha: 0.35 }), None);
        assert_eq!(sweep(&Model::eegnet()).count(), 10);
    }
}
