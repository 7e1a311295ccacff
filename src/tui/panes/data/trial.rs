//! One trial as it was recorded, channel by channel.

use crate::dataset::{DataSet, TrialSet};
use crate::tui::chart::{Chart, Horizontal, Plot, Series};
use crate::tui::pane::Place;
use crate::tui::panes::curves::look;
use crate::tui::sheet::alphabet;
use crate::tui::theme::Theme;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

/// Rows of a channel's own chart, at least.
const OWN: usize = 5;
/// Rows that a channel needs to be told from its neighbours where several lie in one chart.
const LAID: usize = 2;

/// Which of some channels lie under one another in a chart, the rest being turned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Laid {
    /// The first.
    pub from: usize,
    /// The first that is not on show any more.
    pub to: usize,
    /// How many there are.
    pub all: usize,
}

impl Laid {
    /// How many are on show.
    pub fn count(self) -> usize {
        self.to - self.from
    }
}

/// As many channels as can be told apart in a chart of this height, from the one that is wanted first on; the last ones fill
/// the chart too.
pub fn laid(all: usize, first: usize, height: u16) -> Laid {
    // Header, axis and labels have rows of their own, as far as the chart has any.
    let around = [4, 3, 6].into_iter().filter(|least| height >= *least).count();
    let fitting = (usize::from(height) - around).div_ceil(LAID).clamp(1, all.max(1));
    let from = first.min(all.saturating_sub(fitting));
    Laid { from, to: (from + fitting).min(all), all }
}

/// A chart a channel where there is room, else those that can be told apart in one, under one another.
pub fn render(
    data: &DataSet,
    (set, trial): (&TrialSet, usize),
    (place, shown, keys): (Place, Laid, &str),
    theme: &Theme,
    area: Rect,
    frame: &mut Frame,
) {
    let channels: Vec<Series> =
        (shown.from..shown.to).map(|channel| series(data, set, trial, channel, theme)).collect();
    if channels.is_empty() || usize::from(area.height) < OWN * data.electrodes.len() {
        let mut plot = stacked(channels, "µV", axes(data, set, place));
        if shown.count() < shown.all {
            let Laid { from, to, all } = shown;
            let which = format!("electrodes {}–{to} of {all}", from + 1);
            plot.y_label = match usize::from(area.width) {
                // The distance from one to the next is the first to be done without.
                ..60 => format!("{which} ({keys})"),
                _ => format!(
                    "{which} ({keys} others), {}",
                    plot.y_label.split_once(", ").unwrap_or_default().1
                ),
            };
        }
        plot.y_label = alphabet(&plot.y_label, theme.utf8);
        return frame.render_widget(Chart::new(&plot, look(theme)), area);
    }
    // One scale for all, so that they compare, and their times lie under one another.
    let together = Plot { series: channels.clone(), ..axes(data, set, place) };
    let bounds = together.x_range().and_then(|x| together.y_range(&x, 4)).map(|y| (y.lo(), y.hi()));
    let areas = Layout::vertical(vec![Constraint::Fill(1); channels.len()]).split(area);
    for (mut series, area) in channels.into_iter().zip(areas.iter()) {
        let mut plot = axes(data, set, place);
        plot.y_label = std::mem::take(&mut series.name);
        plot.series = vec![series];
        plot.y_bounds = bounds;
        frame.render_widget(Chart::new(&plot, look(theme)), *area);
    }
}

/// All channels on one scale, each about a line of its own that has its name. The lines are as far apart as half of the
/// channels range: one that is far out covers its neighbours instead of flattening them.
pub fn stacked(mut channels: Vec<Series>, unit: &str, chart: Plot) -> Plot {
    let extremes: Vec<(f64, f64)> = channels.iter().map(extremes).collect();
    let mut ranges: Vec<f64> = extremes.iter().map(|(low, high)| high - low).collect();
    ranges.sort_by(f64::total_cmp);
    let apart = ranges.get(ranges.len() / 2).copied().filter(|range| *range > 0.0).unwrap_or(1.0);
    let lines = (0..channels.len()).map(|channel| -(channel as f64) * apart);
    let y_names = lines.clone().zip(channels.iter().map(|series| series.name.clone())).collect();
    for ((series, line), (low, high)) in channels.iter_mut().zip(lines).zip(extremes) {
        series.lift = line - (low + high) / 2.0;
    }
    Plot {
        y_label: format!("{} channels, {apart:.1} {unit} from one to the next", channels.len()),
        y_bounds: Some((-(channels.len() as f64) * apart + 0.5 * apart, 0.5 * apart)),
        y_names,
        series: channels,
        ..chart
    }
}

