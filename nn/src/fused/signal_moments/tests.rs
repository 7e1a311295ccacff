//! The moments against plain means over all windows.

use super::*;
use crate::fused::plan::Plan;
use crate::model::{Activation, Geometry, Model};
use crate::random::{Purpose, normal, stream};

const GEOMETRY: Geometry = Geometry { channels: 3, samples: 61, classes: 2, sfreq: None };

/// A first stage of 51 taps, and trials (sample, electrode) on an offset.
fn stage_and_trials() -> (Stage, Vec<Vec<f32>>) {
    let network = Model::eegnet().network(GEOMETRY, Activation::Relu, 0.0).unwrap();
    let mut rng = stream(3, Purpose::Simulation, 0, 0);
    let mut trial =
        || (0..GEOMETRY.samples * GEOMETRY.channels).map(|_| normal(&mut rng) as f32 + 100.0).collect();
    let trials = (0..4).map(|_| trial()).collect();
    (Plan::new(&network).unwrap().stages.swap_remove(0), trials)
}

fn windows(stage: &Stage, trials: &[Vec<f32>], which: ElectrodePairs) -> SignalSums {
    // In two parts, as threads take them.
    let part = |trials: &[Vec<f32>]| {
        let mut windows = SignalSums::new(stage, which);
        trials.iter().for_each(|trial| windows.add(trial));
        windows
    };
    let mut all = part(&trials[..1]);
    all.merge(&part(&trials[1..]));
    all
}

/// Every window of an electrode, with the padding's zeros.
fn every_window(stage: &Stage, trials: &[Vec<f32>], electrode: usize) -> Vec<Vec<f64>> {
    let mut all = Vec::new();
    for trial in trials {
        let mut samples = vec![0.0; stage.taps.left];
        samples.extend(trial.iter().skip(electrode).step_by(GEOMETRY.channels).map(|&x| f64::from(x)));
        samples.resize(samples.len() + stage.taps.right, 0.0);
        all.extend(samples.windows(stage.taps.count).map(<[f64]>::to_vec));
    }
    all
}

fn close(ours: f64, exact: f64) {
    assert!((ours - exact).abs() <= 1e-9 * exact.abs().max(1.0), "{ours} for {exact}");
}

#[test]
fn crossed_moments_are_the_plain_means() {
    let (stage, trials) = stage_and_trials();
    let crossed = windows(&stage, &trials, ElectrodePairs::All).moments().1.unwrap();
    let every: Vec<_> = (0..3).map(|e| every_window(&stage, &trials, e)).collect();
    let filter: Vec<f32> = (0..stage.taps.count).map(|k| (k as f32 * 0.7).sin()).collect();
    let filtered = |window: &Vec<f64>| dot(window, &filter);
    let count = every[0].len() as f64;
    for a in 0..3 {
        close(crossed.mean(a, &filter), every[a].iter().map(filtered).sum::<f64>() / count);
        for k in [0, 24, 50] {
            close(crossed.means(a)[k], every[a].iter().map(|window| window[k]).sum::<f64>() / count);
        }
        for b in 0..3 {
            for (k, ours) in crossed.apply((a, b), &filter).into_iter().enumerate() {
                let pairs = every[a].iter().zip(&every[b]);
                close(ours, pairs.map(|(a, b)| a[k] * filtered(b)).sum::<f64>() / count);
            }
        }
    }
}

#[test]
fn both_ways_of_summing_give_the_statistics_of_all_electrodes() {
    let (stage, trials) = stage_and_trials();
    let every: Vec<Vec<f64>> = (0..3).flat_map(|e| every_window(&stage, &trials, e)).collect();
    // It takes the offset away but for the edges: little variance is left of large products.
    let filter: Vec<f32> = (0..stage.taps.count).map(|k| [0.5, -0.5, 0.0][k % 3]).collect();
    let outputs: Vec<f64> = every.iter().map(|window| dot(window, &filter)).collect();
    let count = outputs.len() as f64;
    let mean = outputs.iter().sum::<f64>() / count;
    let variance = outputs.iter().map(|output| (output - mean).powi(2)).sum::<f64>() / count;
    for which in [ElectrodePairs::Own, ElectrodePairs::All] {
        let moments = windows(&stage, &trials, which).moments().0;
        let Statistics { mean: ours, variance: spread } = moments.statistics(&filter);
        assert_eq!(moments.count, count);
        close(ours, mean);
        close(spread, variance);
    }
}
