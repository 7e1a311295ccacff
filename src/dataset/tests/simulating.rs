use crate::dataset::fingerprint::fingerprint;
use crate::dataset::simulated::simulate;
use crate::model::Geometry;

#[test]
fn the_simulated_set_has_the_reference_geometry_and_flaws() {
    let data = simulate();
    assert_eq!(data.geometry(), Geometry::LAB);
    assert!(data.is_simulated());
    for set in [&data.train, &data.test] {
        assert_eq!(set.per_class(2), [540, 540]);
        assert_eq!(set.signal.len(), 1080 * 750 * 2);
        let touched = |subject: u16| {
            let trials = (0..set.len()).filter(|&trial| set.subjects[trial] == subject);
            trials.filter(|&trial| set.trial(trial).iter().any(|value| value.is_nan())).count()
        };
        assert!((30..80).contains(&touched(0)) && touched(1) == 0, "{} {}", touched(0), touched(1));
        assert!(set.signal.iter().all(|value| value.is_nan() || value.abs() <= 100.0));
        assert!(set.signal.iter().any(|value| value.abs() == 50.0), "one person's amplifier clips at 50 µV");
    }
}

#[test]
fn it_is_the_same_every_time_and_everywhere() {
    let data = simulate();
    assert_eq!(fingerprint(&data), FINGERPRINT);
    assert_eq!(data.source.fingerprint, FINGERPRINT);
}

/// Specs of the simulated set hold this: when it changes, old runs can't be continued.
const FINGERPRINT: &str = "777d0053937ed644f51a472c4436953b5614da4527cf03c4b20ad192f647e51f";

#[test]
fn imagery_weakens_the_rhythm_on_the_other_side() {
    let data = simulate();
    // Power at 11 Hz in one-second windows while the hand is imagined, over the first person's trials of a class.
    let power = |class: u32, electrode: usize| {
        let trials: Vec<usize> = (0..540).filter(|&trial| data.train.labels[trial] == class).collect();
        let of_trial = |&trial: &usize| {
            let signal: Vec<f32> = data.train.electrode(trial, electrode).skip(250).take(250).collect();
            signal.chunks(125).map(at_11_hz).filter(|power| !power.is_nan()).sum::<f32>()
        };
        trials.iter().map(of_trial).sum::<f32>() / trials.len() as f32
    };
    // Class 0, the left hand: C4 (1) loses power; class 1: C3 (0) does.
    assert!(power(0, 1) < 0.8 * power(1, 1), "{} {}", power(0, 1), power(1, 1));
    assert!(power(1, 0) < 0.8 * power(0, 0), "{} {}", power(1, 0), power(0, 0));
}

/// Squared magnitude of a second's Fourier coefficient at 11 Hz.
fn at_11_hz(second: &[f32]) -> f32 {
    let turn = std::f32::consts::TAU * 11.0 / 125.0;
    let project = |wave: fn(f32) -> f32| -> f32 {
        second.iter().enumerate().map(|(sample, value)| value * wave(turn * sample as f32)).sum()
    };
    project(f32::sin).powi(2) + project(f32::cos).powi(2)
}
