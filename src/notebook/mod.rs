//! The notebook on disk: one folder a run, plain files that `ls`, `cat` and `jq` read. Knows nothing of training or of
//! any screen.

mod error;
mod printable;
mod summary;

pub use error::{NotebookError, is_full_disk};
pub use printable::printable;
pub use summary::{RunState, RunSummary};
