//! Small pieces of text that several commands print.

/// A duration as people say it: `45 s`, `12 min`, `1 h 12 min`, `3 d 4 h`.
pub fn duration(seconds: f64) -> String {
    let seconds = seconds.max(0.0);
    let minutes = (seconds / 60.0).round() as u64;
    match minutes {
        _ if seconds < 90.0 => format!("{:.0} s", seconds.ceil()),
        0..60 => format!("{minutes} min"),
        60..1440 => format!("{} h {} min", minutes / 60, minutes % 60),
        _ => format!("{} d {} h", minutes / 1440, minutes % 1440 / 60),
    }
}

/// A fraction as percent with two decimals, or a dash.
pub fn percent(fraction: Option<f64>) -> String {
    fraction.map_or("–".into(), |fraction| format!("{:.2}", fraction * 100.0))
}

/// A table with columns as wide as their widest cell; the last column is not padded.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| unicode_width::UnicodeWidthStr::width(cell.as_str())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let used = unicode_width::UnicodeWidthStr::width(cell.as_str());
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width.saturating_sub(used) + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        let said = [0.2, 45.0, 100.0, 4320.0, 273_600.0].map(duration);
        assert_eq!(said, ["1 s", "45 s", "2 min", "1 h 12 min", "3 d 4 h"]);
    }

    #[test]
    fn columns_line_up_and_ends_are_bare() {
        let rows = [["α", "b"], ["ccc", ""]].map(|row| row.map(String::from).to_vec());
        assert_eq!(table(&rows), "α    b\nccc\n");
    }
}
