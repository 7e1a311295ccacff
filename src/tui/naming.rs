//! What runs are called in sentences.

use crate::spec::Spec;

/// A run by what it trains: `EEGNet ELU 0.3 seed 1`.
pub fn run(spec: &Spec) -> String {
    spec.title()
}
