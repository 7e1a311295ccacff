//! A small notebook in memory, for the tests of the screen: every state, both networks, two seeds.

use crate::dataset::{DataSet, Statistics, TrialSet};
use crate::event::{Epoch, Started, TrialCounts};
use crate::model::{Activation, Geometry, Model};
use crate::notebook::{RunState, RunSummary};
use crate::recording::Kind;
use crate::recording::import::{
    Inspected, InspectedChannel, InspectedEvent, InspectedFile, Trace, TraceChannel,
};
use crate::spec::{DataSource, Rule, Spec};
use crate::tui::app::App;
use crate::tui::effect::Message;
use crate::tui::keymap::Keymap;
use crate::tui::loaded::{Loaded, Opened, RunDetail};
use crate::tui::machine::Load;
use crate::tui::survey::Survey;
use crate::tui::update::update;
use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// A set as it arrives, with nothing noticed.
pub fn opened(data: DataSet) -> Message {
    let again = data.source.name.clone();
    Message::Data(Ok(Opened { data: Arc::new(data), again, findings: Vec::new() }))
}

/// The figures of [`data`], measured once.
pub fn statistics() -> Arc<Statistics> {
    static MEASURED: OnceLock<Arc<Statistics>> = OnceLock::new();
    MEASURED.get_or_init(|| Arc::new(Statistics::of(&data()))).clone()
}

/// What a look at another set of 6 channels × 896 samples says.
pub fn survey() -> Survey {
    Survey {
        train: 268,
        test: 293,
        subjects: vec!["scp1".into()],
        fingerprint: "d".repeat(64),
        geometry: Geometry { channels: 6, samples: 896, classes: 2, sfreq: None },
        incomplete: 0,
        findings: 0,
        errors: 0,
    }
}

/// The machine on which all of it happened.
const HOST: &str = "lab";

/// What lies in the recordings of these runs of one person.
pub fn inspected(runs: &[&str]) -> Inspected {
    let file = |run: &&str| InspectedFile {
        path: format!("rec/S1R{run}.edf").into(),
        format: "EDF+",
        sfreq: Some(160.0),
        samples: 20_000,
        trials: None,
        subject: "S1".into(),
        session: None,
        run: (*run).into(),
        channels: vec![InspectedChannel { name: "C3".into(), unit: "uV".into(), kind: Kind::Eeg }],
        events: vec![InspectedEvent { name: "T1".into(), count: 8 }],
        notes: Vec::new(),
        trace: Some(trace()),
    };
    Inspected { files: runs.iter().map(file).collect() }
}

/// Two seconds of three channels.
fn trace() -> Trace {
    let channel = |name: &str, pace: f32| TraceChannel {
        name: name.into(),
        unit: "µV".into(),
        values: (0..320).map(|sample| 20.0 * (sample as f32 * pace).sin()).collect(),
    };
    Trace { rate: Some(160.0), channels: vec![channel("C3", 0.1), channel("Cz", 0.2), channel("C4", 0.4)] }
}

/// The moment at which all tests look at the screen.
pub fn now() -> Timestamp {
    Timestamp::from_second(1_795_500_000).unwrap_or_default()
}

/// Two subjects, four trials of the lab's geometry each; a beta rhythm on one side or the other.
pub fn data() -> DataSet {
    let set = |phase: f32| {
        let value = |place: usize| {
            let (trial, sample, electrode) = (place / 1500, place % 1500 / 2, place % 2);
            let strength = if trial % 2 == electrode { 12.0 } else { 4.0 };
            strength * (sample as f32 * 0.9 + phase).sin() + 6.0 * (sample as f32 * 0.05).cos()
        };
        TrialSet {
            signal: (0..540 * 1500).map(value).collect(),
            samples: 750,
            electrodes: 2,
            labels: (0..540).map(|trial| trial % 2).collect(),
            subjects: (0..540).map(|trial| u16::from(trial >= 270)).collect(),
            ..TrialSet::default()
        }
    };
    DataSet {
        source: source(),
        electrodes: vec!["C3".into(), "C4".into()],
        sfreq: Some(125.0),
        classes: vec!["1".into(), "2".into()],
        subjects: vec!["S4b".into(), "X11b".into()],
        sessions: vec![],
        runs: vec![],
        train: set(0.0),
        test: set(1.0),
    }
}

