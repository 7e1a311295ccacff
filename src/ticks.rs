//! Where an axis is labelled: at 1, 2 or 5 times a power of ten, whole numbers where only those mean something.
//! Knows nothing of the screen.

use unicode_width::UnicodeWidthStr;

/// Labelled places of an axis, ascending.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ticks {
    /// Values.
    pub at: Vec<f64>,
    /// What is written at each.
    pub labels: Vec<String>,
}

impl Ticks {
    /// Columns of the widest label.
    pub fn width(&self) -> usize {
        self.labels.iter().map(|label| label.width()).max().unwrap_or(0)
    }
}

/// The least number of the form {1, 2, 5}·10ᵏ that is not below `x`. `x` must be positive and normal.
pub fn round_up(x: f64) -> f64 {
    let exponent = x.log10().floor() as i32;
    [(1, 0), (2, 0), (5, 0), (1, 1)]
        .map(|(mantissa, carry)| decimal(mantissa, exponent + carry))
        .into_iter()
        // The logarithm may be off by a rounding error; that must not double the step.
        .find(|&candidate| candidate >= x * (1.0 - 1e-9))
        .unwrap_or(x)
}

/// The greatest number of that form that is not above `x`.
pub fn round_down(x: f64) -> f64 {
    let exponent = x.log10().floor() as i32;
    [5, 2, 1]
        .map(|mantissa| decimal(mantissa, exponent))
        .into_iter()
        .find(|&candidate| candidate <= x * (1.0 + 1e-9))
        .unwrap_or(x)
}

/// `mantissa`·10^`exponent`, correctly rounded, so that it prints as it reads.
fn decimal(mantissa: u32, exponent: i32) -> f64 {
    format!("{mantissa}e{exponent}").parse().unwrap_or(f64::MAX)
}

/// Evenly spaced ticks within `lo..=hi`, about `at_most` of them (one more where both ends are round).
pub fn linear(lo: f64, hi: f64, at_most: usize, integers: bool) -> Ticks {
    let span = hi - lo;
    if at_most == 0 || !(span.is_finite() && span > 0.0) {
        return Ticks::default();
    }
    let mut step = round_up(span / at_most as f64);
    if integers {
        step = step.max(1.0);
    }
    let first = (lo / step - 1e-9).ceil();
    let last = (hi / step + 1e-9).floor();
    let count = ((last - first + 1.0).max(0.0) as usize).min(at_most + 1);
    // Adding 0.0 turns −0 into 0.
    let at: Vec<f64> = (0..count).map(|i| (first + i as f64) * step + 0.0).collect();
    let labels = at.iter().map(|&value| evenly(value, step, lo.abs().max(hi.abs()))).collect();
    Ticks { at, labels }
}

/// One label of evenly spaced ticks: as many decimals as the step has, or powers of ten where that is too long.
fn evenly(value: f64, step: f64, largest: f64) -> String {
    let exponent = (step.log10() + 1e-9).floor();
    if largest >= 1e6 || exponent < -5.0 {
        let digits = (largest.log10() - exponent).clamp(0.0, 6.0) as usize;
        return if value == 0.0 { "0".into() } else { format!("{value:.digits$e}") };
    }
    let decimals = (-exponent).max(0.0) as usize;
    format!("{value:.decimals$}")
}

/// Ticks for a logarithmic axis within `lo..=hi` (both positive): 1, 2 and 5 of every decade where there is room, else
/// decades, else every n-th; evenly spaced ones where the axis is shorter than that.
pub fn logarithmic(lo: f64, hi: f64, at_most: usize) -> Ticks {
    if at_most == 0 || !(lo > 0.0 && hi > lo && hi.is_finite()) {
        return Ticks::default();
    }
    let decades = lo.log10().floor() as i32..=hi.log10().ceil() as i32;
    let within = |mantissas: &[u32], every: usize| -> Vec<f64> {
        let all = decades.clone().step_by(every).flat_map(|k| mantissas.iter().map(move |&m| decimal(m, k)));
        all.filter(|value| (lo * (1.0 - 1e-9)..=hi * (1.0 + 1e-9)).contains(value)).collect()
    };
    let fits = |at: &Vec<f64>| at.len() <= at_most + 1;
    let dense = within(&[1, 2, 5], 1);
    if dense.len() < 2 {
        return linear(lo, hi, at_most, false);
    }
    let candidates = std::iter::once(dense).chain((1..).map(|every| within(&[1], every)));
    let at = candidates.take(640).find(fits).unwrap_or_default();
    let labels = at.iter().map(|&value| number(value)).collect();
    Ticks { at, labels }
}

/// Seconds between labels of a clock, from a second to a year; beyond that, years.
const STEPS: [f64; 25] = [
    1.0,
    2.0,
    5.0,
    10.0,
    15.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
    900.0,
    1800.0,
    3600.0,
    7200.0,
    10_800.0,
    21_600.0,
    43_200.0,
    DAY,
    2.0 * DAY,
    7.0 * DAY,
    14.0 * DAY,
    30.0 * DAY,
    90.0 * DAY,
    180.0 * DAY,
    365.0 * DAY,
];

const DAY: f64 = 86_400.0;

/// Ticks of a clock within `lo..=hi`, seconds since 1970 by the person's own clock: full seconds, minutes, hours or days.
pub fn clock(lo: f64, hi: f64, at_most: usize) -> Ticks {
    let span = hi - lo;
    if at_most == 0 || !(span.is_finite() && span > 0.0) {
        return Ticks::default();
    }
    let year = STEPS[STEPS.len() - 1];
    let wanted = span / at_most as f64;
    let step =
        STEPS.into_iter().find(|step| *step >= wanted).unwrap_or_else(|| (wanted / year).ceil() * year);
    let first = (lo / step).ceil();
    let count = (((hi / step).floor() - first + 1.0).max(0.0) as usize).min(at_most + 1);
    let at: Vec<f64> = (0..count).map(|n| (first + n as f64) * step).collect();
    let labels = at.iter().map(|&at| time(at, step < 60.0)).collect();
    Ticks { at, labels }
}

