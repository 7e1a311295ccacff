//! eeg-tui: a terminal lab notebook for EEG classification.
//!
//! Data flows one way, and nothing imports upwards:
//!
//! ```text
//! spec ──► queue ──► worker ──► train ──► event ──► notebook ──► tui::app ──► tui::view
//!  what     in which   in its     on which   what       kept on     folded       drawn
//!  to run   order      process    device     happened   disk
//! ```
//!
//! * [`spec`] says all there is to say about one run; [`event`] says what happened to it.
//! * [`dataset`] reads recordings and makes trials ready; [`model`] is the two networks as data;
//!   [`nn`] executes that data, forwards and backwards, on a device.
//! * [`train`] joins the three: a plain function from a spec to a stream of events.
//! * [`notebook`] keeps runs on disk, [`queue`] orders them, [`worker`] trains them.
//! * [`stats`] compares them honestly; [`tui`] and [`cli`] are the two ways in.
#![deny(missing_docs)]

pub mod cli;
pub mod dataset;
pub mod event;
pub mod model;
pub mod nn;
pub mod notebook;
pub mod predictions;
pub mod queue;
pub mod random;
pub mod signal;
pub mod spec;
pub mod stats;
pub mod table;
pub mod train;
pub mod tui;
pub mod worker;