/// The least and the greatest value; 0 where all are missing.
fn extremes(series: &Series) -> (f64, f64) {
    let values = || series.points().iter().map(|point| point.y).filter(|value| value.is_finite());
    values().reduce(f64::min).zip(values().reduce(f64::max)).unwrap_or_default()
}

/// Seconds of a sample, or its number where the rate is unknown.
pub fn time(data: &DataSet, sample: usize) -> f64 {
    sample as f64 / data.sfreq.filter(|rate| *rate > 0.0).unwrap_or(1.0)
}

fn series(data: &DataSet, set: &TrialSet, trial: usize, channel: usize, theme: &Theme) -> Series {
    let values = set.electrode(trial, channel).enumerate();
    let points = values.map(|(sample, value)| (time(data, sample), f64::from(value)));
    let name = alphabet(&data.electrodes[channel], theme.utf8);
    Series::line(name, theme.series(channel), theme.marker(channel), points)
}

/// The axes of a trial's chart.
pub fn axes(data: &DataSet, set: &TrialSet, place: Place) -> Plot {
    let window = place.window(set.samples);
    Plot {
        x_label: if data.sfreq.is_some() { "s" } else { "sample" }.into(),
        horizontal: if data.sfreq.is_none() { Horizontal::Whole } else { Horizontal::Number },
        window: (place.zoom > 0 && !window.is_empty())
            .then(|| (time(data, window.start), time(data, window.end - 1))),
        cursor: place.column.map(|sample| time(data, sample)),
        empty: "every sample is missing".into(),
        ..Plot::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Style;

    #[test]
    fn channels_lie_under_one_another_and_are_read_as_they_are() {
        let channel = |name: &str, level: f64| {
            Series::line(name, Style::new(), 'o', [(0.0, level), (1.0, level + 2.0), (2.0, f64::NAN)])
        };
        let plot = stacked(vec![channel("C3", 50.0), channel("C4", -7.0)], "µV", Plot::default());
        assert_eq!(plot.y_label, "2 channels, 2.0 µV from one to the next");
        assert_eq!(plot.y_names, [(0.0, "C3".into()), (-2.0, "C4".into())]);
        let drawn: Vec<(f64, f64)> =
            plot.series.iter().map(|series| (series.points()[0].y + series.lift, series.lift)).collect();
        assert_eq!(drawn, [(-1.0, -51.0), (-3.0, 4.0)]);
        assert_eq!(plot.series[1].at(1.0), Some(-5.0));
        assert_eq!(plot.y_bounds, Some((-3.0, 1.0)));
    }

    #[test]
    fn as_many_channels_are_laid_as_can_be_told_apart() {
        let shown = |all, first, height| {
            let Laid { from, to, .. } = laid(all, first, height);
            (from, to)
        };
        assert_eq!(shown(64, 0, 15), (0, 6));
        assert_eq!(shown(64, 6, 15), (6, 12));
        assert_eq!(shown(64, 63, 15), (58, 64));
        assert_eq!(shown(2, 0, 15), (0, 2));
        assert_eq!(shown(2, 0, 5), (0, 2));
        assert_eq!(shown(64, 3, 2), (3, 4));
        assert_eq!(shown(0, 0, 15), (0, 0));
    }

    #[test]
    fn channels_without_a_value_have_a_line_all_the_same() {
        let silent = Series::line("C3", Style::new(), 'o', [(0.0, f64::NAN)]);
        assert_eq!(stacked(vec![silent], "µV", Plot::default()).y_bounds, Some((-0.5, 0.5)));
    }
}
