//! Files that are known by their checksum: BCI Competition III, set IIIb, as the course ships it. They say neither where
//! their electrodes sit nor how fast they were sampled; the competition's description does.

use super::fingerprint::hex;
use crate::disk::named;
use sha2::{Digest, Sha256};
use std::io::{self, Read};
use std::path::Path;

const FILES: [(&str, &str); 4] = [
    ("S4b_train.npz", "b9db42999203ede95f4eb37e6cd67d159512a341beb973e954ef35077f5a70d3"),
    ("S4b_test.npz", "a23eaee490f7c40ef94df88ff14e74e194d8fe774d5ee109af529af9ba4240a1"),
    ("X11b_train.npz", "f068067a7ebc31a16482050569168ef77c7aeab38ef4b208f108a2fc6a52f251"),
    ("X11b_test.npz", "205d52663f905abeb77dff5bb44365b3f55ac0fba9b41b339da0990a60525937"),
];

/// Electrodes of the known files: bipolar channels over C3 and C4.
pub const ELECTRODES: [&str; 2] = ["C3", "C4"];
/// Their sampling rate, Hz.
pub const SFREQ: f64 = 125.0;

/// Whether a file of this name and checksum is the published one; `None` where no file of this name was published.
pub fn is_published(name: &str, sha256: &str) -> Option<bool> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, known)| *known == sha256)
}

/// Whether all these are published files. Reads them only if their names are.
pub fn are_published<'a>(paths: impl IntoIterator<Item = &'a Path>) -> bool {
    let is_known = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        is_published(&name, "").is_some()
            && checksum(path).is_ok_and(|sha256| is_published(&name, &sha256) == Some(true))
    };
    paths.into_iter().all(is_known)
}

/// SHA-256 (hex) of a file.
pub fn checksum(path: &Path) -> io::Result<String> {
    let (mut file, mut hash) = (named::open(path)?, Sha256::new());
    let mut chunk = vec![0; 1 << 16];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hex(&hash.finalize())),
            read => hash.update(&chunk[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_checksums_belong_together() {
        let (name, sha256) = FILES[0];
        assert_eq!(is_published(name, sha256), Some(true));
        assert_eq!(is_published(FILES[1].0, sha256), Some(false));
        assert_eq!(is_published("mine_train.npz", sha256), None);
    }

    #[test]
    fn the_checksum_is_sha256() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("S4b_train.npz");
        std::fs::write(&path, "abc").unwrap();
        // FIPS 180-2's example.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(checksum(&path).unwrap(), expected);
        assert!(!are_published([path.as_path()]));
    }
}
