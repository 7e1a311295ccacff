use super::*;
use crate::kernels::{self, Instructions, VARIABLE};
use crate::model::{Activation, Geometry, Model};
use crate::random::{Purpose, normal, stream};
use crate::{Batch, Composed, gradient};
use candle_core::Device;

const GEOMETRY: Geometry = Geometry { channels: 3, samples: 131, classes: 4, sfreq: None };

/// Standard normal trials on an offset.
fn signal(trials: usize, geometry: Geometry) -> Tensor {
    let mut rng = stream(9, Purpose::Simulation, 0, 0);
    let count = trials * geometry.samples * geometry.channels;
    let values: Vec<f32> = (0..count).map(|_| normal(&mut rng) as f32 + 0.5).collect();
    Tensor::from_vec(values, (trials, geometry.samples, geometry.channels), &Device::Cpu).unwrap()
}

fn masks(network: &Network) -> Vec<DropoutMask> {
    let mut rng = stream(4, Purpose::Dropout, 0, 0);
    let layers = network.shapes().filter(|(layer, ..)| matches!(layer, crate::model::Layer::Dropout { .. }));
    layers.map(|_| DropoutMask::draw(&mut rng, 0.25)).collect()
}

fn flat(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

/// Logits, running statistics and gradient of one step, and evaluation logits.
fn step(model: &Model, geometry: Geometry, threads: usize) -> [Vec<f32>; 4] {
    let network = model.network(geometry, Activation::Elu { alpha: 0.3 }, 0.25).unwrap();
    let fused = Fused::new(&network).unwrap();
    let weights = Weights::initialise(&network, 5, &Device::Cpu).unwrap();
    let x = signal(37, geometry);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let pass = fused.train(&weights, &x, &masks(&network)).unwrap();
        let gradient = (pass.backward)(&(&pass.logits * 2.0).unwrap()).unwrap();
        let evaluated = fused.evaluate(&weights, &x).unwrap();
        [&pass.logits, &pass.running, &gradient, &evaluated].map(flat)
    })
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    // EEGNet goes other ways at two electrodes and at three.
    for geometry in [GEOMETRY, Geometry { channels: 2, ..GEOMETRY }] {
        for model in Model::lab() {
            let one = step(&model, geometry, 1);
            assert!(one.iter().flatten().all(|value| value.is_finite()));
            assert!(one[2].iter().any(|&value| value != 0.0));
            for threads in [2, 3] {
                assert_eq!(step(&model, geometry, threads), one, "{model} with {threads} threads");
            }
        }
    }
}

/// Set in a process that is to print its bits and nothing more.
const PRINT: &str = "EEG_TUI_PRINT_BITS";

/// No lane of a vector knows of its neighbours, so a machine with wider vectors computes the same bits. The instructions are
/// chosen once in a process: this test starts itself anew with fewer.
#[test]
fn the_width_of_vectors_changes_no_bit() {
    if std::env::var_os(PRINT).is_some() {
        for model in Model::built_in() {
            let geometry = Geometry { channels: 2, samples: 470, sfreq: Some(125.0), ..GEOMETRY };
            let bits: Vec<u32> =
                step(model, geometry, 1).iter().flatten().map(|value| value.to_bits()).collect();
            let sum = bits.iter().fold(0u64, |sum, &bits| sum.wrapping_mul(31).wrapping_add(bits.into()));
            println!("bits of {} values of {model}: {sum:016x}", bits.len());
        }
        return;
    }
    let bits = |instructions: Instructions| {
        let name = "fused::tests::the_width_of_vectors_changes_no_bit";
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", name, "--nocapture"]).env(VARIABLE, instructions.name()).env(PRINT, "1");
        let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
        output.lines().filter(|line| line.starts_with("bits of")).map(str::to_owned).collect::<Vec<_>>()
    };
    if kernels::instructions() == Instructions::Avx512 {
        let wide = bits(Instructions::Avx512);
        assert_eq!(wide.len(), Model::built_in().len());
        assert_eq!(bits(Instructions::Avx2), wide);
    }
}

#[test]
fn a_signal_of_another_shape_is_refused() {
    let network = Model::eegnet().network(GEOMETRY, Activation::Relu, 0.25).unwrap();
    let fused = Fused::new(&network).unwrap();
    let weights = Weights::initialise(&network, 5, &Device::Cpu).unwrap();
    let x = signal(2, Geometry { samples: 130, ..GEOMETRY });
    assert!(fused.evaluate(&weights, &x).is_err() && fused.train(&weights, &x, &[]).is_err());
}

/// How far apart two vectors are, relative to the second one's length.
fn distance(ours: &[f32], theirs: &[f32]) -> f64 {
    assert_eq!(ours.len(), theirs.len());
    let square = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
    let apart = square(&mut ours.iter().zip(theirs).map(|(a, b)| f64::from(a - b)));
    apart / square(&mut theirs.iter().map(|&v| f64::from(v)))
}

