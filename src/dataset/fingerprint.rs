//! The identity of a data set: a checksum over what was recorded, whatever the files' names, layout or compression.

use super::DataSet;
use sha2::{Digest, Sha256};

/// SHA-256 (hex) over every trial, its class and its subject, before any preprocessing. The place and name of the
/// data set are no part of it, nor is the precision beyond f32.
pub fn fingerprint(data: &DataSet) -> String {
    let mut hash = Sha256::new();
    for names in [&data.classes, &data.subjects] {
        number(&mut hash, names.len());
        for name in names {
            number(&mut hash, name.len());
            hash.update(name);
        }
    }
    // Only where there are any, so that sets from before there were sessions and runs keep their fingerprint.
    for names in [&data.sessions, &data.runs].into_iter().filter(|names| !names.is_empty()) {
        number(&mut hash, names.len());
        for name in names {
            number(&mut hash, name.len());
            hash.update(name);
        }
    }
    for set in [&data.train, &data.test] {
        for size in [set.len(), set.samples, set.electrodes] {
            number(&mut hash, size);
        }
        for (&label, &subject) in set.labels.iter().zip(&set.subjects) {
            number(&mut hash, label as usize);
            number(&mut hash, usize::from(subject));
        }
        for &group in set.sessions.iter().chain(&set.runs) {
            number(&mut hash, usize::from(group));
        }
        for trial in 0..set.len() {
            let bytes: Vec<u8> = set.trial(trial).iter().flat_map(|&value| canonical(value)).collect();
            hash.update(&bytes);
        }
    }
    hex(&hash.finalize())
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn number(hash: &mut Sha256, value: usize) {
    hash.update((value as u64).to_le_bytes());
}

/// Every NaN counts as the same missing sample, whatever bits stand for it.
fn canonical(value: f32) -> [u8; 4] {
    if value.is_nan() { f32::NAN.to_le_bytes() } else { value.to_le_bytes() }
}
