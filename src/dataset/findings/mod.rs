//! What is noticed about a data set before anything is trained on it: one table, used wherever data are looked at. Nothing here
//! changes a trial; what to do about a finding is the person's to decide.

mod files;
mod signals;

use super::DataSet;
use super::folder::Apart;
use super::measured::Measured;
use crate::spec::{Spec, Standardize};
use serde::Serialize;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Results may suffer.
    Warning,
    /// Results would mean nothing.
    Error,
}

impl Severity {
    /// Its name in files and sentences.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Something that was noticed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which of [`ids`].
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// In which file, subject, electrode or trials.
    #[serde(rename = "where")]
    pub place: String,
    /// What is so, in a sentence.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl Finding {
    /// All of it in a line.
    pub fn sentence(&self) -> String {
        format!("{}: {}: {}; {}", self.id, self.place, self.message, self.remedy)
    }

    /// Whether a run like this would mean nothing. Scaled trials have no unit.
    pub fn stops(&self, spec: &Spec) -> bool {
        self.severity == Severity::Error && !(self.id == "units" && spec.standardize != Standardize::None)
    }
}

/// The findings with which some of these runs would mean nothing.
pub fn stopping<'a>(findings: &'a [Finding], specs: &[&Spec]) -> Vec<&'a Finding> {
    findings.iter().filter(|finding| specs.iter().any(|spec| finding.stops(spec))).collect()
}

/// The kinds of several findings, each once.
pub fn kinds(findings: &[&Finding]) -> Vec<&'static str> {
    let mut ids: Vec<&str> = findings.iter().map(|finding| finding.id).collect();
    ids.dedup();
    ids
}

/// Something that was noticed, without its kind.
struct Seen {
    severity: Severity,
    place: String,
    message: String,
    remedy: String,
}

/// A kind of finding, and where it is looked for.
struct Kind {
    id: &'static str,
    /// In the files, before they are joined.
    in_files: fn(&Apart) -> Vec<Seen>,
    /// In the joined set.
    in_set: fn(&Measured) -> Vec<Seen>,
}

/// Every kind of finding, in the order in which they are told.
static KINDS: [Kind; 12] = [
    Kind { id: "units", in_files: files::rates, in_set: signals::units },
    Kind { id: "scale_mismatch", in_files: nothing, in_set: signals::scale_mismatch },
    Kind { id: "transposed", in_files: files::transposed, in_set: none },
    Kind { id: "label_offset", in_files: files::label_offset, in_set: none },
    Kind { id: "missing_class", in_files: files::missing_class, in_set: signals::missing_class },
    Kind { id: "too_many_classes", in_files: files::too_many_classes, in_set: none },
    Kind { id: "copied_trials", in_files: nothing, in_set: signals::copied_trials },
    Kind { id: "label_leak", in_files: nothing, in_set: signals::label_leak },
    Kind { id: "outlier_trials", in_files: nothing, in_set: signals::outlier_trials },
    Kind { id: "flat_electrode", in_files: nothing, in_set: signals::flat_electrode },
    Kind { id: "too_short", in_files: nothing, in_set: signals::too_short },
    Kind { id: "not_used", in_files: files::not_used, in_set: none },
];

fn nothing(_: &Apart) -> Vec<Seen> {
    Vec::new()
}

fn none(_: &Measured) -> Vec<Seen> {
    Vec::new()
}

/// The names of all kinds.
pub fn ids() -> Vec<&'static str> {
    KINDS.iter().map(|kind| kind.id).collect()
}

/// What there is to notice in the files of a folder, whether or not they make a set.
pub fn in_files(apart: &Apart) -> Vec<Finding> {
    KINDS.iter().flat_map(|kind| named(kind, (kind.in_files)(apart))).collect()
}

/// What there is to notice in a set.
pub fn in_set(data: &DataSet) -> Vec<Finding> {
    let measured = Measured::of(data);
    KINDS.iter().flat_map(|kind| named(kind, (kind.in_set)(&measured))).collect()
}

fn named(kind: &Kind, seen: Vec<Seen>) -> Vec<Finding> {
    let finding =
        |Seen { severity, place, message, remedy }| Finding { id: kind.id, severity, place, message, remedy };
    seen.into_iter().map(finding).collect()
}
