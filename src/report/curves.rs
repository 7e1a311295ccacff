//! Mean curves over the seeds of a cell, with the band between the least and the greatest of them.

use crate::event::Epoch;

/// More points than this are not seen in a chart of a page's width; what lies between is left out.
const POINTS: usize = 120;

/// What a chart draws against the epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Test accuracy, a fraction.
    Accuracy,
    /// Training loss, mean per trial.
    Loss,
}

impl Quantity {
    fn of(self, epoch: &Epoch) -> f64 {
        match self {
            Quantity::Accuracy => epoch.test_acc,
            Quantity::Loss => epoch.train_loss,
        }
    }
}

/// One point of a mean curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The epoch.
    pub epoch: u32,
    /// Least of the seeds.
    pub low: f64,
    /// Their mean.
    pub mean: f64,
    /// Greatest of them.
    pub high: f64,
}

/// The seeds of a cell as one curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Such as `ELU 0.3`.
    pub title: String,
    /// Seeds.
    pub n: usize,
    /// Test accuracy.
    pub accuracy: Vec<Point>,
    /// Training loss.
    pub loss: Vec<Point>,
}

impl Group {
    /// `None` without epochs. Runs of one cell have the same number of epochs; of a shorter one the rest is missing.
    pub fn of(title: String, runs: &[Vec<Epoch>]) -> Option<Group> {
        let longest = runs.iter().map(Vec::len).max().filter(|&longest| longest > 0)?;
        let step = longest.div_ceil(POINTS);
        let curve = |quantity| {
            let places = (0..longest).filter(|place| place % step == 0 || place + 1 == longest);
            places.filter_map(|place| point(runs, place, quantity)).collect()
        };
        Some(Group { title, n: runs.len(), accuracy: curve(Quantity::Accuracy), loss: curve(Quantity::Loss) })
    }

    /// Its curve of a quantity.
    pub fn curve(&self, quantity: Quantity) -> &[Point] {
        match quantity {
            Quantity::Accuracy => &self.accuracy,
            Quantity::Loss => &self.loss,
        }
    }
}

fn point(runs: &[Vec<Epoch>], place: usize, quantity: Quantity) -> Option<Point> {
    let epochs = || runs.iter().filter_map(|run| run.get(place));
    // A loss that overflowed has no place in a chart.
    let values: Vec<f64> =
        epochs().map(|epoch| quantity.of(epoch)).filter(|value| value.is_finite()).collect();
    let count = values.len() as f64;
    Some(Point {
        epoch: epochs().next()?.epoch,
        low: values.iter().copied().reduce(f64::min)?,
        mean: values.iter().sum::<f64>() / count,
        high: values.iter().copied().reduce(f64::max)?,
    })
}
