//! How the area of a chart is divided: a header, the plot, axes, names at the line ends. What does not fit goes, the
//! curves last.

use super::plot::Plot;
use super::raster::Grid;
use super::scale::Range;
use crate::ticks::Ticks;
use unicode_width::UnicodeWidthStr;

/// The division of a chart of some size, in cells from its top left corner.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Whether row 0 is the header.
    pub header: bool,
    /// First column of the plot; left of it are the y axis and its labels.
    pub left: usize,
    /// First row of the plot.
    pub top: usize,
    /// Size of the plot and its fineness.
    pub grid: Grid,
    /// Row of the x axis.
    pub axis: Option<usize>,
    /// Row of its labels.
    pub labels: Option<usize>,
    /// Columns right of the plot for the names of the curves; 0 for none.
    pub ends: usize,
    /// What is shown.
    pub x: Range,
    /// Likewise.
    pub y: Range,
    /// Labels of the y axis.
    pub y_ticks: Ticks,
}

impl Layout {
    /// Divides `width` × `height` cells for a plot; `None` where there is nothing to draw or no room.
    pub fn new(plot: &Plot, width: usize, height: usize, utf8: bool) -> Option<Self> {
        if width == 0 || height == 0 {
            return None;
        }
        let header = height >= 4;
        let labels = height >= 3 && width >= 16;
        let axis = labels && height >= 6;
        let top = usize::from(header);
        let rows = height - top - usize::from(labels) - usize::from(axis);
        let at_most = (rows / 2).clamp(1, 8);
        let x = plot.x_range()?;
        let y = plot.y_range(&x, at_most)?;
        // One label alone gives no scale: then more are asked for.
        let denser = (at_most..=4 * at_most).map(|count| y.ticks(count, false));
        let fitting = denser.filter(|ticks| ticks.at.len() <= rows).find(|ticks| ticks.at.len() > 1);
        let mut y_ticks = fitting.unwrap_or_else(|| y.ticks(at_most, false));
        if !plot.y_names.is_empty() {
            y_ticks = names(plot, rows);
        }
        let mut left = y_ticks.width() + 2;
        if width < 16 || left * 3 > width {
            left = 0;
            y_ticks = Ticks::default();
        }
        let ends = ends_width(plot, width, rows);
        Some(Layout {
            header,
            left,
            top,
            grid: Grid { width: width - left - ends, height: rows, utf8 },
            axis: axis.then_some(top + rows),
            labels: labels.then_some(height - 1),
            ends,
            x,
            y,
            y_ticks,
        })
    }

    /// First column right of the plot.
    pub fn right(&self) -> usize {
        self.left + self.grid.width
    }

    /// First row below the plot.
    pub fn bottom(&self) -> usize {
        self.top + self.grid.height
    }

    /// Row of a value in the chart, the very one that its dot is in.
    pub fn row(&self, y: f64) -> Option<usize> {
        let place = inside(self.y.position(y)?)?;
        Some(self.top + self.grid.cell(self.grid.place(0.0, place))?.1)
    }

    /// Column of a value in the chart, likewise.
    pub fn column(&self, x: f64) -> Option<usize> {
        let place = inside(self.x.position(x)?)?;
        Some(self.left + self.grid.cell(self.grid.place(place, 0.0))?.0)
    }
}

/// Names instead of numbers on the vertical axis, so many that each has a row.
fn names(plot: &Plot, rows: usize) -> Ticks {
    let every = plot.y_names.len().div_ceil(rows.max(1)).max(1);
    let (at, labels) = plot.y_names.iter().step_by(every).cloned().unzip();
    Ticks { at, labels }
}

/// A place within 0–1, forgiving rounding errors.
fn inside(place: f64) -> Option<f64> {
    (-1e-9..=1.0 + 1e-9).contains(&place).then(|| place.clamp(0.0, 1.0))
}

/// Columns for the names at the line ends: a third of a wide chart at most, none where they would not all have a row.
fn ends_width(plot: &Plot, width: usize, rows: usize) -> usize {
    if !plot.y_names.is_empty() {
        return 0;
    }
    let (count, longest) =
        plot.named().fold((0, 0), |(count, longest), series| (count + 1, series.name.width().max(longest)));
    // Name, a blank before it, its marker and a blank.
    if count == 0 || width < 48 || count > rows { 0 } else { (longest + 3).min(width / 3) }
}
