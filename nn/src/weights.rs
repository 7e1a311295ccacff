//! A network's values: one flat trainable vector and one flat vector of running statistics, with the table that says
//! where each of the lab's tensors lies in them.

use crate::model::{Layout, Limit, Network, Slot};
use crate::random::{Purpose, stream, unit};
use candle_core::{Device, Result, Tensor, Var};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Tensors by their name in the lab's `state_dict`: shape and values.
pub type StateDict = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

/// A network's trainable values and running statistics on a device.
#[derive(Clone, Debug)]
pub struct Weights {
    layout: Arc<Layout>,
    theta: Var,
    running: Tensor,
}

/// Why tensors from elsewhere don't fit a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeightsError {
    /// A tensor is not there.
    #[error("the weights lack the tensor '{0}'; they belong to another network")]
    Missing(String),
    /// A tensor has another shape.
    #[error(
        "the tensor '{name}' has shape {found:?}, this network needs {wanted:?}; build the network for the same channels, samples and classes"
    )]
    Shape {
        /// In the lab's `state_dict`.
        name: String,
        /// In the file.
        found: Vec<usize>,
        /// Of the network.
        wanted: Vec<usize>,
    },
    /// Flat vectors of another length.
    #[error(
        "there are {found:?} trainable values and running statistics, this network has {wanted:?}; they belong to another network"
    )]
    Count {
        /// Trainable values and running statistics that there are.
        found: [usize; 2],
        /// Of the network.
        wanted: [usize; 2],
    },
    /// The device refused.
    #[error("the weights could not be put on the device: {0}")]
    Device(String),
}

impl Weights {
    /// PyTorch's default initialisation: convolutions and linear layers Kaiming-uniform with a = √5, which is uniform
    /// within ±1/√fan_in, and so are their biases; batch-norm 1 and 0.
    pub fn initialise(network: &Network, seed: u64, device: &Device) -> Result<Self> {
        let layout = Arc::new(Layout::of(network));
        let mut rng = stream(seed, Purpose::Initialisation, 0, 0);
        let mut theta = Vec::with_capacity(network.parameter_count());
        for Slot { parameter, .. } in layout.trainable() {
            let bound = (parameter.fan_in.max(1) as f64).sqrt().recip();
            theta.extend((0..parameter.count()).map(|_| {
                match (parameter.fan_in, parameter.name.ends_with("weight")) {
                    (0, is_weight) => f32::from(is_weight),
                    _ => (bound * (2.0 * unit(&mut rng) - 1.0)) as f32,
                }
            }));
        }
        let mut running = Vec::new();
        for Slot { parameter, .. } in layout.running() {
            let start = f32::from(parameter.name.ends_with("running_var"));
            running.extend(std::iter::repeat_n(start, parameter.count()));
        }
        Self::on_device(layout, theta, running, device)
    }

    /// Values from a `state_dict`. Tensors that the network does not know (such as `num_batches_tracked`) are passed over.
    pub fn from_state_dict(
        network: &Network,
        tensors: &StateDict,
        device: &Device,
    ) -> std::result::Result<Self, WeightsError> {
        let layout = Arc::new(Layout::of(network));
        let gather = |slots: &[Slot]| -> std::result::Result<Vec<f32>, WeightsError> {
            let mut flat = Vec::new();
            for Slot { parameter, .. } in slots {
                let (shape, values) = tensors
                    .get(&parameter.name)
                    .ok_or_else(|| WeightsError::Missing(parameter.name.clone()))?;
                if *shape != parameter.shape || values.len() != parameter.count() {
                    return Err(WeightsError::Shape {
                        name: parameter.name.clone(),
                        found: shape.clone(),
                        wanted: parameter.shape.clone(),
                    });
                }
                flat.extend_from_slice(values);
            }
            Ok(flat)
        };
        let (theta, running) = (gather(layout.trainable())?, gather(layout.running())?);
        Self::on_device(layout, theta, running, device)
            .map_err(|error| WeightsError::Device(error.to_string()))
    }

