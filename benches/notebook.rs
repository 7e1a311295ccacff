//! A notebook of many runs: how long it takes to open, list, refresh, add to and make tables of, and how much memory that needs.
//!
//!     cargo bench --bench notebook                 # 10,000 runs × 300 epochs, in a temporary folder
//!     cargo bench --bench notebook -- 1000 300     # another size
//!     cargo bench --bench notebook -- 10000 300 DIR    # keep it, to try the program on

use eeg_tui::event::{EVENT_VERSION, Epoch, Event, Failed, Finished, Record, Started, Stopped, TrialCounts};
use eeg_tui::model::{Activation, Model};
use eeg_tui::notebook::Notebook;
use eeg_tui::predictions::{Prediction, Predictions};
use eeg_tui::spec::{DataSource, Rule, Spec};
use eeg_tui::table::{Matrix, recipes};
use jiff::{SignedDuration, Timestamp};
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let given: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let number =
        |at: usize, default: u32| given.get(at).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (runs, epochs) = (number(0, 10_000), number(1, 300));
    let temporary = tempfile::tempdir()?;
    let folder = given.get(2).map_or(temporary.path(), Path::new).join("runs");
    let took = timed(|| generate(&folder, runs, epochs))?;
    println!("{runs} runs × {epochs} epochs, made in {:.1} s", took.as_secs_f64());
    measure(&folder, runs)?;
    Ok(())
}

/// Writes a notebook as years of use would: most runs finished, some failed, paused, cancelled or waiting.
fn generate(folder: &Path, runs: u32, epochs: u32) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join(".notebook"), "version = 1\n")?;
    let data = DataSource { name: "simulated".into(), path: None, fingerprint: "ab".repeat(32) };
    for number in 0..runs {
        let model = Model::lab()[number as usize % 2].clone();
        let activation = eeg_tui::lab::ACTIVATIONS[number as usize / 2 % 3];
        let spec = Spec { seed: u64::from(number), epochs, ..Spec::recipe(model, activation, data.clone()) };
        let t = Timestamp::from_second(1_700_000_000 + i64::from(number) * 60)?;
        let id = format!(
            "{}-{}-{}-s{number}-{}",
            t.strftime("%Y%m%d-%H%M%S"),
            spec.model.name(),
            activation.name(),
            &spec.hash()[..4]
        );
        let run = folder.join(&id);
        fs::create_dir_all(&run)?;
        fs::write(run.join("spec.toml"), toml::to_string(&spec)?)?;
        fs::write(run.join("lock"), "")?;
        if number % 50 != 0 {
            fs::write(run.join("events.jsonl"), events(&id, number, epochs, t)?)?;
            fs::write(run.join("predictions-validation.csv"), predictions(number).to_csv())?;
        }
    }
    Ok(())
}

fn events(id: &str, number: u32, epochs: u32, begin: Timestamp) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    let mut write = |second: u32, event: Event| -> Result<(), Box<dyn Error>> {
        let t = begin + SignedDuration::from_secs(i64::from(second));
        Ok(writeln!(text, "{}", serde_json::to_string(&Record { v: EVENT_VERSION, t, event })?)?)
    };
    write(0, started())?;
    for epoch in 1..=epochs {
        write(epoch, Event::Epoch(figures(number, epoch)))?;
    }
    let last = figures(number, epochs);
    let closing = match number % 50 {
        1 => Event::Failed(Failed { epoch: epochs, error: "the loss is NaN; take a smaller --lr".into() }),
        2 => Event::Paused(Stopped { epoch: epochs, reason: None }),
        3 => Event::Cancelled(Stopped { epoch: epochs, reason: None }),
        _ => Event::Finished(Finished {
            id: id.into(),
            test_acc: Rule::ALL.into_iter().map(|rule| (rule, Some(last.test_acc))).collect(),
            picked: Rule::ALL.into_iter().map(|rule| (rule, Some(epochs))).collect(),
            train_loss: last.train_loss,
            train_acc: last.train_acc,
            epochs,
            seconds: f64::from(epochs),
            remark: None,
        }),
    };
    write(epochs, closing)?;
    Ok(text)
}

/// What a run says about 200 trials, of which it misses about a tenth.
fn predictions(number: u32) -> Predictions {
    let row = |trial: u32| {
        let label = trial % 2;
        let misses = (trial * 7 + number).is_multiple_of(11);
        let predicted = if misses { 1 - label } else { label };
        let probability = |class| if class == predicted { 0.8 } else { 0.2 };
        Prediction {
            trial: trial as usize,
            subject: "S1".into(),
            label,
            predicted,
            probabilities: vec![probability(0), probability(1)],
        }
    };
    Predictions { classes: vec!["left".into(), "right".into()], rows: (0..200).map(row).collect() }
}

