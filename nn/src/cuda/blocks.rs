//! A network as the kernels take it: convolutions, and what follows each up to the next. Knows no device and no addresses.

use crate::Unsupported;
use crate::model::{Activation, Layer, Layout, Network, Shape};

/// A convolution and its tail; either may be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Block {
    pub(super) convolution: Option<Convolution>,
    pub(super) tail: Option<Tail>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Convolution {
    pub(super) groups: usize,
    pub(super) before: Shape,
    pub(super) after: Shape,
    /// Electrodes and samples under a window.
    pub(super) taps: (usize, usize),
    pub(super) stride: usize,
    pub(super) left: usize,
    /// Places in the flat vector of trainable values.
    pub(super) weight: usize,
    pub(super) bias: Option<usize>,
    /// Feature maps whose windows fit into shared memory at once.
    pub(super) at_once: usize,
}

/// What follows a convolution, in this order; each part may be missing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tail {
    pub(super) before: Shape,
    pub(super) after: Shape,
    pub(super) norm: Option<Norm>,
    pub(super) activation: Function,
    pub(super) pool: Option<Pool>,
    /// Behind the pool.
    pub(super) function: Function,
    /// Which of the dropout layers.
    pub(super) dropout: Option<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Norm {
    /// Place of gamma in the flat vector of trainable values; beta lies behind it.
    pub(super) gamma: usize,
    /// Places in the flat vector of running statistics.
    pub(super) mean: usize,
    pub(super) variance: usize,
    pub(super) eps: f64,
    pub(super) momentum: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pool {
    pub(super) averages: bool,
    pub(super) kernel: usize,
    pub(super) stride: usize,
}

/// A function's number in `kernels.cu`, and its parameter: the only thing in which networks of one group may differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Function {
    pub(super) number: i32,
    pub(super) parameter: f32,
}

impl Function {
    fn of(activation: Activation) -> Self {
        let number = match activation {
            Activation::None => 0,
            Activation::Relu => 1,
            Activation::LeakyRelu { .. } => 2,
            Activation::Elu { .. } => 3,
            Activation::Gelu => 4,
            Activation::Silu => 5,
            Activation::Square => 6,
            Activation::Log { .. } => 7,
        };
        Function { number, parameter: activation.parameter().map_or(0.0, |(_, value)| value as f32) }
    }

    /// Whether there is one.
    pub(super) fn is_some(self) -> bool {
        self.number != 0
    }
}

/// The parts of a tail, in the order in which they can follow one another.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Part {
    Convolution,
    Norm,
    Activation,
    Pool,
    Function,
    Dropout,
}

/// The blocks so far, and how far the last one's tail has come.
struct Reader {
    blocks: Vec<Block>,
    reached: Part,
}

impl Reader {
    /// The tail that takes this part: the last block's, or that of a new one where it is past that.
    fn tail(&mut self, part: Part, before: Shape, after: Shape) -> Result<&mut Tail, Unsupported> {
        if self.blocks.is_empty() {
            return Err(Unsupported("the kernels for cards begin with a convolution".into()));
        }
        if self.reached >= part {
            self.blocks.push(Block::default());
        }
        self.reached = part;
        let none = Function::of(Activation::None);
        let new =
            Tail { before, after, norm: None, activation: none, pool: None, function: none, dropout: None };
        let last = self.blocks.len() - 1;
        let tail = self.blocks[last].tail.get_or_insert(new);
        tail.after = after;
        Ok(tail)
    }
}

