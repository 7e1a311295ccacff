//! What a finished run has to show for the epoch that a selection rule picks.

use super::error::NotebookError;
use super::run_dir::RunDir;
use crate::event::Event;
use crate::predictions::Predictions;
use crate::spec::Rule;

/// What is kept about the epoch that a rule picks. A run whose files are gone or damaged still counts by what is left.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// The epoch.
    pub epoch: Option<u32>,
    /// What it said about each test trial.
    pub test: Option<Predictions>,
    /// What it said about each trial that was held out.
    pub validation: Option<Predictions>,
    /// Accuracy on the trials that were held out.
    pub validation_accuracy: Option<f64>,
    /// Mean loss on them.
    pub validation_loss: Option<f64>,
}

impl RunDir {
    /// Reads what there is. An error is a refusal of the system.
    pub fn evidence(&self, rule: Rule) -> Result<Evidence, NotebookError> {
        let read = |text: Result<Option<String>, NotebookError>| -> Result<_, NotebookError> {
            Ok(NotebookError::or_nothing(text)?.and_then(|text| Predictions::from_csv(&text).ok()))
        };
        let mut evidence = Evidence {
            test: read(self.predictions(rule))?,
            validation: read(self.validation_predictions(rule))?,
            ..Evidence::default()
        };
        let events = NotebookError::or_nothing(self.events())?;
        let finished = events.iter().rev().find_map(|record| match &record.event {
            Event::Finished(finished) => Some(finished),
            _ => None,
        });
        evidence.epoch = finished.and_then(|finished| finished.picked.get(&rule).copied().flatten());
        let picked = events.iter().rev().find_map(|record| match &record.event {
            Event::Epoch(epoch) if Some(epoch.epoch) == evidence.epoch => Some(epoch),
            _ => None,
        });
        if let Some(epoch) = picked {
            (evidence.validation_accuracy, evidence.validation_loss) = (epoch.val_acc, epoch.val_loss);
        }
        Ok(evidence)
    }
}
