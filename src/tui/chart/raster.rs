//! A grid of dots behind the cells of a chart: 2 × 4 a cell in braille, one a cell in ASCII. A cell belongs to one layer, so
//! that its colour never lies about whose line it shows. Where curves lie on one another they take turns along the chart,
//! so that none is hidden by its likes.

use super::decimate::{Place, decimate};
use super::marker;

/// Cells that a curve keeps when it is its turn.
const TURN: usize = 3;

/// Bits of a braille cell by (row, column), from the Unicode chart U+2800.
const BRAILLE: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

/// What is drawn in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ink {
    /// Number of the layer that owns the cell.
    pub layer: usize,
    /// What to print.
    pub symbol: char,
}

/// How fine a rectangle of cells can be drawn: 2 × 4 dots a cell, or one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Cells from left to right.
    pub width: usize,
    /// Cells from top to bottom.
    pub height: usize,
    /// Whether there is braille.
    pub utf8: bool,
}

impl Grid {
    /// Dots from left to right.
    pub fn columns(self) -> usize {
        self.width * if self.utf8 { 2 } else { 1 }
    }

    /// Dots from top to bottom.
    pub fn rows(self) -> usize {
        self.height * if self.utf8 { 4 } else { 1 }
    }

    /// The place of a point given as fractions of the width (from the left) and the height (from the bottom).
    pub fn place(self, x: f64, y: f64) -> Place {
        let last = |count: usize| count.saturating_sub(1) as f64;
        (x * last(self.columns()), (1.0 - y) * last(self.rows()))
    }

    /// The cell of a place, if it lies inside.
    pub fn cell(self, place: Place) -> Option<(usize, usize)> {
        let (column, row) = (place.0.round(), place.1.round());
        let inside =
            (0.0..self.columns() as f64).contains(&column) && (0.0..self.rows() as f64).contains(&row);
        let (wide, high) = if self.utf8 { (2, 4) } else { (1, 1) };
        inside.then(|| (column as usize / wide, row as usize / high))
    }
}

/// Dots of a rectangle of cells. Even layers are curves; an odd one is what lies behind the curve after it.
#[derive(Clone, Debug)]
pub struct Raster {
    grid: Grid,
    /// How many curves take turns; of one the last that drew wins.
    turns: usize,
    /// Per cell: the owning layer and its dots.
    cells: Vec<(usize, u8)>,
}

impl Raster {
    /// An empty raster on which so many curves take turns where they meet.
    pub fn new(grid: Grid, turns: usize) -> Self {
        Raster { grid, turns, cells: vec![(0, 0); grid.width * grid.height] }
    }

    /// A connected line, thinned to what can be seen.
    pub fn line(&mut self, run: &[Place], layer: usize) {
        let thinned = decimate(run);
        if let [only] = thinned[..] {
            self.dot(only, layer);
        }
        for pair in thinned.windows(2) {
            self.segment(pair[0], pair[1], layer);
        }
    }

    /// One dot.
    pub fn dot(&mut self, place: Place, layer: usize) {
        let Some((x, y)) = self.grid.cell(place) else { return };
        let turn = |layer: usize| (layer / 2 + x / TURN) % self.turns.max(1);
        let cell = &mut self.cells[y * self.grid.width + x];
        let (owner, dots) = *cell;
        if owner != layer {
            let both_curves = owner.is_multiple_of(2) && layer.is_multiple_of(2);
            if dots != 0 && both_curves && turn(owner) > turn(layer) {
                return;
            }
            *cell = (layer, 0);
        }
        let (column, row) = (place.0.round() as usize, place.1.round() as usize);
        cell.1 |= if self.grid.utf8 { BRAILLE[row % 4][column % 2] } else { 1 };
    }

