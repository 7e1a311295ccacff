//! What to run, and how long it will take: grids of specs, and estimates from past runs. Knows nothing of files or
//! processes; the notebook keeps the queue and its order, and a worker empties it.

mod batch;
mod complete;
mod grid;
mod pace;

pub use batch::{smaller_batch, smaller_batches};
pub use complete::complete;
pub use grid::{Grid, GridError, check};
pub use pace::{Pace, rough_epoch_seconds};
