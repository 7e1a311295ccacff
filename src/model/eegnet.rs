//! EEGNet as the lab built it (17,874 parameters for 2 × 750 and two classes). The spelling `seperableConv` is the
//! lab's: weights are exchanged under that name. It is a full convolution in spite of it.

use super::{Activation, Geometry, Layer, Model, Network};

pub(super) fn network(geometry: Geometry, activation: Activation, dropout: f64) -> Network {
    use Layer::*;
    let layers = vec![
        TemporalConv { name: "firstconv.0", filters: 16, kernel: 51, padding: 25, bias: false },
        BatchNorm { name: "firstconv.1" },
        SpatialConv { name: "depthwiseConv.0", filters: 32, groups: 16, bias: false },
        BatchNorm { name: "depthwiseConv.1" },
        Activation(activation),
        AvgPool { kernel: 4 },
        Dropout { p: dropout },
        TemporalConv { name: "seperableConv.0", filters: 32, kernel: 15, padding: 7, bias: false },
        BatchNorm { name: "seperableConv.1" },
        Activation(activation),
        AvgPool { kernel: 8 },
        Dropout { p: dropout },
        Linear { name: "classify", outputs: geometry.classes },
    ];
    Network { model: Model::EegNet, geometry, layers }
}
