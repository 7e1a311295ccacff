//! The networks against PyTorch, value by value: logits, loss, every gradient, and the parameters after one and five
//! Adam steps, through the code that trains. Each `.safetensors` file is one network run once in PyTorch in float64.
//!
//! The folder is the one that `EEG_TUI_PARITY` names, else `parity` in the folder that `EEG_TUI_SHARED` names, else
//! `../shared/parity`. If neither variable is set and the last does not exist, the test says that it was skipped.
//! `EEG_TUI_DEVICE` names another device than the CPU, as `--device` does: whoever names one wants it checked, and without
//! files the test fails.

#![allow(clippy::expect_used, clippy::panic)] // a test helper may fail loudly

use candle_core::{Device, Result, Tensor};
use eeg_tui::model::{Activation, Geometry, Model, Network};
use eeg_tui::nn::device::{Devices, RealDrivers};
use eeg_tui::nn::kernels::VARIABLE;
use eeg_tui::nn::{self, Adam, Batch, Composed, Executor, StateDict, Weights};
use eeg_tui::train::LoadedWeights;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is compared, and the largest relative error allowed.
const LIMITS: [(&str, f64); 6] = [
    ("eval logits", 1e-4),
    ("train logits", 1e-4),
    ("loss", 1e-4),
    ("gradient", 1e-3),
    ("step 1", 1e-2),
    ("step 5", 1e-2),
];

/// The worst error of each quantity, with the tensor that has it.
#[derive(Default)]
struct Worst([(f64, String); LIMITS.len()]);

impl Worst {
    fn note(&mut self, quantity: usize, error: f64, what: &str) {
        let (worst, of) = &mut self.0[quantity];
        // A NaN is worse than anything.
        if of.is_empty() || error.is_nan() || error > *worst {
            (*worst, *of) = (error, what.to_string());
        }
    }

    fn failures(&self) -> impl Iterator<Item = String> {
        self.0.iter().zip(LIMITS).filter_map(|((error, of), (quantity, limit))| {
            let within = *error <= limit;
            (!within).then(|| format!("{quantity}: {of} is off by {error:.1e}, the limit is {limit:.0e}"))
        })
    }

    fn line(&self) -> String {
        self.0.iter().zip(LIMITS).fold(String::new(), |mut line, ((error, _), (quantity, _))| {
            let _ = write!(line, "  {quantity} {error:.1e}");
            line
        })
    }
}

/// One file: the network and PyTorch's answers.
struct Case {
    network: Network,
    lr: f64,
    weight_decay: f64,
    tensors: StateDict,
}

