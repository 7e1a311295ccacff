use super::*;
use crate::fused::forward::forward;
use crate::fused::memory::Memory;
use crate::model::{Activation, Geometry, Model};
use crate::random::{DropoutMask, Purpose, normal, stream};

/// One pass forwards in training of a lab's network on noise with an offset.
struct Run {
    plan: Plan,
    theta: Vec<f32>,
    x: Vec<f32>,
    pass: SavedForward,
}

const TRIALS: usize = 20;

impl Run {
    fn new(model: &Model, activation: Activation, channels: usize) -> Self {
        let geometry = Geometry { channels, samples: 150, classes: 2, sfreq: None };
        let network = model.network(geometry, activation, 0.25).unwrap();
        let plan = Plan::new(&network).unwrap();
        let mut rng = stream(2, Purpose::Simulation, 0, 0);
        let mut noise = |count: usize, size: f64, offset: f64| -> Vec<f32> {
            (0..count).map(|_| (size * normal(&mut rng) + offset) as f32).collect()
        };
        let x = noise(TRIALS * plan.signal_len(), 8.0, 4.0);
        let theta = noise(plan.theta, 0.2, 0.05);
        let running = vec![1.0; plan.running];
        let mut rng = stream(3, Purpose::Dropout, 0, 0);
        let masks: Vec<_> = (0..plan.dropouts).map(|_| DropoutMask::draw(&mut rng, 0.25)).collect();
        let (_, _, pass) = forward(&plan, &Memory::default(), &x, &theta, &running, &masks);
        Run { plan, theta, x, pass }
    }

    fn exact(&self) -> Exact<'_> {
        let mut exact = Exact::new(&self.plan, &self.theta, &self.x, &self.pass.first_conv.norms);
        for s in 0..self.plan.stages.len() {
            exact.note(s, &self.pass.inputs[s], &self.pass.coefficients[s]);
        }
        exact
    }
}

#[test]
fn rounding_stays_within_its_bounds() {
    for (model, channels) in
        [(Model::deepconvnet(), 2), (Model::deepconvnet(), 5), (Model::eegnet(), 3), (Model::eegnet(), 2)]
    {
        let run = Run::new(&model, Activation::Relu, channels);
        let exact = run.exact();
        for s in run.plan.first()..run.plan.stages.len() {
            let stage = &run.plan.stages[s];
            let (mut beyond, mut count, mut squares) = (0, 0, 0.0);
            for trial in [0, 7, 19] {
                let z = run.pass.z(s, stage, trial);
                let mut own = exact.trial(&run.pass, trial);
                for (t, row) in z.chunks_exact(stage.columns()).enumerate() {
                    for (c, value) in own.z(s, t).iter().enumerate() {
                        let off = (f64::from(row[c]) - value).abs() / f64::from(exact.bounds[s].z[c]);
                        beyond += i32::from(off > 1.0);
                        count += 1;
                        squares += off * off;
                    }
                }
            }
            let deviations = DEVIATIONS * (squares / f64::from(count)).sqrt();
            println!(
                "{model} of {channels}, stage {s}: {deviations:.2} standard deviations are one, {beyond} of {count} beyond"
            );
            assert!(deviations < 1.5, "{model} stage {s}: the error is {deviations:.2} of what was assumed");
            assert!(f64::from(beyond) < 2e-3 * f64::from(count), "{model} stage {s}: {beyond} of {count}");
        }
    }
}

#[test]
fn ties_and_kinks_are_settled_as_in_double_precision() {
    let run = Run::new(&Model::deepconvnet(), Activation::LeakyRelu { slope: 0.1 }, 2);
    let exact = run.exact();
    for s in 0..run.plan.stages.len() {
        let stage = &run.plan.stages[s];
        let columns = stage.columns();
        let mut z = run.pass.z(s, stage, 3).to_vec();
        let mut own = exact.trial(&run.pass, 3);
        // Every window whose two samples are near each other becomes a tie of f32, and in the wrong order at that.
        for row in 0..stage.pooled() {
            for c in 0..stage.output.channels {
                let at = [2 * row, 2 * row + 1].map(|t| own.z(s, t)[c]);
                let places = [2 * row, 2 * row + 1].map(|t| t * columns + c);
                let bound = f64::from(exact.bounds[s].z[c]);
                if (at[0] - at[1]).abs() < 0.5 * bound {
                    (z[places[0]], z[places[1]]) = (at[1] as f32, at[0] as f32);
                }
                // And every value near its kink goes over to the other side.
                let Norm64 { scale, shift } = run.pass.coefficients[s].exact[c];
                if (scale * at[0] + shift).abs() < 0.2 * bound * scale.abs() {
                    z[places[0]] = (at[0] - 2.0 * (at[0] + shift / scale)) as f32;
                }
            }
        }
        let [mut pooled, mut again] = [0.0, 1.0].map(|value| vec![value; stage.pooled_len()]);
        exact.pool(s, &run.pass, 3, &mut z, (&mut [], &mut pooled));
        let coefficients = &run.pass.coefficients[s];
        pooling::pool(stage, &z, coefficients, run.pass.dropout(stage, 3), &mut [], &mut again);
        assert_eq!(pooled, again, "stage {s}");
        for row in 0..stage.pooled() {
            for c in 0..stage.output.channels {
                let Norm64 { scale, shift } = coefficients.exact[c];
                let exact = [2 * row, 2 * row + 1].map(|t| own.z(s, t)[c] * scale.signum());
                let ours = [2 * row, 2 * row + 1].map(|t| z[t * columns + c] * scale.signum() as f32);
                assert_eq!(ours[1] > ours[0], exact[1] > exact[0], "stage {s}, row {row}, channel {c}");
                let largest = exact[0].max(exact[1]) * scale.signum();
                let z = ours[0].max(ours[1]) * scale.signum() as f32;
                let y = z.mul_add(coefficients.scale[c], coefficients.shift[c]);
                assert_eq!(y > 0.0, scale * largest + shift > 0.0, "kink: stage {s}, row {row}, channel {c}");
            }
        }
    }
}

#[test]
fn kinks_of_a_split_stage_are_settled_as_in_double_precision() {
    let run = Run::new(&Model::eegnet(), Activation::Relu, 2);
    let exact = run.exact();
    let split = run.pass.split.as_ref().unwrap();
    let stage = &run.plan.stages[0];
    let mut kept = run.pass.outputs[0].z[..split.kept_len()].to_vec();
    let mut own = exact.trial(&run.pass, 0);
    for (t, c) in [(0, 0), (13, 5), (77, 31), (140, 16)] {
        let Norm64 { scale, shift } = run.pass.coefficients[0].exact[c];
        for sign in [1.0, -1.0] {
            // As if the exact value lay next to the kink, on either side of it.
            split.settle(&mut kept, t, c, sign * 1e-9);
            let bounds = vec![1e-6; stage.output.channels];
            let near = split.near_kinks(stage, &kept, &bounds);
            assert!(near.contains(&Undecided { row: t, channel: c }));
        }
        split.settle(&mut kept, t, c, scale * own.z(0, t)[c] + shift);
    }
    exact.settle_split(&run.pass, split, 0, &mut kept);
    let before = &run.pass.outputs[0].z[..split.kept_len()];
    let moved = kept.iter().zip(before).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(moved < 1e-3, "{moved}");
}
