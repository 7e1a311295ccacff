//! What the runs of a group share: the sizes of their network. Two networks that differ in their functions' parameters alone have
//! the same form, and are computed in one launch.

use super::blocks::{Block, blocks};
use crate::Unsupported;
use crate::model::{Layer, Layout, Network};

/// A network but for its functions' parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    pub(super) samples: usize,
    pub(super) electrodes: usize,
    pub(super) classes: usize,
    /// Trainable values of a run.
    pub(super) parameters: usize,
    /// Running statistics of a run.
    pub(super) statistics: usize,
    pub(super) dropouts: usize,
    pub(super) head: Head,
    pub(super) limits: Vec<Limit>,
    pub(super) blocks: Vec<Block>,
}

/// The last layer: what it takes, and its places in the trainable values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Head {
    pub(super) inputs: usize,
    pub(super) weight: usize,
    pub(super) bias: usize,
}

/// Rows of weights, one an output, that are held to a norm.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Limit {
    pub(super) at: usize,
    pub(super) rows: usize,
    pub(super) length: usize,
    pub(super) norm: f64,
}

/// One network's parameters of its functions: of each block's activation, and of the function behind its pool.
pub(super) type Parameters = Vec<[f32; 2]>;

impl Form {
    /// A network's form, and its functions' parameters; or what of it the kernels can't compute.
    pub(super) fn of(network: &Network) -> Result<(Self, Parameters), Unsupported> {
        let mut blocks = blocks(network)?;
        let parameters = blocks.iter_mut().map(take_parameters).collect();
        let layout = Layout::of(network);
        let [trainable, statistics] = layout.lengths();
        let Some(last) = network.layers.last() else {
            return Err(Unsupported("the network has no layers".into()));
        };
        let place = |suffix: &str| {
            let name = format!("{}.{suffix}", last.layer.name());
            let slot = layout.parameter(&name);
            slot.map(|slot| slot.range.start)
                .ok_or(Unsupported(format!("the network has no tensor '{name}'")))
        };
        let limits = layout.limits().iter().map(|limit| Limit {
            at: limit.range.start,
            rows: limit.outputs,
            length: limit.range.len() / limit.outputs,
            norm: limit.norm,
        });
        let form = Form {
            samples: network.geometry.samples,
            electrodes: network.geometry.channels,
            classes: network.geometry.classes,
            parameters: trainable,
            statistics,
            dropouts: probabilities(network).count(),
            head: Head { inputs: last.before.len(), weight: place("weight")?, bias: place("bias")? },
            limits: limits.collect(),
            blocks,
        };
        Ok((form, parameters))
    }
}

/// The probabilities of the layers that drop something, in order.
pub(super) fn probabilities(network: &Network) -> impl Iterator<Item = f64> {
    network.shapes().filter_map(|(layer, ..)| match layer {
        Layer::Dropout { p } if *p > 0.0 => Some(*p),
        _ => None,
    })
}

fn take_parameters(block: &mut Block) -> [f32; 2] {
    match &mut block.tail {
        None => [0.0; 2],
        Some(tail) => {
            [std::mem::take(&mut tail.activation.parameter), std::mem::take(&mut tail.function.parameter)]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Activation, Geometry, Model};

    fn form(alpha: f64, dropout: f64) -> (Form, Parameters) {
        let network = Model::eegnet().network(Geometry::LAB, Activation::Elu { alpha }, dropout).unwrap();
        Form::of(&network).unwrap()
    }

    #[test]
    fn networks_that_differ_in_a_functions_parameter_have_one_form() {
        let (one, other) = (form(1.0, 0.25), form(0.3, 0.5));
        assert_eq!(one.0, other.0);
        assert_ne!(one.1, other.1);
        assert_ne!(one.0, form(1.0, 0.0).0, "without dropout there is a layer less");
    }

    #[test]
    fn every_built_in_network_has_a_form_and_a_network_that_begins_otherwise_has_none() {
        for model in Model::built_in() {
            let geometry = Geometry { channels: 22, samples: 1000, classes: 4, sfreq: Some(250.0) };
            let network = model.network(geometry, model.default_activation(), 0.5).unwrap();
            assert!(Form::of(&network).is_ok(), "{model}");
        }
        let mut network = Model::eegnet().network(Geometry::LAB, Activation::Relu, 0.5).unwrap();
        network.layers.remove(0);
        let said = Form::of(&network).unwrap_err().to_string();
        assert!(said.contains("begin with a convolution"), "{said}");
    }
}
