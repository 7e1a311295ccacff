//! A trained network as an ONNX model: from trials as they were recorded, (trial, electrode, sample), to logits. Filling of
//! missing samples and scaling are a part of the graph, and the classes' names of its metadata, so that whoever has the file
//! needs nothing else.
//! The messages are those of `onnx.proto`, as far as they are needed.

use crate::dataset::Fitted;
use crate::model::{Activation, Layer, Network};
use crate::nn::StateDict;
use prost::Message;
use std::collections::BTreeMap;

/// The opset that the graph is written in: the first with Gelu.
const OPSET: i64 = 20;
/// The version of the file format that belongs to it.
const IR_VERSION: i64 = 9;
/// `TensorProto.DataType`.
const FLOAT: i32 = 1;
const INT64: i32 = 7;

/// What goes with a network's layers into the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surroundings {
    /// What is done to each electrode first.
    pub fitted: Fitted,
    /// Said in the file's metadata, by name.
    pub metadata: BTreeMap<String, String>,
}

/// Why a network can't be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OnnxError {
    /// A tensor that a layer needs is not among the saved ones.
    #[error("the saved weights have no tensor '{0}'")]
    Missing(String),
}

#[derive(Clone, PartialEq, Message)]
struct ModelProto {
    #[prost(int64, tag = "1")]
    ir_version: i64,
    #[prost(string, tag = "2")]
    producer_name: String,
    #[prost(string, tag = "3")]
    producer_version: String,
    #[prost(message, optional, tag = "7")]
    graph: Option<GraphProto>,
    #[prost(message, repeated, tag = "8")]
    opset_import: Vec<OperatorSet>,
    #[prost(message, repeated, tag = "14")]
    metadata_props: Vec<Entry>,
}

#[derive(Clone, PartialEq, Message)]
struct OperatorSet {
    #[prost(string, tag = "1")]
    domain: String,
    #[prost(int64, tag = "2")]
    version: i64,
}

#[derive(Clone, PartialEq, Message)]
struct Entry {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Clone, PartialEq, Message)]
struct GraphProto {
    #[prost(message, repeated, tag = "1")]
    node: Vec<NodeProto>,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(message, repeated, tag = "5")]
    initializer: Vec<TensorProto>,
    #[prost(message, repeated, tag = "11")]
    input: Vec<ValueInfo>,
    #[prost(message, repeated, tag = "12")]
    output: Vec<ValueInfo>,
}

#[derive(Clone, PartialEq, Message)]
struct NodeProto {
    #[prost(string, repeated, tag = "1")]
    input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    output: Vec<String>,
    #[prost(string, tag = "3")]
    name: String,
    #[prost(string, tag = "4")]
    op_type: String,
    #[prost(message, repeated, tag = "5")]
    attribute: Vec<Attribute>,
}

#[derive(Clone, PartialEq, Message)]
struct Attribute {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(float, optional, tag = "2")]
    f: Option<f32>,
    #[prost(int64, optional, tag = "3")]
    i: Option<i64>,
    #[prost(int64, repeated, packed = "false", tag = "8")]
    ints: Vec<i64>,
    /// 1 float, 2 int, 7 ints.
    #[prost(int32, tag = "20")]
    kind: i32,
}

#[derive(Clone, PartialEq, Message)]
struct TensorProto {
    #[prost(int64, repeated, packed = "false", tag = "1")]
    dims: Vec<i64>,
    #[prost(int32, tag = "2")]
    data_type: i32,
    #[prost(string, tag = "8")]
    name: String,
    #[prost(bytes = "vec", tag = "9")]
    raw_data: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct ValueInfo {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, optional, tag = "2")]
    kind: Option<TypeProto>,
}

#[derive(Clone, PartialEq, Message)]
struct TypeProto {
    #[prost(message, optional, tag = "1")]
    tensor: Option<TensorType>,
}

#[derive(Clone, PartialEq, Message)]
struct TensorType {
    #[prost(int32, tag = "1")]
    elem_type: i32,
    #[prost(message, optional, tag = "2")]
    shape: Option<TensorShape>,
}

#[derive(Clone, PartialEq, Message)]
struct TensorShape {
    #[prost(message, repeated, tag = "1")]
    dim: Vec<Dimension>,
}

#[derive(Clone, PartialEq, Message)]
struct Dimension {
    #[prost(int64, optional, tag = "1")]
    dim_value: Option<i64>,
    #[prost(string, optional, tag = "2")]
    dim_param: Option<String>,
}

