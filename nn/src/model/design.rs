//! A network before it is built: layers that leave open what the trials and the run decide. Its canonical lines are what
//! two networks are compared by, and what a run's hash covers.

use super::{Activation, Baseline, Geometry, Layer, ModelError, Padding, Placed, Shape};
use std::fmt::Write as _;

/// All that a network's text says.
#[derive(Clone, Debug, Default)]
pub(super) struct Design {
    /// On the command line and in files.
    pub name: String,
    /// In prose and tables.
    pub title: String,
    /// What stands in its open activations unless a run says otherwise; `None` where it leaves none open.
    pub activation: Option<Activation>,
    /// Probability of its open dropouts unless a run says otherwise.
    pub dropout: f64,
    /// The classical pipeline that stands in the place of layers, where it is none of the networks.
    pub baseline: Option<Baseline>,
    /// From the trial to the logits.
    pub layers: Vec<Draft>,
    /// As it was written.
    pub text: String,
}

/// A layer, and what of it is left open.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Draft {
    /// Where it stands in the text, counted from 1.
    pub line: usize,
    /// The layer; what is open stands in it as a placeholder.
    pub layer: Layer,
    pub open: Option<Open>,
}

/// What is only known when the network is built.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Open {
    /// The kernel is a time in seconds; the sampling rate makes it a number of samples.
    Kernel(f64),
    /// The run's activation function.
    Activation,
    /// The run's dropout probability.
    Dropout,
    /// The number of classes.
    Classes,
}

/// Why a layer can't be built.
pub(super) enum Wrong {
    /// Too few samples reach it.
    Short(String),
    /// For any other reason.
    Other(String),
}

impl Draft {
    /// The layer for these trials and this run.
    fn build(&self, geometry: Geometry, activation: Activation, dropout: f64) -> Result<Layer, String> {
        let mut layer = self.layer.clone();
        match (&mut layer, self.open) {
            (Layer::TemporalConv { kernel, padding, .. }, Some(Open::Kernel(seconds))) => {
                let rate = geometry.sfreq.ok_or_else(|| {
                    format!(
                        "kernel is '{seconds}s', but the data set does not say its sampling rate; add sfreq to its files or write a number of samples"
                    )
                })?;
                // A hair more, so that 0.1 s at 250 Hz are 25 samples whatever the rounding. No rate makes a shape overflow.
                let samples = (seconds * rate + 1e-9).floor().min(f64::from(u32::MAX));
                *kernel = (samples as usize).max(1);
                if let Padding::Zeros(zeros) = *padding
                    && zeros >= *kernel
                {
                    return Err(wrong_padding(&zeros.to_string(), *kernel));
                }
            }
            (Layer::Activation(open), Some(Open::Activation)) => *open = activation,
            (Layer::Dropout { p }, Some(Open::Dropout)) => *p = dropout,
            (Layer::Linear { outputs, .. }, Some(Open::Classes)) => *outputs = geometry.classes,
            _ => (),
        }
        Ok(layer)
    }

    /// `layer 3 (avg_pool)`, for sentences.
    pub(super) fn place(&self, index: usize) -> String {
        place(index, self.kind())
    }

