//! The terminal: state, keys and panes.

pub mod chart;
