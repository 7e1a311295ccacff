//! The charts of a page, as SVG that follows the page's style sheet: light, dark and on paper the same drawing. Lines differ
//! by dash as well as by colour. A charting crate's SVG carries its colours with it, which is why these few shapes are drawn
//! here.

use super::curves::{Group, Quantity};
use crate::metric::Metric;
use crate::model::Activation;
use crate::table::{Across, Cell, Matrix, Standing};
use crate::ticks;
use maud::{Markup, html};

/// A drawing's size in its own units; the page scales it.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 300.0;
/// Room for the numbers at the axes and the names at the right.
const LEFT: f64 = 52.0;
const RIGHT: f64 = 150.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 40.0;
/// As many styles of line as the style sheet has.
const STYLES: usize = 8;

/// A range of values laid along a length of the drawing, in whole steps.
struct Axis {
    from: f64,
    to: f64,
    begin: f64,
    end: f64,
    steps: usize,
}

impl Axis {
    /// Over all the values, widened to whole steps, of which some five make their span. `None` without any.
    fn over(values: impl Iterator<Item = f64>, begin: f64, end: f64) -> Option<Axis> {
        let (mut from, mut to) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|value| value.is_finite()) {
            (from, to) = (from.min(value), to.max(value));
        }
        if from > to {
            return None;
        }
        if from == to {
            (from, to) = (from - 0.5, to + 0.5);
        }
        let step = ticks::round_up((to - from) / 5.0);
        let (first, last) = ((from / step).floor(), (to / step).ceil());
        Some(Axis { from: first * step, to: last * step, begin, end, steps: (last - first) as usize })
    }

    fn at(&self, value: f64) -> f64 {
        self.begin + (value - self.from) / (self.to - self.from) * (self.end - self.begin)
    }

    /// Values with a mark, and their text.
    fn marks(&self) -> Vec<(f64, String)> {
        let ticks = ticks::linear(self.from, self.to, self.steps, false);
        ticks.at.into_iter().zip(ticks.labels).collect()
    }
}

/// Frame, grid and numbers of two axes.
fn frame(x: &Axis, y: &Axis, x_title: &str, y_title: &str) -> Markup {
    html! {
        @for (value, text) in y.marks() {
            line.grid x1=(round(x.begin)) x2=(round(x.end)) y1=(round(y.at(value))) y2=(round(y.at(value))) {}
            text.number x=(round(x.begin - 6.0)) y=(round(y.at(value) + 4.0)) text-anchor="end" { (text) }
        }
        @for (value, text) in x.marks() {
            text.number x=(round(x.at(value))) y=(round(y.begin + 16.0)) text-anchor="middle" { (text) }
        }
        line.axis x1=(round(x.begin)) x2=(round(x.end)) y1=(round(y.begin)) y2=(round(y.begin)) {}
        text.title x=(round((x.begin + x.end) / 2.0)) y=(round(y.begin + 34.0)) text-anchor="middle" { (x_title) }
        text.title x=(round(x.begin)) y=(round(y.end - 10.0)) text-anchor="start" { (y_title) }
    }
}

fn drawing(label: &str, height: f64, content: &Markup) -> Markup {
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(label) { (content) }
    }
}

/// A name beside the drawing, with a sample of its line.
fn entry(place: usize, style: usize, name: &str) -> Markup {
    let (x, y) = (WIDTH - RIGHT + 12.0, TOP + 12.0 + 18.0 * place as f64);
    html! {
        line class=(format!("line s{}", style % STYLES)) x1=(round(x)) x2=(round(x + 22.0)) y1=(round(y - 4.0)) y2=(round(y - 4.0)) {}
        (named(name, 15, x + 28.0, y, "start"))
    }
}

/// A name of at most so many characters; of a longer one its beginning, and all of it where the pointer rests on it.
fn named(name: &str, most: usize, x: f64, y: f64, anchor: &str) -> Markup {
    let shown: String = match name.chars().count() {
        count if count <= most => name.to_owned(),
        _ => name.chars().take(most - 1).chain(['…']).collect(),
    };
    html! {
        text.name x=(round(x)) y=(round(y)) text-anchor=(anchor) {
            @if shown != name { title { (name) } }
            (shown)
        }
    }
}

