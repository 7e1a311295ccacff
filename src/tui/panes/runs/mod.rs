//! The list of runs, queue and history in one, and under it what the selected one is doing.

mod columns;
mod copy;
mod draw;
mod extent;
mod unread;

pub use columns::shown_columns;
pub use copy::copied;
pub use draw::render;
pub use extent::{HEAD, is_wide, list_height};
