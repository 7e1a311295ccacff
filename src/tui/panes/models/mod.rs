//! The networks: which there are, one of them layer by layer, what differs from another; and the activation functions with
//! the α in use.

mod difference;

use super::curves::look;
use super::layers;
use crate::model::{Activation, Geometry, Model, ModelError, Network, thousands};
use crate::nn::{Backend, Execution};
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::chart::{Chart, Guide, Place, Plot, Series};
use crate::tui::delimited::Format;
use crate::tui::delimited::Table;
use crate::tui::pane::{Extent, Pane};
use crate::tui::sheet::Sheet;
use crate::tui::theme::{Theme, Tone};
use difference::Change;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

/// Columns of a network's table.
const TABLE: u16 = 67;

/// How much is shown at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// A network, or the activations as the part after the last.
    One,
    /// A network, and the list and the activations beside it.
    Two,
    /// A network, the list and what differs from another, and the activations.
    All,
}

impl Room {
    fn of(area: Rect) -> Self {
        match area.width {
            width if width >= 2 * TABLE + 46 && area.height >= 20 => Room::All,
            width if width >= TABLE + 40 => Room::Two,
            _ => Room::One,
        }
    }
}

/// Draws the pane.
pub fn render(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let place = app.place(Pane::Models);
    let room = Room::of(area);
    let [top, body] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(area);
    heading(app, theme, room, area.width).render(0, top, frame);
    let Some(model) = shown(app).filter(|_| room != Room::One || place.part < app.networks.len()) else {
        return activations(app, theme, body, frame);
    };
    let table = network(app, theme, model, body.width.min(TABLE));
    match room {
        Room::One => table.render(place.row, body, frame),
        Room::Two => {
            let [left, right] =
                Layout::horizontal([Constraint::Length(TABLE), Constraint::Fill(1)]).areas(body);
            let listed = list(app, theme);
            let rows = u16::try_from(listed.len() + 1).unwrap_or(u16::MAX);
            let [above, below] =
                Layout::vertical([Constraint::Length(rows), Constraint::Fill(1)]).areas(right);
            table.render(place.row, left, frame);
            listed.render(0, above, frame);
            activations(app, theme, below, frame);
        }
        Room::All => {
            let [left, middle, right] = Layout::horizontal([
                Constraint::Length(TABLE),
                Constraint::Length(TABLE),
                Constraint::Fill(1),
            ])
            .areas(body);
            let mut listed = list(app, theme);
            listed.blank();
            differences(app, &mut listed, model);
            table.render(place.row, left, frame);
            listed.render(0, middle, frame);
            let most = right.height.min(28);
            activations(app, theme, Rect { height: most, ..right }, frame);
        }
    }
}

/// The network under the cursor.
pub fn shown(app: &App) -> Option<&Model> {
    app.networks.get(app.place(Pane::Models).part).or_else(|| app.networks.last())
}

/// Every network that there is, the one on show marked.
fn list<'t>(app: &App, theme: &'t Theme) -> Sheet<'t> {
    let mut sheet = Sheet::new(theme);
    sheet.heading("networks");
    let chosen = shown(app);
    for model in &app.networks {
        let count = match built(app, model) {
            Ok(network) => format!("{} parameters", thousands(network.parameter_count())),
            Err(_) => "not for these trials".into(),
        };
        let (mark, tone) = if Some(model) == chosen { ('>', Tone::Strong) } else { (' ', Tone::Plain) };
        let whose = if Model::built_in().contains(model) { "" } else { ", from a file" };
        sheet.parts([(tone, format!("{mark}{:<20}", model.name())), (Tone::Dim, format!(" {count}{whose}"))]);
    }
    sheet
}

/// What tells the network from the one that it is compared with: the selected run's, else the lab's EEGNet.
fn differences(app: &App, sheet: &mut Sheet, model: &Model) {
    let other = app.selected().map(|run| run.spec.model.clone()).filter(|other| other != model);
    let other = other.unwrap_or_else(Model::eegnet);
    if other == *model {
        return;
    }
    sheet.heading(format!("what differs from {}", other.title()));
    for change in difference::of(&other.lines(), &model.lines()) {
        match change {
            Change::Same => (),
            Change::Gone(line) => sheet.line(Tone::Dim, format!("- {line}")),
            Change::New(line) => sheet.line(Tone::Plain, format!("+ {line}")),
        }
    }
}

/// What the networks are built for.
fn heading<'t>(app: &App, theme: &'t Theme, room: Room, width: u16) -> Sheet<'t> {
    let mut sheet = Sheet::new(theme);
    let Geometry { channels, samples, classes, .. } = geometry(app);
    let whose = match app.data.ready() {
        Some(data) if data.is_simulated() => "the simulated trials",
        Some(data) => &format!("the trials of {}", data.source.name),
        None => "the lab's trials",
    };
    let built = [
        format!(" built for {whose}: {channels} channels × {samples} samples, {classes} classes"),
        format!(" for {channels} channels × {samples} samples, {classes} classes"),
        format!(" for {channels}×{samples}, {classes} classes"),
    ];
    let next = app.keymap.label(Action::NextPart, theme.utf8);
    let part = app.place(Pane::Models).part.min(app.networks.len());
    let which = match room {
        Room::One => format!("  {} of {}, {next} next", part + 1, app.networks.len() + 1),
        _ => format!("  {next} next network"),
    };
    // Which of how many it is must be seen; what they are built for is said more shortly before.
    sheet.fitting(width.into(), &[(Tone::Dim, &built[..]), (Tone::Dim, &[which][..])]);
    sheet
}