/// One step of both executors: logits in training and evaluation, running statistics, and every tensor's gradient.
fn compare(model: &Model, geometry: Geometry, trials: usize, activation: Activation) {
    let network = model.network(geometry, activation, 0.25).unwrap();
    compare_networks(&network, trials, &format!("{model} {geometry:?} {trials} trials {activation:?}"));
}

fn compare_networks(network: &Network, trials: usize, name: &str) {
    let geometry = network.geometry;
    let (fused, composed) = (Fused::new(network).unwrap(), Composed::new(network, &Device::Cpu).unwrap());
    let weights = Weights::initialise(network, 5, &Device::Cpu).unwrap();
    let y: Vec<u32> = (0..trials as u32).map(|trial| trial % geometry.classes as u32).collect();
    let batch = Batch { x: signal(trials, geometry), y: Tensor::new(y, &Device::Cpu).unwrap() };
    let masks = masks(network);
    let ours = gradient(&fused, &weights, &batch, &masks).unwrap();
    let theirs = gradient(&composed, &weights, &batch, &masks).unwrap();
    let same = |what: &str, ours: &Tensor, theirs: &Tensor, limit: f64| {
        let distance = distance(&flat(ours), &flat(theirs));
        assert!(distance < limit, "{name}: {what} differ by {distance:.1e}");
    };
    same("logits", &ours.logits, &theirs.logits, 1e-4);
    if !network.running_statistics().is_empty() {
        same("running statistics", &ours.running, &theirs.running, 1e-5);
    }
    let evaluated = |executor: &dyn Executor| executor.evaluate(&weights, &batch.x).unwrap();
    same("evaluation's logits", &evaluated(&fused), &evaluated(&composed), 1e-4);
    let (ours, theirs) = (flat(&ours.theta), flat(&theirs.theta));
    let all = theirs.iter().map(|&g| f64::from(g).powi(2)).sum::<f64>().sqrt();
    for parameter in network.parameters() {
        let range = weights.range(&parameter.name).unwrap();
        let apart = ours[range.clone()].iter().zip(&theirs[range.clone()]);
        let apart = apart.map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt();
        let own = theirs[range].iter().map(|&g| f64::from(g).powi(2)).sum::<f64>().sqrt();
        assert!(
            apart <= 1e-3 * own + 1e-5 * all,
            "{name}: {} is off by {apart:.1e} of {own:.1e}",
            parameter.name
        );
    }
}

#[test]
fn agrees_with_the_composed_operations_whatever_the_geometry() {
    let elu = Activation::Elu { alpha: 0.3 };
    for (channels, samples, classes, trials) in
        [(1, 97, 2, 3), (2, 90, 3, 9), (3, 131, 4, 2), (2, 128, 2, 1), (9, 101, 2, 5)]
    {
        for model in Model::lab() {
            compare(&model, Geometry { channels, samples, classes, sfreq: None }, trials, elu);
        }
    }
}

#[test]
fn agrees_with_the_composed_operations_whatever_the_activation() {
    let geometry = Geometry { channels: 2, samples: 101, classes: 2, sfreq: None };
    for activation in [
        Activation::Relu,
        Activation::LeakyRelu { slope: 0.01 },
        // Falls on one side: the maximum must be taken after it.
        Activation::LeakyRelu { slope: -0.5 },
        Activation::Elu { alpha: 1.0 },
    ] {
        for model in Model::lab() {
            compare(&model, geometry, 4, activation);
        }
    }
}

#[test]
fn two_passes_forwards_may_come_before_one_backwards() {
    let network = Model::eegnet().network(GEOMETRY, Activation::Relu, 0.0).unwrap();
    let fused = Fused::new(&network).unwrap();
    let weights = Weights::initialise(&network, 5, &Device::Cpu).unwrap();
    let x = signal(4, GEOMETRY);
    let slope = |pass: TrainingPass| flat(&(pass.backward)(&pass.logits).unwrap());
    let first = fused.train(&weights, &x, &[]).unwrap();
    let second = fused.train(&weights, &(&x * 2.0).unwrap(), &[]).unwrap();
    let (late, other) = (slope(first), slope(second));
    assert_eq!(late, slope(fused.train(&weights, &x, &[]).unwrap()));
    assert_ne!(late, other);
}

#[test]
fn steps_of_one_size_take_no_more_memory() {
    let network = Model::deepconvnet().network(GEOMETRY, Activation::Relu, 0.25).unwrap();
    let fused = Fused::new(&network).unwrap();
    let weights = Weights::initialise(&network, 5, &Device::Cpu).unwrap();
    let x = signal(4, GEOMETRY);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let floats_after = |steps: usize| {
        pool.install(|| {
            for _ in 0..steps {
                let pass = fused.train(&weights, &x, &masks(&network)).unwrap();
                (pass.backward)(&pass.logits).unwrap();
                fused.evaluate(&weights, &x).unwrap();
            }
        });
        fused.memory.floats()
    };
    assert_eq!(floats_after(1), floats_after(5));
}

