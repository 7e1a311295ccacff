//! DeepConvNet as the lab built it (150,977 parameters for 2 × 750 and two classes).

use super::{Activation, Geometry, Layer, Model, Network};

/// Convolution, batch-norm and filter count of the three blocks after the first.
const BLOCKS: [(&str, &str, usize); 3] =
    [("conv1.0", "conv1.1", 50), ("conv2.0", "conv2.1", 100), ("conv3.0", "conv3.1", 200)];

pub(super) fn network(geometry: Geometry, activation: Activation, dropout: f64) -> Network {
    use Layer::*;
    let conv = |name, filters| TemporalConv { name, filters, kernel: 5, padding: 0, bias: true };
    let rest_of_block = |norm| {
        [BatchNorm { name: norm }, Activation(activation), MaxPool { kernel: 2 }, Dropout { p: dropout }]
    };
    let mut layers =
        vec![conv("conv0.0", 25), SpatialConv { name: "conv0.1", filters: 25, groups: 1, bias: true }];
    layers.extend(rest_of_block("conv0.2"));
    for (name, norm, filters) in BLOCKS {
        layers.push(conv(name, filters));
        layers.extend(rest_of_block(norm));
    }
    layers.push(Linear { name: "classify", outputs: geometry.classes });
    Network { model: Model::DeepConvNet, geometry, layers }
}
