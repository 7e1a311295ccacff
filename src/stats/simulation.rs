//! Coverage and false claims on simulated models: seeds, trials and their rest are normal on the probit scale, as in the
//! study that chose the method. Few repetitions, one seed: the bounds are the study's figures with room for chance.

use super::*;
use crate::random::normal;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const TRIALS: usize = 120;

/// A model whose accuracy over new seeds and trials is `level`: the spread of seeds, and the trials' difficulties, which
/// models share.
struct Simulated {
    threshold: f64,
    seed_spread: f64,
}

const TRIAL_SPREAD: f64 = 0.8;

impl Simulated {
    fn new(level: f64, seed_spread: f64) -> Self {
        let total = (1.0 + TRIAL_SPREAD * TRIAL_SPREAD + seed_spread * seed_spread).sqrt();
        Simulated { threshold: super::distribution::normal_quantile(level) * total, seed_spread }
    }

    fn hits(&self, seeds: usize, trials: &[f64], rng: &mut ChaCha8Rng) -> Vec<Vec<f64>> {
        let row = |rng: &mut ChaCha8Rng| {
            let level = self.threshold + self.seed_spread * normal(rng);
            trials.iter().map(|trial| f64::from(level + trial + normal(rng) > 0.0)).collect()
        };
        (0..seeds).map(|_| row(rng)).collect()
    }
}

/// Models on the same trials, and what is said of them.
struct Table {
    components: Vec<Components>,
    seeds: Vec<SeedVariance>,
    family: Family,
}

fn table(levels: &[f64], seeds: usize, rng: &mut ChaCha8Rng) -> Table {
    let trials: Vec<f64> = (0..TRIALS).map(|_| TRIAL_SPREAD * normal(rng)).collect();
    let rows: Vec<Vec<Vec<f64>>> =
        levels.iter().map(|&level| Simulated::new(level, 0.08).hits(seeds, &trials, rng)).collect();
    let components: Vec<Components> = rows.iter().map(|rows| Components::of(rows).unwrap()).collect();
    let seeds = seed_variances(&components);
    let side = |model: usize| Side { rows: &rows[model], components: &components[model], seed: seeds[model] };
    let family = Family::new(rows.len(), |a, b| Some(difference(side(a), side(b)))).unwrap();
    Table { components, seeds, family }
}

#[test]
fn intervals_cover_and_claims_hold() {
    const REPETITIONS: usize = 150;
    let mut rng = ChaCha8Rng::seed_from_u64(20_261_126);
    for seeds in [2, 3, 5] {
        let (mut covered, mut kept, mut false_claims) = (0, 0, 0);
        for _ in 0..REPETITIONS {
            let Table { components, seeds, family } = table(&[0.85; 6], seeds, &mut rng);
            for (model, variance) in components.iter().zip(&seeds) {
                let interval = accuracy_interval(model, *variance);
                covered += usize::from((interval.low..=interval.high).contains(&0.85));
            }
            kept += (0..6).filter(|&model| family.may_be_best(model)).count();
            false_claims += usize::from(family.holm.iter().any(|&p| p < LEVEL));
        }
        let share = |count: usize, of: usize| count as f64 / of as f64;
        let cells = 6 * REPETITIONS;
        let (covered, kept) = (share(covered, cells), share(kept, cells));
        assert!((0.93..=0.995).contains(&covered), "{seeds} seeds: {covered} of the intervals cover");
        assert!(kept >= 0.95, "{seeds} seeds: {kept} of the best stay in the set");
        let false_claims = share(false_claims, REPETITIONS);
        assert!(false_claims <= 0.05, "{seeds} seeds: {false_claims} of the tables claim a difference");
    }
}

#[test]
fn ninety_against_sixty_is_told_apart_by_two_seeds() {
    let mut rng = ChaCha8Rng::seed_from_u64(90_60);
    let told = (0..60).filter(|_| {
        let Table { family, .. } = table(&[0.9, 0.9, 0.9, 0.6, 0.6, 0.6], 2, &mut rng);
        (3..6).all(|model| !family.may_be_best(model)) && (0..3).any(|model| family.may_be_best(model))
    });
    assert!(told.count() >= 57);
}
