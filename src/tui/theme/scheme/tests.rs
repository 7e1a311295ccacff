//! What the built-in schemes promise: text that can be read, curves that colour-blind eyes tell apart.

use super::*;

/// What the 256 colours beyond the sixteen are.
fn components(colour: Color) -> [u8; 3] {
    match colour {
        Color::Rgb(r, g, b) => [r, g, b],
        Color::Indexed(grey @ 232..) => [8 + 10 * (grey - 232); 3],
        Color::Indexed(index @ 16..) => {
            let index = usize::from(index - 16);
            [CUBE[index / 36], CUBE[index / 6 % 6], CUBE[index % 6]]
        }
        other => panic!("{other:?} is the terminal's own"),
    }
}

/// sRGB made linear, 0–1.
fn linear(colour: Color) -> [f64; 3] {
    components(colour).map(|value| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    })
}

/// How much brighter one is than the other, as WCAG 2 counts: 1 to 21.
fn contrast(one: Color, other: Color) -> f64 {
    let luminance = |colour| {
        let [r, g, b] = linear(colour);
        0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
    };
    let (one, other) = (luminance(one), luminance(other));
    one.max(other) / one.min(other)
}

/// Normal sight, and what is left of linear sRGB without red, green or blue cones (Machado, Oliveira and Fernandes 2009).
const EYES: [[[f64; 3]; 3]; 4] = [
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
];

/// CIE L*a*b* (D65) of a colour as some eyes see it.
fn seen(colour: Color, eyes: [[f64; 3]; 3]) -> [f64; 3] {
    let light = linear(colour);
    let [r, g, b] = eyes.map(|row| row.iter().zip(light).map(|(a, b)| a * b).sum::<f64>().clamp(0.0, 1.0));
    let bend = |value: f64| if value > 0.008856 { value.cbrt() } else { 7.787 * value + 16.0 / 116.0 };
    let x = bend((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
    let y = bend(0.2126 * r + 0.7152 * g + 0.0722 * b);
    let z = bend((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// The least distance in L*a*b* between any two curves, over all eyes. A difference of 2 can just be seen.
fn apart(series: [Color; SERIES]) -> f64 {
    let mut least = f64::INFINITY;
    for eyes in EYES {
        let places = series.map(|colour| seen(colour, eyes));
        for (n, one) in places.iter().enumerate() {
            for other in &places[n + 1..] {
                let square: f64 = one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum();
                least = least.min(square.sqrt());
            }
        }
    }
    least
}

/// The scheme's curves at a depth.
fn series(scheme: Scheme, depth: Depth) -> [Color; SERIES] {
    std::array::from_fn(|n| scheme.at(depth, |scheme| scheme.series[n]))
}

#[test]
fn colour_blind_eyes_tell_the_curves_apart() {
    for (name, scheme) in Scheme::BUILT_IN {
        // On a paper of one's own there is more room between the colours.
        let least = if name == "terminal" { 13.0 } else { 25.0 };
        for depth in [Depth::True, Depth::Indexed] {
            let apart = apart(series(scheme, depth));
            assert!(apart >= least, "{name}, {depth:?}: {apart}");
        }
    }
}

#[test]
fn text_and_curves_stand_out_from_the_paper() {
    let [_, own @ ..] = Scheme::BUILT_IN;
    for (name, scheme) in own {
        // WCAG: 4.5 for text, 3 for lines; 7 where contrast is what is asked for.
        let (text, line) = if name == "contrast" { (7.0, 6.8) } else { (4.3, 3.0) };
        for depth in [Depth::True, Depth::Indexed] {
            let at = |of: fn(&Scheme) -> Color| scheme.at(depth, of);
            let paper = at(|scheme| scheme.paper);
            let tones: [fn(&Scheme) -> Color; 6] =
                [|s| s.ink, |s| s.dim, |s| s.active, |s| s.good, |s| s.caution, |s| s.bad];
            for tone in tones.map(at).into_iter().filter(|tone| *tone != Color::Gray) {
                assert!(contrast(tone, paper) >= text, "{name}, {depth:?}: {tone:?}");
            }
            for colour in series(scheme, depth) {
                assert!(contrast(colour, paper) >= line, "{name}, {depth:?}: {colour:?}");
            }
        }
    }
}

#[test]
fn the_terminals_own_curves_show_on_black_and_on_white() {
    for colour in series(Scheme::TERMINAL, Depth::True) {
        let (black, white) = (Color::Rgb(0, 0, 0), Color::Rgb(255, 255, 255));
        assert!(contrast(colour, black) >= 4.0 && contrast(colour, white) >= 1.75, "{colour:?}");
    }
}

#[test]
fn the_nearest_of_256_is_found_in_the_cube_and_among_the_greys() {
    for (colour, index) in
        [([0, 0, 0], 16), ([255, 255, 255], 231), ([30, 130, 210], 32), ([22, 24, 29], 234), ([128; 3], 244)]
    {
        assert_eq!(nearest(colour), index, "{colour:?}");
    }
}
