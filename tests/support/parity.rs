//! PyTorch's answers, and how near to them a program must be: the files of `../shared/parity`, as their README judges them.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)] // a test helper may fail loudly
#![allow(dead_code, reason = "each test file uses a part of it")]

use candle_core::{Device, Result, Tensor};
use eeg_tui::model::{Activation, Geometry, Model, Network};
use eeg_tui::nn::{self, Adam, Batch, Executor, StateDict, Weights};
use eeg_tui::train::LoadedWeights;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// What is compared, and the largest relative error allowed.
pub const LIMITS: [(&str, f64); 6] = [
    ("eval logits", 1e-4),
    ("train logits", 1e-4),
    ("loss", 1e-4),
    ("gradient", 1e-3),
    ("step 1", 1e-2),
    ("step 5", 1e-2),
];

/// The worst error of each quantity, with the tensor that has it.
#[derive(Default)]
pub struct Worst([(f64, String); LIMITS.len()]);

impl Worst {
    pub fn note(&mut self, quantity: usize, error: f64, what: &str) {
        let (worst, of) = &mut self.0[quantity];
        // A NaN is worse than anything.
        if of.is_empty() || error.is_nan() || error > *worst {
            (*worst, *of) = (error, what.to_string());
        }
    }

    pub fn failures(&self) -> impl Iterator<Item = String> {
        self.0.iter().zip(LIMITS).filter_map(|((error, of), (quantity, limit))| {
            let within = *error <= limit;
            (!within).then(|| format!("{quantity}: {of} is off by {error:.1e}, the limit is {limit:.0e}"))
        })
    }

    pub fn line(&self) -> String {
        self.0.iter().zip(LIMITS).fold(String::new(), |mut line, ((error, _), (quantity, _))| {
            let _ = write!(line, "  {quantity} {error:.1e}");
            line
        })
    }
}

/// One file: the network and PyTorch's answers.
pub struct Case {
    pub network: Network,
    pub lr: f64,
    pub weight_decay: f64,
    pub tensors: StateDict,
}

impl Case {
    pub fn read(path: &Path) -> Case {
        let bytes = std::fs::read(path).expect("a readable file");
        let LoadedWeights { tensors, metadata } = LoadedWeights::from_bytes(&bytes).expect("safetensors");
        let number = |key: &str| -> f64 { metadata[key].parse().expect("a number") };
        // A network of its own brings its text; the lab's two are names.
        let model = match metadata.get("network") {
            Some(text) => Model::from_text(text).expect("a network"),
            None => metadata["model"].parse().expect("a model"),
        };
        let takes_alpha = matches!(metadata["activation"].as_str(), "leaky_relu" | "elu");
        let alpha = takes_alpha.then(|| number("alpha"));
        let activation = Activation::new(&metadata["activation"], alpha).expect("an activation");
        let [channels, samples, classes] = ["channels", "samples", "classes"].map(|key| number(key) as usize);
        let network = model
            .network(Geometry { channels, samples, classes, sfreq: None }, activation, number("dropout"))
            .expect("a network");
        assert_eq!(network.parameter_count(), number("parameters") as usize);
        Case { network, lr: number("lr"), weight_decay: number("weight_decay"), tensors }
    }

    /// All tensors under a prefix, by the name that follows it.
    pub fn under(&self, prefix: &str) -> StateDict {
        let named = |(name, tensor): (&String, &(Vec<usize>, Vec<f32>))| {
            Some((name.strip_prefix(prefix)?.to_string(), tensor.clone()))
        };
        self.tensors.iter().filter_map(named).collect()
    }

    pub fn values(&self, name: &str) -> &[f32] {
        &self.tensors[name].1
    }

    /// The batch in this program's order: (trial, sample, electrode).
    pub fn batch(&self, device: &Device) -> Result<Batch> {
        let (shape, x) = &self.tensors["input/x"];
        let x = Tensor::from_slice(x, shape.as_slice(), device)?.squeeze(1)?.transpose(1, 2)?;
        let y: Vec<u32> = self.values("input/y").iter().map(|&label| label as u32).collect();
        Ok(Batch { x: x.contiguous()?, y: Tensor::new(y, device)? })
    }

