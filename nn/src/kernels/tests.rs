//! Every kernel against the plainest loop that computes the same in f64.

#[cfg(target_arch = "x86_64")]
use super::instructions::detected;
use super::vector::{MOST_EIGHTS, Portable, Vector};
use super::*;
use crate::model::Activation;
use crate::random::{DropoutMask, Purpose, normal, stream};

fn noise(len: usize, seed: u64) -> Aligned {
    let mut rng = stream(seed, Purpose::Simulation, 0, 0);
    let mut values = Aligned::zeros(len);
    values.iter_mut().for_each(|value| *value = normal(&mut rng) as f32);
    values
}

/// Zeros behind the first `width` channels of each row.
fn clear_padding(values: &mut [f32], columns: usize, width: usize) {
    values.chunks_exact_mut(columns).for_each(|row| row[width..].fill(0.0));
}

fn close(ours: &[f32], exact: &[f64], tolerance: f64) {
    assert_eq!(ours.len(), exact.len());
    let size = exact.iter().map(|x| x * x).sum::<f64>().sqrt() / (exact.len() as f64).sqrt();
    for (i, (ours, exact)) in ours.iter().zip(exact).enumerate() {
        assert!((f64::from(*ours) - exact).abs() <= tolerance * size, "at {i}: {ours} for {exact}");
    }
}

/// Convolutions of odd and even sizes: (outputs, stride, taps, width, channels).
const SHAPES: [(usize, usize, usize, usize, usize); 6] = [
    (1, 8, 1, 1, 1),
    (7, 2, 5, 2, 25),
    (23, 32, 5, 25, 50),
    (10, 104, 3, 100, 8),
    (9, 8, 15, 8, 33),
    (6, 3, 51, 3, 32),
];

#[test]
fn correlations_and_their_gradients_are_the_plain_sums() {
    for (count, stride, taps, width, channels) in SHAPES {
        let rows = Rows { count, step: stride, stride, taps, width };
        let columns = padded(channels);
        let input = noise((count + taps - 1) * stride, 1);
        let weight = noise(rows.terms() * channels, 2);
        let packed = Packed::new(rows.terms(), channels, |term, c| weight[term * channels + c]);
        let at = |t: usize, term: usize| f64::from(input[(t + term / width) * stride + term % width]);
        let mut out = Aligned::zeros(count * columns);
        correlate(&mut out, &input, rows, &packed);
        let mut exact = vec![0.0; count * columns];
        for (i, exact) in exact.iter_mut().enumerate().filter(|(i, _)| i % columns < channels) {
            *exact = (0..rows.terms())
                .map(|term| at(i / columns, term) * f64::from(weight[term * channels + i % columns]))
                .sum();
        }
        close(&out, &exact, 1e-5);

        let gradient = noise(count * columns, 3);
        let mut slope = Aligned::zeros(rows.terms() * columns);
        slope.fill(1.0);
        correlate_weights(&mut slope, &input, rows, &gradient, columns);
        let exact: Vec<f64> = (0..rows.terms() * columns)
            .map(|i| {
                let along = |t| at(t, i / columns) * f64::from(gradient[t * columns + i % columns]);
                1.0 + (0..count).map(along).sum::<f64>()
            })
            .collect();
        close(&slope, &exact, 1e-5);
    }
}

