//! The classical pipelines that networks must beat: log variance, common spatial patterns, tangent space, block means.
//! Pure functions in double precision, from training trials to a fitted pipeline and from that to scores; the same
//! trials always give the same numbers. Knows nothing of specs, files or the notebook.

mod covariance;
mod csp;
mod discriminant;
mod error;
mod features;
mod linear;
mod logistic;
mod pipeline;
mod saved;
mod symmetric;
mod tangent;
mod trials;

pub use error::BaselineError;
pub use pipeline::Fitted;
pub use saved::SavedBaselineError;
pub use trials::Trials;

#[cfg(test)]
mod tests;