    pub fn run(&self, executor: &dyn Executor, device: &Device) -> Result<Worst> {
        let mut worst = Worst::default();
        let batch = self.batch(device)?;
        let start = self.under("param/");
        let mut weights =
            Weights::from_state_dict(&self.network, &start, device).expect("parameters that fit");

        let logits = executor.evaluate(&weights, &batch.x)?.flatten_all()?.to_vec1()?;
        worst.note(0, relative(&logits, self.values("eval/logits")), "evaluation");
        let gradient = nn::gradient(executor, &weights, &batch, &[])?;
        let logits = gradient.logits.flatten_all()?.to_vec1()?;
        let loss = gradient.loss.to_scalar()?;
        self.compare_gradient(&logits, loss, &gradient.theta.to_vec1()?, &weights, &mut worst);

        let mut adam = Adam::new(weights.theta(), self.lr, self.weight_decay)?;
        for step in 1..=5 {
            nn::step(executor, &mut weights, &mut adam, &batch, &[])?;
            match step {
                1 => self.compare_step(4, "step1/", &start, &weights.state_dict()?, &mut worst),
                5 => self.compare_step(5, "step5/", &start, &weights.state_dict()?, &mut worst),
                _ => (),
            }
        }
        Ok(worst)
    }

    /// Training's logits, loss and gradient.
    pub fn compare_gradient(
        &self,
        logits: &[f32],
        loss: f32,
        theta: &[f32],
        weights: &Weights,
        worst: &mut Worst,
    ) {
        worst.note(1, relative(logits, self.values("train/logits")), "training");
        worst.note(2, relative(&[loss], self.values("train/loss")), "loss");
        let expected = self.under("grad/");
        assert_eq!(expected.len(), self.network.parameters().len(), "a gradient for every parameter");
        let all: f64 = expected.values().map(|(_, g)| norm(g).powi(2)).sum::<f64>().sqrt();
        for (name, (_, expected)) in expected {
            let range = weights.range(&name).expect("a parameter of the network");
            // The tolerance is 1e-3 of this gradient and 1e-6 of all together; some are zero in exact arithmetic.
            let scale = norm(&expected) + 1e-3 * all;
            worst.note(3, distance(&theta[range], &expected) / scale, &name);
        }
    }

    /// What the parameters and running statistics became.
    pub fn compare_step(
        &self,
        quantity: usize,
        prefix: &str,
        start: &StateDict,
        ours: &StateDict,
        worst: &mut Worst,
    ) {
        let expected = self.under(prefix);
        assert!(ours.keys().all(|name| expected.contains_key(name)), "{prefix} has every tensor");
        for (name, (_, ours)) in ours {
            let (_, expected) = &expected[name];
            let change = distance(expected, &start[name].1);
            worst.note(quantity, distance(ours, expected) / change.max(f64::MIN_POSITIVE), name);
        }
    }
}

pub fn norm(values: &[f32]) -> f64 {
    values.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt()
}

pub fn distance(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum::<f64>().sqrt()
}

pub fn relative(ours: &[f32], expected: &[f32]) -> f64 {
    distance(ours, expected) / norm(expected)
}

/// Where the files are, or `None` if there is nothing to compare with.
pub fn folder() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("EEG_TUI_PARITY") {
        return Some(named.into());
    }
    if let Some(shared) = std::env::var_os("EEG_TUI_SHARED") {
        return Some(Path::new(&shared).join("parity"));
    }
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/parity");
    let device = std::env::var("EEG_TUI_DEVICE");
    assert!(
        beside.is_dir() || device.is_err(),
        "EEG_TUI_DEVICE asks for a check of a device, and there are no files to check it with: set EEG_TUI_SHARED or EEG_TUI_PARITY"
    );
    beside.is_dir().then_some(beside)
}

/// Straight to standard output: the test harness keeps what `println!` prints of a test that passes.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The files of a folder, in order; there must be some.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "safetensors"));
    files.sort();
    assert!(!files.is_empty(), "{} holds no .safetensors file", folder.display());
    files
}
