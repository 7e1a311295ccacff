//! The screen: a terminal that shows the notebook and takes orders.
//!
//! ```text
//! keys, clock, notebook, machine ──► Message ──► update(&mut App) ──► Effect ──► runtime ──► Message
//!                                                     │
//!                                                     └──► view::render(&App, &Theme, frame)
//! ```
//!
//! `update` and `view` are pure; [`keymap`] is the one table of keys; [`theme`] is all that is known of the terminal.

pub mod action;
pub mod app;
pub mod chart;
mod choices;
pub mod config;
mod delimited;
pub mod effect;
pub mod eta;
#[cfg(test)]
pub(crate) mod fixture;
pub mod form;
mod grid;
mod grouping;
pub mod history;
pub mod import;
pub mod input;
pub mod key;
pub mod keymap;
pub mod list;
pub mod loaded;
pub mod machine;
pub mod memory;
pub mod messages;
mod naming;
mod notes;
mod offers;
pub mod palette;
pub mod pane;
pub mod panes;
mod picker;
pub mod plot;
mod presets;
mod reading;
mod regions;
pub mod runtime;
#[cfg(test)]
mod screens;
mod sheet;
mod survey;
mod tabs;
pub mod term;
pub mod theme;
pub mod toml_file;
pub mod update;
pub mod view;

pub use runtime::{Options, ScreenError, run};