fn started() -> Event {
    Event::Started(Box::new(Started {
        epoch: 0,
        program: "0.1.0".into(),
        commit: Some("0123456789ab".into()),
        command: ["eeg-tui", "work", "--slots", "2"].map(String::from).into(),
        host: "bench".into(),
        pid: 4242,
        job: None,
        device: "cpu".into(),
        threads: 2,
        fingerprint: "ab".repeat(32),
        spec_hash: "cd".repeat(32),
        trials: TrialCounts { train: 864, validation: 216, test: 1080 },
        remark: None,
    }))
}

fn figures(number: u32, epoch: u32) -> Epoch {
    let wave = f64::from(number * 7 + epoch).sin() / 97.0;
    let progress = 1.0 - (-f64::from(epoch) / 60.0).exp();
    Epoch {
        epoch,
        train_loss: 0.7 - 0.5 * progress + wave,
        train_acc: 0.5 + 0.45 * progress + wave,
        val_loss: Some(0.7 - 0.3 * progress - wave),
        val_acc: Some(0.5 + 0.35 * progress - wave),
        test_loss: 0.7 - 0.28 * progress + wave,
        test_acc: 0.5 + 0.33 * progress + wave,
        seconds: 1.0 + wave,
    }
}

fn measure(folder: &Path, runs: u32) -> Result<(), Box<dyn Error>> {
    let notebook = Notebook::open(folder);
    let before = memory();
    let began = Instant::now();
    let mut index = notebook.index()?;
    say("open: the newest runs, enough for a first frame", began.elapsed());
    while !index.fill(512) {}
    say("open: all runs", began.elapsed());
    println!("{:<55}{:>8} MB", "memory that the index adds", memory().saturating_sub(before) / 1024);
    assert_eq!(index.total(), runs as usize);
    let rounds = 100;
    let quiet = timed(|| (0..rounds).try_for_each(|_| index.refresh().map(drop)))?;
    say("refresh where nothing changed", quiet / rounds);
    let data = DataSource { name: "simulated".into(), path: None, fingerprint: "ab".repeat(32) };
    let spec = Spec::recipe(Model::eegnet(), Activation::Relu, data);
    say("add a run, its search for identical ones included", add(&notebook, &spec)?);
    let began = Instant::now();
    index.refresh()?;
    say("refresh after that", began.elapsed());
    let empty = tempfile::tempdir_in(folder.parent().unwrap_or(folder))?;
    say("the same in an empty notebook", add(&Notebook::open(empty.path().join("runs")), &spec)?);
    let began = Instant::now();
    let reading = notebook.reading();
    let evidence = |id: &str, rule: Rule| reading.evidence(id, rule);
    for (recipe, count) in recipes(index.runs()).iter().take(1) {
        Matrix::both(index.runs(), recipe, Rule::Validation, None, &evidence);
        say(&format!("the tables of a recipe of {count} runs"), began.elapsed());
    }
    reading.end()?;
    list(folder)
}

fn add(notebook: &Notebook, spec: &Spec) -> Result<Duration, Box<dyn Error>> {
    notebook.enqueue(spec)?;
    let rounds = 10;
    let took = timed(|| {
        (0..rounds).try_for_each(|_| {
            notebook.same_spec(spec)?;
            notebook.enqueue(spec).map(drop)
        })
    })?;
    Ok(took / rounds)
}

/// The program as a person runs it.
fn list(folder: &Path) -> Result<(), Box<dyn Error>> {
    let program = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_eeg-tui"));
        command.arg("--runs").arg(folder);
        command
    };
    for args in [&["list"][..], &["list", "--json"], &["matrix"], &["doctor"]] {
        let began = Instant::now();
        program().args(args).output()?;
        say(&format!("eeg-tui {}", args.join(" ")), began.elapsed());
    }
    Ok(())
}

fn say(what: &str, took: Duration) {
    println!("{what:<55}{:>8.1} ms", took.as_secs_f64() * 1e3);
}

fn timed<E>(work: impl FnOnce() -> Result<(), E>) -> Result<Duration, E> {
    let began = Instant::now();
    work()?;
    Ok(began.elapsed())
}

/// Resident memory of this process, kB.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse().ok()).unwrap_or(0)
}
