mod finding;
mod folders;
mod hostile;
mod preparing;
mod reading;
mod sample;
mod simulating;
mod splitting;