    /// The type in the text.
    pub(super) fn kind(&self) -> &'static str {
        match (&self.layer, self.open) {
            (Layer::Activation(_), Some(Open::Activation)) => "activation",
            (Layer::Activation(function), _) => function.name(),
            (Layer::TemporalConv { .. }, _) => "temporal_conv",
            (Layer::SpatialConv { .. }, _) => "spatial_conv",
            (Layer::BatchNorm { .. }, _) => "batch_norm",
            (Layer::AvgPool { .. }, _) => "avg_pool",
            (Layer::MaxPool { .. }, _) => "max_pool",
            (Layer::Dropout { .. }, _) => "dropout",
            (Layer::Linear { .. }, _) => "linear",
        }
    }

    /// One line that says all of the layer but its defaults, always the same: `temporal_conv filters=8 kernel=0.5s …`.
    /// Hashes of runs are made from it: what it says of a layer must never change.
    pub(super) fn canonical(&self) -> String {
        let mut line = self.kind().to_string();
        let mut say = |field: &str, value: &dyn std::fmt::Display| {
            let _ = write!(line, " {field}={value}");
        };
        match (&self.layer, self.open) {
            (
                Layer::TemporalConv { name, filters, kernel, stride, padding, groups, bias, max_norm },
                open,
            ) => {
                say("filters", filters);
                match open {
                    Some(Open::Kernel(seconds)) => say("kernel", &format!("{seconds}s")),
                    _ => say("kernel", kernel),
                }
                if *stride != 1 {
                    say("stride", stride);
                }
                match padding {
                    Padding::Zeros(0) => (),
                    Padding::Zeros(zeros) => say("padding", zeros),
                    Padding::Same => say("padding", &"same"),
                }
                conv(&mut say, *groups, *bias, *max_norm, name);
            }
            (Layer::SpatialConv { name, filters, groups, bias, max_norm }, _) => {
                say("filters", filters);
                conv(&mut say, *groups, *bias, *max_norm, name);
            }
            (Layer::BatchNorm { name, eps, momentum }, _) => {
                if *eps != 1e-5 {
                    say("eps", eps);
                }
                if *momentum != 0.1 {
                    say("momentum", momentum);
                }
                say("name", name);
            }
            (Layer::Activation(_), Some(Open::Activation)) => (),
            (Layer::Activation(function), _) => {
                if let Some((field, value)) = function.parameter()
                    && !function.has_default_parameter()
                {
                    say(field, &value);
                }
            }
            (Layer::AvgPool { kernel, stride } | Layer::MaxPool { kernel, stride }, _) => {
                say("kernel", kernel);
                if stride != kernel {
                    say("stride", stride);
                }
            }
            (Layer::Dropout { .. }, Some(Open::Dropout)) => (),
            (Layer::Dropout { p }, _) => say("p", p),
            (Layer::Linear { name, max_norm, .. }, _) => {
                if let Some(norm) = max_norm {
                    say("max_norm", norm);
                }
                say("name", name);
            }
        }
        line
    }
}

/// The fields that both convolutions have.
fn conv(
    say: &mut impl FnMut(&str, &dyn std::fmt::Display),
    groups: usize,
    bias: bool,
    max_norm: Option<f64>,
    name: &str,
) {
    if groups != 1 {
        say("groups", &groups);
    }
    if !bias {
        say("bias", &bias);
    }
    if let Some(norm) = max_norm {
        say("max_norm", &norm);
    }
    say("name", &name);
}

/// `layer 3 (avg_pool)`; `index` counts from 0.
pub(super) fn place(index: usize, kind: &str) -> String {
    format!("layer {} ({kind})", index + 1)
}

pub(super) fn wrong_padding(padding: &str, kernel: usize) -> String {
    format!("padding is {padding}; it must be \"same\" or a whole number below the kernel, {kernel}")
}

impl Design {
    /// A classical pipeline, which has neither layers nor a text.
    pub(super) fn of_baseline(baseline: Baseline) -> Self {
        let (name, title) = (baseline.name().to_owned(), baseline.label().to_owned());
        Design { name, title, baseline: Some(baseline), ..Design::default() }
    }

    /// The layers for these trials and this run, each in its place.
    pub(super) fn build(
        &self,
        geometry: Geometry,
        activation: Activation,
        dropout: f64,
    ) -> Result<Vec<Placed>, Wrong> {
        let mut shape = Shape { features: 1, electrodes: geometry.channels, samples: geometry.samples };
        if shape.is_empty() {
            return Err(Wrong::Short("a trial without samples reaches no layer".into()));
        }
        let placed = self.layers.iter().enumerate().map(|(index, draft)| {
            let at = |sentence| format!("{}: {sentence}", draft.place(index));
            let layer = draft.build(geometry, activation, dropout).map_err(|s| Wrong::Other(at(s)))?;
            let before = shape;
            shape = layer.output(before).map_err(|s| Wrong::Short(at(s)))?;
            Ok(Placed { layer, before, after: shape })
        });
        placed.collect()
    }