fn source() -> DataSource {
    DataSource { name: "IIIb".into(), path: Some("data".into()), fingerprint: "f".repeat(64) }
}

/// Figures of an epoch that look like training, and are the same every time.
pub fn epoch(number: u32, level: f64) -> Epoch {
    let x = f64::from(number);
    let wobble = (x * 1.7).sin() * 0.01;
    let rise = 1.0 - (-x / 40.0).exp();
    Epoch {
        epoch: number,
        train_loss: 0.7 - 0.5 * rise + wobble,
        train_acc: 0.5 + (level - 0.45) * rise + wobble,
        val_loss: Some(0.7 - 0.35 * rise + 2.0 * wobble),
        val_acc: Some(0.5 + (level - 0.5) * rise - wobble),
        test_loss: 0.7 - 0.3 * rise - 2.0 * wobble,
        test_acc: 0.5 + (level - 0.52) * rise + 2.0 * wobble,
        seconds: 0.5,
    }
}

fn run(
    place: usize,
    model: &Model,
    activation: Activation,
    seed: u64,
    state: RunState,
    epoch: u32,
) -> RunSummary {
    let level = 0.82 + 0.01 * (place % 7) as f64;
    let ago = SignedDuration::from_mins(10 * place as i64);
    let accuracy = |plus: f64| (state == RunState::Finished).then_some(level + plus);
    let rules = [(Rule::Validation, 0.0), (Rule::Last, -0.005), (Rule::BestTest, 0.02)];
    let name = activation.name().replace('_', "");
    RunSummary {
        id: format!("20261124-{:06}-{model}-{name}-s{seed}-{place:04x}", 200_000 - 1000 * place),
        spec: Spec { seed, ..Spec::recipe(model.clone(), activation, source()) },
        state,
        epoch,
        test_acc: rules.map(|(rule, plus)| (rule, accuracy(plus))).into(),
        so_far: match state {
            RunState::Finished => BTreeMap::new(),
            _ if epoch == 0 => BTreeMap::new(),
            _ => {
                [(Rule::Validation, level), (Rule::Last, level - 0.01), (Rule::BestTest, level + 0.01)].into()
            }
        },
        last: (epoch > 0).then(|| self::epoch(epoch, level)),
        loss_tail: (1..=epoch.min(32))
            .map(|n| self::epoch(n * epoch / 32.min(epoch), level).train_loss as f32)
            .collect(),
        created: now() - ago,
        updated: now() - ago,
        started: (epoch > 0).then(|| Box::new(started(epoch))),
        seconds: f64::from(epoch) * 0.5,
        message: (state == RunState::Failed)
            .then(|| "the loss is not a number after epoch 17; try a smaller --lr".into()),
        position: None,
        tags: if place.is_multiple_of(3) { vec!["pilot".into()] } else { Vec::new() },
        has_notes: place.is_multiple_of(4),
    }
}

fn started(epoch: u32) -> Started {
    Started {
        epoch: epoch / 2,
        program: "0.1.0".into(),
        commit: Some("0123abc".into()),
        command: vec!["eeg-tui".into(), "work".into()],
        host: HOST.into(),
        pid: 4242,
        job: None,
        device: "cpu".into(),
        threads: 2,
        fingerprint: source().fingerprint,
        spec_hash: "5".repeat(64),
        trials: TrialCounts { train: 432, validation: 108, test: 540 },
        remark: None,
    }
}

