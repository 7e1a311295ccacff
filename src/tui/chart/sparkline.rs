//! Charts that fit in a table cell: a course of values in one line, and a bar for a share.

/// Eight heights, lowest first.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Five heights that read as heights in most fonts.
const ASCII: [char; 5] = ['_', '.', '-', '=', '#'];

/// A course of values in at most `width` characters, newest at the right, scaled to its own extremes. With more values
/// than characters each shows the last value of its stretch; one that is not finite leaves a blank. Empty without values.
pub fn sparkline(values: &[f32], width: usize, utf8: bool) -> String {
    let shown = width.min(values.len());
    let finite = values.iter().copied().filter(|value| value.is_finite());
    let (lo, hi) =
        finite.fold((f32::INFINITY, f32::NEG_INFINITY), |(lo, hi), value| (lo.min(value), hi.max(value)));
    let levels: &[char] = if utf8 { &BLOCKS } else { &ASCII };
    (1..=shown)
        .map(|end| {
            let value = values[end * values.len() / shown - 1];
            // In f64 the difference of any two f32 is finite.
            let share = (f64::from(value) - f64::from(lo)) / (f64::from(hi) - f64::from(lo));
            match value.is_finite() {
                true if share.is_finite() => levels[(share * (levels.len() - 1) as f64).round() as usize],
                // All values are the same.
                true => levels[0],
                false => ' ',
            }
        })
        .collect()
}

/// A share between 0 and 1 as a bar of `width` characters, in eighths where there is Unicode. Values outside are cut.
pub fn bar(share: f64, width: usize, utf8: bool) -> String {
    const PARTS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let eighths = (share * width as f64 * 8.0).round() as usize;
    (0..width)
        .map(|column| match eighths.saturating_sub(column * 8) {
            full if full >= 8 => {
                if utf8 {
                    '█'
                } else {
                    '#'
                }
            }
            part if utf8 => PARTS[part],
            part if part >= 4 => '#',
            _ => ' ',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_falling_loss() {
        assert_eq!(sparkline(&[0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0], 8, true), "█▇▆▅▄▃▂▁");
        assert_eq!(sparkline(&[0.7, 0.6, 0.1], 8, false), "#=_");
        assert_eq!(sparkline(&[1.0, f32::NAN, 2.0], 3, true), "▁ █");
        assert_eq!(sparkline(&[0.5; 3], 3, true), "▁▁▁");
        assert_eq!(sparkline(&[9.0, 1.0, 8.0, 2.0], 2, true), "▁▂");
    }

    #[test]
    fn a_bar_fills_by_eighths() {
        assert_eq!(bar(0.5, 4, true), "██  ");
        assert_eq!(bar(0.4375, 2, true), "▉ ");
        assert_eq!(
            (bar(0.9, 4, false), bar(f64::NAN, 2, false), bar(7.0, 2, false)),
            ("####".into(), "  ".into(), "##".into())
        );
    }

    proptest! {
        #[test]
        fn it_never_is_wider_than_asked(values in prop::collection::vec(any::<f32>(), 0..50), width in 0usize..40, utf8 in any::<bool>()) {
            prop_assert_eq!(sparkline(&values, width, utf8).chars().count(), width.min(values.len()));
            prop_assert_eq!(bar(f64::from(values.first().copied().unwrap_or(0.0)), width, utf8).chars().count(), width);
        }
    }
}