/// A filter of one tap weight per (tap, input channel) to one output channel, by tiles, against the direct sum; and both
/// gradients against it by the definition of an adjoint.
#[test]
fn tiles_convolve_and_their_gradients_are_the_adjoints() {
    let shapes = [(5, 23), (5, 5), (5, 1), (8, 9), (15, 187), (51, 30)];
    let cuts = |taps| [Tiling::small(taps), Tiling::large(taps)].into_iter().flatten();
    let all = shapes.into_iter().flat_map(|(taps, len)| cuts(taps).map(move |cut| (taps, len, cut)));
    for (taps, outputs_len, tiling) in all {
        let columns = LANES;
        let (tiles, input_tiles) = (tiling.tiles(outputs_len), tiling.input_tiles(outputs_len));
        let rows = outputs_len + taps - 1;
        let input = noise(rows * columns, 4);
        let taps_of: Vec<f32> = noise(taps, 5).to_vec();
        let points = tiling.points();
        let layout = TileLayout { columns, point_stride: input_tiles * columns, tiles: input_tiles };
        let mut x = Aligned::zeros(points * layout.point_stride);
        transform_input(&mut x, &input, tiling, layout);
        let tap_at = |point: usize, block: usize| -> f32 {
            (0..tiling.taps)
                .filter_map(|i| {
                    let tap = taps_of.get(block * tiling.taps + i)?;
                    Some(tiling.tap_weight(point, i) * f64::from(*tap))
                })
                .sum::<f64>() as f32
        };
        let out_layout = TileLayout { columns, point_stride: tiles * columns, tiles };
        let mut y = Aligned::zeros(points * out_layout.point_stride);
        let gradient = noise(outputs_len * columns, 6);
        let mut dy = Aligned::zeros(points * out_layout.point_stride);
        transform_gradient(&mut dy, &gradient, tiling, out_layout);
        let mut dx = Aligned::zeros(points * layout.point_stride);
        let mut slope = vec![0.0; taps];
        for point in 0..points {
            for (block, tile) in
                (0..tiling.blocks).flat_map(|block| (0..tiles).map(move |tile| (block, tile)))
            {
                let tap = tap_at(point, block);
                for c in 0..columns {
                    let (i, o) = (
                        point * layout.point_stride + (tile + block) * columns + c,
                        point * out_layout.point_stride + tile * columns + c,
                    );
                    y[o] += tap * x[i];
                    dx[i] += tap * dy[o];
                    for i_tap in 0..tiling.taps {
                        if let Some(slope) = slope.get_mut(block * tiling.taps + i_tap) {
                            *slope += tiling.tap_weight(point, i_tap) * f64::from(x[i] * dy[o]);
                        }
                    }
                }
            }
        }
        let mut out = Aligned::zeros(outputs_len * columns);
        outputs(&mut out, &y, tiling, out_layout);
        let value = |row: usize, c: usize| f64::from(input[row * columns + c]);
        let exact: Vec<f64> = (0..outputs_len * columns)
            .map(|i| (0..taps).map(|k| f64::from(taps_of[k]) * value(i / columns + k, i % columns)).sum())
            .collect();
        close(&out, &exact, 2e-5);

        let first = 2.min(rows - 1);
        let mut back = Aligned::zeros((rows - first) * columns);
        input_gradient(&mut back, &dx, tiling, layout, first);
        let exact: Vec<f64> = (first * columns..rows * columns)
            .map(|i| {
                let (row, c) = (i / columns, i % columns);
                let reached = (0..taps).filter(|&k| row >= k && row - k < outputs_len);
                reached.map(|k| f64::from(taps_of[k] * gradient[(row - k) * columns + c])).sum()
            })
            .collect();
        close(&back, &exact, 1e-4);

        let exact: Vec<f64> = (0..taps)
            .map(|k| {
                let along = |i: usize| value(i / columns + k, i % columns) * f64::from(gradient[i]);
                (0..outputs_len * columns).map(along).sum()
            })
            .collect();
        close(&slope.iter().map(|&x| x as f32).collect::<Vec<_>>(), &exact, 1e-4);
    }
}

#[test]
fn one_channel_at_all_points_is_as_if_among_others() {
    for tiling in [Tiling::small(51), Tiling::large(51)].into_iter().flatten() {
        let tiles = tiling.input_tiles(131);
        let stride = tiles.next_multiple_of(LANES);
        let signal = noise(131 + 50, 1);
        let mut among = Aligned::zeros(signal.len() * LANES);
        among.iter_mut().skip(3).step_by(LANES).zip(signal.iter()).for_each(|(to, from)| *to = *from);
        let layout = TileLayout { columns: LANES, point_stride: tiles * LANES, tiles };
        let mut expected = Aligned::zeros(tiling.points() * layout.point_stride);
        transform_input(&mut expected, &among, tiling, layout);
        let mut ours = Aligned::zeros(tiling.points() * stride);
        transform_signal(&mut ours, &signal, tiling, stride);
        for (ours, expected) in ours.chunks_exact(stride).zip(expected.chunks_exact(layout.point_stride)) {
            let expected: Vec<f32> = expected.iter().skip(3).step_by(LANES).copied().collect();
            assert_eq!(ours[..tiles], expected);
        }
    }
}

#[test]
fn moments_survive_an_offset() {
    let columns = 16;
    let mut z = noise(131 * columns, 7);
    z.iter_mut().for_each(|value| *value = *value * 1e-2 + 100.0);
    clear_padding(&mut z, columns, 13);
    let (mut sum, mut square) = (vec![0.0; columns], vec![0.0; columns]);
    moments(&mut sum, &mut square, &z);
    for c in 0..13 {
        let values: Vec<f64> = z.iter().skip(c).step_by(columns).map(|&value| f64::from(value)).collect();
        let mean = values.iter().sum::<f64>() / 131.0;
        let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 131.0;
        let ours = square[c] / 131.0 - (sum[c] / 131.0).powi(2);
        assert!(
            (sum[c] / 131.0 - mean).abs() < 1e-4 && (ours / variance - 1.0).abs() < 1e-2,
            "{ours} {variance}"
        );
    }
    assert!(sum[13..].iter().chain(&square[13..]).all(|&value| value == 0.0));
}

