//! A chart as data: curves, axes, guides and what is asked of them. Pure; [`super::widget`] draws it.

use super::scale::{Range, Scale};
use super::smooth::smooth;
use ratatui::style::Style;

/// One measurement of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Where.
    pub x: f64,
    /// What was measured; a value that is not finite is a gap.
    pub y: f64,
    /// An interval around it, drawn as an error bar.
    pub interval: Option<(f64, f64)>,
}

/// A curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What it is called at its end or in the legend.
    pub name: String,
    /// Colour.
    pub style: Style,
    /// What marks it, so that curves differ without colour; in ASCII its line is made of it.
    pub marker: char,
    /// Whether every point gets the marker: for few, separate measurements. Else some along the line do.
    pub marked: bool,
    /// Added to every value where it is drawn, and to none where it is read: lays curves under one another.
    pub lift: f64,
    /// Columns right of where its points belong, so that error bars of several curves stand side by side.
    pub aside: isize,
    /// Ascending by x, every x finite: the constructors see to it.
    points: Vec<Point>,
}

impl Series {
    /// A line through (x, y), in any order; points without a finite x are left out.
    pub fn line(
        name: impl Into<String>,
        style: Style,
        marker: char,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        let points = points.into_iter().map(|(x, y)| Point { x, y, interval: None });
        Series { marked: false, ..Series::measured(name, style, marker, points) }
    }

    /// Separate measurements with their intervals, each marked, joined by a line.
    pub fn measured(
        name: impl Into<String>,
        style: Style,
        marker: char,
        points: impl IntoIterator<Item = Point>,
    ) -> Self {
        let mut points: Vec<Point> =
            points.into_iter().filter(|point| Scale::Linear.shows(point.x)).collect();
        points.sort_by(|a, b| a.x.total_cmp(&b.x));
        Series { name: name.into(), style, marker, marked: true, lift: 0.0, aside: 0, points }
    }

    /// A line through means with a band around it.
    pub fn banded(
        name: impl Into<String>,
        style: Style,
        marker: char,
        points: impl IntoIterator<Item = Point>,
    ) -> Self {
        Series { marked: false, ..Series::measured(name, style, marker, points) }
    }

    /// The band's half width nearest to `x`, where the curve has one.
    pub fn band_at(&self, x: f64) -> Option<f64> {
        let half = |point: &Point| point.interval.map_or(f64::NAN, |(lo, hi)| (hi - lo) / 2.0);
        let halves: Vec<Point> = self.points.iter().map(|point| Point { y: half(point), ..*point }).collect();
        if self.marked { None } else { value_at(&halves, x) }
    }

    /// One edge of the band, as a line.
    pub(super) fn edge(&self, of: fn((f64, f64)) -> f64) -> Vec<Point> {
        let edge = |point: &Point| Point {
            x: point.x,
            y: point.interval.map_or(f64::NAN, of) + self.lift,
            interval: None,
        };
        self.points.iter().map(edge).collect()
    }

    /// The points, ascending by x.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// The points as they are drawn: smoothed, unless they are separate measurements, and lifted.
    pub(super) fn drawn(&self, smoothing: f64) -> Vec<Point> {
        let smooth = smoothing > 0.0 && !self.marked;
        let mut points = if smooth { self.smoothed(smoothing) } else { self.points.clone() };
        for point in &mut points {
            point.y += self.lift;
            point.interval = point.interval.map(|(lo, hi)| (lo + self.lift, hi + self.lift));
        }
        points
    }

    /// The same curve smoothed; intervals go, as they are not the smoothed values' own.
    fn smoothed(&self, weight: f64) -> Vec<Point> {
        let values: Vec<f64> = self.points.iter().map(|point| point.y).collect();
        let smooth = smooth(&values, weight);
        self.points.iter().zip(smooth).map(|(point, y)| Point { x: point.x, y, interval: None }).collect()
    }

    /// The measured value nearest to `x`, if `x` lies on the curve's stretch and there is no gap.
    pub fn at(&self, x: f64) -> Option<f64> {
        value_at(&self.points, x)
    }
}

fn value_at(points: &[Point], x: f64) -> Option<f64> {
    let (first, last) = (points.first()?, points.last()?);
    // Half a typical step: a run that ended earlier has no value here.
    let reach = 0.5 * (last.x - first.x) / (points.len().max(2) - 1) as f64 + 1e-9;
    let after = points.partition_point(|point| point.x < x);
    let around = points[after.saturating_sub(1)..].iter().take(2);
    let nearest = around.min_by(|a, b| (a.x - x).abs().total_cmp(&(b.x - x).abs()))?;
    ((nearest.x - x).abs() <= reach && nearest.y.is_finite()).then_some(nearest.y)
}

