//! Reading what many runs have to show, for one table or page. A file that the system refuses to read is not one that is missing:
//! the first refusal is kept, and whoever made the table asks for it before showing it. Knows nothing of tables.

use super::{Evidence, Notebook, NotebookError};
use crate::event::Epoch;
use crate::spec::Rule;
use std::cell::RefCell;
use std::sync::Arc;

/// Runs being read for one purpose.
#[derive(Debug)]
pub struct Reading<'a> {
    notebook: &'a Notebook,
    refused: RefCell<Option<NotebookError>>,
}

impl Notebook {
    /// Begins to read runs for one table or page.
    pub fn reading(&self) -> Reading<'_> {
        Reading { notebook: self, refused: RefCell::default() }
    }
}

impl Reading<'_> {
    /// What a run has to show for the epoch that a rule picks; nothing of a run that is not there.
    pub fn evidence(&self, id: &str, rule: Rule) -> Arc<Evidence> {
        Arc::new(self.kept(self.notebook.run(id).and_then(|run| run.evidence(rule))))
    }

    /// A run's epochs; none of a run that is not there.
    pub fn epochs(&self, id: &str) -> Vec<Epoch> {
        self.kept(self.notebook.run(id).and_then(|run| run.epochs()))
    }

    /// Whether all could be read that is there: else what was made of it says something else than the runs do.
    pub fn end(self) -> Result<(), NotebookError> {
        self.refused.into_inner().map_or(Ok(()), Err)
    }

    fn kept<T: Default>(&self, read: Result<T, NotebookError>) -> T {
        NotebookError::or_nothing(read).unwrap_or_else(|error| {
            self.refused.borrow_mut().get_or_insert(error);
            T::default()
        })
    }
}
