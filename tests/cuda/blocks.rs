//! A network as the CUDA kernels take it: convolutions, and what follows each up to the next.

use eeg_tui::model::{Activation, Layer, Layout, Network, Shape};

/// A convolution and its tail; either may be missing.
#[derive(Default)]
pub struct Block {
    pub convolution: Option<Convolution>,
    pub tail: Option<Tail>,
}

pub struct Convolution {
    pub groups: usize,
    pub before: Shape,
    pub after: Shape,
    /// Electrodes and samples under a window.
    pub taps: (usize, usize),
    pub stride: usize,
    pub left: usize,
    /// Places in the flat vector of trainable values.
    pub weight: usize,
    pub bias: Option<usize>,
}

pub struct Tail {
    pub before: Shape,
    pub after: Shape,
    pub norm: Option<Norm>,
    pub activation: Activation,
    /// Whether it averages, kernel, stride.
    pub pool: Option<(bool, usize, usize)>,
    /// Behind the pool.
    pub function: Activation,
    /// Which of the dropout layers.
    pub dropout: Option<usize>,
}

pub struct Norm {
    pub gamma: usize,
    pub mean: usize,
    pub variance: usize,
    pub eps: f64,
    pub momentum: f64,
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
    fn tail(&mut self, part: Part, before: Shape, after: Shape) -> &mut Tail {
        if self.reached >= part {
            self.blocks.push(Block::default());
        }
        self.reached = part;
        let tail = self.blocks.last_mut().unwrap().tail.get_or_insert(Tail {
            before,
            after,
            norm: None,
            activation: Activation::None,
            pool: None,
            function: Activation::None,
            dropout: None,
        });
        tail.after = after;
        tail
    }
}

/// Reads a network's layers but for the last, which is linear.
pub fn blocks(network: &Network) -> Vec<Block> {
    let layout = Layout::of(network);
    let trainable = |name: &str| layout.parameter(name).map(|slot| slot.range.start);
    let running = |name: &str| layout.statistic(name).unwrap().range.start;
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
                reader.tail(Part::Norm, before, after).norm = Some(Norm {
                    gamma: trainable(&format!("{name}.weight")).unwrap(),
                    mean: running(&format!("{name}.running_mean")),
                    variance: running(&format!("{name}.running_var")),
                    eps,
                    momentum,
                });
                continue;
            }
            Layer::Activation(function) => {
                match reader.reached {
                    Part::Convolution | Part::Norm | Part::Dropout => {
                        reader.tail(Part::Activation, before, after).activation = function;
                    }
                    Part::Activation | Part::Pool | Part::Function => {
                        reader.tail(Part::Function, before, after).function = function;
                    }
                }
                continue;
            }
            Layer::AvgPool { kernel, stride } => {
                reader.tail(Part::Pool, before, after).pool = Some((true, kernel, stride));
                continue;
            }
            Layer::MaxPool { kernel, stride } => {
                reader.tail(Part::Pool, before, after).pool = Some((false, kernel, stride));
                continue;
            }
            Layer::Dropout { p } => {
                if p > 0.0 {
                    reader.tail(Part::Dropout, before, after).dropout = Some(dropouts);
                    dropouts += 1;
                }
                continue;
            }
            Layer::Linear { .. } => continue,
        };
        let weight = trainable(&format!("{name}.weight")).unwrap();
        let bias = trainable(&format!("{name}.bias"));
        let convolution = Convolution { groups, before, after, taps, stride, left, weight, bias };
        reader.blocks.push(Block { convolution: Some(convolution), tail: None });
        reader.reached = Part::Convolution;
    }
    assert!(reader.blocks[0].convolution.is_some(), "the kernels begin with a convolution");
    reader.blocks
}
