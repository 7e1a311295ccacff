//! One model's results as seeds × trials, taken apart: a two-way crossed analysis of variance without replication, which is
//! the one-shot estimate of multi-reader studies (Gallas 2006; Hillis 2007).

use super::scale::Scale;

/// What a seeds × trials matrix comes to. Its entries are hits (0 or 1), or any metric's pseudo-values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Components {
    /// Rows: S.
    pub seeds: usize,
    /// Columns: N, the same trials for every seed.
    pub trials: usize,
    /// The mean over all of it, or the metric averaged over seeds.
    pub mean: f64,
    /// Variance over trials of their mean over seeds (over N − 1).
    pub trial_variance: f64,
    /// What tells seeds apart; `None` of one seed.
    pub between: Option<Between>,
    /// The scale on which a seed's variance is carried from one model to another: p(1 − p) for shares.
    pub scale: f64,
    /// Whether nothing in it is left to a seed, so that its one row is all that it can ever say.
    pub fixed: bool,
}

/// Mean squares between seeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Between {
    /// MS_S: N times the variance of the seeds' means.
    pub seeds: f64,
    /// MS_E: what neither seed nor trial explains.
    pub rest: f64,
}

impl Components {
    /// Takes a matrix apart; `None` unless it has a seed, two trials, and rows of one length.
    pub fn of(rows: &[Vec<f64>]) -> Option<Self> {
        let (seeds, trials) = (rows.len(), rows.first()?.len());
        if trials < 2 || rows.iter().any(|row| row.len() != trials) {
            return None;
        }
        let of_trial: Vec<f64> = trial_means(rows);
        let of_seed: Vec<f64> = rows.iter().map(|row| row.iter().sum::<f64>() / trials as f64).collect();
        let mean = of_seed.iter().sum::<f64>() / seeds as f64;
        let spread = |values: &[f64]| values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        let between = (seeds > 1).then(|| {
            let rest = rows.iter().zip(&of_seed).flat_map(|(row, seed)| {
                row.iter().zip(&of_trial).map(move |(value, trial)| (value - seed - trial + mean).powi(2))
            });
            Between {
                seeds: trials as f64 * spread(&of_seed) / (seeds - 1) as f64,
                rest: rest.sum::<f64>() / ((seeds - 1) * (trials - 1)) as f64,
            }
        });
        Some(Components {
            seeds,
            trials,
            mean,
            trial_variance: spread(&of_trial) / (trials - 1) as f64,
            between,
            scale: mean * (1.0 - mean),
            fixed: false,
        })
    }

    /// The same of a model in which nothing is left to a seed.
    pub fn fixed(self) -> Self {
        Components { fixed: true, ..self }
    }

    /// The same about a metric whose pseudo-values the matrix holds: its own mean over seeds, and its scale.
    pub fn about(self, mean: f64, scale: Scale) -> Self {
        Components { mean, scale: scale.of(mean), ..self }
    }

    /// The variance of a new seed's mean, as estimated: below 0 where seeds differ less than their rest explains.
    pub fn seed_variance(&self) -> Option<f64> {
        self.between.map(|between| (between.seeds - between.rest) / self.trials as f64)
    }

    /// The variance of single trials beyond the rest, as estimated.
    pub fn single_trial_variance(&self) -> Option<f64> {
        self.between.map(|between| self.trial_variance - between.rest / self.seeds as f64)
    }
}

/// Each trial's mean over seeds.
pub(super) fn trial_means(rows: &[Vec<f64>]) -> Vec<f64> {
    let trials = rows.first().map_or(0, Vec::len);
    let sum = |trial: usize| rows.iter().map(|row| row[trial]).sum::<f64>();
    (0..trials).map(|trial| sum(trial) / rows.len() as f64).collect()
}

/// What is known of a model's seed variance once the models beside it have lent their knowledge.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SeedVariance {
    /// The variance of one seed's mean; never below 0.
    pub variance: f64,
    /// The same without taking the rest away: for degrees of freedom alone.
    pub mean_square: f64,
    /// Degrees of freedom behind it; 0 where nothing is known.
    pub df: usize,
}

