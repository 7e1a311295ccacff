//! Whole charts: pictures to look at, and that no data and no size ever break one.

use super::*;
use proptest::prelude::*;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::widgets::Widget;

fn look(utf8: bool) -> Look {
    Look { utf8, axis: Style::new(), text: Style::new(), cursor: Style::new() }
}

fn picture(plot: &Plot, width: u16, height: u16, utf8: bool) -> String {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    Chart::new(plot, look(utf8)).render(area, &mut buffer);
    let row = |y: u16| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
    (0..height).map(row).collect::<Vec<_>>().join("\n")
}

/// Loss curves as training makes them: exponential, with a ripple that stands for noise.
fn losses() -> Plot {
    let curve = |floor: f64, ripple: f64| {
        (1..=120).map(move |epoch| {
            let t = f64::from(epoch);
            (t, floor + 0.6 * (-t / 30.0).exp() + ripple * (t * 2.4).sin())
        })
    };
    Plot {
        x_label: "epoch".into(),
        horizontal: Horizontal::Whole,
        y_label: "loss".into(),
        series: vec![
            Series::line("train", Style::new(), '●', curve(0.02, 0.005)),
            Series::line("test", Style::new(), '▲', curve(0.3, 0.03)),
        ],
        empty: "no epoch yet".into(),
        ..Plot::default()
    }
}

#[test]
fn labels_of_guides_cover_neither_curves_nor_one_another() {
    let guide = |at: Place, label: &str| Guide { at, label: label.into(), style: Style::new() };
    let guides = vec![
        guide(Place::Y(0.5), "a level to reach"),
        guide(Place::X(60.0), "chosen by validation"),
        guide(Place::X(64.0), "best on test"),
    ];
    for height in 3..16 {
        let plain = picture(&losses(), 60, height, true);
        let drawn = picture(&Plot { guides: guides.clone(), ..losses() }, 60, height, true);
        let whole = ["a level to reach", "chosen by validation", "best on test"];
        let pieces = ["level", "chosen", "best"];
        for (whole, piece) in whole.iter().zip(pieces) {
            assert_eq!(drawn.contains(piece), drawn.contains(whole), "{height}:\n{drawn}");
        }
        let dots = |picture: &str| picture.chars().filter(|c| ('\u{2801}'..='\u{28ff}').contains(c)).count();
        assert_eq!(dots(&plain), dots(&drawn), "{height}:\n{plain}\n{drawn}");
    }
}

#[test]
fn a_linear_chart() {
    insta::assert_snapshot!(picture(&losses(), 70, 14, true));
}

#[test]
fn a_logarithmic_chart_with_smoothing_cursor_and_guide() {
    let plot = Plot {
        scale: Scale::Log,
        smoothing: 0.9,
        cursor: Some(40.0),
        guides: vec![Guide { at: Place::X(95.0), label: "best".into(), style: Style::new() }],
        ..losses()
    };
    insta::assert_snapshot!(picture(&plot, 70, 14, true));
}

#[test]
fn the_same_in_ascii() {
    let mut plot = losses();
    plot.series[0].marker = 'o';
    plot.series[1].marker = '^';
    insta::assert_snapshot!(picture(&plot, 70, 14, false));
}

#[test]
fn a_chart_in_a_corner() {
    insta::assert_snapshot!(picture(&losses(), 24, 5, true));
}

#[test]
fn measurements_with_error_bars() {
    let point = |alpha: u32, y: f64, half: f64| Point {
        x: f64::from(alpha) / 10.0,
        y,
        interval: Some((y - half, y + half)),
    };
    let plot = Plot {
        x_label: "α".into(),
        y_label: "test accuracy %".into(),
        series: vec![
            Series::measured(
                "EEGNet",
                Style::new(),
                '●',
                (1..=10).map(|a| point(a, 88.0 - 0.4 * f64::from(a), 1.0)),
            ),
            Series::measured("DeepConvNet", Style::new(), '▲', (1..=10).map(|a| point(a, 82.0, 1.5))),
        ],
        guides: vec![Guide { at: Place::Y(85.0), label: "85".into(), style: Style::new() }],
        ..Plot::default()
    };
    insta::assert_snapshot!(picture(&plot, 70, 16, true));
}

