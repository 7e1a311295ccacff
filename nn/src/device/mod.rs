//! Where networks are computed: devices by the names that people type, as their drivers have them, and opened: known to
//! compute. Knows nothing of runs, queues or disk.

mod backend;
mod choice;
mod driver;
mod error;
mod fault;
mod opened;
mod place;
mod tried;

pub use backend::{Backend, Card, OpenGroup};
pub use choice::DeviceChoice;
pub use driver::{Drivers, RealDrivers};
pub use error::{Absent, DeviceError};
pub use fault::Fault;
pub use opened::{Devices, Turn};
pub use place::{Accelerator, Place};

#[cfg(any(test, feature = "fake"))]
pub mod fake;