/// Degrees of freedom that a model may borrow from the others of its table.
const BORROWED: usize = 2;

/// The seed variance of every model of a table, moderated: with two or three seeds each has next to no knowledge of its own,
/// so up to two degrees of freedom come from the others, carried over on the p(1 − p) scale (the idea is Smyth's 2004).
pub fn seed_variances(models: &[Components]) -> Vec<SeedVariance> {
    (0..models.len()).map(|model| moderated(models, model)).collect()
}

fn moderated(models: &[Components], model: usize) -> SeedVariance {
    let (mut lent, mut variance, mut mean_square) = (0, 0.0, 0.0);
    for (place, other) in models.iter().enumerate() {
        if let (true, Some(own)) = (place != model && other.scale > 0.0, other.between) {
            let df = other.seeds - 1;
            let trials = other.trials as f64;
            lent += df;
            variance += df as f64 * (own.seeds - own.rest) / trials / other.scale;
            mean_square += df as f64 * own.seeds / trials / other.scale;
        }
    }
    let this = &models[model];
    if this.fixed {
        return SeedVariance::default();
    }
    let (own_df, borrowed) = (this.seeds - 1, lent.min(BORROWED));
    let df = own_df + borrowed;
    if df == 0 {
        return SeedVariance::default();
    }
    let from_others =
        |sum: f64| if lent > 0 { borrowed as f64 * sum / lent as f64 * this.scale } else { 0.0 };
    let own_square = this.between.map_or(0.0, |between| between.seeds / this.trials as f64);
    let blend = |own: f64, others: f64| (own_df as f64 * own + from_others(others)) / df as f64;
    SeedVariance {
        variance: blend(this.seed_variance().unwrap_or(0.0), variance).max(0.0),
        mean_square: blend(own_square, mean_square),
        df,
    }
}

/// Satterthwaite's degrees of freedom of a variance: a part from trials, known with N − 1, and one from seeds, known with
/// `seed_df` and entering by its full mean square (Hillis 2007). Never below 1.
pub(super) fn satterthwaite(
    variance: f64,
    from_trials: f64,
    trials: usize,
    from_seeds: f64,
    seed_df: usize,
) -> f64 {
    let of_seeds = if seed_df > 0 { from_seeds * from_seeds / seed_df as f64 } else { 0.0 };
    let below = from_trials * from_trials / (trials - 1) as f64 + of_seeds;
    if below > 0.0 { (variance * variance / below).max(1.0) } else { (trials - 1) as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_leave_the_trials_variance_alone() {
        let row = vec![1.0, 1.0, 0.0, 1.0];
        let found = Components::of(&[row.clone(), row]).unwrap();
        assert_eq!((found.mean, found.trial_variance), (0.75, 0.25));
        assert_eq!(found.between, Some(Between { seeds: 0.0, rest: 0.0 }));
        assert_eq!(seed_variances(&[found]), [SeedVariance { variance: 0.0, mean_square: 0.0, df: 1 }]);
    }

    #[test]
    fn what_no_seed_decides_borrows_no_seed_variance() {
        let rows = [vec![1.0, 1.0, 0.0, 1.0, 0.0], vec![1.0, 0.0, 0.0, 0.0, 1.0]];
        let (two, one) = (Components::of(&rows).unwrap(), Components::of(&rows[..1]).unwrap());
        let single = seed_variances(&[two, one]);
        let fixed = seed_variances(&[two, one.fixed()]);
        assert_eq!((single[1].df, fixed[1]), (1, SeedVariance::default()));
        assert_eq!(single[0], fixed[0]);
    }

    #[test]
    fn what_is_no_matrix_is_not_taken_apart() {
        assert_eq!(Components::of(&[]), None);
        assert_eq!(Components::of(&[vec![1.0]]), None);
        assert_eq!(Components::of(&[vec![1.0, 0.0], vec![1.0]]), None);
    }
}
