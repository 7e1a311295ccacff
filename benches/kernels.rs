//! The fused executor's kernels, one trial at a time, at the sizes of the two networks on 2 × 750 samples.
//!
//!     cargo bench --bench kernels

use divan::{Bencher, black_box, counter::ItemsCount};
use eeg_tui::model::Activation;
use eeg_tui::nn::kernels::{
    self, Aligned, ConvOutput, DEPTH, FilterOutputs, Packed, PoolKind, Rows, TileLayout, Tiling, padded,
};
use eeg_tui::random::{DropoutMask, Purpose, normal, stream};

fn main() {
    divan::main();
}

fn noise(len: usize) -> Aligned {
    let mut rng = stream(0, Purpose::Simulation, 0, 0);
    let mut values = Aligned::zeros(len);
    values.iter_mut().for_each(|value| *value = normal(&mut rng) as f32);
    values
}

/// Convolutions: outputs, taps, input channels, output channels. EEGNet's second, DeepConvNet's last three.
const CONVOLUTIONS: [(usize, usize, usize, usize); 4] =
    [(187, 15, 32, 32), (369, 5, 25, 50), (180, 5, 50, 100), (86, 5, 100, 200)];

/// Blocks' ends: rows, channels, pool, its width. EEGNet's first, DeepConvNet's first and last.
const ENDS: [(usize, usize, PoolKind, usize); 3] =
    [(750, 32, PoolKind::Mean, 4), (746, 25, PoolKind::Max, 2), (86, 200, PoolKind::Max, 2)];

#[divan::bench(args = CONVOLUTIONS)]
fn convolve(bencher: Bencher, (count, taps, width, channels): (usize, usize, usize, usize)) {
    let rows = Rows { count, step: padded(width), stride: padded(width), taps, width };
    let input = noise((count + taps - 1) * padded(width));
    let weights = Packed::new(rows.terms(), channels, |term, channel| (term + channel) as f32 * 1e-3);
    let mut out = Aligned::zeros(count * padded(channels));
    let products = ItemsCount::new(count * taps * width * channels);
    bencher.counter(products).bench_local(|| kernels::correlate(&mut out, black_box(&input), rows, &weights));
}

#[divan::bench(args = CONVOLUTIONS)]
fn weights_gradient(bencher: Bencher, (count, taps, width, channels): (usize, usize, usize, usize)) {
    let rows = Rows { count, step: padded(width), stride: padded(width), taps, width };
    let columns = padded(channels);
    let (input, gradient) = (noise((count + taps - 1) * padded(width)), noise(count * columns));
    let mut out = Aligned::zeros(rows.terms() * columns);
    let products = ItemsCount::new(count * taps * width * channels);
    bencher
        .counter(products)
        .bench_local(|| kernels::correlate_weights(&mut out, black_box(&input), rows, &gradient, columns));
}

#[divan::bench(args = CONVOLUTIONS)]
fn transform_input(bencher: Bencher, (count, taps, width, _): (usize, usize, usize, usize)) {
    let Some(tiling) = Tiling::large(taps) else { return };
    let (columns, tiles) = (padded(width), tiling.input_tiles(count));
    let layout = TileLayout { columns, point_stride: tiles * columns, tiles };
    let input = noise((count + taps - 1) * columns);
    let mut out = Aligned::zeros(tiling.points() * layout.point_stride);
    bencher.bench_local(|| kernels::transform_input(&mut out, black_box(&input), tiling, layout));
}

#[divan::bench]
fn depthwise(bencher: Bencher) {
    let (signal, filter) = (noise(800 * 32), noise(51 * 32));
    let mut out = Aligned::zeros(750 * 32);
    let products = ItemsCount::new(750usize * 51 * 32);
    bencher.counter(products).bench_local(|| kernels::depthwise(&mut out, black_box(&signal), &filter, 32));
}

/// Runs `work` on what follows a convolution.
fn with_end(
    (rows, features, pool, kernel): (usize, usize, PoolKind, usize),
    work: impl FnOnce(ConvOutput, usize),
) {
    let columns = padded(features);
    let z = noise(rows * columns);
    let (scale, shift) = (vec![0.9; columns], vec![0.1; columns]);
    let mask = DropoutMask::draw(&mut stream(0, Purpose::Dropout, 0, 0), 0.5).trial(0);
    let activation = Activation::Elu { alpha: 1.0 };
    let mask = Some((mask, 2.0));
    work(
        ConvOutput { z: &z, scale: &scale, shift: &shift, activation, pool, kernel, features, mask },
        columns,
    );
}

