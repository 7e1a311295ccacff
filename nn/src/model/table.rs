//! What follows from a network's layers: every tensor with its name and shape in the lab's `state_dict`, parameter
//! counts, and multiply-adds.

use super::{Layer, Network, Shape};
use serde::Serialize;

/// One tensor of a network, named and shaped as in the lab's `state_dict`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// For example `firstconv.0.weight`.
    pub name: String,
    /// PyTorch's shape, for example `[16, 1, 1, 51]`.
    pub shape: Vec<usize>,
    /// Inputs that each output sums over; PyTorch's initialisation scales by it. 0 for batch-norm.
    pub fan_in: usize,
}

impl Parameter {
    /// Number of values.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    fn new(layer: &str, tensor: &str, shape: Vec<usize>, fan_in: usize) -> Self {
        Parameter { name: format!("{layer}.{tensor}"), shape, fan_in }
    }
}

/// A layer as the Models pane and `params` show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerRow {
    /// Prefix in the `state_dict`, or empty for a layer without parameters.
    pub name: String,
    /// What it does, in PyTorch's words.
    pub what: String,
    /// Shape of one trial after it.
    pub output: Shape,
    /// Trainable values.
    pub parameters: usize,
    /// Multiply-adds for one trial, forwards.
    pub multiply_adds: usize,
}

impl Layer {
    /// Trainable tensors, given the shape before the layer.
    pub fn parameters(&self, input: Shape) -> Vec<Parameter> {
        let weight_and_bias = |name: &str, shape: Vec<usize>, bias| {
            let fan_in = shape[1..].iter().product();
            let outputs = shape[0];
            let mut tensors = vec![Parameter::new(name, "weight", shape, fan_in)];
            if bias {
                tensors.push(Parameter::new(name, "bias", vec![outputs], fan_in));
            }
            tensors
        };
        match self {
            Layer::TemporalConv { name, filters, kernel, groups, bias, .. } => {
                weight_and_bias(name, vec![*filters, input.features / groups, 1, *kernel], *bias)
            }
            Layer::SpatialConv { name, filters, groups, bias, .. } => {
                weight_and_bias(name, vec![*filters, input.features / groups, input.electrodes, 1], *bias)
            }
            Layer::Linear { name, outputs, .. } => weight_and_bias(name, vec![*outputs, input.len()], true),
            Layer::BatchNorm { name, .. } => {
                ["weight", "bias"].map(|tensor| Parameter::new(name, tensor, vec![input.features], 0)).into()
            }
            Layer::Activation(_) | Layer::AvgPool { .. } | Layer::MaxPool { .. } | Layer::Dropout { .. } => {
                vec![]
            }
        }
    }

    /// Running statistics, given the shape before the layer.
    pub fn running_statistics(&self, input: Shape) -> Vec<Parameter> {
        match self {
            Layer::BatchNorm { name, .. } => ["running_mean", "running_var"]
                .map(|tensor| Parameter::new(name, tensor, vec![input.features], 0))
                .into(),
            _ => vec![],
        }
    }

    fn multiply_adds(&self, input: Shape, output: Shape) -> usize {
        let per_output = match *self {
            Layer::TemporalConv { kernel, groups, .. } => kernel * (input.features / groups),
            Layer::SpatialConv { groups, .. } => input.features / groups * input.electrodes,
            Layer::Linear { .. } => input.len(),
            Layer::BatchNorm { .. } => 1,
            Layer::Activation(_) | Layer::AvgPool { .. } | Layer::MaxPool { .. } | Layer::Dropout { .. } => 0,
        };
        per_output * output.len()
    }

    /// What it does, in PyTorch's words; what is not the default is said.
    fn describe(&self, input: Shape) -> String {
        let mut more = String::new();
        let mut say = |unusual: bool, text: String| {
            if unusual {
                more += ", ";
                more += &text;
            }
        };
        let what = match self {
            Layer::TemporalConv { filters, kernel, stride, groups, .. } => {
                say(*stride > 1, format!("stride {stride}"));
                say(*groups > 1, format!("groups {groups}"));
                format!("Conv {}→{filters}, 1×{kernel}", input.features)
            }
            Layer::SpatialConv { filters, groups, .. } => {
                say(*groups > 1, format!("groups {groups}"));
                format!("Conv {}→{filters}, {}×1", input.features, input.electrodes)
            }
            Layer::BatchNorm { .. } => format!("BatchNorm {}", input.features),
            Layer::Activation(activation) => activation.title(),
            Layer::AvgPool { kernel, stride } => {
                say(stride != kernel, format!("stride {stride}"));
                format!("AvgPool 1×{kernel}")
            }
            Layer::MaxPool { kernel, stride } => {
                say(stride != kernel, format!("stride {stride}"));
                format!("MaxPool 1×{kernel}")
            }
            Layer::Dropout { p } => format!("Dropout {p}"),
            Layer::Linear { outputs, .. } => format!("Linear {}→{outputs}", input.len()),
        };
        if let Some(norm) = self.max_norm() {
            more += &format!(", norm ≤ {norm}");
        }
        what + &more
    }
}

impl Network {
    /// All trainable tensors in the lab's order.
    pub fn parameters(&self) -> Vec<Parameter> {
        self.shapes().flat_map(|(layer, before, _)| layer.parameters(before)).collect()
    }

    /// All running statistics in the lab's order.
    pub fn running_statistics(&self) -> Vec<Parameter> {
        self.shapes().flat_map(|(layer, before, _)| layer.running_statistics(before)).collect()
    }

    /// Number of trainable values.
    pub fn parameter_count(&self) -> usize {
        self.parameters().iter().map(Parameter::count).sum()
    }

    /// The network layer by layer, for people.
    pub fn rows(&self) -> Vec<LayerRow> {
        self.shapes()
            .map(|(layer, before, after)| LayerRow {
                name: layer.name().to_owned(),
                what: layer.describe(before),
                output: after,
                parameters: layer.parameters(before).iter().map(Parameter::count).sum(),
                multiply_adds: layer.multiply_adds(before, after),
            })
            .collect()
    }
}

/// A count with a separator every three digits.
pub fn thousands(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn digits_come_in_threes() {
        assert_eq!([0, 999, 17_874, 1_234_567].map(thousands), ["0", "999", "17,874", "1,234,567"]);
    }
}
