//! The machine over time, and the worker's log.

use super::curves::look;
use crate::tui::app::App;
use crate::tui::chart::{Chart, Plot, Series};
use crate::tui::pane::{Extent, Pane};
use crate::tui::regions::body;
use crate::tui::sheet::{Sheet, cut};
use crate::tui::theme::{Theme, Tone};
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
    let mut charts = vec![(
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
    let fitting = usize::from(area.height / 5).clamp(1, charts.len());
    let areas = Layout::vertical(vec![Constraint::Fill(1); fitting]).split(area);
    for ((title, points, bounds), area) in charts.into_iter().zip(areas.iter()) {
        let plot = Plot {
            x_label: "minutes".into(),
            y_label: title,
            y_bounds: bounds,
            series: vec![Series::line("", theme.series(0), theme.marker(0), points)],
            empty: "sampling".into(),
            ..Plot::default()
        };
        frame.render_widget(Chart::new(&plot, look(theme)), *area);
    }
}

/// The worker's log; the line under the cursor is marked.
fn log(app: &App, theme: &Theme, area: Rect, frame: &mut Frame) {
    let mut sheet = Sheet::new(theme);
    if app.log.is_empty() {
        sheet.line(Tone::Dim, "No worker of this notebook has said anything yet.");
        return sheet.render(0, area, frame);
    }
    let rows = usize::from(area.height.saturating_sub(1)).max(1);
    let chosen = app.place(Pane::Load).row.min(app.log.len() - 1);
    let top = (chosen + 1).saturating_sub(rows.div_ceil(2) + 1).min(app.log.len().saturating_sub(rows));
    sheet.line(Tone::Strong, format!("worker's log, line {} of {}", chosen + 1, app.log.len()));
    for (number, line) in app.log.iter().enumerate().skip(top).take(rows) {
        let tone = match line {
            line if line.contains("ERROR") => Tone::Bad,
            line if line.contains("WARN") => Tone::Caution,
            _ => Tone::Plain,
        };
        let pointer = if number == chosen { theme.pointer() } else { ' ' };
        let text = cut(line, usize::from(area.width).saturating_sub(3), theme);
        sheet.selectable([(tone, format!("{pointer} {text}"), number == chosen)]);
    }
    sheet.render(0, area, frame);
}

/// What a part is called.
pub fn part_title(part: usize) -> Option<String> {
    PARTS.get(part).map(|part| (*part).into())
}

/// How far its cursor can go.
pub fn extent(app: &App) -> Extent {
    let large = is_large(body(app.size));
    let shows_log = large || app.place(Pane::Load).part == 1;
    Extent {
        rows: if shows_log { app.log.len().max(1) } else { 1 },
        columns: 0,
        parts: if large { 1 } else { PARTS.len() },
    }
}
