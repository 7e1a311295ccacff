//! What a network said about each test trial, as a table people can read: `trial,subject,label,predicted,p_<class>…`.
//! Knows nothing of where the file lies.

/// Predictions for a test set, one row a trial in the set's order.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictions {
    /// The classes' names; labels are indices into them.
    pub classes: Vec<String>,
    /// One a trial.
    pub rows: Vec<Prediction>,
}

/// What was said about one trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Whose trial it is.
    pub subject: String,
    /// The true class.
    pub label: u32,
    /// The class with the largest probability, the first of equals.
    pub predicted: u32,
    /// Probability of each class.
    pub probabilities: Vec<f32>,
}

impl Predictions {
    /// Share of trials whose class was found.
    pub fn accuracy(&self) -> f64 {
        let right = self.rows.iter().filter(|row| row.label == row.predicted).count();
        right as f64 / self.rows.len().max(1) as f64
    }
}
