//! What to run, and how long it will take: grids of specs, the lab's presets, estimates from past runs. Knows nothing of
//! files or processes; the notebook keeps the queue and a worker empties it.

mod grid;
mod pace;

pub use grid::{Grid, GridError, Preset, check};
pub use pace::{Pace, rough_epoch_seconds};