/// Mean curves with their bands; accuracy in percent, with the line above which it is more than guessing.
pub fn curves(groups: &[Group], quantity: Quantity, chance: Option<f64>, label: &str) -> Markup {
    let shown = |value: f64| if quantity == Quantity::Accuracy { 100.0 * value } else { value };
    let points = || groups.iter().flat_map(|group| group.curve(quantity));
    let chance = chance.filter(|_| quantity == Quantity::Accuracy);
    let values = points().flat_map(|point| [point.low, point.high]).chain(chance).map(shown);
    let epochs = points().map(|point| f64::from(point.epoch));
    let (Some(x), Some(y)) =
        (Axis::over(epochs, LEFT, WIDTH - RIGHT), Axis::over(values, HEIGHT - BOTTOM, TOP))
    else {
        return html! {};
    };
    let place =
        |epoch: u32, value: f64| format!("{},{}", round(x.at(f64::from(epoch))), round(y.at(shown(value))));
    let title = match quantity {
        Quantity::Accuracy => "test accuracy %",
        Quantity::Loss => "training loss",
    };
    let content = html! {
        (frame(&x, &y, "epoch", title))
        @if let Some(chance) = chance.map(shown) {
            line.chance x1=(round(x.begin)) x2=(round(x.end)) y1=(round(y.at(chance))) y2=(round(y.at(chance))) {}
        }
        @for (style, group) in groups.iter().enumerate() {
            @let curve = group.curve(quantity);
            @if group.n > 1 {
                @let there = curve.iter().map(|point| place(point.epoch, point.high));
                @let back = curve.iter().rev().map(|point| place(point.epoch, point.low));
                polygon class=(format!("band s{}", style % STYLES)) points=(there.chain(back).collect::<Vec<_>>().join(" ")) {}
            }
            polyline class=(format!("line s{}", style % STYLES))
                points=(curve.iter().map(|point| place(point.epoch, point.mean)).collect::<Vec<_>>().join(" ")) {}
        }
        @for (style, group) in groups.iter().enumerate() {
            (entry(style, style, &format!("{} ({})", group.title, group.n)))
        }
    };
    drawing(label, HEIGHT, &content)
}

/// The table's metric against ELU's α, a line a network, with its 95 % intervals.
pub fn sweep(table: &Matrix, label: &str) -> Markup {
    let metric = table.metric;
    let alpha = |cell: &Cell| match cell.activation {
        Activation::Elu { alpha } => Some(alpha),
        _ => None,
    };
    let cells = || table.cells.iter().filter(|cell| cell.summary.is_some());
    let values = cells().flat_map(bounds).map(|value| metric.drawn(value));
    let (Some(x), Some(y)) = (
        Axis::over(cells().filter_map(alpha), LEFT, WIDTH - RIGHT),
        Axis::over(values, HEIGHT - BOTTOM, TOP),
    ) else {
        return html! {};
    };
    let content = html! {
        (frame(&x, &y, "ELU's α", &format!("test {}", metric.heading())))
        @for row in 0..table.rows.len() {
            @let shift = 4.0 * row as f64 - 2.0 * (table.rows.len() as f64 - 1.0);
            @let points: Vec<(f64, &Cell)> = table.row(row).iter()
                .filter(|cell| cell.summary.is_some())
                .filter_map(|cell| Some((x.at(alpha(cell)?) + shift, cell)))
                .collect();
            polyline class=(format!("line s{}", row % STYLES))
                points=(points.iter().map(|(at, cell)| format!("{},{}", round(*at), round(y.at(metric.drawn(mean(cell)))))).collect::<Vec<_>>().join(" ")) {}
            @for (at, cell) in &points {
                (whisker(*at, cell, &y, metric, row))
            }
        }
        @for (row, model) in table.rows.iter().enumerate() {
            (entry(row, row, model.title()))
        }
    };
    drawing(label, HEIGHT, &content)
}

/// A standing line from one end of the interval to the other, and the mean's dot.
fn whisker(at: f64, cell: &Cell, y: &Axis, metric: &Metric, style: usize) -> Markup {
    let interval = cell.summary.as_ref().and_then(|summary| summary.interval);
    let at_value = |value: f64| round(y.at(metric.drawn(value)));
    html! {
        @if let Some(interval) = interval {
            line class=(format!("whisker s{}", style % STYLES)) x1=(round(at)) x2=(round(at)) y1=(at_value(interval.low)) y2=(at_value(interval.high)) {}
        }
        circle class=(format!("dot s{}", style % STYLES)) cx=(round(at)) cy=(at_value(mean(cell))) r="3.2" {}
    }
}