/// The file's bytes. The input is `signal`, float32, (trial, electrode, sample) in the data set's unit; the output
/// `logits`, (trial, class).
pub fn to_bytes(
    network: &Network,
    tensors: &StateDict,
    surroundings: &Surroundings,
) -> Result<Vec<u8>, OnnxError> {
    let mut graph = Builder { tensors, graph: GraphProto::default(), last: "signal".into(), nodes: 0 };
    graph.fill(&surroundings.fitted.filling);
    graph.scale(&surroundings.fitted.scaling);
    graph.axes("feature_axis", 1);
    graph.node("Unsqueeze", &["feature_axis"], Vec::new());
    for placed in &network.layers {
        graph.layer(&placed.layer, placed.before.features, placed.before.electrodes)?;
    }
    graph.node_to("logits", "Identity");
    let geometry = network.geometry;
    let mut graph = graph.graph;
    graph.name = network.model.name().to_string();
    graph.input = vec![described("signal", &[geometry.channels, geometry.samples])];
    graph.output = vec![described("logits", &[geometry.classes])];
    let entry = |(key, value): (&String, &String)| Entry { key: key.clone(), value: value.clone() };
    let model = ModelProto {
        ir_version: IR_VERSION,
        producer_name: "eeg-tui".into(),
        producer_version: env!("CARGO_PKG_VERSION").into(),
        graph: Some(graph),
        opset_import: vec![OperatorSet { domain: String::new(), version: OPSET }],
        metadata_props: surroundings.metadata.iter().map(entry).collect(),
    };
    Ok(model.encode_to_vec())
}

/// A graph under way: a chain of nodes, each taking what the last one gave.
struct Builder<'a> {
    tensors: &'a StateDict,
    graph: GraphProto,
    /// The name of what the last node gave.
    last: String,
    nodes: usize,
}