    /// A straight line, cut off at the edges.
    fn segment(&mut self, from: Place, to: Place, layer: usize) {
        let right = self.grid.columns() as f64 - 1.0;
        let bottom = self.grid.rows() as f64 - 1.0;
        let Some((from, to)) = clip(from, to, right, bottom) else { return };
        let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()).round().max(1.0);
        for step in 0..=steps as usize {
            let along = step as f64 / steps;
            self.dot((from.0 + along * (to.0 - from.0), from.1 + along * (to.1 - from.1)), layer);
        }
    }

    /// What a cell shows, if anything. `ascii` gives the character of a layer where there are no dots to draw with.
    pub fn ink(&self, x: usize, y: usize, ascii: impl Fn(usize) -> char) -> Option<Ink> {
        let &(layer, dots) = self.cells.get(y * self.grid.width + x)?;
        let symbol = || if self.grid.utf8 { marker::braille(dots) } else { ascii(layer) };
        (dots != 0).then(|| Ink { layer, symbol: symbol() })
    }
}

/// The part of a segment within `0..=right`, `0..=bottom` (Liang and Barsky 1984).
fn clip(from: Place, to: Place, right: f64, bottom: f64) -> Option<(Place, Place)> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (mut enter, mut leave) = (0.0f64, 1.0f64);
    for (towards, room) in [(-dx, from.0), (dx, right - from.0), (-dy, from.1), (dy, bottom - from.1)] {
        if towards == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if towards < 0.0 {
            enter = enter.max(room / towards);
        } else {
            leave = leave.min(room / towards);
        }
    }
    let at = |along: f64| (from.0 + along * dx, from.1 + along * dy);
    (enter <= leave).then(|| (at(enter), at(leave)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raster: &Raster) -> Vec<String> {
        (0..raster.grid.height)
            .map(|y| {
                (0..raster.grid.width)
                    .map(|x| raster.ink(x, y, |_| '*').map_or(' ', |ink| ink.symbol))
                    .collect()
            })
            .collect()
    }

    #[test]
    fn a_diagonal_in_braille_and_in_ascii() {
        let mut braille = Raster::new(Grid { width: 4, height: 2, utf8: true }, 1);
        braille.line(&[(0.0, 7.0), (7.0, 0.0)], 1);
        assert_eq!(text(&braille), ["  ⡠⠊", "⡠⠊  "]);
        let mut ascii = Raster::new(Grid { width: 3, height: 3, utf8: false }, 1);
        ascii.line(&[(0.0, 2.0), (2.0, 0.0)], 1);
        assert_eq!(text(&ascii), ["  *", " * ", "*  "]);
    }

    #[test]
    fn a_line_that_comes_from_far_outside_is_cut_at_the_edge() {
        let mut raster = Raster::new(Grid { width: 2, height: 1, utf8: true }, 2);
        raster.line(&[(-1e7, 0.0), (1e7, 0.0)], 2);
        raster.line(&[(-5.0, -5.0), (-5.0, 9.0)], 4);
        assert_eq!(text(&raster), ["⠉⠉"]);
    }

    #[test]
    fn a_curve_covers_what_lies_behind_one() {
        let mut raster = Raster::new(Grid { width: 1, height: 1, utf8: true }, 1);
        raster.dot((0.0, 0.0), 1);
        raster.dot((1.0, 3.0), 2);
        assert_eq!(raster.ink(0, 0, |_| '*'), Some(Ink { layer: 2, symbol: '⢀' }));
    }

    #[test]
    fn curves_on_one_another_take_turns() {
        let mut raster = Raster::new(Grid { width: 4 * TURN, height: 1, utf8: false }, 2);
        for layer in [4, 2] {
            raster.line(&[(0.0, 0.0), (4.0 * TURN as f64 - 1.0, 0.0)], layer);
        }
        let owners: Vec<_> = (0..4 * TURN).filter_map(|x| Some(raster.ink(x, 0, |_| '*')?.layer)).collect();
        assert_eq!(owners, [2, 2, 2, 4, 4, 4, 2, 2, 2, 4, 4, 4]);
    }
}