#[test]
fn lags_are_the_plain_sums() {
    let series = |len, seed| noise(len, seed).iter().map(|&value| f64::from(value)).collect::<Vec<_>>();
    for (first, second) in [(150, 150), (150, 20), (3, 61), (0, 9)] {
        let (a, b) = (series(first, 8), series(second, 9));
        let mut sums = vec![1.0; 51];
        lags(&mut sums, &a, &b);
        for (lag, ours) in sums.iter().enumerate() {
            let exact: f64 = a.iter().zip(b.iter().skip(lag)).map(|(a, b)| a * b).sum();
            assert!((ours - 1.0 - exact).abs() < 1e-9, "lag {lag} of {first} and {second}");
        }
    }
}

/// Results of the vector methods that do not round, each of sixteen values: what a wide vector gives, or narrow ones in turn.
fn vector_results<V: Vector>() -> Vec<[f32; 2 * LANES]> {
    let stored = |vectors: &mut dyn Iterator<Item = V>| {
        let mut stored = [[0.0; LANES]; 2];
        for (vector, to) in vectors.zip(stored.chunks_mut(V::EIGHTS)) {
            vector.store(to);
        }
        std::array::from_fn(|i| stored.as_flattened()[i])
    };
    let series: [[f32; LANES]; 4] = std::array::from_fn(|i| std::array::from_fn(|j| (i * LANES + j) as f32));
    let each = |of: &dyn Fn(usize) -> V| stored(&mut (0..2).step_by(V::EIGHTS).map(of));
    let (a, b) = (|at: usize| V::load(&series[at..]), |at: usize| V::load(&series[2 + at..]));
    let mut all = vec![
        each(&|at| a(at).if_greater(V::splat(5.0), b(at), V::splat(-1.0))),
        each(&|at| a(at).max(V::splat(9.5)).min(V::splat(11.5))),
        each(&|at| a(at).times_power(V::splat(12_582_912.0 + 3.0))),
        each(&|at| a(at).sub(b(at)).add(a(at)).mul(b(at))),
        each(&|at| b(at).fma(a(at), a(at))),
        each(&|at| V::splat(f32::NAN).max(a(at))),
        each(&|at| V::splat(f32::NAN).min(a(at))),
    ];
    all.extend(
        [0, 8, 1000].map(|first| each(&|at| V::keep(first + (at * LANES) as u32, 0xdead_beef, 1 << 31, 2.0))),
    );
    assert!(a(0).any_greater(V::splat(6.5)) && !a(0).any_greater(b(0)));
    all
}

/// The values of both by turns, and back.
fn check_turns<V: Vector>() {
    let values: Vec<[f32; LANES]> =
        (0..2 * V::EIGHTS).map(|i| std::array::from_fn(|j| (i * LANES + j) as f32)).collect();
    let (first, second) = (V::load(&values), V::load(&values[V::EIGHTS..]));
    let stored = |(low, high): (V, V)| {
        let mut stored = values.clone();
        low.store(&mut stored);
        high.store(&mut stored[V::EIGHTS..]);
        stored.into_flattened()
    };
    let half = V::EIGHTS * LANES;
    let turns: Vec<f32> = (0..half).flat_map(|i| [i as f32, (half + i) as f32]).collect();
    assert_eq!(stored(first.interleave(second)), turns);
    let (low, high) = first.interleave(second);
    assert_eq!(stored(low.deinterleave(high)), values.into_flattened());
}

#[test]
fn interleaved_vectors_take_turns() {
    check_turns::<Portable>();
}

/// Checks e^x against the exact one: the error counts in units of the result's last place, or if not `relative` of 1's.
fn check_exponential<V: Vector>(relative: bool) {
    for i in 0..4000 {
        let x = -90.0 * (i as f32 / 4000.0).powi(3);
        let mut ours = [[0.0f32; LANES]; MOST_EIGHTS];
        V::exp_negative([V::splat(x)])[0].store(&mut ours);
        let ours = ours.as_flattened();
        let exact = f64::from(x.max(-86.0)).exp();
        let unit = f64::from(f32::EPSILON) * if relative { exact } else { 1.0 };
        assert!((f64::from(ours[0]) - exact).abs() < 2.5 * unit, "{x}: {} for {exact}", ours[0]);
    }
    let mut nan = [[0.0f32; LANES]; MOST_EIGHTS];
    V::exp_negative([V::splat(f32::NAN)])[0].store(&mut nan);
    assert!(nan[..V::EIGHTS].as_flattened().iter().all(|value| value.is_nan()));
}

