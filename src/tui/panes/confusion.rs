//! What each class was taken for, as a table.

use crate::stats::Confusion;
use crate::tui::sheet::Sheet;
use crate::tui::theme::Tone;

/// Classes that a table has room for.
const SHOWN: usize = 6;

/// Truth down, prediction across.
pub fn write(sheet: &mut Sheet, classes: &[String], table: &Confusion) {
    let name = |class: usize| classes.get(class).map_or("?", String::as_str);
    let shown = table.classes().min(SHOWN);
    let titles: String = (0..shown).map(|class| format!("{:>9}", clipped(name(class)))).collect();
    sheet.line(Tone::Dim, format!(" {:<14}{titles}   recall", "true \\ said"));
    for truth in 0..shown {
        let counts: String = (0..shown).map(|said| format!("{:>9}", table.count(truth, said))).collect();
        let all: usize = (0..table.classes()).map(|said| table.count(truth, said)).sum();
        let recall = 100.0 * table.count(truth, truth) as f64 / all.max(1) as f64;
        sheet.line(Tone::Plain, format!(" {:>14}{counts}  {recall:>6.1}%", clipped(name(truth))));
    }
    if shown < table.classes() {
        sheet.line(Tone::Dim, format!(" … {} more classes", table.classes() - shown));
    }
}

/// A name cut to a column's width.
pub fn clipped(name: &str) -> String {
    name.chars().take(8).collect()
}
