//! Draws a [`Plot`] into a buffer: axes, guides, curves, cursor, names. Own drawing rather than ratatui's `Chart`, which
//! has no logarithmic axis, no gaps, no error bars and no way to tell curves apart without colour.

use super::layout::Layout;
use super::look::Look;
use super::marker::{self, Strokes};
use super::names;
use super::pen::Pen;
use super::plot::{Horizontal, Place, Plot, Point, Series};
use super::raster::Raster;
use crate::ticks::{self, Ticks};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::widgets::Widget;
use unicode_width::UnicodeWidthStr;

/// A plot, ready to be drawn.
#[derive(Clone, Copy, Debug)]
pub struct Chart<'a> {
    plot: &'a Plot,
    look: Look,
}

impl<'a> Chart<'a> {
    /// Draws `plot` so.
    pub fn new(plot: &'a Plot, look: Look) -> Self {
        Chart { plot, look }
    }
}

impl Widget for Chart<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let mut pen = Pen::new(buffer, area);
        let (plot, look) = (self.plot, self.look);
        match Layout::new(plot, pen.width(), pen.height(), look.utf8) {
            None => nothing(plot, look, &mut pen),
            Some(layout) => {
                let strokes = marker::strokes(look.utf8);
                axes(plot, &layout, look, strokes, &mut pen);
                let raster = curves(plot, &layout);
                ink(plot, &layout, &raster, &mut pen);
                markers(plot, &layout, &mut pen);
                guides(plot, &layout, strokes, &mut pen);
                cursor(plot, &layout, look, strokes, &mut pen);
                names::header(plot, &layout, look, &mut pen);
                names::ends(plot, &layout, look, &mut pen);
            }
        }
    }
}

/// Says why there is no curve.
fn nothing(plot: &Plot, look: Look, pen: &mut Pen) {
    let (width, height) = (pen.width(), pen.height());
    if height >= 4 {
        pen.text(0, 0, &plot.y_label, width, look.text);
    }
    let middle = width.saturating_sub(plot.empty.chars().count()) / 2;
    pen.text(middle, height / 2, &plot.empty, width, look.axis);
}

/// Both axes with their ticks and labels.
fn axes(plot: &Plot, layout: &Layout, look: Look, strokes: Strokes, pen: &mut Pen) {
    if let Some(line) = layout.left.checked_sub(1) {
        for row in layout.top..layout.bottom() {
            pen.put(line, row, strokes.vertical, look.axis);
        }
        for (value, label) in layout.y_ticks.at.iter().zip(&layout.y_ticks.labels) {
            if let Some(row) = layout.row(*value) {
                pen.put(line, row, strokes.left_tick, look.axis);
                pen.text_right(line, row, label, look.axis);
            }
        }
        if let Some(row) = layout.axis {
            pen.put(line, row, strokes.corner, look.axis);
        }
    }
    if let Some(row) = layout.axis {
        for column in layout.left..layout.right() {
            pen.put(column, row, strokes.horizontal, look.axis);
        }
    }
    x_labels(plot, layout, look, strokes, pen);
}

/// The labels of the x axis, each centred under its tick, and its title at the left; none overlaps another.
fn x_labels(plot: &Plot, layout: &Layout, look: Look, strokes: Strokes, pen: &mut Pen) {
    let Some(row) = layout.labels else { return };
    let title = pen.text(0, row, &plot.x_label, layout.left + layout.grid.width / 4, look.axis);
    let ticks = fitting(plot, layout);
    let mut free = title + usize::from(title > 0);
    for (value, label) in ticks.at.iter().zip(&ticks.labels) {
        let Some(column) = layout.column(*value) else { continue };
        if let Some(axis) = layout.axis {
            pen.put(column, axis, strokes.bottom_tick, look.axis);
        }
        let start = column.saturating_sub(label.len() / 2).min(pen.width().saturating_sub(label.len()));
        if start >= free {
            free = pen.text(start, row, label, pen.width(), look.axis) + 1;
        }
    }
}

/// As many ticks as have room for their labels, with some air between them.
fn fitting(plot: &Plot, layout: &Layout) -> Ticks {
    let width = layout.grid.width;
    let ticks = |count| match plot.horizontal {
        Horizontal::Clock => ticks::clock(layout.x.lo(), layout.x.hi(), count),
        horizontal => layout.x.ticks(count, horizontal == Horizontal::Whole),
    };
    let all = (1..=(width / 6).clamp(1, 12)).rev().map(ticks);
    let mut fits = all.filter(|ticks| (ticks.width() + 4) * ticks.at.len().saturating_sub(1) <= width);
    fits.next().unwrap_or_default()
}