/// Reads a network's layers but for the last, which is linear.
pub(super) fn blocks(network: &Network) -> Result<Vec<Block>, Unsupported> {
    let layout = Layout::of(network);
    let missing = |name: &str| Unsupported(format!("the network has no tensor '{name}'"));
    let trainable =
        |name: String| layout.parameter(&name).map(|slot| slot.range.start).ok_or_else(|| missing(&name));
    let running =
        |name: String| layout.statistic(&name).map(|slot| slot.range.start).ok_or_else(|| missing(&name));
    let mut reader = Reader { blocks: Vec::new(), reached: Part::Dropout };
    let mut dropouts = 0;
    for (layer, before, after) in network.shapes() {
        let name = layer.name();
        let (groups, taps, stride, left) = match *layer {
            Layer::TemporalConv { kernel, stride, padding, groups, .. } => {
                (groups, (1, kernel), stride, padding.sides(kernel).0)
            }
            Layer::SpatialConv { groups, .. } => (groups, (before.electrodes, 1), 1, 0),
            Layer::BatchNorm { eps, momentum, .. } => {
                let norm = Norm {
                    gamma: trainable(format!("{name}.weight"))?,
                    mean: running(format!("{name}.running_mean"))?,
                    variance: running(format!("{name}.running_var"))?,
                    eps,
                    momentum,
                };
                reader.tail(Part::Norm, before, after)?.norm = Some(norm);
                continue;
            }
            Layer::Activation(function) => {
                match reader.reached {
                    Part::Convolution | Part::Norm | Part::Dropout => {
                        reader.tail(Part::Activation, before, after)?.activation = Function::of(function);
                    }
                    Part::Activation | Part::Pool | Part::Function => {
                        reader.tail(Part::Function, before, after)?.function = Function::of(function);
                    }
                }
                continue;
            }
            Layer::AvgPool { kernel, stride } => {
                reader.tail(Part::Pool, before, after)?.pool = Some(Pool { averages: true, kernel, stride });
                continue;
            }
            Layer::MaxPool { kernel, stride } => {
                reader.tail(Part::Pool, before, after)?.pool = Some(Pool { averages: false, kernel, stride });
                continue;
            }
            Layer::Dropout { p } => {
                if p > 0.0 {
                    reader.tail(Part::Dropout, before, after)?.dropout = Some(dropouts);
                    dropouts += 1;
                }
                continue;
            }
            Layer::Linear { .. } => continue,
        };
        let weight = trainable(format!("{name}.weight"))?;
        let bias = layout.parameter(&format!("{name}.bias")).map(|slot| slot.range.start);
        let at_once = at_once(before.features / groups, taps.1, stride)?;
        let convolution = Convolution { groups, before, after, taps, stride, left, weight, bias, at_once };
        reader.blocks.push(Block { convolution: Some(convolution), tail: None });
        reader.reached = Part::Convolution;
    }
    match reader.blocks.is_empty() {
        true => Err(Unsupported("the kernels for cards begin with a convolution".into())),
        false => Ok(reader.blocks),
    }
}

/// The sizes of `arguments.h`: what a block of threads makes, and floats of shared memory.
pub(super) const TILE_SAMPLES: usize = 32;
pub(super) const TILE_FEATURES: usize = 16;
const WINDOW_FLOATS: usize = 3072;
const WEIGHT_FLOATS: usize = 8192;
pub(super) const SLICE_WEIGHTS: usize = 32;
const SLICE_SAMPLES: usize = 64;
const SLICE_FLOATS: usize = 6144;

/// How many feature maps of a convolution fit into shared memory at once.
fn at_once(in_group: usize, taps: usize, stride: usize) -> Result<usize, Unsupported> {
    let span = (TILE_SAMPLES - 1) * stride + taps;
    let back = (TILE_SAMPLES + taps - 2) / stride + 2;
    let rows = in_group.min((SLICE_WEIGHTS + taps - 2) / taps + 1);
    let at_once = (WINDOW_FLOATS / span.max(back)).min(WEIGHT_FLOATS / (TILE_FEATURES * taps));
    match at_once < 1 || rows * ((SLICE_SAMPLES - 1) * stride + taps) > SLICE_FLOATS {
        true => Err(Unsupported(format!(
            "a kernel of {taps} samples in steps of {stride} is too long for a card's shared memory"
        ))),
        false => Ok(at_once),
    }
}
