//! Which epoch each selection rule picks. Knows nothing of how epochs come about.

/// The best epochs so far. The rule `last` needs no memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picks {
    /// Least validation loss, the first of equals.
    pub validation: Option<Candidate>,
    /// Best test accuracy, the first of equals.
    pub best_test: Option<Candidate>,
}

/// An epoch that a rule would pick.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Counted from 1.
    pub epoch: u32,
    /// What the rule compares: a loss or an accuracy.
    pub score: f64,
    /// Training steps behind the weights.
    pub step: u64,
    /// All trainable values after that epoch.
    pub theta: Vec<f32>,
    /// All running statistics after that epoch.
    pub running: Vec<f32>,
    /// Test logits, (trial, class) in row order.
    pub logits: Vec<f32>,
}
