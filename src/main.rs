//! The program: parses the command line, dispatches, and turns errors into one readable report and an exit code.

fn main() {}