    /// The fewest samples a trial may have, found by search: the shapes can be built from some length on.
    pub(super) fn minimum_samples(&self, geometry: Geometry) -> Result<usize, ModelError> {
        let fits = |samples| match self.build(Geometry { samples, ..geometry }, Activation::None, 0.0) {
            Ok(_) => Ok(true),
            Err(Wrong::Short(_)) => Ok(false),
            Err(Wrong::Other(sentence)) => Err(ModelError::Layer(sentence)),
        };
        let mut enough = 1;
        while !fits(enough)? {
            enough *= 2;
            if enough > MOST_SAMPLES {
                return Ok(MOST_SAMPLES);
            }
        }
        let mut short = enough / 2;
        while enough - short > 1 {
            let middle = short.midpoint(enough);
            if fits(middle)? {
                enough = middle;
            } else {
                short = middle;
            }
        }
        Ok(enough)
    }
}

/// No trial is longer.
const MOST_SAMPLES: usize = 1 << 40;

/// How saved tensors look like a network's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// How many have the name and, as far as it is known, the shape of one of its tensors.
    pub tensors: usize,
    /// Electrodes that the spatial convolution was built for.
    pub channels: Option<usize>,
    /// Classes that the head was built for.
    pub classes: Option<usize>,
}

/// A tensor's name and as much of its shape as does not depend on the trials.
type Known = (String, Vec<Option<usize>>);

impl Design {
    /// Compares with tensors by their names and shapes. `None` if the first of its own is not among them.
    pub(super) fn likeness<'s>(&self, shape_of: impl Fn(&str) -> Option<&'s [usize]>) -> Option<Likeness> {
        let tensors = self.tensors();
        let fits = |(name, known): &Known| {
            shape_of(name).is_some_and(|shape| {
                let same = |(size, known): (&usize, &Option<usize>)| known.is_none_or(|known| known == *size);
                shape.len() == known.len() && shape.iter().zip(known).all(same)
            })
        };
        let size = |kind: &str, axis: usize| {
            let draft = self.layers.iter().find(|draft| draft.kind() == kind)?;
            shape_of(&format!("{}.weight", draft.layer.name()))?.get(axis).copied()
        };
        tensors.first().filter(|(name, _)| shape_of(name).is_some())?;
        Some(Likeness {
            tensors: tensors.iter().filter(|tensor| fits(tensor)).count(),
            channels: size("spatial_conv", 2),
            classes: size("linear", 0),
        })
    }

    /// The layers with every kernel that is a time as long as the saved tensor of its layer.
    pub(super) fn layers_as_saved<'s>(&self, shape_of: impl Fn(&str) -> Option<&'s [usize]>) -> Vec<Draft> {
        let as_saved = |draft: &Draft| {
            let mut draft = draft.clone();
            let taps = shape_of(&format!("{}.weight", draft.layer.name())).and_then(|shape| shape.get(3));
            if let (Layer::TemporalConv { kernel, .. }, Some(Open::Kernel(_)), Some(&taps)) =
                (&mut draft.layer, draft.open, taps)
                && taps > 0
            {
                (*kernel, draft.open) = (taps, None);
            }
            draft
        };
        self.layers.iter().map(as_saved).collect()
    }

    fn tensors(&self) -> Vec<Known> {
        let mut features = 1;
        let mut tensors = Vec::new();
        for draft in &self.layers {
            let name = draft.layer.name();
            let mut tensor =
                |what: &str, shape: Vec<Option<usize>>| tensors.push((format!("{name}.{what}"), shape));
            match &draft.layer {
                Layer::TemporalConv { filters, kernel, groups, bias, .. } => {
                    let taps = (!matches!(draft.open, Some(Open::Kernel(_)))).then_some(*kernel);
                    tensor("weight", vec![Some(*filters), Some(features / groups), Some(1), taps]);
                    if *bias {
                        tensor("bias", vec![Some(*filters)]);
                    }
                    features = *filters;
                }
                Layer::SpatialConv { filters, groups, bias, .. } => {
                    tensor("weight", vec![Some(*filters), Some(features / groups), None, Some(1)]);
                    if *bias {
                        tensor("bias", vec![Some(*filters)]);
                    }
                    features = *filters;
                }
                Layer::BatchNorm { .. } => tensor("weight", vec![Some(features)]),
                Layer::Linear { .. } => tensor("weight", vec![None, None]),
                _ => (),
            }
        }
        tensors
    }
}