/// The raster layer of a curve; the faint raw line behind a smoothed one lies one below.
fn layer(series: usize) -> usize {
    2 * series + 2
}

/// All curves in dots: raw lines first, then what is to be read, then error bars.
fn curves(plot: &Plot, layout: &Layout) -> Raster {
    // Separate measurements are found by their markers; of lines that lie on one another each must show.
    let turns = if plot.series.iter().any(|series| series.marked) { 1 } else { plot.series.len() };
    let mut raster = Raster::new(layout.grid, turns);
    let smoothing = plot.smoothing > 0.0;
    if smoothing {
        for (index, series) in plot.series.iter().enumerate().rev().filter(|(_, series)| !series.marked) {
            line(&mut raster, &series.drawn(0.0), layout, layer(index) - 1, series.aside);
        }
    }
    let banded = plot.series.iter().enumerate().rev();
    for (index, series) in banded.filter(|(_, series)| !series.marked && !smoothing) {
        for edge in [series.edge(|(lo, _)| lo), series.edge(|(_, hi)| hi)] {
            line(&mut raster, &edge, layout, layer(index) - 1, series.aside);
        }
    }
    for (index, series) in plot.series.iter().enumerate().rev() {
        let drawn = series.drawn(plot.smoothing);
        line(&mut raster, &drawn, layout, layer(index), series.aside);
        for point in drawn.iter().filter(|_| series.marked) {
            bar(&mut raster, point, layout, layer(index), series.aside);
        }
    }
    raster
}

/// The dot of a place within the plot, some columns aside.
fn dot(layout: &Layout, (x, y): (f64, f64), aside: isize) -> (f64, f64) {
    let (column, row) = layout.grid.place(x, y);
    (column + aside as f64 * layout.grid.columns() as f64 / layout.grid.width.max(1) as f64, row)
}

/// A line through points, broken where a value has no place.
fn line(raster: &mut Raster, points: &[Point], layout: &Layout, layer: usize, aside: isize) {
    // One point beyond either edge, so that lines run to the edge.
    let first = points.partition_point(|point| point.x < layout.x.lo()).saturating_sub(1);
    let last = (points.partition_point(|point| point.x <= layout.x.hi()) + 1).min(points.len());
    let mut run = Vec::with_capacity(last - first);
    for point in &points[first..last] {
        match layout.x.position(point.x).zip(layout.y.position(point.y)) {
            Some(place) => run.push(dot(layout, place, aside)),
            None => raster.line(&std::mem::take(&mut run), layer),
        }
    }
    raster.line(&run, layer);
}

/// An error bar with its caps. A bound without a place ends at the point itself.
fn bar(raster: &mut Raster, point: &Point, layout: &Layout, layer: usize, aside: isize) {
    let Some((lo, hi)) = point.interval else { return };
    let Some(x) = layout.x.position(point.x).filter(|x| (0.0..=1.0).contains(x)) else { return };
    let ends = [lo, hi].map(|bound| layout.y.position(bound).or(layout.y.position(point.y)));
    let [Some(lo), Some(hi)] = ends.map(|y| y.map(|y| dot(layout, (x, y), aside))) else { return };
    raster.line(&[lo, hi], layer);
    for end in [lo, hi] {
        raster.line(&[(end.0 - 1.0, end.1), (end.0 + 1.0, end.1)], layer);
    }
}

/// Copies the dots into the buffer.
fn ink(plot: &Plot, layout: &Layout, raster: &Raster, pen: &mut Pen) {
    let ascii = |layer: usize| match plot.series.get((layer - 1) / 2) {
        Some(series) if layer.is_multiple_of(2) => series.marker,
        _ => '.',
    };
    for y in 0..layout.grid.height {
        for x in 0..layout.grid.width {
            let Some(ink) = raster.ink(x, y, ascii) else { continue };
            let Some(series) = plot.series.get((ink.layer - 1) / 2) else { continue };
            let faint = ink.layer % 2 == 1;
            let style = if faint { series.style.add_modifier(Modifier::DIM) } else { series.style };
            pen.put(layout.left + x, layout.top + y, ink.symbol, style);
        }
    }
}

