//! What the system allows this process, and whether that is enough to work with.

use super::{Failure, Outcome};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files, pipes and sockets that a worker with its threads has open at once, and some to spare.
const ENOUGH: u64 = 48;

/// Raises the limit of open files to what the system allows, and says so where even that is too little.
pub fn open_files() -> Outcome {
    let limit = getrlimit(Resource::Nofile);
    // No limit is none.
    let most = limit.maximum.unwrap_or(u64::MAX);
    if limit.current.is_some_and(|current| current < ENOUGH) {
        // Refused or not: what is allowed then is asked next.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(most.min(1024)), maximum: limit.maximum });
    }
    match getrlimit(Resource::Nofile).current {
        Some(current) if current < ENOUGH => Err(Failure::work(format!(
            "this process may have {current} files open and needs {ENOUGH}; 'ulimit -n 1024' allows more"
        ))),
        _ => Ok(()),
    }
}