    /// Flat values that [`Self::theta`] and [`Self::running`] had once.
    pub fn from_flat(
        network: &Network,
        theta: Vec<f32>,
        running: Vec<f32>,
        device: &Device,
    ) -> std::result::Result<Self, WeightsError> {
        let layout = Arc::new(Layout::of(network));
        let wanted = layout.lengths();
        let found = [theta.len(), running.len()];
        if found != wanted {
            return Err(WeightsError::Count { found, wanted });
        }
        Self::on_device(layout, theta, running, device)
            .map_err(|error| WeightsError::Device(error.to_string()))
    }

    fn on_device(layout: Arc<Layout>, theta: Vec<f32>, running: Vec<f32>, device: &Device) -> Result<Self> {
        let count = theta.len();
        let theta = Var::from_vec(theta, count, device)?;
        let count = running.len();
        Ok(Weights { layout, theta, running: Tensor::from_vec(running, count, device)? })
    }

    /// All trainable values, one after another in the lab's order.
    pub fn theta(&self) -> &Var {
        &self.theta
    }

    /// All running statistics, one after another in the lab's order.
    pub fn running(&self) -> &Tensor {
        &self.running
    }

    /// Takes the running statistics that a training pass gave.
    pub fn set_running(&mut self, running: Tensor) {
        self.running = running;
    }

    /// The trainable tensor of this name in PyTorch's shape, part of the graph that leads to [`Self::theta`].
    pub fn parameter(&self, name: &str) -> Result<Tensor> {
        Self::view(self.theta.as_tensor(), self.layout.parameter(name), name)
    }

    /// The running statistic of this name.
    pub fn statistic(&self, name: &str) -> Result<Tensor> {
        Self::view(&self.running, self.layout.statistic(name), name)
    }

    /// Where the trainable tensor of this name lies in [`Self::theta`].
    pub fn range(&self, name: &str) -> Option<std::ops::Range<usize>> {
        Some(self.layout.parameter(name)?.range.clone())
    }

    /// Shortens every row of weights that is longer than its layer's maximum norm allows: w·c/(‖w‖ + 1e-7) where ‖w‖ > c,
    /// as `torch.renorm` does; Keras's constraint is the same within rounding. Biases have no limit.
    pub fn limit_norms(&mut self) -> Result<()> {
        for Limit { range, outputs, norm } in self.layout.limits() {
            let theta = self.theta.as_tensor().detach();
            let rows = theta.narrow(0, range.start, range.len())?.reshape((*outputs, ()))?;
            let norms = rows.sqr()?.sum_keepdim(1)?.sqrt()?;
            let factors = ((norms.ones_like()? * *norm)? / (&norms + 1e-7)?)?;
            let factors = norms.gt(*norm)?.where_cond(&factors, &norms.ones_like()?)?;
            theta.slice_set(&rows.broadcast_mul(&factors)?.flatten_all()?, 0, range.start)?;
        }
        Ok(())
    }

    /// Every tensor by name, trainable values and running statistics, copied from the device.
    pub fn state_dict(&self) -> Result<StateDict> {
        let mut tensors = StateDict::new();
        for (flat, slots) in
            [(self.theta.as_tensor(), self.layout.trainable()), (&self.running, self.layout.running())]
        {
            let flat = flat.to_vec1::<f32>()?;
            for Slot { parameter, range } in slots {
                let values = flat[range.clone()].to_vec();
                tensors.insert(parameter.name.clone(), (parameter.shape.clone(), values));
            }
        }
        Ok(tensors)
    }

    /// A copy that later steps do not change.
    pub fn snapshot(&self) -> Result<Self> {
        let theta = Var::from_tensor(&self.theta.as_tensor().copy()?)?;
        Ok(Weights { layout: self.layout.clone(), theta, running: self.running.copy()? })
    }

