//! The classical pipelines that networks must beat, listed once. `eeg_tui::baseline` executes them.

/// A classical pipeline by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Baseline {
    /// Log variance of each electrode, linear discriminant analysis.
    LogVar,
    /// Common spatial patterns, log power, linear discriminant analysis.
    Csp,
    /// Tangent space of the covariances, logistic regression.
    Tangent,
    /// Means of blocks of 32 samples, shrunk linear discriminant analysis: for slow potentials.
    Blocks,
}

impl Baseline {
    /// Every one, simplest first.
    pub const ALL: [Baseline; 4] = [Baseline::LogVar, Baseline::Csp, Baseline::Tangent, Baseline::Blocks];

    /// The name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Baseline::LogVar => "logvar",
            Baseline::Csp => "csp",
            Baseline::Tangent => "tangent",
            Baseline::Blocks => "blocks",
        }
    }

    /// The name in tables.
    pub fn label(self) -> &'static str {
        match self {
            Baseline::LogVar => "log-variance + LDA",
            Baseline::Csp => "CSP + LDA",
            Baseline::Tangent => "tangent space + LR",
            Baseline::Blocks => "block means + LDA",
        }
    }
}
