//! What one look at a data set says, before it is taken for new runs.

use crate::dataset::Looked;
use crate::dataset::findings::Severity;
use crate::model::Geometry;

/// What one look at a set says.
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    /// Trials to train on.
    pub train: usize,
    /// Trials to test on.
    pub test: usize,
    /// Names of its subjects.
    pub subjects: Vec<String>,
    /// Which recordings these are.
    pub fingerprint: String,
    /// What a network for its trials is built for.
    pub geometry: Geometry,
    /// Trials with missing samples.
    pub incomplete: usize,
    /// What was noticed about it.
    pub findings: usize,
    /// Findings with which results would mean nothing.
    pub errors: usize,
}

impl Survey {
    /// Looks at a set.
    pub fn of(Looked { data, findings }: &Looked) -> Self {
        Survey {
            train: data.train.len(),
            test: data.test.len(),
            subjects: data.subjects.clone(),
            fingerprint: data.source.fingerprint.clone(),
            geometry: data.geometry(),
            incomplete: data.train.incomplete() + data.test.incomplete(),
            findings: findings.len(),
            errors: findings.iter().filter(|finding| finding.severity == Severity::Error).count(),
        }
    }
}