    fn view(flat: &Tensor, slot: Option<&Slot>, name: &str) -> Result<Tensor> {
        let Some(slot) = slot else { candle_core::bail!("the network has no tensor '{name}'") };
        flat.narrow(0, slot.range.start, slot.range.len())?.reshape(slot.parameter.shape.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Activation, Geometry, Model};

    fn network() -> Network {
        Model::eegnet().network(Geometry::LAB, Activation::Relu, 0.25).unwrap()
    }

    #[test]
    fn a_state_dict_gives_the_weights_back() {
        let weights = Weights::initialise(&network(), 3, &Device::Cpu).unwrap();
        let tensors = weights.state_dict().unwrap();
        let again = Weights::from_state_dict(&network(), &tensors, &Device::Cpu).unwrap();
        assert_eq!(again.state_dict().unwrap(), tensors);
        assert_eq!(tensors["firstconv.0.weight"].0, [16, 1, 1, 51]);
        assert!(tensors["firstconv.1.running_var"].1.iter().all(|&v| v == 1.0));
    }

    #[test]
    fn initialisation_is_uniform_within_pytorchs_bound() {
        let tensors = Weights::initialise(&network(), 0, &Device::Cpu).unwrap().state_dict().unwrap();
        let (_, weights) = &tensors["seperableConv.0.weight"];
        let bound = 1.0 / (32.0f32 * 15.0).sqrt();
        assert!(weights.iter().all(|w| w.abs() <= bound));
        let variance = weights.iter().map(|w| w * w).sum::<f32>() / weights.len() as f32;
        assert!((variance / (bound * bound / 3.0) - 1.0).abs() < 0.05);
    }

    #[test]
    fn rows_that_are_too_long_are_shortened_to_the_maximum_norm_and_others_stay() {
        let network = Model::named("eegnet-8-2").unwrap();
        let network = network.network(Geometry::LAB, Activation::Relu, 0.0).unwrap();
        let mut tensors = Weights::initialise(&network, 3, &Device::Cpu).unwrap().state_dict().unwrap();
        // Limits of 1 and 0.25 for rows of 2 and 736 values; the third has none.
        for (name, value) in
            [("conv_spatial.weight", 2.0), ("classifier.weight", 0.1), ("conv_temporal.weight", 9.0)]
        {
            tensors.get_mut(name).unwrap().1.fill(value);
        }
        tensors.get_mut("conv_spatial.weight").unwrap().1[..2].copy_from_slice(&[0.6, 0.7]);
        let mut weights = Weights::from_state_dict(&network, &tensors, &Device::Cpu).unwrap();
        weights.limit_norms().unwrap();
        let after = weights.state_dict().unwrap();
        let row = |name: &str, from: usize, length: usize| {
            after[name].1[from..from + length].iter().map(|w| f64::from(*w).powi(2)).sum::<f64>().sqrt()
        };
        assert_eq!(after["conv_spatial.weight"].1[..2], [0.6, 0.7]);
        assert!((row("conv_spatial.weight", 2, 2) - 1.0).abs() < 1e-6);
        let width = after["classifier.weight"].0[1];
        assert!((row("classifier.weight", width, width) - 0.25).abs() < 1e-6);
        for name in ["conv_temporal.weight", "classifier.bias", "bnorm_1.weight"] {
            assert_eq!(after[name], tensors[name], "{name}");
        }
    }

    #[test]
    fn weights_of_another_geometry_are_refused_by_name() {
        let tensors = Weights::initialise(&network(), 0, &Device::Cpu).unwrap().state_dict().unwrap();
        let wide = Geometry { channels: 3, ..Geometry::LAB };
        let other = Model::eegnet().network(wide, Activation::Relu, 0.25).unwrap();
        let error = Weights::from_state_dict(&other, &tensors, &Device::Cpu).unwrap_err();
        assert!(error.to_string().contains("depthwiseConv.0.weight"), "{error}");
        let deep = Model::deepconvnet().network(Geometry::LAB, Activation::Relu, 0.5).unwrap();
        assert!(matches!(
            Weights::from_state_dict(&deep, &tensors, &Device::Cpu),
            Err(WeightsError::Missing(_))
        ));
    }
}