fn geometry(app: &App) -> Geometry {
    app.data.ready().map_or(Geometry::LAB, |data| data.geometry())
}

/// The activation in use: the selected run's, else ReLU.
fn in_use(app: &App) -> Activation {
    app.selected().map_or(Activation::Relu, |run| run.spec.activation)
}

fn built(app: &App, model: &Model) -> Result<Network, ModelError> {
    let dropout = app
        .selected()
        .filter(|run| run.spec.model == *model)
        .map_or(model.default_dropout(), |run| run.spec.dropout);
    model.network(geometry(app), of(app, model), dropout)
}

/// The activation in use, where the network leaves one open; its own default where the selected run has none.
fn of(app: &App, model: &Model) -> Activation {
    match in_use(app) {
        _ if !model.has_open_activation() => Activation::None,
        Activation::None => model.default_activation(),
        activation => activation,
    }
}

/// One network's table.
fn network<'t>(app: &App, theme: &'t Theme, model: &Model, width: u16) -> Sheet<'t> {
    let mut sheet = Sheet::within(theme, width);
    match built(app, model) {
        Ok(network) => {
            let count = thousands(network.parameter_count());
            let title = [format!("{} ", model.title())];
            let count = [format!("{count} parameters"), count];
            let activation = [format!(", {}", of(app, model).title()), String::new()];
            let parts =
                [(Tone::Strong, &title[..]), (Tone::Plain, &count[..]), (Tone::Plain, &activation[..])];
            sheet.fitting(width.into(), &parts);
            layers::write(&mut sheet, &network, width);
            let units = "output: maps×electrodes×samples; mult-adds of one trial, forwards";
            sheet.sentence(Tone::Dim, units);
            remarks(&mut sheet, &network, usize::from(width));
        }
        Err(error) => {
            sheet.line(Tone::Strong, model.title());
            sheet.sentence(Tone::Bad, &error.to_string());
        }
    }
    sheet
}

/// What one should know of the network: what computes it, and what its batch norms cost.
fn remarks(sheet: &mut Sheet, network: &Network, width: usize) {
    if let Execution::Composed(reason) = Backend::CPU.execution(network) {
        sheet.prose(Tone::Dim, &format!("on the CPU by composed operations, for {reason}: slower"), width);
    }
    if let Some(steps) = network.model.steps_of_slow_norms() {
        let said = format!(
            "its batch norms' momentum lags: with fewer than some {} steps evaluation suffers",
            thousands(steps)
        );
        sheet.prose(Tone::Dim, &said, width);
    }
}

/// The functions' graphs: the lab's three and the one in use, where it is another.
fn activations(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let mut shown = crate::lab::ACTIVATIONS.to_vec();
    if !shown.contains(&in_use(app)) {
        shown.push(in_use(app));
    }
    let series = shown.iter().enumerate().map(|(n, activation)| {
        let points = (-48..=32).map(|step| f64::from(step) / 16.0).map(|x| (x, activation.value(x)));
        Series::line(activation.title(), theme.series(n), theme.marker(n), points)
    });
    let axis = |at| Guide { at, label: String::new(), style: theme.tone(Tone::Dim) };
    let plot = Plot {
        x_label: "x".into(),
        y_label: format!("activation functions, in use {}", in_use(app).title()),
        y_bounds: Some((-1.5, 2.0)),
        series: series.collect(),
        guides: vec![axis(Place::Y(0.0)), axis(Place::X(0.0))],
        ..Plot::default()
    };
    frame.render_widget(Chart::new(&plot, look(theme)), area);
}

/// What a part is called.
pub fn part_title(app: &App, part: usize) -> Option<String> {
    Some(app.networks.get(part).map_or("activations", |model| model.title()).into())
}

/// How far its cursor can go.
pub fn extent(app: &App) -> Extent {
    let area = crate::tui::regions::body(app.size);
    let room = Room::of(area);
    let parts = app.networks.len() + usize::from(room == Room::One);
    let part = app.place(Pane::Models).part;
    let lines = match app.networks.get(part) {
        Some(model) => network(app, &Theme::PLAIN, model, TABLE).len(),
        None => 0,
    };
    Extent { rows: (lines + 2).saturating_sub(area.height.into()).max(1), columns: 0, parts }
}

/// The table of the network on show, for the clipboard.
pub fn copied(app: &App, format: Format) -> Option<String> {
    let network = built(app, shown(app)?).ok()?;
    let mut table = Table::new(["name", "layer", "output", "parameters", "multiply_adds"].map(String::from));
    for row in network.rows() {
        let output = row.output;
        table.row([
            row.name.to_owned(),
            row.what.clone(),
            format!("{}×{}×{}", output.features, output.electrodes, output.samples),
            row.parameters.to_string(),
            row.multiply_adds.to_string(),
        ]);
    }
    Some(table.text(format))
}
