//! Checkpoints and weights from anywhere: whatever the bytes, reading them gives a value or a sentence, never a panic and
//! never more memory than the file has.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test helper may fail loudly

use eeg_tui::train::{Candidate, Checkpoint, LoadedWeights, Picks};
use proptest::prelude::*;

fn document() -> Vec<u8> {
    let best = Candidate {
        epoch: 2,
        score: 0.5,
        step: 8,
        theta: vec![1.0, 2.0],
        running: vec![0.5],
        logits: vec![0.1, 0.9],
    };
    let checkpoint = Checkpoint {
        spec_hash: "ab".repeat(32),
        epoch: 3,
        seconds: 1.5,
        last: None,
        theta: vec![1.0, 2.0],
        running: vec![0.5],
        m: vec![0.0, 0.0],
        v: vec![0.0, 0.0],
        step: 12,
        picks: Picks { validation: Some(best), best_test: None },
    };
    let bytes = checkpoint.to_bytes().unwrap();
    assert_eq!(Checkpoint::from_bytes(&bytes).unwrap(), checkpoint);
    bytes
}

fn read(bytes: &[u8]) {
    let _ = Checkpoint::from_bytes(bytes);
    let _ = LoadedWeights::from_bytes(bytes);
}

#[test]
fn every_beginning_is_refused() {
    let whole = document();
    for cut in 0..whole.len() {
        assert!(Checkpoint::from_bytes(&whole[..cut]).is_err(), "{cut} of {} bytes", whole.len());
        read(&whole[..cut]);
    }
}

#[test]
fn a_header_longer_than_the_file_is_refused() {
    for claimed in [u64::MAX, u64::MAX / 2, 1 << 40, 1 << 20] {
        let mut bytes = document();
        bytes[..8].copy_from_slice(&claimed.to_le_bytes());
        assert!(Checkpoint::from_bytes(&bytes).is_err() && LoadedWeights::from_bytes(&bytes).is_err());
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read(&bytes);
    }

    #[test]
    fn any_changed_byte_is_read_without_harm(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = document();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        read(&bytes);
    }
}