/// A line that helps to read: a reference value or a remarkable epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Guide {
    /// Where it is.
    pub at: Place,
    /// What it is.
    pub label: String,
    /// How it is drawn.
    pub style: Style,
}

/// Which way a guide runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// Across, at this y. Does not widen the axis.
    Y(f64),
    /// Upright, at this x.
    X(f64),
}

/// Seconds of a clock that are shown at least.
const SHORTEST: f64 = 10.0;

/// What the numbers of a horizontal axis are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Horizontal {
    /// Just numbers.
    #[default]
    Number,
    /// Of something that is counted: only whole ones are labelled.
    Whole,
    /// Seconds since 1970 by the person's own clock, labelled as times of the day.
    Clock,
}

/// A chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    /// What the horizontal axis counts, such as `epoch`.
    pub x_label: String,
    /// What its numbers are.
    pub horizontal: Horizontal,
    /// The stretch of it that is shown; all of it where `None`.
    pub window: Option<(f64, f64)>,
    /// What the vertical axis measures, with its unit.
    pub y_label: String,
    /// How the vertical axis is spread.
    pub scale: Scale,
    /// The bounds of it; from what is visible where `None`.
    pub y_bounds: Option<(f64, f64)>,
    /// Where values can be at all: bounds that follow from the data don't go beyond.
    pub y_within: (f64, f64),
    /// Names on the vertical axis instead of numbers: where curves lie under one another.
    pub y_names: Vec<(f64, String)>,
    /// The curves; earlier ones lie on top.
    pub series: Vec<Series>,
    /// Lines to read by, under the curves.
    pub guides: Vec<Guide>,
    /// Weight of the moving average; 0 for none. With one, the raw lines stay visible, faint, behind it.
    pub smoothing: f64,
    /// Where the values of all curves are read.
    pub cursor: Option<f64>,
    /// What is said where there is nothing to draw.
    pub empty: String,
}

impl Default for Plot {
    fn default() -> Self {
        Plot {
            x_label: String::new(),
            horizontal: Horizontal::default(),
            window: None,
            y_label: String::new(),
            scale: Scale::default(),
            y_bounds: None,
            y_within: (f64::NEG_INFINITY, f64::INFINITY),
            y_names: Vec::new(),
            series: Vec::new(),
            guides: Vec::new(),
            smoothing: 0.0,
            cursor: None,
            empty: String::new(),
        }
    }
}