impl Case {
    fn read(path: &Path) -> Case {
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
    fn under(&self, prefix: &str) -> StateDict {
        let named = |(name, tensor): (&String, &(Vec<usize>, Vec<f32>))| {
            Some((name.strip_prefix(prefix)?.to_string(), tensor.clone()))
        };
        self.tensors.iter().filter_map(named).collect()
    }

    fn values(&self, name: &str) -> &[f32] {
        &self.tensors[name].1
    }

    /// The batch in this program's order: (trial, sample, electrode).
    fn batch(&self, device: &Device) -> Result<Batch> {
        let (shape, x) = &self.tensors["input/x"];
        let x = Tensor::from_slice(x, shape.as_slice(), device)?.squeeze(1)?.transpose(1, 2)?;
        let y: Vec<u32> = self.values("input/y").iter().map(|&label| label as u32).collect();
        Ok(Batch { x: x.contiguous()?, y: Tensor::new(y, device)? })
    }

    fn run(&self, executor: &dyn Executor, device: &Device) -> Result<Worst> {
        let mut worst = Worst::default();
        let batch = self.batch(device)?;
        let start = self.under("param/");
        let mut weights =
            Weights::from_state_dict(&self.network, &start, device).expect("parameters that fit");

        let logits = executor.evaluate(&weights, &batch.x)?.flatten_all()?.to_vec1()?;
        worst.note(0, relative(&logits, self.values("eval/logits")), "evaluation");
        self.compare_gradient(&nn::gradient(executor, &weights, &batch, &[])?, &weights, &mut worst)?;

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

    fn compare_gradient(&self, ours: &nn::Gradient, weights: &Weights, worst: &mut Worst) -> Result<()> {
        let logits = ours.logits.flatten_all()?.to_vec1()?;
        worst.note(1, relative(&logits, self.values("train/logits")), "training");
        worst.note(2, relative(&[ours.loss.to_scalar()?], self.values("train/loss")), "loss");
        let theta = ours.theta.to_vec1::<f32>()?;
        let expected = self.under("grad/");
        assert_eq!(expected.len(), self.network.parameters().len(), "a gradient for every parameter");
        let all: f64 = expected.values().map(|(_, g)| norm(g).powi(2)).sum::<f64>().sqrt();
        for (name, (_, expected)) in expected {
            let range = weights.range(&name).expect("a parameter of the network");
            // The tolerance is 1e-3 of this gradient and 1e-6 of all together; some are zero in exact arithmetic.
            let scale = norm(&expected) + 1e-3 * all;
            worst.note(3, distance(&theta[range], &expected) / scale, &name);
        }
        Ok(())
    }

    fn compare_step(
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

fn norm(values: &[f32]) -> f64 {
    values.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt()
}

fn distance(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum::<f64>().sqrt()
}

fn relative(ours: &[f32], expected: &[f32]) -> f64 {
    distance(ours, expected) / norm(expected)
}

/// Where the files are, or `None` if there is nothing to compare with.
fn folder() -> Option<PathBuf> {
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
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

#[test]
fn networks_agree_with_pytorch() {
    let Some(folder) = folder() else {
        return say("torch_parity: skipped, there is no ../shared/parity and EEG_TUI_PARITY is not set");
    };
    agree(&folder, named());
}

/// The files of `parity-ties`: maxima and kinks that single precision alone would decide otherwise than PyTorch in float64.
/// Only the executor that trains is held to them; the composed one's errors are printed beside.
#[test]
fn near_ties_are_decided_as_in_double_precision() {
    if named() {
        return say("torch_parity: EEG_TUI_PARITY names the files, those of parity-ties are left out");
    }
    let Some(folder) = folder().map(|folder| folder.with_file_name("parity-ties")) else {
        return say("torch_parity: skipped, there is no ../shared/parity-ties");
    };
    agree(&folder, true);
}

/// What the kernels do on machines with fewer instructions than this one: the same comparisons in processes of their own.
#[test]
fn older_machines_agree_with_pytorch_too() {
    if std::env::var_os(VARIABLE).is_some() {
        return;
    }
    for instructions in ["avx2", "portable"] {
        let program = std::env::current_exe().expect("this program");
        let tests = ["networks_agree_with_pytorch", "networks_as_text_agree_with_pytorch"];
        let mut command = std::process::Command::new(program);
        command.args(tests).args(["--exact", "--nocapture"]).env(VARIABLE, instructions);
        let output = command.output().expect("a process");
        for line in String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.contains("training's"))
        {
            say(&format!("with {instructions} alone: {line}"));
        }
        assert!(output.status.success(), "{instructions}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Whether the person said which files.
fn named() -> bool {
    std::env::var_os("EEG_TUI_PARITY").is_some()
}

/// The files of `networks-parity`: networks that are text. Like the others', but for the folder's name.
#[test]
fn networks_as_text_agree_with_pytorch() {
    if named() {
        return say("torch_parity: EEG_TUI_PARITY names the files, those of networks-parity are left out");
    }
    let Some(folder) = folder().map(|folder| folder.with_file_name("networks-parity")) else {
        return say("torch_parity: skipped, there is no ../shared/networks-parity");
    };
    agree(&folder, false);
}

/// Holds every file of a folder to the limits; the composed executor only where no file has near ties, which it decides as
/// single precision does. Files that a person named may have some.
fn agree(folder: &Path, near_ties: bool) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "safetensors"));
    files.sort();
    assert!(!files.is_empty(), "{} holds no .safetensors file", folder.display());

    let device = std::env::var("EEG_TUI_DEVICE").as_deref().unwrap_or("cpu").parse().expect("a device");
    let devices = Devices::open(&device, Arc::new(RealDrivers)).expect("a device that works");
    let device = devices.turn().expect("a device that starts").device.clone();
    let mut failures = Vec::new();
    for path in &files {
        let case = Case::read(path);
        let chosen = nn::executor(&case.network, &device).expect("an executor");
        let composed = Composed::new(&case.network, &device).expect("an executor");
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut line = name.to_string();
        for (which, executor) in [("training's", chosen.as_ref()), ("composed", &composed)] {
            let worst = case.run(executor, &device).expect("operations that candle has");
            let _ = write!(line, "  {which}:{}", worst.line());
            let held = which == "training's" || !near_ties;
            let named = worst.failures().map(|failure| format!("{name}, {which} executor: {failure}"));
            failures.extend(named.filter(|_| held));
        }
        say(&line);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
