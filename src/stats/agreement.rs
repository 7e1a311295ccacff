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

    /// The trials of both together, of the same classes.
    pub fn plus(mut self, other: &Confusion) -> Confusion {
        self.counts.iter_mut().zip(&other.counts).for_each(|(count, more)| *count += more);
        self
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

    /// The mean over classes that occur of the share found of each; `None` without trials.
    pub fn balanced_accuracy(&self) -> Option<f64> {
        let recalls = (0..self.classes).filter_map(|class| {
            let all = self.truly(class);
            (all > 0).then(|| self.count(class, class) as f64 / all as f64)
        });
        super::mean(&recalls.collect::<Vec<_>>())
    }

    /// The mean of the classes' F1 scores, over those that occur or were said; `None` without trials.
    pub fn macro_f1(&self) -> Option<f64> {
        let scores = (0..self.classes).filter_map(|class| {
            let either = self.truly(class) + self.said(class);
            (either > 0).then(|| 2.0 * self.count(class, class) as f64 / either as f64)
        });
        super::mean(&scores.collect::<Vec<_>>())
    }

    /// The same without one trial of a class that was taken for another.
    pub fn without(&self, truth: u32, said: u32) -> Confusion {
        let mut fewer = self.clone();
        if let Some(count) = fewer.counts.get_mut(truth as usize * self.classes + said as usize) {
            *count = count.saturating_sub(1);
        }
        fewer
    }

    /// Counts row by row: the true class down, the predicted one across.
    pub fn rows(&self) -> Vec<Vec<usize>> {
        self.counts.chunks(self.classes.max(1)).map(<[usize]>::to_vec).collect()
    }

    /// Trials of a class.
    fn truly(&self, class: usize) -> usize {
        (0..self.classes).map(|other| self.count(class, other)).sum()
    }

    /// Trials that were taken for a class.
    fn said(&self, class: usize) -> usize {
        (0..self.classes).map(|other| self.count(other, class)).sum()
    }

    /// Cohen's κ (Cohen 1960): accuracy beyond what the classes' frequencies alone would give, 0 at chance and 1 at best.
    /// `None` without trials, and where truth and prediction are one and the same class throughout.
    pub fn kappa(&self) -> Option<f64> {
        let (observed, trials) = (self.accuracy()?, self.trials() as f64);
        let by_chance: f64 = (0..self.classes)
            .map(|class| (self.truly(class) as f64 / trials) * (self.said(class) as f64 / trials))
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
