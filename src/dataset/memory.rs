//! How many values of recordings this machine can take.

/// Bytes of a value.
const VALUE: u64 = size_of::<f32>() as u64;

/// The most values that a data set may hold: a quarter of the memory, since a run needs as much again for its prepared
/// trials, their copy on the device, and the activations of a batch.
pub fn most_values() -> usize {
    usize::try_from(total_bytes() / 4 / VALUE).unwrap_or(usize::MAX)
}

#[cfg(target_os = "linux")]
fn total_bytes() -> u64 {
    let info = rustix::system::sysinfo();
    (info.totalram as u64).saturating_mul(u64::from(info.mem_unit))
}

/// A machine that trains networks has at least this much.
#[cfg(not(target_os = "linux"))]
fn total_bytes() -> u64 {
    8 << 30
}