/// A time of the day, at its beginning the day.
pub fn time(seconds: f64, exactly: bool) -> String {
    let Ok(at) = jiff::Timestamp::from_second(seconds.round() as i64) else { return "-".into() };
    let format = match (exactly, seconds.rem_euclid(DAY) < 0.5) {
        (true, _) => "%H:%M:%S",
        (false, true) => "%m-%d",
        (false, false) => "%H:%M",
    };
    at.strftime(format).to_string()
}

/// The day of a time, as `11-26`.
pub fn date(seconds: f64) -> String {
    jiff::Timestamp::from_second(seconds.round() as i64)
        .map_or_else(|_| "-".into(), |at| at.strftime("%m-%d").to_string())
}

/// A value as short as it reads: `0.02`, `150`, `1e-7`.
fn number(value: f64) -> String {
    if (1e-4..1e6).contains(&value) { format!("{value}") } else { format!("{value:e}") }
}

/// A measured value in four significant digits, for readouts; a hyphen where there is none.
pub fn reading(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        "-".into()
    } else if size != 0.0 && !(1e-3..1e5).contains(&size) {
        format!("{value:.2e}")
    } else {
        let whole = if size < 1.0 { 0 } else { size.log10().floor() as usize + 1 };
        let decimals = 4usize.saturating_sub(whole.max(1)) + usize::from(whole == 0);
        format!("{value:.decimals$}")
    }
}

/// A spread beside the value that it is of: with as many decimals as that has.
pub fn spread(of: f64, spread: f64) -> String {
    let text = reading(of);
    match (text.split_once('.'), text.contains('e') || !spread.is_finite()) {
        (Some((_, decimals)), false) => format!("{spread:.*}", decimals.len()),
        _ => reading(spread),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_has_the_decimals_of_what_it_is_of() {
        assert_eq!(spread(87.49, 5.1349), "5.13");
        assert_eq!(spread(0.4124, 0.02), "0.0200");
        assert_eq!(spread(f64::NAN, 0.5), "0.5000");
        assert_eq!(spread(87.0, f64::NAN), "-");
    }

    #[test]
    fn epochs_have_whole_round_ticks() {
        assert_eq!(linear(1.0, 107.0, 5, true).labels, ["50", "100"]);
        assert_eq!(linear(1.0, 300.0, 6, true).labels, ["50", "100", "150", "200", "250", "300"]);
        assert_eq!(linear(1.0, 3.0, 8, true).labels, ["1", "2", "3"]);
    }

    #[test]
    fn all_labels_of_an_axis_have_the_same_decimals() {
        assert_eq!(linear(0.0, 0.7, 4, false).labels, ["0.0", "0.2", "0.4", "0.6"]);
        assert_eq!(linear(-50.0, 50.0, 4, false).labels, ["-50", "0", "50"]);
        assert_eq!(linear(0.0, 2e6, 4, false).labels, ["0", "5.0e5", "1.0e6", "1.5e6", "2.0e6"]);
    }

    #[test]
    fn a_clock_has_full_minutes_hours_and_days() {
        let nine = 1_795_500_000.0 - 1_795_500_000.0f64.rem_euclid(DAY) + 9.0 * 3600.0;
        assert_eq!(clock(nine - 20.0, nine + 400.0, 4).labels, ["09:00", "09:02", "09:04", "09:06"]);
        assert_eq!(clock(nine, nine + 30.0, 3).labels, ["09:00:00", "09:00:10", "09:00:20", "09:00:30"]);
        let night = clock(nine + 12.0 * 3600.0, nine + 18.0 * 3600.0, 3);
        assert_eq!(night.labels.len(), 3, "{night:?}");
        assert!(night.labels[1].contains('-'), "at midnight the day: {night:?}");
        assert!(clock(0.0, 1e12, 5).at.len() <= 6);
        assert_eq!(clock(5.0, 5.0, 4), Ticks::default());
    }

    #[test]
    fn a_logarithmic_axis_thins_to_decades() {
        assert_eq!(logarithmic(0.02, 1.0, 6).labels, ["0.02", "0.05", "0.1", "0.2", "0.5", "1"]);
        assert_eq!(logarithmic(1e-4, 1.0, 5).labels, ["0.0001", "0.001", "0.01", "0.1", "1"]);
        assert_eq!(logarithmic(1e-300, 1e300, 4).at.len(), 5);
        assert_eq!(logarithmic(0.61, 0.68, 4).labels, ["0.62", "0.64", "0.66", "0.68"]);
    }

    #[test]
    fn rounding_keeps_what_is_round() {
        for k in -12..12 {
            for mantissa in [1, 2, 5] {
                let value = decimal(mantissa, k);
                assert_eq!((round_up(value), round_down(value)), (value, value));
            }
        }
        assert_eq!((round_up(0.3), round_down(0.3)), (0.5, 0.2));
    }

    #[test]
    fn readings_have_four_digits() {
        assert_eq!(
            [0.41237, 87.125, 1.0, 0.0, -0.0021].map(reading),
            ["0.4124", "87.12", "1.000", "0.0000", "-0.0021"]
        );
        assert_eq!([f64::NAN, 1.5e-9].map(reading), ["-", "1.50e-9"]);
    }
}