#[test]
fn the_exponential_is_as_exact_as_it_says_and_keeps_nan() {
    check_exponential::<Portable>(false);
    #[cfg(target_arch = "x86_64")]
    if detected() >= Instructions::Avx2 {
        check_exponential::<avx2::Avx2>(true);
    }
    #[cfg(target_arch = "x86_64")]
    if detected() >= Instructions::Avx512 {
        check_exponential::<avx512::Avx512>(true);
    }
}

/// Where the machine has them.
#[cfg(target_arch = "x86_64")]
#[test]
fn the_vectors_agree() {
    if detected() >= Instructions::Avx2 {
        assert_eq!(vector_results::<avx2::Avx2>(), vector_results::<Portable>());
        check_turns::<avx2::Avx2>();
    }
    if detected() >= Instructions::Avx512 {
        assert_eq!(vector_results::<avx512::Avx512>(), vector_results::<Portable>());
        check_turns::<avx512::Avx512>();
    }
}

#[test]
fn vectors_drop_what_the_mask_says() {
    let mask = DropoutMask::draw(&mut stream(1, Purpose::Dropout, 0, 0), 0.4).trial(3);
    let (key, threshold) = mask.parts();
    for first in [0u32, 5, 4096] {
        let mut kept = [[0.0; LANES]];
        Portable::keep(first, key, threshold, 1.5).store(&mut kept);
        for (i, kept) in kept[0].into_iter().enumerate() {
            assert_eq!(kept, if mask.keeps(first + i as u32) { 1.5 } else { 0.0 });
        }
    }
}

#[test]
fn depthwise_sums_go_channel_by_channel() {
    for (rows, taps) in [(1, 1), (5, 51), (31, 7)] {
        let columns = 16;
        let (signal, filter) = (noise((rows + taps - 1) * columns, 1), noise(taps * columns, 2));
        let mut out = Aligned::zeros(rows * columns);
        out.fill(1.0);
        depthwise(&mut out, &signal, &filter, columns);
        let exact: Vec<f64> = (0..rows * columns)
            .map(|i| {
                let c = i % columns;
                let product =
                    |k: usize| f64::from(filter[k * columns + c]) * f64::from(signal[i + k * columns]);
                1.0 + (0..taps).map(product).sum::<f64>()
            })
            .collect();
        close(&out, &exact, 1e-5);
    }
}

/// The pass over a trial's filter outputs against sums in f64, both ways.
#[test]
fn electrodes_are_joined_as_the_plain_sums_say() {
    let (samples, filters, kernel, alpha) = (21, 16, 4, 0.3);
    for electrodes in [1, 2] {
        let y = noise(electrodes * samples * filters, 1);
        let (weights, shift) = (noise(electrodes * filters * DEPTH, 2), noise(filters * DEPTH, 3));
        let mask = DropoutMask::draw(&mut stream(1, Purpose::Dropout, 0, 0), 0.4).trial(3);
        let activation = Activation::Elu { alpha };
        let (scale, outputs) = (1.5, filters * DEPTH);
        let mask_and_scale = Some((mask, scale as f32));
        let from = FilterOutputs {
            y: &y,
            electrodes,
            weights: &weights,
            shift: &shift,
            activation,
            kernel,
            mask: mask_and_scale,
        };
        let lane = |f: usize, d: usize, each: usize, i: usize| {
            ((f / LANES * DEPTH + d) * each + i) * LANES + f % LANES
        };
        let weight = |f: usize, d: usize, e: usize| f64::from(weights[lane(f, d, electrodes, e)]);
        let y_at = |e: usize, t: usize, f: usize| f64::from(y[(e * samples + t) * filters + f]);
        let u = |t: usize, f: usize, d: usize| {
            let sum: f64 = (0..electrodes).map(|e| weight(f, d, e) * y_at(e, t, f)).sum();
            sum + f64::from(shift[lane(f, d, 1, 0)])
        };
        let passes = |row: usize, output: usize| {
            f64::from(u8::from(mask.keeps((row * outputs + output) as u32))) * scale / kernel as f64
        };
        let rows = samples / kernel;
        let mut pooled = Aligned::zeros(rows * outputs);
        join(&mut pooled, from);
        let exact: Vec<f64> = (0..rows * outputs)
            .map(|at| {
                let (row, output) = (at / outputs, at % outputs);
                let value = |t: usize| {
                    let u = u(row * kernel + t, output / DEPTH, output % DEPTH);
                    if u > 0.0 { u } else { alpha * u.exp_m1() }
                };
                passes(row, output) * (0..kernel).map(value).sum::<f64>()
            })
            .collect();
        close(&pooled, &exact, 1e-5);

        let gradient = noise(rows * outputs, 4);
        let mut back = Aligned::zeros(y.len());
        let mut sums = vec![1.0; weights.len() + shift.len()];
        join_backward(&mut back, &mut sums, &gradient, from);
        let du = |t: usize, f: usize, d: usize| {
            let (row, output) = (t / kernel, f * DEPTH + d);
            if row >= rows {
                return 0.0;
            }
            let u = u(t, f, d);
            let slope = if u > 0.0 { 1.0 } else { alpha * u.exp() };
            f64::from(gradient[row * outputs + output]) * passes(row, output) * slope
        };
        let exact: Vec<f64> = (0..y.len())
            .map(|at| {
                let (e, t, f) = (at / filters / samples, at / filters % samples, at % filters);
                (0..DEPTH).map(|d| weight(f, d, e) * du(t, f, d)).sum()
            })
            .collect();
        close(&back, &exact, 1e-5);
        let mut exact = vec![0.0; sums.len()];
        for (f, d) in (0..filters).flat_map(|f| (0..DEPTH).map(move |d| (f, d))) {
            let along = |e: Option<usize>| -> f64 {
                1.0 + (0..samples).map(|t| du(t, f, d) * e.map_or(1.0, |e| y_at(e, t, f))).sum::<f64>()
            };
            exact[lane(f, d, electrodes + 1, 0)] = along(None);
            (0..electrodes).for_each(|e| exact[lane(f, d, electrodes + 1, 1 + e)] = along(Some(e)));
        }
        close(&sums, &exact, 1e-5);
    }
}

