//! Intervals to be looked at: a dot and a line a cell on one common scale, baselines above the networks, the chance line
//! across, seeds as small marks, the set of the best by colour and by sign.

use super::measure::tone;
use super::tables::View;
use crate::metric::Metric;
use crate::table::{Cell, Matrix};
use crate::tui::sheet::Sheet;
use crate::tui::theme::{Theme, Tone};

/// Columns that a plot needs to tell anything.
const LEAST: usize = 12;

/// Lines of a plot besides the cells'.
pub const AROUND: usize = 3;

/// Writes a line for each finished cell and one for the scale, after a heading where one is given; nothing where there is no
/// room across. Gives the line of the selected cell.
pub fn write(
    sheet: &mut Sheet,
    view: &View,
    heading: Option<&str>,
    width: usize,
    theme: &Theme,
) -> Option<usize> {
    let table = &view.table;
    let cells: Vec<&Cell> = table.all().filter(|cell| cell.summary.is_some()).collect();
    let titles = cells.iter().map(|cell| sheet.spell(&cell.title()).chars().count()).max().unwrap_or(0);
    // Title, a pointer and a sign stand beside the plot, and the figures where there is room for them.
    let plain = width.saturating_sub(titles + 4);
    let figured = plain.checked_sub(FIGURES).filter(|room| *room >= LEAST);
    let room = figured.unwrap_or(plain);
    let axis = Axis::of(table, &cells, room).filter(|_| room >= LEAST)?;
    if let Some(heading) = heading {
        sheet.heading(heading);
    }
    let mut selected_line = None;
    for cell in &cells {
        let selected = std::ptr::eq(*cell, view.cell());
        if selected {
            selected_line = Some(sheet.len());
        }
        let pointer = if selected { theme.pointer() } else { ' ' };
        let tone = tone(cell.verdict.standing);
        let sign = match cell.verdict.standing.mark() {
            "best" => theme.glyph('★', '*'),
            mark => mark.chars().next().unwrap_or(' '),
        };
        let plot: String = axis.line(table, cell, theme).into_iter().collect();
        let title = sheet.spell(&cell.title());
        let figures = figured.map(|_| figures(table.metric, cell)).unwrap_or_default();
        sheet.parts([
            (Tone::Plain, format!("{pointer}{title:<titles$}")),
            (tone, format!(" {plot} ")),
            (tone, format!("{sign}{figures}")),
        ]);
    }
    sheet.line(Tone::Dim, format!("{:titles$}  {}", "", axis.scale(table.metric, theme)));
    selected_line
}

/// Columns of a cell's mean and interval, such as `87.4 [85.0–89.0]`.
const FIGURES: usize = 21;

fn figures(metric: &Metric, cell: &Cell) -> String {
    let Some(summary) = &cell.summary else { return String::new() };
    let interval = summary.interval.map(|interval| interval.text(metric)).unwrap_or_default();
    format!(" {} {interval}", metric.format(summary.mean))
}

/// The common scale.
struct Axis {
    low: f64,
    high: f64,
    columns: usize,
    chance: Option<f64>,
}

impl Axis {
    fn of(table: &Matrix, cells: &[&Cell], columns: usize) -> Option<Self> {
        let ends = cells.iter().filter_map(|cell| cell.summary.as_ref()).flat_map(|summary| {
            let interval = summary.interval.map(|interval| [interval.low, interval.high]);
            interval.into_iter().flatten().chain([summary.mean])
        });
        let seeds = cells.iter().flat_map(|cell| &cell.scores).filter_map(|score| score.value(table.metric));
        let values: Vec<f64> = ends.chain(seeds).filter(|value| value.is_finite()).collect();
        let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| {
            (low.min(value), high.max(value))
        });
        // The chance line belongs on the scale unless it would press everything else together.
        let chance =
            table.chance.filter(|_| *table.metric == *Metric::accuracy()).map(|chance| chance.accuracy);
        let chance = chance.filter(|chance| *chance > low - (high - low));
        let low = chance.map_or(low, |chance| low.min(chance));
        (low < high && columns > 0).then_some(Axis { low, high, columns, chance })
    }

    /// The column of a value.
    fn column(&self, value: f64) -> usize {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        (share * (self.columns - 1) as f64).round() as usize
    }

    /// Its ends, and what stands for chance where there is room to say it.
    fn scale(&self, metric: &Metric, theme: &Theme) -> String {
        let (low, high) = (metric.format(self.low), metric.format(self.high));
        let chance = self.chance.map(|chance| {
            format!("{low}  {} more than guessing from {}", theme.glyph('┊', ':'), metric.format(chance))
        });
        let fits = |text: &String| text.chars().count() + high.chars().count() < self.columns;
        let left = chance.filter(fits).unwrap_or(low);
        let between = self.columns.saturating_sub(left.chars().count() + high.chars().count());
        format!("{left}{:between$}{high}", "")
    }

    fn line(&self, table: &Matrix, cell: &Cell, theme: &Theme) -> Vec<char> {
        let mut line = vec![' '; self.columns];
        if let Some(chance) = self.chance {
            line[self.column(chance)] = theme.glyph('┊', ':');
        }
        let Some(summary) = &cell.summary else { return line };
        if let Some(interval) = summary.interval {
            let (from, to) = (self.column(interval.low), self.column(interval.high));
            line[from..=to.max(from)].fill(theme.glyph('─', '-'));
            if let Some(chance) =
                self.chance.map(|chance| self.column(chance)).filter(|at| (from..=to).contains(at))
            {
                line[chance] = theme.glyph('┼', '+');
            }
        }
        for value in cell.scores.iter().filter_map(|score| score.value(table.metric)) {
            line[self.column(value)] = theme.glyph('·', '.');
        }
        line[self.column(summary.mean)] = theme.glyph('●', 'o');
        line
    }
}
