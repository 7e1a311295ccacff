//! Spans of time as people write and read them in a narrow column: `45s`, `12m`, `1h12`, `3d`.

/// Seconds in a few characters.
pub fn short(seconds: f64) -> String {
    // Beyond any training; also what is no number.
    if !(0.0..1e10).contains(&seconds) {
        return "?".into();
    }
    let whole = seconds.round() as u64;
    let (minutes, hours, days) = (whole / 60, whole / 3600, whole / 86_400);
    match whole {
        0..60 => format!("{whole}s"),
        60..600 => format!("{minutes}m{:02}", whole % 60),
        600..3600 => format!("{minutes}m"),
        3600..86_400 => format!("{hours}h{:02}", minutes % 60),
        86_400..864_000 => format!("{days}d{:02}h", hours % 24),
        _ => format!("{days}d"),
    }
}

/// The same of something measured that may be short: tenths of a second below ten.
pub fn fine(seconds: f64) -> String {
    if (0.0..9.95).contains(&seconds) { format!("{seconds:.1}s") } else { short(seconds) }
}

/// How long ago, for a column: `now`, `5m`, `3h`, `12d`.
pub fn ago(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    match whole {
        0..60 => "now".into(),
        60..3600 => format!("{}m", whole / 60),
        3600..86_400 => format!("{}h", whole / 3600),
        _ => format!("{}d", whole / 86_400),
    }
}

/// Seconds of a text such as `90`, `90s`, `5m`, `2h` or `3d`.
pub fn parse(text: &str) -> Option<f64> {
    let factor = match text.chars().last()? {
        's' => 1.0,
        'm' => 60.0,
        'h' => 3600.0,
        'd' => 86_400.0,
        digit if digit.is_ascii_digit() => return text.parse().ok(),
        _ => return None,
    };
    text.get(..text.len() - 1)?.parse::<f64>().ok().map(|count| count * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_fit_five_characters() {
        let spans = [0.4, 59.4, 61.0, 3599.0, 4320.0, 90_000.0, 1e7];
        assert_eq!(spans.map(short), ["0s", "59s", "1m01", "59m", "1h12", "1d01h", "115d"]);
        assert_eq!([f64::NAN, -1.0, f64::INFINITY].map(short), ["?", "?", "?"]);
        assert_eq!([3.0, 65.0, 7300.0, 200_000.0].map(ago), ["now", "1m", "2h", "2d"]);
    }

    #[test]
    fn spans_are_read() {
        assert_eq!(["90", "5m", "2h", "1.5d"].map(parse), [90.0, 300.0, 7200.0, 129_600.0].map(Some));
        assert_eq!(["", "m", "5 m", "fivem", "5é"].map(parse), [None; 5]);
    }
}
