//! Charts for reading values off, in a terminal. A [`Plot`] says what there is to see, and [`Chart`] draws
//! it in braille or in ASCII. Knows nothing of runs, panes or themes: styles and markers are passed in.
//!
//! Numbers that are not finite end at [`scale`]: to everything behind it they are gaps.

mod decimate;
mod layout;
mod look;
mod marker;
mod names;
pub mod pen;
mod plot;
mod raster;
pub mod scale;
mod smooth;
mod sparkline;
mod widget;

pub use look::Look;
pub use plot::{Guide, Horizontal, Place, Plot, Point, Series};
pub use scale::Scale;
pub use smooth::smooth;
pub use sparkline::{bar, sparkline};
pub use widget::Chart;

#[cfg(test)]
mod tests;
