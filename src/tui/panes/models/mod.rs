//! The networks layer by layer, and the activation functions with the α in use.

use super::curves::look;
use super::layers;
use crate::model::{Activation, Geometry, Model, ModelError, Network, thousands};
use crate::tui::app::App;
use crate::tui::chart::{Chart, Guide, Place, Plot, Series};
use crate::tui::delimited::Format;
use crate::tui::delimited::Table;
use crate::tui::pane::{Extent, Pane};
use crate::tui::sheet::Sheet;
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

/// The parts of a small window: each network, then the activation functions.
const PARTS: usize = NETWORKS + 1;

/// The networks that are shown.
const NETWORKS: usize = 2;

/// Columns of a network's table.
const TABLE: u16 = 67;

/// How much is shown at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// One part.
    One,
    /// A network and the activations beside it.
    Two,
    /// Both networks and the activations.
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
    heading(app, theme, room).render(0, top, frame);
    match room {
        Room::One => match Model::lab().get(place.part) {
            Some(model) => network(app, theme, model, body.width).render(place.row, body, frame),
            None => activations(app, theme, body, frame),
        },
        Room::Two => {
            let [left, right] =
                Layout::horizontal([Constraint::Length(TABLE), Constraint::Fill(1)]).areas(body);
            let model = &Model::lab()[place.part.min(NETWORKS - 1)];
            network(app, theme, model, left.width).render(place.row, left, frame);
            activations(app, theme, right, frame);
        }
        Room::All => {
            let [left, middle, right] = Layout::horizontal([
                Constraint::Length(TABLE),
                Constraint::Length(TABLE),
                Constraint::Fill(1),
            ])
            .areas(body);
            for (model, area) in Model::lab().iter().zip([left, middle]) {
                network(app, theme, model, area.width).render(place.row, area, frame);
            }
            let most = right.height.min(28);
            activations(app, theme, Rect { height: most, ..right }, frame);
        }
    }
}

/// What the networks are built for.
fn heading<'t>(app: &App, theme: &'t Theme, room: Room) -> Sheet<'t> {
    let mut sheet = Sheet::new(theme);
    let Geometry { channels, samples, classes, .. } = geometry(app);
    let whose = match app.data.ready() {
        Some(data) if data.is_simulated() => "the simulated trials",
        Some(data) => &format!("the trials of {}", data.source.name),
        None => "the lab's trials",
    };
    let mut parts = vec![(
        Tone::Dim,
        format!(" built for {whose}: {channels} channels × {samples} samples, {classes} classes"),
    )];
    if room != Room::All {
        let next = app.keymap.label(crate::tui::action::Action::NextPart, theme.utf8);
        parts.push((Tone::Dim, format!("  {next} next")));
    }
    sheet.parts(parts);
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
    model.network(geometry(app), in_use(app), dropout)
}

/// One network's table.
fn network<'t>(app: &App, theme: &'t Theme, model: &Model, width: u16) -> Sheet<'t> {
    let mut sheet = Sheet::new(theme);
    match built(app, model) {
        Ok(network) => {
            let count = thousands(network.parameter_count());
            sheet.parts([
                (Tone::Strong, format!("{} ", model.title())),
                (Tone::Plain, format!("{count} parameters, ")),
                (Tone::Plain, in_use(app).title()),
            ]);
            layers::write(&mut sheet, &network, width);
            sheet.line(Tone::Dim, " output: maps×electrodes×samples; mult-adds of one trial, forwards");
        }
        Err(error) => {
            sheet.line(Tone::Strong, model.title());
            sheet.line(Tone::Bad, error.to_string());
        }
    }
    sheet
}

/// The functions' graphs: the lab's three and the one in use, where it is another.
fn activations(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let mut shown = Activation::LAB.to_vec();
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

/// How far its cursor can go.
pub fn extent(app: &App) -> Extent {
    let area = crate::tui::regions::body(app.size);
    let room = Room::of(area);
    let parts = match room {
        Room::One => PARTS,
        Room::Two => NETWORKS,
        Room::All => 1,
    };
    let part = app.place(Pane::Models).part;
    let lines = match (room, Model::lab().get(part)) {
        (Room::One, None) => 0,
        (Room::All, _) => Model::lab().iter().map(|model| lines(app, model)).max().unwrap_or(0),
        (_, model) => lines(app, model.unwrap_or(&Model::eegnet())),
    };
    Extent { rows: (lines + 2).saturating_sub(area.height.into()).max(1), columns: 0, parts }
}

fn lines(app: &App, model: &Model) -> usize {
    network(app, &Theme::PLAIN, model, TABLE).len()
}

/// The table of the network on show, for the clipboard.
pub fn copied(app: &App, format: Format) -> Option<String> {
    let part = app.place(Pane::Models).part.min(NETWORKS - 1);
    let network = built(app, &Model::lab()[part]).ok()?;
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
