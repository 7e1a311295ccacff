use super::sample::{LABELS, doubles, npy, npz, ramp, sound};
use crate::dataset::recording::Recording;
use proptest::prelude::*;
use std::io::Cursor;
use zip::CompressionMethod::{Deflated, Stored};

/// Values; the files here hold 656.
const LIMIT: usize = 1000;

#[test]
fn sizes_that_are_only_claimed_allocate_nothing() {
    for shape in [&[1 << 40, 750, 2][..], &[usize::MAX, usize::MAX, 2], &[1 << 20, 1, 1]] {
        let arrays = [("signal", npy("<f8", false, shape, &[0; 64])), ("label", doubles(&[8], &LABELS))];
        let error = Recording::read(Cursor::new(npz(&arrays, Deflated)), LIMIT).unwrap_err().to_string();
        assert!(error.contains("more than the 1000 that this machine has room for"), "{error}");
    }
}

#[test]
fn a_small_file_that_unpacks_to_much_is_refused_by_the_limit() {
    let zeros = npy("|u1", false, &[1 << 24, 1, 1], &vec![0; 1 << 24]);
    let bomb = npz(&[("signal", zeros), ("label", doubles(&[8], &LABELS))], Deflated);
    assert!(bomb.len() < 1 << 15);
    let error = Recording::read(Cursor::new(bomb), LIMIT).unwrap_err().to_string();
    assert!(error.contains("16777216 × 1 × 1"), "{error}");
}

fn file(deflated: bool) -> Vec<u8> {
    let arrays = [("signal", doubles(&[8, 40, 2], &ramp(640))), ("label", doubles(&[8], &LABELS))];
    npz(&arrays, if deflated { Deflated } else { Stored })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever is done to a file, reading it ends with a recording within the limit or with a sentence.
    #[test]
    fn damaged_files_never_panic(
        deflated: bool,
        cut in 0.0..1.0f64,
        damage in proptest::collection::vec((0.0..1.0f64, any::<u8>()), 0..8),
    ) {
        let mut bytes = file(deflated);
        let whole = bytes.len();
        if cut > 0.5 {
            bytes.truncate((whole as f64 * (cut - 0.5) * 2.0) as usize);
        }
        for (place, byte) in damage {
            let place = (place * bytes.len() as f64) as usize;
            if let Some(target) = bytes.get_mut(place) {
                *target = byte;
            }
        }
        match Recording::read(Cursor::new(bytes), LIMIT) {
            Ok(recording) => prop_assert!(recording.signal.len() <= LIMIT),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    /// The header of an array is where sizes are claimed: any text there, behind any length.
    #[test]
    fn hostile_headers_never_panic(header in ".{0,200}|[(){}',:<>f80-9 L]{0,200}", length: u16, version in 0u8..5) {
        let mut array = b"\x93NUMPY".to_vec();
        array.extend([version, 0]);
        array.extend(length.min(header.len() as u16 + 4).to_le_bytes());
        array.extend(header.as_bytes());
        let bytes = npz(&[("signal", array), ("label", doubles(&[8], &LABELS))], Stored);
        prop_assert!(Recording::read(Cursor::new(bytes), LIMIT).is_err());
    }

    /// Nor does a file of noise behind the marks of a zip archive.
    #[test]
    fn noise_never_panics(noise in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut bytes = b"PK\x03\x04".to_vec();
        bytes.extend(&noise);
        bytes.extend(&sound(LABELS)[sound(LABELS).len() - 60..]);
        prop_assert!(Recording::read(Cursor::new(bytes), LIMIT).is_err());
    }
}
