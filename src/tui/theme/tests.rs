//! Detection of abilities, and what reaches terminals of each depth.

use super::*;
use ratatui::style::Color;
use std::collections::HashSet;

fn detect(variables: &[(&str, &str)]) -> Theme {
    Theme::detect(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).into()))
}

#[test]
fn the_environment_decides() {
    let rich = detect(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "en_US.UTF-8")]);
    assert_eq!(rich, Theme::new(Depth::True, true));
    let tmux = detect(&[("TERM", "tmux-256color"), ("LC_CTYPE", "C.utf8")]);
    assert_eq!(tmux, Theme::new(Depth::Indexed, true));
    let console = detect(&[("TERM", "linux"), ("LANG", "C")]);
    assert_eq!(console, Theme::new(Depth::Ansi, false));
    let refused =
        detect(&[("TERM", "xterm-256color"), ("NO_COLOR", "1"), ("LC_ALL", "C"), ("LANG", "C.UTF-8")]);
    assert_eq!(refused, Theme::PLAIN);
    assert_eq!(detect(&[("TERM", "xterm"), ("NO_COLOR", "")]).depth, Depth::Ansi);
}

#[test]
fn series_stay_apart_for_36_curves() {
    let theme = Theme::new(Depth::Ansi, true);
    let looks: HashSet<_> = (0..36).map(|n| (theme.series(n), theme.marker(n))).collect();
    assert_eq!(looks.len(), 36);
}

#[test]
fn a_terminal_gets_no_more_colours_than_it_has() {
    for (name, scheme) in Scheme::BUILT_IN {
        let colours = |depth| {
            let theme = Theme { scheme, ..Theme::new(depth, true) };
            let tones = Tone::ALL.map(|tone| theme.tone(tone).fg.unwrap_or(Color::Reset));
            let series = (0..SERIES).map(|n| theme.series(n).fg.unwrap_or(Color::Reset));
            let mut page = Buffer::empty(ratatui::layout::Rect::new(0, 0, 1, 1));
            theme.paint(&mut page);
            let page = [page[(0, 0)].fg, page[(0, 0)].bg];
            tones.into_iter().chain(series).chain(page).collect::<Vec<_>>()
        };
        assert!(colours(Depth::None).iter().all(|colour| *colour == Color::Reset), "{name}");
        let beyond = |colour: &Color| matches!(colour, Color::Rgb(..) | Color::Indexed(16..));
        assert!(!colours(Depth::Ansi).iter().any(beyond), "{name}");
        assert!(!colours(Depth::Indexed).iter().any(|colour| matches!(colour, Color::Rgb(..))), "{name}");
        let sixteen = Theme { scheme, ..Theme::new(Depth::Ansi, true) };
        let series: HashSet<_> = (0..SERIES).map(|n| sixteen.series(n)).collect();
        assert_eq!(series.len(), SERIES, "{name}");
    }
}

#[test]
fn paper_is_brought_along_or_left_to_the_terminal() {
    let mut page = Buffer::empty(ratatui::layout::Rect::new(0, 0, 2, 1));
    page[(1, 0)].fg = Color::Red;
    Theme::new(Depth::True, true).paint(&mut page);
    assert_eq!(page[(0, 0)].bg, Color::Reset);
    let dark = Theme { scheme: Scheme::DARK, ..Theme::new(Depth::True, true) };
    dark.paint(&mut page);
    assert_eq!((page[(0, 0)].fg, page[(0, 0)].bg), (Scheme::DARK.ink, Scheme::DARK.paper));
    assert_eq!((page[(1, 0)].fg, page[(1, 0)].bg), (Color::Red, Scheme::DARK.paper));
}