impl Plot {
    /// The horizontal stretch that is shown; `None` without data.
    pub fn x_range(&self) -> Option<Range> {
        if let Some((lo, hi)) = self.window {
            let hi = if self.horizontal == Horizontal::Clock { hi.max(lo + SHORTEST) } else { hi };
            return Range::new(lo, hi, Scale::Linear);
        }
        let ends = self.series.iter().flat_map(|series| [series.points.first(), series.points.last()]);
        let (lo, hi) = ends
            .flatten()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), point| (lo.min(point.x), hi.max(point.x)));
        match self.horizontal {
            // A first epoch alone is the start of an axis, not its middle.
            Horizontal::Whole if lo == hi => Range::new(lo, lo + 1.0, Scale::Linear),
            // Less than some seconds is no stretch of a clock: beside the seconds since 1970 it would count as nothing.
            Horizontal::Clock => Range::new(lo, hi.max(lo + SHORTEST), Scale::Linear),
            _ => Range::new(lo, hi, Scale::Linear),
        }
    }

    /// The vertical stretch: the given bounds, or round ones around all that is visible.
    pub fn y_range(&self, x: &Range, ticks: usize) -> Option<Range> {
        if let Some(range) = self.y_bounds.and_then(|(lo, hi)| Range::new(lo, hi, self.scale)) {
            return Some(range);
        }
        let points =
            self.series.iter().flat_map(|series| series.points.iter().map(|point| (point, series.lift)));
        let visible = points.filter(|(point, _)| (x.lo()..=x.hi()).contains(&point.x));
        let values = visible.flat_map(|(point, lift)| {
            let (lo, hi) = point.interval.unwrap_or((point.y, point.y));
            [point.y + lift, lo + lift, hi + lift]
        });
        let covering = Range::covering(values, self.scale, ticks)?;
        let (least, greatest) = self.y_within;
        Range::new(covering.lo().max(least), covering.hi().min(greatest), self.scale).or(Some(covering))
    }

    /// The curves that are named, where there is one to be seen.
    pub fn named(&self) -> impl Iterator<Item = &Series> {
        self.series.iter().filter(|series| !series.name.is_empty() && !series.points.is_empty())
    }

    /// What is to be read of a curve at `x`: what was measured, and what the smoothed line shows there, if it is smoothed.
    pub fn reading(&self, series: &Series, x: f64) -> (Option<f64>, Option<f64>) {
        let smooth =
            (self.smoothing > 0.0 && !series.marked).then(|| value_at(&series.smoothed(self.smoothing), x));
        (series.at(x), smooth.flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(curves: &[&[(f64, f64)]]) -> Plot {
        let line = |points: &&[(f64, f64)]| Series::line("", Style::new(), 'o', points.iter().copied());
        Plot { series: curves.iter().map(line).collect(), horizontal: Horizontal::Whole, ..Plot::default() }
    }

    #[test]
    fn a_cursor_reads_each_curve_where_it_has_a_value() {
        let long: &[_] = &[(1.0, 0.7), (2.0, 0.5), (3.0, f64::NAN), (4.0, 0.3)];
        let plot = plot(&[long, &long[..2], &[]]);
        let readings = |x| plot.series.iter().map(|series| series.at(x)).collect::<Vec<_>>();
        assert_eq!(readings(2.2), [Some(0.5), Some(0.5), None]);
        assert_eq!(readings(3.0), [None, None, None]);
        assert_eq!(readings(4.0), [Some(0.3), None, None]);
    }

    #[test]
    fn a_smoothed_curve_is_read_as_measured_and_as_drawn() {
        let mut plot = plot(&[&[(1.0, 0.0), (2.0, 1.0)]]);
        assert_eq!(plot.reading(&plot.series[0], 2.0), (Some(1.0), None));
        plot.smoothing = 0.5;
        // Debiased: (0.5·0 + 1) / (0.5 + 1).
        let (measured, smooth) = plot.reading(&plot.series[0], 2.0);
        assert_eq!(measured, Some(1.0));
        assert!((smooth.unwrap() - 2.0 / 3.0).abs() < 1e-12, "{smooth:?}");
    }

    #[test]
    fn a_lifted_curve_is_drawn_elsewhere_and_read_as_it_is() {
        let mut plot = plot(&[&[(1.0, 3.0), (2.0, 4.0)]]);
        plot.series[0].lift = 100.0;
        let x = plot.x_range().unwrap();
        assert!(plot.y_range(&x, 4).unwrap().lo() >= 100.0);
        assert_eq!(plot.series[0].at(2.0), Some(4.0));
        assert_eq!(plot.series[0].drawn(0.0)[1].y, 104.0);
    }

    #[test]
    fn the_vertical_axis_follows_what_the_window_shows() {
        let mut plot = plot(&[&[(1.0, 100.0), (2.0, 0.5), (3.0, 0.4)]]);
        plot.window = Some((2.0, 3.0));
        let x = plot.x_range().unwrap();
        let y = plot.y_range(&x, 4).unwrap();
        assert_eq!((y.lo(), y.hi()), (0.4, 0.5));
    }

    #[test]
    fn an_axis_ends_where_values_do() {
        let perfect: &[_] = &[(1.0, 1.0), (2.0, 1.0)];
        let bounds = |plot: &Plot| {
            let x = plot.x_range().unwrap();
            plot.y_range(&x, 4).map(|y| (y.lo(), y.hi())).unwrap()
        };
        let free = plot(&[perfect]);
        assert!(bounds(&free).1 > 1.0, "one value alone gets air around it");
        assert_eq!(bounds(&Plot { y_within: (-1.0, 1.0), ..free.clone() }).1, 1.0);
        // What a person typed is kept to the letter.
        assert_eq!(bounds(&Plot { y_within: (-1.0, 1.0), y_bounds: Some((0.0, 2.0)), ..free }), (0.0, 2.0));
    }

    #[test]
    fn a_run_of_a_second_does_not_last_for_years() {
        let at = 1_795_500_000.0;
        let mut plot = plot(&[&[(at, 0.5), (at + 0.3, 0.6)]]);
        plot.horizontal = Horizontal::Clock;
        assert_eq!(plot.x_range().map(|x| (x.lo(), x.hi())), Some((at, at + SHORTEST)));
    }

    #[test]
    fn points_are_put_in_order_and_places_without_number_dropped() {
        let series = Series::line("", Style::new(), 'o', [(3.0, 1.0), (f64::NAN, 2.0), (1.0, 3.0)]);
        assert_eq!(series.points().iter().map(|point| point.x).collect::<Vec<_>>(), [1.0, 3.0]);
    }

    #[test]
    fn nothing_has_no_range() {
        assert_eq!(plot(&[]).x_range(), None);
        assert_eq!(plot(&[&[(1.0, 0.5)]]).x_range().map(|x| (x.lo(), x.hi())), Some((1.0, 2.0)));
    }
}