#[divan::bench(args = ENDS)]
fn end_forwards(bencher: Bencher, end: (usize, usize, PoolKind, usize)) {
    with_end(end, |from, columns| {
        let mut out = Aligned::zeros(end.0 / end.3 * columns);
        bencher.bench_local(|| kernels::forward(&mut out, black_box(from)));
    });
}

#[divan::bench(args = ENDS)]
fn end_sums(bencher: Bencher, end: (usize, usize, PoolKind, usize)) {
    with_end(end, |from, columns| {
        let gradient = noise(end.0 / end.3 * columns);
        let (mut sum, mut product) = (vec![0.0; columns], vec![0.0; columns]);
        let (unit, centre) = (vec![1.0; columns], vec![0.0; columns]);
        bencher.bench_local(|| {
            kernels::sums(&mut sum, &mut product, &gradient, black_box(from), &unit, &centre);
        });
    });
}

#[divan::bench(args = ENDS)]
fn end_backwards(bencher: Bencher, end: (usize, usize, PoolKind, usize)) {
    with_end(end, |from, columns| {
        let gradient = noise(end.0 / end.3 * columns);
        let mut out = Aligned::zeros(end.0 * columns);
        let coefficients = vec![0.5; columns];
        bencher.bench_local(|| {
            let from = black_box(from);
            kernels::backward(&mut out, &gradient, from, &coefficients, &coefficients, &coefficients);
        });
    });
}

/// Runs `work` on what EEGNet's temporal filters give at so many electrodes.
fn with_joined(electrodes: usize, work: impl FnOnce(FilterOutputs)) {
    let (samples, filters) = (750, 16);
    let y = noise(electrodes * samples * filters);
    let (weights, shift) = (noise(electrodes * filters * DEPTH), noise(filters * DEPTH));
    let mask = DropoutMask::draw(&mut stream(0, Purpose::Dropout, 0, 0), 0.25).trial(0);
    let activation = Activation::Elu { alpha: 1.0 };
    let mask = Some((mask, 1.0 / 0.75));
    work(FilterOutputs { y: &y, electrodes, weights: &weights, shift: &shift, activation, kernel: 4, mask });
}

#[divan::bench(args = [1, 2])]
fn join_forwards(bencher: Bencher, electrodes: usize) {
    with_joined(electrodes, |from| {
        let mut out = Aligned::zeros(187 * 16 * DEPTH);
        bencher.bench_local(|| kernels::join(&mut out, black_box(from)));
    });
}

#[divan::bench(args = [1, 2])]
fn join_backwards(bencher: Bencher, electrodes: usize) {
    with_joined(electrodes, |from| {
        let gradient = noise(187 * 16 * DEPTH);
        let mut out = Aligned::zeros(from.y.len());
        let mut sums = vec![0.0; 16 * DEPTH * (electrodes + 1)];
        bencher.bench_local(|| kernels::join_backward(&mut out, &mut sums, &gradient, black_box(from)));
    });
}

/// EEGNet's first convolution at one electrode: 16 filters of 51 taps.
const TEMPORAL: Rows = Rows { count: 750, step: 1, stride: 1, taps: 51, width: 1 };

#[divan::bench]
fn filter_along_time(bencher: Bencher) {
    let signal = noise(800);
    let filters = Packed::new(51, 16, |tap, filter| (tap + filter) as f32 * 1e-3);
    let mut out = Aligned::zeros(750 * 16);
    let products = ItemsCount::new(750usize * 51 * 16);
    bencher
        .counter(products)
        .bench_local(|| kernels::correlate(&mut out, black_box(&signal), TEMPORAL, &filters));
}

#[divan::bench]
fn filters_gradient(bencher: Bencher) {
    let (signal, gradient) = (noise(800), noise(750 * 16));
    let mut out = Aligned::zeros(51 * 16);
    let products = ItemsCount::new(750usize * 51 * 16);
    bencher
        .counter(products)
        .bench_local(|| kernels::correlate_weights(&mut out, black_box(&signal), TEMPORAL, &gradient, 16));
}

#[divan::bench]
fn lags(bencher: Bencher) {
    let series: Vec<f64> = noise(750).iter().map(|&value| f64::from(value)).collect();
    let mut sums = vec![0.0; 51];
    bencher.bench_local(|| kernels::lags(&mut sums, black_box(&series), &series));
}