/// The markers that tell curves apart without colour: on every measurement, or here and there along a line.
fn markers(plot: &Plot, layout: &Layout, pen: &mut Pen) {
    for (index, series) in plot.series.iter().enumerate().rev() {
        let mut at = |point: &Point| {
            if let Some((column, row)) = layout.column(point.x).zip(layout.row(point.y)) {
                pen.put(column.saturating_add_signed(series.aside), row, series.marker, series.style);
            }
        };
        if series.marked {
            series.drawn(0.0).iter().for_each(&mut at);
        } else if plot.series.len() > 1 && plot.y_names.is_empty() {
            landmarks(plot, series, layout, index).iter().for_each(&mut at);
        }
    }
}

/// Some points of a line, far enough apart not to hide it, staggered from curve to curve.
fn landmarks(plot: &Plot, series: &Series, layout: &Layout, index: usize) -> Vec<Point> {
    const SPACING: usize = 18;
    let drawn = series.drawn(plot.smoothing);
    let shift = 4 + (index * 5) % SPACING;
    let near = |column: usize| {
        let x = layout.x.value(column as f64 / layout.grid.width.max(2) as f64);
        drawn.get(drawn.partition_point(|point| point.x < x)).copied()
    };
    (shift..layout.grid.width).step_by(SPACING).filter_map(near).collect()
}

/// Reference lines where nothing else is, and their labels, which cover nothing: where there is no room for one the line
/// stands alone, since two labels in one another would be read as one.
fn guides(plot: &Plot, layout: &Layout, strokes: Strokes, pen: &mut Pen) {
    let mut labels: Vec<Label> = Vec::new();
    for guide in &plot.guides {
        let cells: Vec<(usize, usize)> = match guide.at {
            Place::Y(value) => {
                let row = layout.row(value);
                row.into_iter().flat_map(|row| (layout.left..layout.right()).map(move |x| (x, row))).collect()
            }
            Place::X(value) => {
                let column = layout.column(value);
                column.into_iter().flat_map(|x| (layout.top..layout.bottom()).map(move |y| (x, y))).collect()
            }
        };
        let Some(&first) = cells.first() else { continue };
        let free = |pen: &Pen, labels: &[Label], (x, y): (usize, usize)| {
            pen.is_blank(x, y) && !labels.iter().any(|label| label.covers(x, y))
        };
        let length = guide.label.width();
        let fits = |start: usize, row: usize| {
            (start..start + length).all(|x| free(pen, &labels, (x, row))) && start + length <= layout.right()
        };
        let spot = match guide.at {
            Place::Y(_) => (layout.left + 1..layout.right()).map(|x| (x, first.1)).find(|&(x, y)| fits(x, y)),
            Place::X(_) => beside(first.0, length, layout).find(|&(x, y)| fits(x, y)),
        };
        let stroke = if matches!(guide.at, Place::Y(_)) { strokes.guide } else { strokes.upright };
        let drawn: Vec<_> = cells.into_iter().filter(|&cell| free(pen, &labels, cell)).collect();
        drawn.into_iter().for_each(|(x, y)| pen.put(x, y, stroke, guide.style));
        if let Some((start, row)) = spot {
            pen.text(start, row, &guide.label, layout.right(), guide.style);
            labels.push(Label { row, columns: start..start + length });
        }
    }
}

/// Where a label stands, its blanks included.
struct Label {
    row: usize,
    columns: std::ops::Range<usize>,
}

impl Label {
    fn covers(&self, x: usize, y: usize) -> bool {
        y == self.row && self.columns.contains(&x)
    }
}

/// Where the label of an upright guide may stand, the best first: low, right of it where there is room, else left.
fn beside(column: usize, length: usize, layout: &Layout) -> impl Iterator<Item = (usize, usize)> + use<> {
    let right = column + length < layout.right();
    let start = if right { column + 1 } else { column.saturating_sub(length) };
    (layout.top..layout.bottom()).rev().map(move |row| (start, row))
}

/// The cursor: an upright line behind the curves, and each curve's marker where it is read.
fn cursor(plot: &Plot, layout: &Layout, look: Look, strokes: Strokes, pen: &mut Pen) {
    let Some((x, column)) = plot.cursor.and_then(|x| Some((x, layout.column(x)?))) else { return };
    for row in layout.top..layout.bottom() {
        if pen.is_blank(column, row) {
            pen.put(column, row, strokes.cursor, look.cursor);
        }
    }
    for series in plot.series.iter().rev() {
        if let Some(row) = series.at(x).and_then(|value| layout.row(value + series.lift)) {
            pen.put(column.saturating_add_signed(series.aside), row, series.marker, series.style);
        }
    }
}
