//! How predictions agree with the truth.

/// A confusion matrix: how often each class was taken for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    classes: usize,
    counts: Vec<usize>,
}

impl Confusion {
    /// Counts (true class, predicted class) pairs; both are indices below `classes`, others are left out.
    pub fn new(classes: usize, pairs: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let mut counts = vec![0; classes * classes];
        for (truth, predicted) in pairs {
            let (truth, predicted) = (truth as usize, predicted as usize);
            if truth < classes && predicted < classes {
                counts[truth * classes + predicted] += 1;
            }
        }
        Confusion { classes, counts }
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Trials of class `truth` that were taken for `predicted`.
    pub fn count(&self, truth: usize, predicted: usize) -> usize {
        self.counts[truth * self.classes + predicted]
    }

    /// All trials.
    pub fn trials(&self) -> usize {
        self.counts.iter().sum()
    }

    /// Share of the trials that were classified right; `None` without trials.
    pub fn accuracy(&self) -> Option<f64> {
        let trials = self.trials();
        let right: usize = (0..self.classes).map(|class| self.count(class, class)).sum();
        (trials > 0).then(|| right as f64 / trials as f64)
    }

    /// Cohen's κ (Cohen 1960): accuracy beyond what the classes' frequencies alone would give, 0 at chance and 1 at best.
    /// `None` without trials, and where truth and prediction are one and the same class throughout.
    pub fn kappa(&self) -> Option<f64> {
        let (observed, trials) = (self.accuracy()?, self.trials() as f64);
        let by_chance: f64 = (0..self.classes)
            .map(|class| {
                let true_ones: usize = (0..self.classes).map(|other| self.count(class, other)).sum();
                let predicted: usize = (0..self.classes).map(|other| self.count(other, class)).sum();
                (true_ones as f64 / trials) * (predicted as f64 / trials)
            })
            .sum();
        (by_chance < 1.0).then(|| (observed - by_chance) / (1.0 - by_chance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_counts(rows: [[usize; 2]; 2]) -> Confusion {
        Confusion { classes: 2, counts: rows.concat() }
    }

    #[test]
    fn kappa_of_the_textbook() {
        // Cohen's κ on Wikipedia: 20, 5, 10, 15 gives accuracy 0.7, chance 0.5, κ 0.4.
        let confusion = from_counts([[20, 5], [10, 15]]);
        assert_eq!(confusion.accuracy(), Some(0.7));
        assert!((confusion.kappa().unwrap() - 0.4).abs() < 1e-12);
    }

    #[test]
    fn pairs_are_counted_by_truth_then_prediction() {
        let confusion = Confusion::new(2, [(0, 0), (0, 1), (0, 1), (1, 1), (5, 0)]);
        assert_eq!(confusion, from_counts([[1, 2], [0, 1]]));
    }

    #[test]
    fn one_class_throughout_has_no_kappa() {
        assert_eq!(from_counts([[9, 0], [0, 0]]).kappa(), None);
        assert_eq!(from_counts([[0, 0], [0, 0]]).accuracy(), None);
    }
}
