//! Many models at once: which may be called the best, and which differ.

use super::LEVEL;
use super::pair::Difference;

/// All that the differences of a table of models allow to say.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// How many models there are.
    models: usize,
    /// Each pair's difference, first minus second, ordered as (0, 1), (0, 2) … (1, 2) ….
    pub pairs: Vec<((usize, usize), Difference)>,
    /// Two-sided p of each pair, adjusted by Holm.
    pub holm: Vec<f64>,
    /// For each model the p that it is the best; below 5 % it is not in the set.
    pub p_best: Vec<f64>,
}

impl Family {
    /// Judges so many models by what lies between any two of them, first minus second, more being better; `None` where that is
    /// not known of every pair, or there is none.
    pub fn new(models: usize, difference: impl Fn(usize, usize) -> Option<Difference>) -> Option<Self> {
        let pairs = (0..models).flat_map(|a| (a + 1..models).map(move |b| (a, b)));
        let pairs: Vec<((usize, usize), Difference)> =
            pairs.map(|(a, b)| Some(((a, b), difference(a, b)?))).collect::<Option<_>>()?;
        let holm = holm(&pairs.iter().map(|(_, difference)| difference.p).collect::<Vec<_>>());
        let mut family = Family { models, pairs, holm, p_best: Vec::new() };
        family.p_best = (0..models).map(|model| family.p_is_best(model)).collect();
        (models > 1).then_some(family)
    }

    /// The p of a pair, adjusted by Holm.
    pub fn adjusted(&self, first: usize, second: usize) -> Option<f64> {
        let wanted = (first.min(second), first.max(second));
        let place = self.pairs.iter().position(|(pair, _)| *pair == wanted)?;
        self.holm.get(place).copied()
    }

    /// First minus second; `None` of a model and itself.
    pub fn difference(&self, first: usize, second: usize) -> Option<Difference> {
        let wanted = (first.min(second), first.max(second));
        let (_, found) = self.pairs.iter().find(|(pair, _)| *pair == wanted)?;
        Some(if first < second { *found } else { found.reversed() })
    }

    /// Whether a model is in the 95 % confidence set of the best.
    pub fn may_be_best(&self, model: usize) -> bool {
        self.p_best.get(model).is_some_and(|&p| p >= LEVEL)
    }

    /// Multiple comparisons with the best (Hsu 1981): the least one-sided p that another beats it, times their number.
    fn p_is_best(&self, model: usize) -> f64 {
        let others = (0..self.models).filter(|&other| other != model);
        let beaten = others.filter_map(|other| Some(self.difference(other, model)?.p_greater));
        match beaten.min_by(f64::total_cmp) {
            Some(least) => (least * (self.models - 1) as f64).min(1.0),
            None => 1.0,
        }
    }
}

/// p values adjusted by Holm's step-down procedure (Holm 1979), in the order given: each may be compared with the level
/// of the whole family, whatever the tests' dependence.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut adjusted = vec![0.0; p.len()];
    let mut largest_so_far: f64 = 0.0;
    for (rank, &test) in order.iter().enumerate() {
        largest_so_far = largest_so_far.max((p[test] * (p.len() - rank) as f64).min(1.0));
        adjusted[test] = largest_so_far;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holm_steps_down_and_never_overtakes() {
        // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") gives 0.03 0.06 0.06 0.02.
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (found, expected) in adjusted.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((found - expected).abs() < 1e-15, "{adjusted:?}");
        }
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
        assert!(holm(&[]).is_empty());
    }
}