impl Builder<'_> {
    fn fill(&mut self, filling: &[f32]) {
        if filling.is_empty() {
            return;
        }
        let input = self.last.clone();
        self.floats("signal_filling", &[1, filling.len(), 1], filling);
        self.node("IsNaN", &[], Vec::new());
        self.node("Where", &["signal_filling", &input], Vec::new());
    }

    fn scale(&mut self, scaling: &[(f64, f64)]) {
        if scaling.is_empty() {
            return;
        }
        let column =
            |of: fn(&(f64, f64)) -> f64| scaling.iter().map(|pair| of(pair) as f32).collect::<Vec<_>>();
        self.floats("signal_mean", &[1, scaling.len(), 1], &column(|pair| pair.0));
        self.floats("signal_scale", &[1, scaling.len(), 1], &column(|pair| pair.1));
        self.node("Sub", &["signal_mean"], Vec::new());
        self.node("Mul", &["signal_scale"], Vec::new());
    }

    fn layer(&mut self, layer: &Layer, features: usize, electrodes: usize) -> Result<(), OnnxError> {
        match layer {
            Layer::TemporalConv { name, kernel, stride, padding, groups, bias, .. } => {
                let (left, right) = padding.sides(*kernel);
                let attributes = vec![
                    ints("kernel_shape", &[1, *kernel]),
                    ints("strides", &[1, *stride]),
                    ints("pads", &[0, left, 0, right]),
                    int("group", *groups as i64),
                ];
                self.conv(name, *bias, attributes)
            }
            Layer::SpatialConv { name, groups, bias, .. } => {
                let attributes = vec![ints("kernel_shape", &[electrodes, 1]), int("group", *groups as i64)];
                self.conv(name, *bias, attributes)
            }
            Layer::BatchNorm { name, eps, .. } => {
                let inputs = ["weight", "bias", "running_mean", "running_var"];
                let inputs = inputs.map(|what| self.saved(name, what));
                let inputs = inputs.into_iter().collect::<Result<Vec<_>, _>>()?;
                let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
                self.node("BatchNormalization", &inputs, vec![float("epsilon", *eps)]);
                Ok(())
            }
            Layer::Activation(function) => {
                self.activation(*function);
                Ok(())
            }
            Layer::AvgPool { kernel, stride } => {
                self.pool("AveragePool", *kernel, *stride);
                Ok(())
            }
            Layer::MaxPool { kernel, stride } => {
                self.pool("MaxPool", *kernel, *stride);
                Ok(())
            }
            // Nothing happens there outside training.
            Layer::Dropout { .. } => Ok(()),
            Layer::Linear { name, .. } => {
                let _ = features;
                let (weight, bias) = (self.saved(name, "weight")?, self.saved(name, "bias")?);
                self.node("Flatten", &[], vec![int("axis", 1)]);
                self.node("Gemm", &[&weight, &bias], vec![int("transB", 1)]);
                Ok(())
            }
        }
    }

    fn conv(&mut self, name: &str, bias: bool, attributes: Vec<Attribute>) -> Result<(), OnnxError> {
        let weight = self.saved(name, "weight")?;
        let bias = bias.then(|| self.saved(name, "bias")).transpose()?;
        let inputs: Vec<&str> = std::iter::once(weight.as_str()).chain(bias.as_deref()).collect();
        self.node("Conv", &inputs, attributes);
        Ok(())
    }

    fn pool(&mut self, operator: &str, kernel: usize, stride: usize) {
        self.node(operator, &[], vec![ints("kernel_shape", &[1, kernel]), ints("strides", &[1, stride])]);
    }

    fn activation(&mut self, function: Activation) {
        match function {
            Activation::None => {}
            Activation::Relu => self.node("Relu", &[], Vec::new()),
            Activation::LeakyRelu { slope } => self.node("LeakyRelu", &[], vec![float("alpha", slope)]),
            Activation::Elu { alpha } => self.node("Elu", &[], vec![float("alpha", alpha)]),
            Activation::Gelu => self.node("Gelu", &[], Vec::new()),
            Activation::Silu => {
                let input = self.last.clone();
                self.node("Sigmoid", &[], Vec::new());
                self.node("Mul", &[&input], Vec::new());
            }
            Activation::Square => {
                let input = self.last.clone();
                self.node("Mul", &[&input], Vec::new());
            }
            Activation::Log { eps } => {
                let least = format!("least_{}", self.nodes);
                self.floats(&least, &[], &[eps as f32]);
                self.node("Max", &[&least], Vec::new());
                self.node("Log", &[], Vec::new());
            }
        }
    }

    /// A saved tensor as an initializer of the graph, under its own name.
    fn saved(&mut self, layer: &str, what: &str) -> Result<String, OnnxError> {
        let name = format!("{layer}.{what}");
        let (shape, values) = self.tensors.get(&name).ok_or_else(|| OnnxError::Missing(name.clone()))?;
        self.floats(&name, shape, values);
        Ok(name)
    }

    fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        self.initializer(name, shape, FLOAT, values.iter().flat_map(|value| value.to_le_bytes()).collect());
    }

    fn axes(&mut self, name: &str, axis: i64) {
        self.initializer(name, &[1], INT64, axis.to_le_bytes().to_vec());
    }

    fn initializer(&mut self, name: &str, shape: &[usize], data_type: i32, raw_data: Vec<u8>) {
        let dims = shape.iter().map(|&size| size as i64).collect();
        self.graph.initializer.push(TensorProto { dims, data_type, name: name.to_owned(), raw_data });
    }

    /// A node behind the last one, with more inputs.
    fn node(&mut self, operator: &str, others: &[&str], attribute: Vec<Attribute>) {
        self.nodes += 1;
        let output = format!("{}_{}", operator.to_lowercase(), self.nodes);
        let input = std::iter::once(self.last.as_str()).chain(others.iter().copied());
        self.graph.node.push(NodeProto {
            input: input.map(str::to_owned).collect(),
            output: vec![output.clone()],
            name: output.clone(),
            op_type: operator.to_owned(),
            attribute,
        });
        self.last = output;
    }

    /// A node that gives the graph's output.
    fn node_to(&mut self, output: &str, operator: &str) {
        self.node(operator, &[], Vec::new());
        if let Some(node) = self.graph.node.last_mut() {
            node.output = vec![output.to_owned()];
        }
    }
}

fn int(name: &str, value: i64) -> Attribute {
    Attribute { name: name.into(), i: Some(value), kind: 2, ..Default::default() }
}

fn float(name: &str, value: f64) -> Attribute {
    Attribute { name: name.into(), f: Some(value as f32), kind: 1, ..Default::default() }
}

fn ints(name: &str, values: &[usize]) -> Attribute {
    let ints = values.iter().map(|&value| value as i64).collect();
    Attribute { name: name.into(), ints, kind: 7, ..Default::default() }
}

/// A tensor of any number of trials.
fn described(name: &str, shape: &[usize]) -> ValueInfo {
    let trials = Dimension { dim_value: None, dim_param: Some("trials".into()) };
    let fixed = shape.iter().map(|&size| Dimension { dim_value: Some(size as i64), dim_param: None });
    let shape = TensorShape { dim: std::iter::once(trials).chain(fixed).collect() };
    let kind = TypeProto { tensor: Some(TensorType { elem_type: FLOAT, shape: Some(shape) }) };
    ValueInfo { name: name.into(), kind: Some(kind) }
}
