//! What Enter opens in a pane.

/// What Enter opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Open {
    /// One run, in Detail.
    Run(String),
    /// These runs, in Runs.
    Runs(Vec<String>),
}
