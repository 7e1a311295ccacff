//! Training on NVIDIA cards with kernels of its own, for groups of runs at once: which kernels are launched on which buffers, described
//! without a card, and whoever plays it behind [`Player`]. README.md beside this file explains. Knows nothing of disk or queues.

mod arguments;
mod blocks;
mod form;
mod group;
mod member;
mod memory;
mod plan;
mod player;

#[cfg(feature = "cuda")]
pub mod driver;
#[cfg(any(test, feature = "fake"))]
pub mod emulated;

pub use arguments::Address;
pub use form::Form;
pub use group::{Compiled, EpochOrder, EpochResult, EvaluationOrder, Group, SetId};
pub use member::{Invitation, Member};
pub use player::{Kernel, Launch, Player, THREADS};