/// The pass that looks for near ties on its way gives what the two passes give one after the other.
#[test]
fn ties_are_found_on_the_way() {
    for (columns, kernel) in [(8, 1), (32, 2), (56, 3), (104, 2)] {
        let z = noise(41 * columns, 5);
        let (scale, shift, bounds) = (noise(columns, 6), noise(columns, 7), noise(columns, 8));
        let bounds: Vec<f32> = bounds.iter().map(|bound| bound.abs() * 0.05).collect();
        let activations = [Activation::Elu { alpha: 0.7 }, Activation::LeakyRelu { slope: 0.2 }];
        for (activation, kinks) in activations.into_iter().zip([false, true]) {
            let from = ConvOutput {
                z: &z,
                scale: &scale,
                shift: &shift,
                activation,
                pool: PoolKind::Max,
                kernel,
                features: columns,
                mask: None,
            };
            let mut pooled = [vec![0.0; 41 / kernel * columns], vec![1.0; 41 / kernel * columns]];
            let mut found = forward_watching(&mut pooled[0], from, &bounds, kinks);
            forward(&mut pooled[1], from);
            assert_eq!(pooled[0], pooled[1]);
            let mut ties = near_ties(from, kernel, &bounds, kinks);
            let place = |of: &Undecided| (of.row, of.channel);
            found.sort_by_key(place);
            ties.sort_by_key(place);
            assert_eq!(found, ties, "{columns} columns, windows of {kernel}");
            assert_eq!(found.is_empty(), kernel == 1 && !kinks);
        }
    }
}

#[test]
fn weighted_sums_and_packed_rows_are_the_plain_ones() {
    let (rows, columns) = (5, 56);
    let parts: Vec<Aligned> = (0..3).map(|seed| noise(rows * columns, seed)).collect();
    let factors = [0.5, -2.0, 3.0];
    let mut sum = vec![f32::NAN; rows * columns];
    let weighted: Vec<_> = factors.into_iter().zip(&parts).map(|(by, part)| (by, &part[..])).collect();
    weighted_sum(&mut sum, &weighted);
    let plain = |i: usize| parts.iter().zip(factors).map(|(part, by)| f64::from(part[i] * by)).sum();
    close(&sum, &(0..sum.len()).map(plain).collect::<Vec<f64>>(), 1e-6);
    // A product with rows of the identity gives the rows back.
    let packed = Packed::of_rows(&sum, columns);
    let mut identity = vec![0.0; rows * rows];
    (0..rows).for_each(|i| identity[i * rows + i] = 1.0);
    let mut out = vec![f32::NAN; rows * columns];
    let view = Rows { count: rows, step: rows, stride: rows, taps: 1, width: rows };
    correlate(&mut out, &identity, view, &packed);
    assert_eq!(out, sum);
}
