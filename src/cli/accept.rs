//! `--accept`: what was noticed about data is said before runs on them are enqueued, and stops those that would mean nothing.

use super::Failure;
use crate::dataset::findings::{self, Finding, Severity};
use crate::printable::printable;
use crate::spec::Spec;
use clap::builder::PossibleValuesParser;
use std::io::Write;

/// The findings that shall stop no run.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Accept {
    /// Findings of 'data check' that would stop a run, and shall not
    #[arg(long = "accept", value_name = "ID,…", value_delimiter = ',', hide_possible_values = true, help_heading = super::THE_RUN,
        value_parser = PossibleValuesParser::new(findings::ids()))]
    accept: Vec<String>,
}

impl Accept {
    /// Says what was noticed about the data, and refuses runs that would mean nothing, unless that was accepted.
    pub fn heed(&self, findings: &[Finding], specs: &[Spec]) -> Result<(), Failure> {
        let mut stopping = findings::stopping(findings, &specs.iter().collect::<Vec<_>>());
        stopping.retain(|finding| self.accept.iter().all(|id| id != finding.id));
        let others = findings.iter().filter(|finding| !stopping.contains(finding));
        for finding in others.filter(|finding| finding.severity > Severity::Note) {
            let sentence = finding.sentence();
            let _ = writeln!(std::io::stderr(), "{}: {}", finding.severity.name(), printable(&sentence));
        }
        let Some(first) = stopping.first() else { return Ok(()) };
        let accept = findings::kinds(&stopping).join(",");
        Err(Failure::work(format!("{}; or go on with --accept {accept}", first.sentence())))
    }
}