#[test]
fn a_gap_stays_a_gap() {
    let values = [1.0, 1.0, 1.0, f64::NAN, f64::NAN, f64::INFINITY, 1.0, 1.0];
    let points = values.iter().enumerate().map(|(i, &y)| (i as f64, y));
    let plot = Plot { series: vec![Series::line("", Style::new(), '●', points)], ..Plot::default() };
    assert_eq!(
        picture(&plot, 8, 1, true).chars().map(|c| if c == ' ' { ' ' } else { '#' }).collect::<String>(),
        "###   ##"
    );
}

#[test]
fn without_data_it_says_so() {
    let plot = Plot { series: vec![], ..losses() };
    assert!(picture(&plot, 40, 6, true).contains("no epoch yet"));
}

/// Any number at all, among them the awkward ones.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        -10.0f64..400.0,
        prop::sample::select(vec![
            0.0,
            -0.0,
            1.0,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MAX,
            f64::MIN_POSITIVE,
            5e-324
        ]),
    ]
}

fn series() -> impl Strategy<Value = Series> {
    let point = (number(), number(), prop::option::of((number(), number())))
        .prop_map(|(x, y, interval)| Point { x, y, interval });
    let place = (number(), -3isize..4);
    (prop::collection::vec(point, 0..40), "\\PC{0,12}", any::<char>(), any::<bool>(), place).prop_map(
        |(points, name, marker, marked, (lift, aside))| {
            let style = Style::new().fg(Color::Red);
            let mut series = Series::measured(name, style, marker, points);
            (series.marked, series.lift, series.aside) = (marked, lift, aside);
            series
        },
    )
}

fn plot() -> impl Strategy<Value = Plot> {
    let place = prop_oneof![number().prop_map(Place::X), number().prop_map(Place::Y)];
    let guide = (place, "\\PC{0,8}").prop_map(|(at, label)| Guide { at, label, style: Style::new() });
    let pair = || prop::option::of((number(), number()));
    (
        prop::collection::vec(series(), 0..6),
        prop::collection::vec(guide, 0..3),
        (pair(), pair(), prop::option::of(number()), (number(), number())),
        (
            prop::sample::select(vec![Horizontal::Number, Horizontal::Whole, Horizontal::Clock]),
            any::<bool>(),
            0.0f64..1.5,
            prop::collection::vec((number(), "\\PC{0,8}"), 0..3),
        ),
        ("\\PC{0,12}", "\\PC{0,12}", "\\PC{0,12}"),
    )
        .prop_map(
            |(
                series,
                guides,
                (window, y_bounds, cursor, y_within),
                (horizontal, log, smoothing, y_names),
                texts,
            )| Plot {
                x_label: texts.0,
                horizontal,
                window,
                y_label: texts.1,
                scale: if log { Scale::Log } else { Scale::Linear },
                y_bounds,
                y_within,
                y_names,
                series,
                guides,
                smoothing,
                cursor,
                empty: texts.2,
            },
        )
}

proptest! {
    #[test]
    fn no_data_and_no_size_break_it(plot in plot(), x in 0u16..5, y in 0u16..5, width in 0u16..90, height in 0u16..30, utf8 in any::<bool>()) {
        let whole = Rect::new(0, 0, 80, 25);
        let mut untouched = Cell::default();
        untouched.set_char('~');
        let mut buffer = Buffer::filled(whole, untouched);
        let area = Rect::new(x, y, width, height);
        let inside = area.intersection(whole);
        ratatui::widgets::Clear.render(inside, &mut buffer);
        Chart::new(&plot, look(utf8)).render(area, &mut buffer);
        for place in whole.positions().filter(|&place| !inside.contains(place)) {
            prop_assert_eq!(buffer[place].symbol(), "~", "wrote outside, at {}", place);
        }
    }

    #[test]
    fn ascii_is_ascii(mut plot in plot(), width in 0u16..90, height in 0u16..30) {
        let texts = [&mut plot.x_label, &mut plot.y_label, &mut plot.empty];
        plot.series.iter_mut().for_each(|series| series.marker = 'o');
        let names = plot.series.iter_mut().map(|series| &mut series.name);
        let labels = plot.guides.iter_mut().map(|guide| &mut guide.label);
        let labels = labels.chain(plot.y_names.iter_mut().map(|(_, name)| name));
        texts.into_iter().chain(names).chain(labels).for_each(|text| *text = "text".into());
        prop_assert!(picture(&plot, width, height, false).is_ascii());
    }
}