/// Twelve runs.
pub fn runs() -> Vec<RunSummary> {
    use Activation as A;
    let [eegnet, deepconvnet] = Model::lab();
    let leaky = A::LeakyRelu { slope: 0.01 };
    let mut runs = vec![
        run(0, &eegnet, A::Elu { alpha: 0.3 }, 0, RunState::Running, 212),
        run(1, &eegnet, A::Elu { alpha: 0.2 }, 0, RunState::Queued, 0),
        run(2, &eegnet, A::Elu { alpha: 0.1 }, 0, RunState::Queued, 0),
        run(3, &deepconvnet, leaky, 1, RunState::Paused, 120),
        run(4, &eegnet, A::Elu { alpha: 1.0 }, 0, RunState::Finished, 300),
        run(5, &deepconvnet, A::Elu { alpha: 0.9 }, 0, RunState::Failed, 17),
        run(6, &deepconvnet, A::Relu, 1, RunState::Finished, 300),
        run(7, &eegnet, A::Relu, 0, RunState::Finished, 300),
        run(8, &eegnet, A::Relu, 1, RunState::Finished, 300),
        run(9, &eegnet, leaky, 0, RunState::Finished, 300),
        run(10, &eegnet, leaky, 1, RunState::Cancelled, 44),
        run(11, &deepconvnet, A::Relu, 0, RunState::Finished, 300),
    ];
    runs[1].position = Some(0);
    runs[2].position = Some(1);
    runs
}

/// What is kept of a run of [`runs`].
pub fn detail(run: &RunSummary) -> RunDetail {
    let level = 0.82 + 0.01 * (run.spec.seed as f64 + run.spec.activation.alpha().unwrap_or(0.0));
    RunDetail {
        epochs: (1..=run.epoch).map(|number| epoch(number, level)).collect(),
        times: (1..=run.epoch)
            .map(|number| (number, run.updated - SignedDuration::from_mins(i64::from(run.epoch - number))))
            .collect(),
        notes: if run.has_notes { "Looks steady.\n".into() } else { String::new() },
        ..RunDetail::default()
    }
}

/// The screen of this notebook: everything read, the first run selected.
pub fn app(columns: u16, rows: u16) -> App {
    let mut app = App::new(Keymap::default(), now());
    let runs = runs();
    app.host = HOST.into();
    app.data = Loaded::Ready(Arc::new(data()));
    app.lab_data = Some(source().fingerprint);
    app.details = runs.iter().map(|run| (run.id.clone(), Arc::new(detail(run)))).collect::<BTreeMap<_, _>>();
    let load = Load { cores: 2, cpu: Some(0.92), memory: Some((3 << 30, 8 << 30)), gpu: None };
    let news = [
        Message::Resize(columns, rows),
        Message::Load(load),
        Message::Worker(true),
        Message::Runs(Arc::new(runs)),
    ];
    for message in news {
        update(&mut app, message);
    }
    app
}

/// A letter for the look of each cell: the colour's initial, upper case where bold, `~` for dim and `#` for reversed.
pub fn styles(buffer: &Buffer) -> String {
    let letter = |cell: &Cell| {
        let colour = match cell.fg {
            Color::Reset => '.',
            Color::Cyan => 'c',
            Color::Green => 'g',
            Color::Yellow => 'y',
            Color::Red => 'r',
            Color::LightBlue => 'b',
            Color::LightMagenta => 'm',
            Color::LightRed => 'o',
            _ => '?',
        };
        match (cell.symbol(), cell.modifier) {
            (_, modifier) if modifier.contains(Modifier::REVERSED) => '#',
            (" ", _) => ' ',
            (_, modifier) if modifier.contains(Modifier::BOLD) && colour == '.' => 'B',
            (_, modifier) if modifier.contains(Modifier::BOLD) => colour.to_ascii_uppercase(),
            (_, modifier) if modifier.contains(Modifier::DIM) && colour == '.' => '~',
            _ => colour,
        }
    };
    let width = usize::from(buffer.area.width);
    let rows = buffer.content().chunks(width).map(|row| row.iter().map(letter).collect::<String>());
    rows.map(|row| row.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}