#[test]
fn a_smaller_batch_takes_the_memory_of_the_larger_ones() {
    let geometry = Geometry { samples: 600, ..GEOMETRY };
    let network = Model::deepconvnet().network(geometry, Activation::Relu, 0.25).unwrap();
    let fused = Fused::new(&network).unwrap();
    let weights = Weights::initialise(&network, 5, &Device::Cpu).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let floats_after = |trials: usize| {
        let x = signal(trials, geometry);
        pool.install(|| {
            let pass = fused.train(&weights, &x, &masks(&network)).unwrap();
            (pass.backward)(&pass.logits).unwrap();
        });
        fused.memory.floats()
    };
    // In both a thread takes eight trials at once, so that they differ in what a batch has alone.
    let large = floats_after(128);
    let small = floats_after(96);
    assert!(small - large < large / 50, "{large} floats, then {small}");
    assert_eq!(floats_after(128), small);
}

/// A network of these layers, that the fused executor must take.
fn network_of(layers: &str, geometry: Geometry) -> Network {
    let layers: String = layers.lines().map(|line| format!("{{ {} }},\n", line.trim())).collect();
    let open = if layers.contains("\"activation\"") { "activation = \"elu\"\n" } else { "" };
    let text = format!("name = \"under-test\"\n{open}dropout = 0.25\nlayers = [\n{layers}]\n");
    let model = Model::from_text(&text).unwrap_or_else(|error| panic!("{error}"));
    let activation =
        if model.has_open_activation() { Activation::Elu { alpha: 0.3 } } else { Activation::None };
    model.network(geometry, activation, 0.25).unwrap()
}

#[test]
fn agrees_with_the_composed_operations_on_what_people_may_write() {
    let geometry = Geometry { channels: 3, samples: 120, classes: 3, sfreq: None };
    for layers in [
        // Strides, an even "same", groups, a second stage of two convolutions; biases ahead of batch norm.
        r#"type = "temporal_conv", filters = 6, kernel = 8, padding = "same"
           type = "batch_norm", eps = 1e-3, momentum = 0.2
           type = "spatial_conv", filters = 12, groups = 3
           type = "batch_norm"
           type = "gelu"
           type = "max_pool", kernel = 5, stride = 3
           type = "dropout"
           type = "temporal_conv", filters = 12, kernel = 8, groups = 12, padding = "same", bias = false
           type = "temporal_conv", filters = 10, kernel = 1
           type = "batch_norm"
           type = "silu"
           type = "avg_pool", kernel = 4, stride = 2
           type = "temporal_conv", filters = 8, kernel = 5, stride = 2, groups = 2
           type = "activation"
           type = "linear""#,
        // Overlapping pools, a square, a logarithm, a strided first convolution without batch norm.
        r#"type = "temporal_conv", filters = 5, kernel = 7, stride = 2
           type = "spatial_conv", filters = 6, bias = false
           type = "batch_norm"
           type = "square"
           type = "avg_pool", kernel = 15, stride = 5
           type = "log", eps = 1e-6
           type = "dropout"
           type = "linear""#,
        // Electrodes first, without batch norm anywhere; gaps between windows.
        r#"type = "spatial_conv", filters = 4
           type = "temporal_conv", filters = 9, kernel = 11
           type = "leaky_relu"
           type = "avg_pool", kernel = 3, stride = 4
           type = "temporal_conv", filters = 7, kernel = 3, padding = 2
           type = "temporal_conv", filters = 6, kernel = 4
           type = "relu"
           type = "dropout"
           type = "linear""#,
        // Batch norm between the first two convolutions and none behind them; a stage without a convolution.
        r#"type = "temporal_conv", filters = 4, kernel = 9, padding = 4
           type = "batch_norm"
           type = "spatial_conv", filters = 8, groups = 4
           type = "elu"
           type = "dropout"
           type = "avg_pool", kernel = 2
           type = "batch_norm"
           type = "silu"
           type = "linear""#,
    ] {
        for channels in [1, 3] {
            let geometry = Geometry { channels, ..geometry };
            compare_networks(&network_of(layers, geometry), 5, layers);
        }
    }
}

#[test]
fn every_built_in_network_runs_on_fused_kernels() {
    for model in Model::built_in() {
        let geometry = Geometry { sfreq: Some(128.0), ..Geometry::LAB };
        let network = model.network(geometry, model.default_activation(), 0.25).unwrap();
        assert!(Fused::new(&network).is_ok(), "{}", model.name());
        let short = Geometry { channels: 5, samples: 500, classes: 3, ..geometry };
        let network = model.network(short, model.default_activation(), 0.25).unwrap();
        compare_networks(&network, 3, model.name());
    }
}

#[test]
fn what_the_kernels_cannot_run_is_said() {
    let geometry = Geometry { channels: 3, samples: 120, classes: 3, sfreq: None };
    let network = network_of(
        r#"type = "temporal_conv", filters = 4, kernel = 9
           type = "relu"
           type = "spatial_conv", filters = 8
           type = "linear""#,
        geometry,
    );
    let reason = Fused::new(&network).err().map(|reason| reason.to_string()).unwrap_or_default();
    assert!(reason.contains("while the electrodes are apart"), "{reason}");
}
