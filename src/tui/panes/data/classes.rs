//! What tells the classes apart at one electrode: their mean courses, and their spectra, where an event-related
//! desynchronisation is to be seen.

use crate::dataset::{ClassCourse, DataSet, Statistics};
use crate::tui::chart::{Plot, Point, Series};
use crate::tui::pane::Place;
use crate::tui::sheet::alphabet;
use crate::tui::theme::Theme;

/// The frequencies that are drawn, by their places: all up to half the sampling rate but the first, as each segment's mean
/// was taken away.
pub fn shown(frequencies: &[f64]) -> Vec<usize> {
    (1..frequencies.len()).collect()
}

/// Power in decibels; NaN of none.
pub fn level(power: f64) -> f64 {
    if power > 0.0 { 10.0 * power.log10() } else { f64::NAN }
}

/// Every class's power at the electrode of the row.
pub fn spectrum(data: &DataSet, statistics: &Statistics, place: Place, theme: &Theme) -> Plot {
    let bins = shown(&statistics.frequencies);
    let at = |bin: usize| statistics.frequencies[bin];
    let window = place.window(bins.len());
    let ends = bins.get(window.start).zip(bins.get(window.end.saturating_sub(1)));
    let unit = if data.sfreq.is_some() { "Hz" } else { "cycles a sample" };
    let curve = |n: usize, name: String, course: &ClassCourse| {
        let points = bins.iter().filter_map(|&bin| Some((at(bin), level(*course.spectrum.get(bin)?))));
        Series::line(name, theme.series(n), theme.marker(n), points)
    };
    Plot {
        x_label: unit.into(),
        y_label: alphabet(&format!("{}: power, dB of µV²/{unit}", electrode(data, place)), theme.utf8),
        window: ends.filter(|_| place.zoom > 0).map(|(first, last)| (at(*first), at(*last))),
        series: each(data, statistics, place, theme, curve),
        cursor: place
            .column
            .and_then(|column| bins.get(column.min(bins.len().saturating_sub(1))).map(|bin| at(*bin))),
        empty: "every trial has gaps: no spectrum".into(),
        ..Plot::default()
    }
}

/// Every class's mean over trials, with one standard deviation to either side, at the electrode of the row.
pub fn means(data: &DataSet, statistics: &Statistics, place: Place, theme: &Theme) -> Plot {
    let curve = |n: usize, name: String, course: &ClassCourse| {
        let points = course.mean.iter().zip(&course.sd).enumerate().map(|(sample, (&mean, &sd))| Point {
            x: super::trial::time(data, sample),
            y: mean,
            interval: sd.is_finite().then_some((mean - sd, mean + sd)),
        });
        Series::banded(name, theme.series(n), theme.marker(n), points)
    };
    Plot {
        y_label: alphabet(&format!("{}: mean ± sd over trials, µV", electrode(data, place)), theme.utf8),
        series: each(data, statistics, place, theme, curve),
        empty: "nothing was recorded here".into(),
        ..super::trial::axes(data, &data.train, place)
    }
}

/// Which electrode it is, as `C3 (1 of 2)`.
fn electrode(data: &DataSet, place: Place) -> String {
    let name = data.electrodes.get(place.row).map_or("?", String::as_str);
    format!("{name} ({} of {})", place.row + 1, data.electrodes.len())
}

fn each(
    data: &DataSet,
    statistics: &Statistics,
    place: Place,
    theme: &Theme,
    curve: impl Fn(usize, String, &ClassCourse) -> Series,
) -> Vec<Series> {
    let courses = statistics.classes.iter().map(|class| class.get(place.row));
    let named = data.classes.iter().map(|class| alphabet(&format!("class {class}"), theme.utf8)).zip(courses);
    named.enumerate().filter_map(|(n, (name, course))| Some(curve(n, name, course?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spectrum_goes_up_to_half_the_sampling_rate() {
        let frequencies: Vec<f64> = (0..=250).map(f64::from).collect();
        assert_eq!(shown(&frequencies).first().map(|&bin| frequencies[bin]), Some(1.0));
        assert_eq!(shown(&frequencies).last().map(|&bin| frequencies[bin]), Some(250.0));
    }
}
