//! Which curve is which: names at the line ends where there is room, else a legend in the header; under a cursor the
//! header reads every curve's value.

use super::layout::Layout;
use super::look::Look;
use super::pen::Pen;
use super::plot::{Horizontal, Plot, Series};
use crate::ticks::{self, reading, time};
use unicode_width::UnicodeWidthStr;

/// Title, then the legend or the readings at the cursor.
pub(super) fn header(plot: &Plot, layout: &Layout, look: Look, pen: &mut Pen) {
    if !layout.header {
        return;
    }
    let width = pen.width();
    let entry = |(series, value): &(&Series, String)| format!("  {} {}{value}", series.marker, series.name);
    let entries: Vec<(&Series, String)> = match plot.cursor {
        Some(x) => readable(plot).map(|series| (series, value(plot, series, x, look.utf8))).collect(),
        None => plot.named().map(|series| (series, String::new())).collect(),
    };
    let place = plot.cursor.map(|x| format!("  {} {}", plot.x_label, place(x, plot.horizontal)));
    // Whoever asks what is at the cursor wants the values: the title gives way where more of them have room then.
    let before = place.as_ref().map_or(0, |place| place.width());
    let fitting = |title: &str| {
        let mut column = title.width() + before;
        let fits = |one: &&(&Series, String)| {
            column += entry(one).width();
            column <= width
        };
        entries.iter().take_while(fits).count()
    };
    let title = plot.y_label.as_str();
    let title = if place.is_some() && fitting("") > fitting(title) { "" } else { title };
    let mut column = pen.text(0, 0, title, width, look.text);
    if let Some(place) = place {
        column = pen.text(column, 0, &place, width, look.cursor);
    } else if layout.ends > 0 || !plot.y_names.is_empty() {
        return;
    }
    for (index, one) in entries.iter().enumerate() {
        let (series, entry) = (one.0, entry(one));
        let left = entries.len() - index;
        let rest = format!(" +{left}");
        if column + entry.width() + rest.len() * usize::from(left > 1) > width {
            pen.text(column, 0, &rest, width, look.text);
            return;
        }
        column = pen.text(column, 0, &entry, width, series.style);
    }
}

/// The curves that a cursor reads.
fn readable(plot: &Plot) -> impl Iterator<Item = &Series> {
    plot.series.iter().filter(|series| !series.points().is_empty())
}

/// What a curve reads, and behind it in parentheses where the smoothed line is.
fn value(plot: &Plot, series: &Series, x: f64, utf8: bool) -> String {
    let (measured, smooth) = plot.reading(series, x);
    let smooth = smooth.map(|smooth| format!(" ({})", reading(smooth))).unwrap_or_default();
    let sign = if utf8 { "±" } else { "+-" };
    let measured = measured.unwrap_or(f64::NAN);
    let band = series.band_at(x).map(|half| format!(" {sign} {}", ticks::spread(measured, half)));
    format!(" {}{}{smooth}", reading(measured), band.unwrap_or_default())
}

/// A cursor's place as it is said.
fn place(x: f64, horizontal: Horizontal) -> String {
    match horizontal {
        Horizontal::Whole => return format!("{x:.0}"),
        Horizontal::Clock => return time(x, true),
        Horizontal::Number => {}
    }
    let text = reading(x);
    match text.contains('.') && !text.contains('e') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// Names right of the plot, each as near to the end of its line as the others let it.
pub(super) fn ends(plot: &Plot, layout: &Layout, look: Look, pen: &mut Pen) {
    if layout.ends == 0 {
        return;
    }
    let named: Vec<_> = plot.named().collect();
    let wanted: Vec<usize> = named
        .iter()
        .map(|series| {
            let shown =
                series.points().iter().rev().find(|point| point.x <= layout.x.hi() && point.y.is_finite());
            shown.and_then(|point| layout.row(point.y + series.lift)).unwrap_or(layout.top)
        })
        .collect();
    let rows = spread(&wanted, layout.top, layout.grid.height);
    for (series, row) in named.iter().zip(rows) {
        let mut text = format!("{} {}", series.marker, series.name);
        let room = pen.width().saturating_sub(layout.right() + 1);
        if text.width() > room {
            // A name that is cut says so: what is missing may be what tells it from another.
            while text.width() + 1 > room && text.pop().is_some() {}
            text.push(if look.utf8 { '…' } else { '>' });
        }
        pen.text(layout.right() + 1, row, &text, pen.width(), series.style);
    }
}

/// Rows of their own for labels that want some, in the same order, within `top..top + height`, moved no further than
/// needed downwards first and then up from the bottom.
fn spread(wanted: &[usize], top: usize, height: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|&index| wanted[index]);
    let mut rows = wanted.to_vec();
    let mut free = top;
    for &index in &order {
        rows[index] = rows[index].max(free);
        free = rows[index] + 1;
    }
    let mut limit = top + height;
    for &index in order.iter().rev() {
        rows[index] = rows[index].min(limit.saturating_sub(1));
        limit = rows[index];
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::spread;
    use proptest::prelude::*;

    #[test]
    fn labels_that_meet_move_apart() {
        assert_eq!(spread(&[3, 3, 3], 0, 10), [3, 4, 5]);
        assert_eq!(spread(&[9, 9, 2], 0, 10), [8, 9, 2]);
    }

    proptest! {
        #[test]
        fn every_label_has_a_row_of_its_own(wanted in prop::collection::vec(2usize..12, 0..10)) {
            let mut rows = spread(&wanted, 2, 10);
            rows.sort_unstable();
            rows.dedup();
            prop_assert_eq!(rows.len(), wanted.len());
            prop_assert!(rows.iter().all(|row| (2..12).contains(row)));
        }
    }
}
