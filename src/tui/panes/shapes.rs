//! The ROC curve and the reliability diagram, of one run or of a cell's runs together.

use super::curves::look;
use crate::metric::Shapes;
use crate::stats::wilson;
use crate::tui::chart::{Chart, Plot, Point, Series};
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

/// Columns from which both stand side by side.
const WIDE: u16 = 70;

/// Draws both, side by side where there is room, else under one another.
pub fn render(shapes: &Shapes, theme: &Theme, area: Rect, frame: &mut Frame) {
    let halves = [Constraint::Fill(1); 2];
    let areas: [Rect; 2] = match area.width >= WIDE {
        true => Layout::horizontal(halves).spacing(1).areas(area),
        false => Layout::vertical(halves).areas(area),
    };
    for (plot, area) in [roc(shapes, theme), reliability(shapes, theme)].iter().zip(areas) {
        frame.render_widget(Chart::new(plot, look(theme)), area);
    }
}

fn roc(shapes: &Shapes, theme: &Theme) -> Plot {
    let curve = Series::line("ROC", theme.series(0), theme.marker(0), shapes.roc.iter().copied());
    square("FPR", "ROC: true positive rate", "no class has trials on both sides", curve, theme)
}

fn reliability(shapes: &Shapes, theme: &Theme) -> Plot {
    let points = shapes.reliability.iter().map(|&(confidence, right, trials)| Point {
        x: confidence,
        y: right,
        interval: wilson(right, trials),
    });
    let curve = Series::measured("right", theme.series(1), theme.marker(1), points);
    square("confidence", "reliability: share right", "no prediction", curve, theme)
}

/// A curve in the unit square over its diagonal.
fn square(x: &str, y: &str, empty: &str, curve: Series, theme: &Theme) -> Plot {
    let there = !curve.points().is_empty();
    let diagonal = Series::line("", theme.tone(Tone::Dim), theme.glyph('·', '.'), [(0.0, 0.0), (1.0, 1.0)]);
    Plot {
        x_label: x.into(),
        y_label: y.into(),
        window: Some((0.0, 1.0)),
        y_bounds: Some((0.0, 1.0)),
        y_within: (0.0, 1.0),
        series: if there { vec![diagonal, curve] } else { Vec::new() },
        empty: empty.into(),
        ..Plot::default()
    }
}
