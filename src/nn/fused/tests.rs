use super::*;
use crate::model::{Activation, Geometry, Model};
use crate::random::{Purpose, normal, stream};
use candle_core::Device;

const GEOMETRY: Geometry = Geometry { channels: 3, samples: 131, classes: 4 };

/// Standard normal trials on an offset.
fn signal(trials: usize, geometry: Geometry) -> Tensor {
    let mut rng = stream(9, Purpose::Simulation, 0, 0);
    let count = trials * geometry.samples * geometry.channels;
    let values: Vec<f32> = (0..count).map(|_| normal(&mut rng) as f32 + 0.5).collect();
    Tensor::from_vec(values, (trials, geometry.samples, geometry.channels), &Device::Cpu).unwrap()
}

fn masks(network: &Network) -> Vec<DropoutMask> {
    let mut rng = stream(4, Purpose::Dropout, 0, 0);
    let layers = network.layers.iter().filter(|layer| matches!(layer, crate::model::Layer::Dropout { .. }));
    layers.map(|_| DropoutMask::draw(&mut rng, 0.25)).collect()
}

fn flat(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

/// Logits, running statistics and gradient of one step, and evaluation logits.
fn step(model: Model, threads: usize) -> [Vec<f32>; 4] {
    let network = model.network(GEOMETRY, Activation::Elu { alpha: 0.3 }, 0.25).unwrap();
    let fused = Fused::new(&network).unwrap();
    let weights = Weights::initialise(&network, 5, &Device::Cpu).unwrap();
    let x = signal(37, GEOMETRY);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let pass = fused.train(&weights, &x, &masks(&network)).unwrap();
        let gradients = pass.logits.sqr().unwrap().sum_all().unwrap().backward().unwrap();
        let gradient = flat(gradients.get(weights.theta()).unwrap());
        [flat(&pass.logits), flat(&pass.running), gradient, flat(&fused.evaluate(&weights, &x).unwrap())]
    })
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    for model in Model::ALL {
        let one = step(model, 1);
        assert!(one.iter().flatten().all(|value| value.is_finite()));
        assert!(one[2].iter().any(|&value| value != 0.0));
        for threads in [2, 3] {
            assert_eq!(step(model, threads), one, "{model} with {threads} threads");
        }
    }
}

#[test]
fn a_signal_of_another_shape_is_refused() {
    let network = Model::EegNet.network(GEOMETRY, Activation::Relu, 0.25).unwrap();
    let fused = Fused::new(&network).unwrap();
    let weights = Weights::initialise(&network, 5, &Device::Cpu).unwrap();
    let x = signal(2, Geometry { samples: 130, ..GEOMETRY });
    assert!(fused.evaluate(&weights, &x).is_err() && fused.train(&weights, &x, &[]).is_err());
}
