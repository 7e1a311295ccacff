//! Two models on the same test trials: their difference, its interval, and how likely it is by chance.

use super::crossed::{SeedVariance, satterthwaite};
use super::distribution::{binomial_upper, t_quantile, t_upper};
use super::{CONFIDENCE, Components};

/// A model's results with what is known of its seeds.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// A row a seed, a column a trial: hits, or pseudo-values.
    pub rows: &'a [Vec<f64>],
    /// What they come to.
    pub components: &'a Components,
    /// Its seed variance, moderated over the table that it is judged in.
    pub seed: SeedVariance,
}

/// What a difference speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum Covers {
    /// These runs on new trials.
    #[serde(rename = "trials")]
    Trials,
    /// New seeds on new trials.
    #[serde(rename = "seeds and trials")]
    SeedsAndTrials,
    /// Likewise, a single run's seed variance being taken from the others of its table.
    #[serde(rename = "seeds (borrowed) and trials")]
    BorrowedSeedsAndTrials,
    /// New people.
    #[serde(rename = "subjects")]
    Subjects,
    /// The folds of this data set.
    #[serde(rename = "this data set")]
    Folds,
}

/// First minus second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The difference of the means.
    pub mean: f64,
    /// Its variance.
    pub variance: f64,
    /// Degrees of freedom of the variance.
    pub df: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Two-sided p.
    pub p: f64,
    /// One-sided p that the first is better.
    pub p_greater: f64,
    /// One-sided p that the second is.
    pub p_less: f64,
    /// Trials on which they differ.
    pub discordant: usize,
    /// What it speaks for.
    pub covers: Covers,
}

/// Pseudo-values that differ by less are the same but for rounding; hits differ by whole seeds.
const EQUAL: f64 = 1e-9;

/// First minus second, `mean` being the difference of the metric itself; for hits that is the difference of the means. Any
/// numbers of seeds. Two more discordant trials of the usual size are counted in (Bonett and Price 2012, aware of seeds), so
/// that four against none prove nothing. Where no seed variance is known at all, hits are judged by McNemar's exact test.
pub fn difference(first: Side, second: Side) -> Difference {
    let (a, b) = (first.rows.len() as f64, second.rows.len() as f64);
    let n = first.components.trials.min(second.components.trials);
    let sum = |rows: &[Vec<f64>], trial: usize| rows.iter().map(|row| row[trial]).sum::<f64>();
    // Whole numbers for hits, so that equal ones cancel exactly.
    let counts: Vec<f64> =
        (0..n).map(|trial| sum(first.rows, trial) * b - sum(second.rows, trial) * a).collect();
    let differences: Vec<f64> = counts.iter().map(|count| count / (a * b)).collect();
    let of_rows = differences.iter().sum::<f64>() / n as f64;
    let mean = first.components.mean - second.components.mean;
    // Of hits the two are one but for rounding; the exact one is kept, so that equal models differ by 0.
    let mean = if (mean - of_rows).abs() < 1e-12 { of_rows } else { mean };
    let discordant = counts.iter().filter(|count| count.abs() > EQUAL).count();
    let squares: f64 = differences.iter().map(|difference| difference * difference).sum();
    let size = n as f64;
    let enlarged = if discordant > 0 { squares * (1.0 + 2.0 / discordant as f64) } else { 2.0 };
    let from_trials = (enlarged - size * of_rows * of_rows) / (size * (size - 1.0));
    let variance = from_trials + first.seed.variance / a + second.seed.variance / b;
    let of_seeds = first.seed.mean_square / a + second.seed.mean_square / b;
    // What both know was lent by the same others: the lesser counts.
    let seed_df = [first.seed.df, second.seed.df].into_iter().filter(|&df| df > 0).min().unwrap_or(0);
    let df = satterthwaite(variance, from_trials, n, of_seeds, seed_df);
    let are_hits = first.rows.iter().chain(second.rows).flatten().all(|&value| value == 0.0 || value == 1.0);
    let (p_greater, p_less) = if seed_df == 0 && are_hits {
        let ahead = counts.iter().filter(|&&count| count > EQUAL).count();
        mcnemar(ahead, discordant - ahead)
    } else {
        let t = mean / variance.sqrt();
        (t_upper(t, df), t_upper(-t, df))
    };
    let half = t_quantile(CONFIDENCE, df) * variance.sqrt();
    let single = |side: &Side| side.rows.len() == 1 && !side.components.fixed;
    let covers = match seed_df {
        0 => Covers::Trials,
        _ if single(&first) || single(&second) => Covers::BorrowedSeedsAndTrials,
        _ => Covers::SeedsAndTrials,
    };
    Difference {
        mean,
        variance,
        df,
        low: if are_hits { (mean - half).max(-1.0) } else { mean - half },
        high: if are_hits { (mean + half).min(1.0) } else { mean + half },
        p: (2.0 * p_greater.min(p_less)).min(1.0),
        p_greater,
        p_less,
        discordant,
        covers,
    }
}

impl Difference {
    /// Second minus first.
    pub fn reversed(self) -> Self {
        Difference {
            mean: -self.mean,
            low: -self.high,
            high: -self.low,
            p_greater: self.p_less,
            p_less: self.p_greater,
            ..self
        }
    }
}

/// McNemar's exact test (McNemar 1947): if neither is better, each trial that one alone got right is a fair coin.
/// One-sided p that the first is better, and that the second is.
fn mcnemar(only_first: usize, only_second: usize) -> (f64, f64) {
    let both = only_first + only_second;
    (binomial_upper(only_first, both, 0.5), binomial_upper(only_second, both, 0.5))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(text: &str) -> Vec<f64> {
        text.chars().map(|hit| f64::from(hit == '1')).collect()
    }

    #[test]
    fn single_runs_are_judged_by_mcnemar_and_turn_round() {
        let (a, b) = ([hits("1111111110")], [hits("0000000001")]);
        let (of_a, of_b) = (Components::of(&a).unwrap(), Components::of(&b).unwrap());
        let side = |rows, components| Side { rows, components, seed: SeedVariance::default() };
        let found = difference(side(&a, &of_a), side(&b, &of_b));
        // scipy.stats.binomtest(1, 10).pvalue
        assert!((found.p - 0.021484375).abs() < 1e-12 && found.p_greater < 0.05);
        assert_eq!(found.covers, Covers::Trials);
        assert_eq!(difference(side(&b, &of_b), side(&a, &of_a)), found.reversed());
    }
}
