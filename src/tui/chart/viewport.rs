//! How a person looks at a chart: zoom, cursor, logarithm, smoothing. State of the application, changed by keys; knows
//! the extent of the data only when it is told.

use super::plot::Plot;
use super::scale::Scale;
use serde::{Deserialize, Serialize};

/// Weights of the moving average that a key steps through.
const SMOOTHING: [f64; 4] = [0.0, 0.6, 0.9, 0.97];

/// How a chart is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Viewport {
    /// Spread of the vertical axis of losses.
    pub scale: Scale,
    /// Weight of the moving average, 0 for none.
    pub smoothing: f64,
    /// The stretch that is shown; all of it where `None`. Not remembered between sessions.
    #[serde(skip)]
    pub window: Option<(f64, f64)>,
    /// Where values are read. Not remembered between sessions.
    #[serde(skip)]
    pub cursor: Option<f64>,
}

impl Viewport {
    /// The next of the weights, and from the last back to none.
    pub fn smooth_more(&mut self) {
        self.smoothing = SMOOTHING.into_iter().find(|&weight| weight > self.smoothing).unwrap_or(0.0);
    }

    /// Shows half (`factor` 0.5) or twice (2.0) as much, around the cursor or the newest end. `extent` is all there is.
    pub fn zoom(&mut self, factor: f64, extent: (f64, f64)) {
        let (lo, hi) = self.window.unwrap_or(extent);
        let around = self.cursor.unwrap_or(hi);
        let wanted = (around + (lo - around) * factor, around + (hi - around) * factor);
        self.show(wanted, extent);
    }

    /// Moves the window by a share of its width.
    pub fn pan(&mut self, share: f64, extent: (f64, f64)) {
        if let Some((lo, hi)) = self.window {
            let by = share * (hi - lo);
            let by = by.clamp(extent.0 - lo, (extent.1 - hi).max(extent.0 - lo));
            self.show((lo + by, hi + by), extent);
        }
    }

    fn show(&mut self, (lo, hi): (f64, f64), extent: (f64, f64)) {
        // Less than two epochs show nothing that a cursor does not.
        if hi - lo < 2.0 {
            return;
        }
        let window = (lo.max(extent.0), hi.min(extent.1));
        let all = window.0 <= extent.0 && window.1 >= extent.1;
        self.window = (!all && window.0 < window.1).then_some(window);
    }

    /// Moves the cursor by epochs, setting it at the newest first; the window follows.
    pub fn step(&mut self, epochs: i64, extent: (f64, f64)) {
        let from = self.cursor.unwrap_or(if epochs < 0 { extent.1 + 1.0 } else { extent.1 });
        let to = (from + epochs as f64).clamp(extent.0, extent.1.max(extent.0));
        self.cursor = Some(to);
        if let Some((lo, hi)) = self.window {
            let by = if to < lo {
                to - lo
            } else if to > hi {
                to - hi
            } else {
                0.0
            };
            self.window = Some((lo + by, hi + by));
        }
    }

    /// Back to all of it, without a cursor.
    pub fn reset(&mut self) {
        (self.window, self.cursor) = (None, None);
    }

    /// Puts smoothing, window and cursor into a plot. The scale is the caller's: not every plot has a logarithm.
    pub fn apply(&self, plot: &mut Plot) {
        plot.smoothing = self.smoothing;
        plot.window = self.window;
        plot.cursor = self.cursor.and_then(|x| plot.nearest(x));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: (f64, f64) = (1.0, 300.0);

    #[test]
    fn zooming_in_and_out_again_shows_everything() {
        let mut view = Viewport::default();
        view.zoom(0.5, ALL);
        assert_eq!(view.window, Some((150.5, 300.0)));
        view.zoom(2.0, ALL);
        assert_eq!(view.window, None);
        (0..40).for_each(|_| view.zoom(0.5, ALL));
        let (lo, hi) = view.window.unwrap();
        assert!(hi - lo >= 2.0);
    }

    #[test]
    fn the_cursor_stays_on_the_data_and_in_the_window() {
        let mut view = Viewport::default();
        view.step(-1, ALL);
        assert_eq!(view.cursor, Some(300.0));
        view.step(-10, ALL);
        view.zoom(0.1, ALL);
        view.step(-200, ALL);
        let (lo, hi) = view.window.unwrap();
        assert_eq!(view.cursor, Some(90.0));
        assert!(lo <= 90.0 && 90.0 <= hi);
        view.step(1000, ALL);
        assert_eq!(view.cursor, Some(300.0));
    }

    #[test]
    fn panning_stops_at_the_ends() {
        let mut view = Viewport { window: Some((100.0, 200.0)), ..Viewport::default() };
        view.pan(0.5, ALL);
        assert_eq!(view.window, Some((150.0, 250.0)));
        view.pan(5.0, ALL);
        assert_eq!(view.window, Some((200.0, 300.0)));
        view.pan(-50.0, ALL);
        assert_eq!(view.window, Some((1.0, 101.0)));
    }

    #[test]
    fn smoothing_steps_round() {
        let mut view = Viewport::default();
        let steps: Vec<f64> = (0..5)
            .map(|_| {
                view.smooth_more();
                view.smoothing
            })
            .collect();
        assert_eq!(steps, [0.6, 0.9, 0.97, 0.0, 0.6]);
    }
}
