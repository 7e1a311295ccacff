//! eeg-tui: a terminal lab notebook for EEG classification.
//!
//! Data flows one way: a [`spec`] says what to run, [`plan`] makes many of one, [`worker`] takes them up, [`train`] turns one
//! into [`event`]s, [`notebook`] keeps these, [`table`] judges them, and [`tui`] and [`cli`] show them. Each module stands on a
//! floor and uses only what lies on the floors below; `tests/architecture.rs` holds that.
//! [`nn`], [`model`] and [`random`] are a crate of their own, in `nn/`, for the compiler's sake.
//!
//! ```text
//! the two ways in                │ cli
//!                                │ tui
//! pages made of tables            │ report
//! tables of what is in the notebook, grids of what is to come, who trains it, which runs are meant
//!                                │ table plan worker filter export
//! one run, from spec to events; runs on disk
//!                                │ train notebook
//! computing: networks, baselines │ nn baseline
//! recordings made into trials    │ recording
//! trials; networks in files      │ dataset catalogue
//! what happens to a run          │ event
//! the report that this began with │ lab
//! what to run, and what a result is worth
//!                                │ spec metric
//! words that all use             │ model predictions signal stats
//! random streams by name          │ random
//! files, text from them, the time, spans of it, labels of an axis, so many of a thing
//!                                │ disk tensor_file printable clock duration ticks counted
//! ```
#![deny(missing_docs)]
// Files are opened through `disk` alone. Tests make what they need as they like.
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

pub mod baseline;
pub mod catalogue;
pub mod cli;
pub mod clock;
pub mod counted;
pub mod dataset;
pub mod disk;
pub mod duration;
pub mod event;
pub mod export;
pub mod filter;
pub mod lab;
pub mod metric;
pub mod notebook;
pub mod plan;
pub mod predictions;
pub mod printable;
pub mod recording;
pub mod report;
pub mod signal;
pub mod spec;
pub mod stats;
pub mod table;
pub mod tensor_file;
pub mod ticks;
pub mod train;
pub mod tui;
pub mod worker;

// The other crate, in `nn`.
pub use eeg_nn::{self as nn, model, random};
