//! The electrodes, a row each: range and spread with their unit, gaps, and the spectrum in one line.

use super::classes::{level, shown};
use crate::dataset::{DataSet, ElectrodeRange, Statistics};
use crate::ticks::reading;
use crate::tui::chart::sparkline;
use crate::tui::pane::Place;
use crate::tui::sheet::{Sheet, cut, pad};
use crate::tui::theme::{Theme, Tone};
use ratatui::Frame;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// Columns of a figure.
const FIGURE: usize = 9;
/// The most columns of a name, and of a spectrum.
const NAME: usize = 10;
const SPECTRUM: usize = 40;

/// Draws the table; the electrode under the cursor is on show.
pub fn render(
    data: &DataSet,
    statistics: &Statistics,
    place: Place,
    theme: &Theme,
    area: Rect,
    frame: &mut Frame,
) {
    let mut sheet = Sheet::new(theme);
    let names: Vec<String> =
        data.electrodes.iter().map(|name| cut(&sheet.spell(name), NAME, theme)).collect();
    let widest = names.iter().map(|name| name.width()).max().unwrap_or(0).max(4);
    let [train, test] = &statistics.parts;
    // What has no room goes: the spectrum, then gaps, then the test's spread.
    let room = usize::from(area.width).saturating_sub(2 + widest + 3 * FIGURE);
    let has_test = !data.test.is_empty() && room > FIGURE;
    let room = room.saturating_sub(if has_test { FIGURE } else { 0 });
    let has_gaps = room > FIGURE;
    let spectrum = room.saturating_sub(if has_gaps { FIGURE } else { 0 }).saturating_sub(2).min(SPECTRUM);
    let figure = |text: &str| format!("{text:>FIGURE$}");
    let mut head = format!("  {:<widest$}", "µV");
    head += &["lowest", "highest", "sd"].map(figure).concat();
    head += &if has_test { figure("test sd") } else { String::new() };
    head += &if has_gaps { figure("gaps") } else { String::new() };
    if let Some(last) = shown(&statistics.frequencies).last().filter(|_| spectrum >= 10) {
        let unit = if data.sfreq.is_some() { " Hz" } else { "" };
        let end = format!("to {}{unit}", (10.0 * statistics.frequencies[*last]).round() / 10.0);
        let label = [format!("power {end}"), end, "power".into()];
        head += &label
            .iter()
            .find(|label| label.len() <= spectrum)
            .map(|it| format!("  {it}"))
            .unwrap_or_default();
    }
    sheet.line(Tone::Dim, head);
    let height = usize::from(area.height).saturating_sub(1).max(1);
    let top = (place.row + 1).saturating_sub(height);
    let rows = names.iter().zip(&train.electrodes).enumerate().skip(top).take(height);
    for (electrode, (name, range)) in rows {
        let ElectrodeRange { low, high, sd, missing } = *range;
        let mut figures = [low, high, sd].map(|value| figure(&reading(value))).concat();
        let test_sd = test.electrodes.get(electrode).map_or(f64::NAN, |range| range.sd);
        figures += &if has_test { figure(&reading(test_sd)) } else { String::new() };
        let gaps = missing + test.electrodes.get(electrode).map_or(0, |range| range.missing);
        figures += &if has_gaps { figure(&gaps.to_string()) } else { String::new() };
        let power = statistics.spectrum(electrode);
        let levels: Vec<f32> = shown(&statistics.frequencies)
            .into_iter()
            .filter_map(|bin| power.get(bin).map(|power| level(*power) as f32))
            .collect();
        let line = if spectrum >= 10 { sparkline(&levels, spectrum, theme.utf8) } else { String::new() };
        let selected = electrode == place.row;
        let pointer = if selected { theme.pointer() } else { ' ' };
        sheet.mark(
            selected,
            [
                (Tone::Plain, format!("{pointer} {}", pad(name, widest)), None),
                (Tone::Plain, figures, None),
                (Tone::Dim, format!("  {line}"), None),
            ],
        );
    }
    sheet.render(0, area, frame);
}
