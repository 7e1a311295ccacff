//! The machine over time, and the worker's log.

use super::curves::look;
use crate::ticks;
use crate::tui::app::App;
use crate::tui::chart::{Chart, Horizontal, Plot, Series};
use crate::tui::pane::{Extent, Pane};
use crate::tui::regions::body;
use crate::tui::sheet::{Sheet, cut, folded};
use crate::tui::theme::{Theme, Tone};
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

/// The parts, as `]` turns them in a small window.
const PARTS: [&str; 2] = ["machine", "log"];

/// Whether both parts fit.
fn is_large(area: Rect) -> bool {
    area.width >= 120 && area.height >= 20
}

/// Draws the pane.
pub fn render(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let place = app.place(Pane::Load);
    if is_large(area) {
        let [left, _, right] =
            Layout::horizontal([Constraint::Fill(1), Constraint::Length(2), Constraint::Fill(1)]).areas(area);
        machine(app, theme, left, frame);
        return log(app, theme, right, frame);
    }
    if place.part == 0 { machine(app, theme, area, frame) } else { log(app, theme, area, frame) }
}

/// What the machine did since the screen was opened, chart under chart; what it has not is not drawn.
fn machine(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
    let loads = &app.loads;
    let now = app.now;
    let mut charts: Vec<History> = vec![(
        format!("epochs/s of all runs{}", if app.worker { "" } else { " (no worker)" }),
        loads.throughput(now),
        None,
    )];
    charts.push((
        format!("CPU % of {} cores", app.load.cores),
        loads.over_time(now, |load| load.cpu.map(|busy| 100.0 * busy)).collect(),
        Some((0.0, 100.0)),
    ));
    if let Some((_, all)) = app.load.memory {
        let used = loads.over_time(now, move |load| load.memory.map(|(used, _)| gib(used)));
        charts.push((format!("memory GB of {:.0}", gib(all)), used.collect(), Some((0.0, gib(all)))));
    }
    if let Some(gpu) = &app.load.gpu {
        let busy = loads.over_time(now, |load| load.gpu.as_ref().map(|gpu| 100.0 * gpu.busy));
        charts.push((format!("{} %", gpu.name), busy.collect(), Some((0.0, 100.0))));
        let used = loads.over_time(now, move |load| load.gpu.as_ref().map(|gpu| gib(gpu.memory.0)));
        let all = gib(gpu.memory.1);
        charts.push((format!("{} memory GB of {all:.0}", gpu.name), used.collect(), Some((0.0, all))));
    }
    let first = std::iter::once("the first figure comes after ten seconds");
    let waits = first.chain(std::iter::repeat("sampling"));
    let (unit, of_a_second) = unit(&charts);
    let fitting = usize::from(area.height / 5).clamp(1, charts.len());
    let areas = Layout::vertical(vec![Constraint::Fill(1); fitting]).split(area);
    for (((title, points, bounds), area), waits) in charts.into_iter().zip(areas.iter()).zip(waits) {
        let points = points.into_iter().map(|(at, value)| (at * of_a_second, value));
        let plot = Plot {
            x_label: unit.into(),
            horizontal: Horizontal::Whole,
            y_label: title,
            y_bounds: bounds,
            // None of these figures can be negative.
            y_within: (0.0, f64::INFINITY),
            series: vec![Series::line("", theme.series(0), theme.marker(0), points)],
            empty: waits.into(),
            ..Plot::default()
        };
        frame.render_widget(Chart::new(&plot, look(theme)), *area);
    }
}

/// One of the charts: its title, its points, and where it has to begin and end.
type History = (String, Vec<(f64, f64)>, Option<(f64, f64)>);

/// What the past is counted in, as round numbers: seconds at first, then minutes. And how much of it a second is.
fn unit(charts: &[History]) -> (&'static str, f64) {
    let oldest =
        charts.iter().flat_map(|(_, points, _)| points.first()).map(|(at, _)| *at).fold(0.0, f64::min);
    if oldest > -180.0 { ("seconds", 1.0) } else { ("minutes", 1.0 / 60.0) }
}