/// A dot and a line a cell: the intervals to look at; those of the set of the best are filled, with the chance line.
pub fn forest(table: &Matrix, label: &str) -> Markup {
    const ROW: f64 = 22.0;
    const NAMES: f64 = 190.0;
    let metric = table.metric;
    let cells: Vec<&Cell> = table.all().filter(|cell| cell.summary.is_some()).collect();
    let chance = table.chance.filter(|_| *metric == *Metric::accuracy()).map(|chance| chance.accuracy);
    let values = cells.iter().flat_map(|cell| bounds(cell)).chain(chance).map(|value| metric.drawn(value));
    let Some(x) = Axis::over(values, NAMES, WIDTH - 20.0) else { return html! {} };
    let bottom = TOP + ROW * cells.len() as f64;
    let content = html! {
        @for (value, text) in x.marks() {
            line.grid x1=(round(x.at(value))) x2=(round(x.at(value))) y1=(round(TOP)) y2=(round(bottom)) {}
            text.number x=(round(x.at(value))) y=(round(bottom + 16.0)) text-anchor="middle" { (text) }
        }
        text.title x=(round((x.begin + x.end) / 2.0)) y=(round(bottom + 34.0)) text-anchor="middle" { "test " (metric.heading()) }
        @if let Some(chance) = chance.map(|value| metric.drawn(value)) {
            line.chance x1=(round(x.at(chance))) x2=(round(x.at(chance))) y1=(round(TOP)) y2=(round(bottom)) {}
        }
        @for (place, cell) in cells.iter().enumerate() {
            @let y = TOP + ROW * (place as f64 + 0.5);
            @let among_best = matches!(cell.verdict.standing, Standing::Best | Standing::NotToldApart);
            (named(&cell.title(), 24, NAMES - 8.0, y + 4.0, "end"))
            @if let Some(interval) = cell.summary.as_ref().and_then(|summary| summary.interval) {
                line.whisker x1=(round(x.at(metric.drawn(interval.low)))) x2=(round(x.at(metric.drawn(interval.high)))) y1=(round(y)) y2=(round(y)) {}
            }
            @for score in &cell.scores {
                @if let Some(value) = score.value(metric) {
                    line.seed x1=(round(x.at(metric.drawn(value)))) x2=(round(x.at(metric.drawn(value)))) y1=(round(y - 4.0)) y2=(round(y + 4.0)) {}
                }
            }
            circle class=(if among_best { "dot best" } else { "dot other" }) cx=(round(x.at(metric.drawn(mean(cell))))) cy=(round(y)) r="4.5" {}
        }
    };
    drawing(label, bottom + BOTTOM, &content)
}

/// A dot a method along the ranks, the best first, and above them a line as long as two must be apart to be told apart.
pub fn mean_ranks(across: &Across, label: &str) -> Markup {
    const ROW: f64 = 20.0;
    const NAMES: f64 = 190.0;
    let ends = [1.0, across.methods.len() as f64];
    let Some(x) = Axis::over(ends.into_iter(), NAMES, WIDTH - 20.0) else { return html! {} };
    let top = TOP + 16.0;
    let bottom = top + ROW * across.methods.len() as f64;
    let content = html! {
        @if let Some(difference) = across.critical_difference {
            @let end = x.at(x.from + difference).min(WIDTH - 4.0);
            line.axis x1=(round(x.begin)) x2=(round(end)) y1=(round(TOP)) y2=(round(TOP)) stroke-width="3" {}
            text.number x=(round(x.begin)) y=(round(TOP + 13.0)) { (format!("critical difference {difference:.2}")) }
        }
        @for (value, text) in x.marks() {
            line.grid x1=(round(x.at(value))) x2=(round(x.at(value))) y1=(round(top)) y2=(round(bottom)) {}
            text.number x=(round(x.at(value))) y=(round(bottom + 16.0)) text-anchor="middle" { (text) }
        }
        text.title x=(round((x.begin + x.end) / 2.0)) y=(round(bottom + 34.0)) text-anchor="middle" { "mean rank" }
        @for (place, method) in across.methods.iter().enumerate() {
            @let y = top + ROW * (place as f64 + 0.5);
            (named(&method.title, 24, NAMES - 8.0, y + 4.0, "end"))
            circle class="dot best" cx=(round(x.at(method.mean_rank))) cy=(round(y)) r="4.5" {}
        }
    };
    drawing(label, bottom + BOTTOM, &content)
}

fn mean(cell: &Cell) -> f64 {
    cell.summary.as_ref().map_or(f64::NAN, |summary| summary.mean)
}

/// Mean and interval of a cell, as far as there are any.
fn bounds(cell: &Cell) -> Vec<f64> {
    let interval = cell.summary.as_ref().and_then(|summary| summary.interval);
    let ends = interval.map(|interval| [interval.low, interval.high]);
    std::iter::once(mean(cell)).chain(ends.into_iter().flatten()).collect()
}

/// Tenths are finer than any screen shows.
fn round(value: f64) -> String {
    format!("{:.1}", value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_numbers_that_hold_every_value() {
        for (low, high) in [(0.0, 1.0), (48.3, 91.7), (0.412, 0.436), (1.0, 300.0)] {
            let axis = Axis::over([low, high].into_iter(), 0.0, 100.0).unwrap();
            let marks = axis.marks();
            assert!((4..=12).contains(&marks.len()), "{low} to {high}: {marks:?}");
            assert!(marks[0].0 <= low && marks[marks.len() - 1].0 >= high, "{marks:?}");
            assert!(marks.windows(2).all(|pair| pair[0].1 != pair[1].1), "{marks:?}");
        }
    }

    #[test]
    fn a_name_that_has_no_room_is_shortened_and_kept_whole_for_the_pointer() {
        let drawn = |name| named(name, 8, 0.0, 0.0, "end").into_string();
        assert!(drawn("DeepConv").contains(">DeepConv</text>"));
        let long = drawn("DeepConvNet");
        assert!(long.contains("<title>DeepConvNet</title>DeepCon…</text>"), "{long}");
    }

    #[test]
    fn nothing_to_draw_is_no_drawing() {
        assert!(Axis::over([f64::NAN].into_iter(), 0.0, 1.0).is_none());
        assert_eq!(curves(&[], Quantity::Loss, None, "").into_string(), "");
    }
}
