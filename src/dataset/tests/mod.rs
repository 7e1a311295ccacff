mod finding;
mod folders;
mod hostile;
mod preparing;
mod reading;
pub(crate) mod sample;
mod simulating;
mod splitting;