/// The worker's log; the line under the cursor is marked, and told in full where a row can't hold it.
fn log(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let mut sheet = Sheet::within(theme, area.width);
    if app.log.is_empty() {
        sheet.sentence(Tone::Dim, "No worker of this notebook has said anything yet.");
        return sheet.render(0, area, frame);
    }
    let width = usize::from(area.width).saturating_sub(2);
    let chosen = app.place(Pane::Load).row.min(app.log.len() - 1);
    let full = Told::of(&app.log[chosen], app).text();
    let cut_off = full.chars().count() > width;
    let below = if cut_off && area.height >= 8 { folded(&full, width, FULL, theme) } else { Vec::new() };
    let rows = usize::from(area.height).saturating_sub(1 + below.len()).max(1);
    let top = (chosen + 1).saturating_sub(rows.div_ceil(2) + 1).min(app.log.len().saturating_sub(rows));
    sheet.line(Tone::Strong, format!("worker's log, line {} of {}", chosen + 1, app.log.len()));
    for (number, line) in app.log.iter().enumerate().skip(top).take(rows) {
        let told = Told::of(line, app);
        let pointer = if number == chosen { theme.pointer() } else { ' ' };
        let text = cut(&told.text(), width, theme);
        sheet.selectable([(told.tone, format!("{pointer} {text}"), number == chosen)]);
    }
    below.iter().for_each(|line| sheet.line(Tone::Dim, format!("  {line}")));
    sheet.render(0, area, frame);
}

/// Rows in which the line under the cursor is told in full.
const FULL: usize = 4;

/// A line of the log as a person reads it: the time of the day by their own clock, what happened, and to which run.
struct Told {
    tone: Tone,
    time: String,
    what: String,
}

impl Told {
    /// A line as the worker writes it: `2026-11-26T16:24:11Z  INFO eeg_tui::cli::work: started on cpu run="…"`. What is written
    /// otherwise, such as a panic, stays as it is.
    fn of(line: &str, app: &App) -> Self {
        let parts = line.split_once(' ').and_then(|(at, rest)| {
            let (level, rest) = rest.trim_start().split_once(' ')?;
            Some((at.parse::<Timestamp>().ok()?, level, rest))
        });
        let Some((at, level, rest)) = parts else {
            return Told { tone: Tone::Plain, time: String::new(), what: line.to_owned() };
        };
        let what = rest.split_once(": ").map_or(rest, |(_, what)| what);
        let tone = match level {
            "ERROR" => Tone::Bad,
            "WARN" => Tone::Caution,
            _ => Tone::Plain,
        };
        let word = if level == "INFO" { String::new() } else { format!("{} ", level.to_lowercase()) };
        let day = |at: Timestamp| (at.as_second() + i64::from(app.ahead)).div_euclid(86_400);
        let clock = (at.as_second() + i64::from(app.ahead)) as f64;
        let date = if day(at) == day(app.now) { String::new() } else { format!("{} ", ticks::date(clock)) };
        Told {
            tone,
            time: format!("{date}{} ", ticks::time(clock, true)),
            what: format!("{word}{}", plainly(what)),
        }
    }

    fn text(&self) -> String {
        format!("{}{}", self.time, self.what)
    }
}

/// What happened, then the run that it happened to.
fn plainly(what: &str) -> String {
    let Some((before, rest)) = what.split_once(" run=\"") else { return what.to_owned() };
    let Some((run, after)) = rest.split_once('"') else { return what.to_owned() };
    format!("{before}{after}: {run}")
}

/// What a part is called.
pub fn part_title(part: usize) -> Option<String> {
    PARTS.get(part).map(|part| (*part).into())
}

/// How far its cursor can go. The log keeps its place, its end at first, while the machine alone is on show: it comes back into
/// sight when the window grows.
pub fn extent(app: &App) -> Extent {
    let parts = if is_large(body(app.size)) { 1 } else { PARTS.len() };
    Extent { rows: app.log.len().max(1), columns: 0, parts }
}
