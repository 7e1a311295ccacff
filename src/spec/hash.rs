//! The hash of a spec: two runs with one hash are the same experiment, and a checkpoint fits the spec that has its hash.
//!
//! It is SHA-256 over the spec as JSON without blanks: `version`, each field in the order of the table, `data` without its
//! place. Fields that came after version 1 are left out where they have their default, so that a spec's hash never changes
//! when the table grows.

use super::Spec;
use sha2::{Digest, Sha256};

impl Spec {
    /// SHA-256 (hex) over everything that decides the result; where the data lie does not.
    pub fn hash(&self) -> String {
        let mut placeless = self.clone();
        placeless.data.path = None;
        let mut canonical = serde_json::to_value(&placeless).unwrap_or_default();
        // A network's text counts by its layers: neither comments nor spaces make another experiment.
        if let Some(network) = canonical.get_mut("network") {
            *network = self.model.lines().into();
        }
        let canonical = serde_json::to_vec(&canonical).unwrap_or_default();
        Sha256::digest(canonical).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::spec::Spec;

    /// The runs of a notebook of 0.1.0, with the hashes that it wrote beside them.
    const PINNED: [(&str, &str); 2] = [
        (
            include_str!(
                "../../tests/fixtures/notebook-0.1.0/20261125-215705-eegnet-leaky_relu-s1-81f9/spec.toml"
            ),
            "81f95add00398b199dacd83bfc30bb8b721473ac072bf9e7ffca0205ac1d61db",
        ),
        (
            include_str!(
                "../../tests/fixtures/notebook-0.1.0/20261125-215707-deepconvnet-elu0.3-s2-0eff/spec.toml"
            ),
            "0effaa197e52cc0ed4f148ce4b9712800df320431afbd2b9cceb22a00ee863d2",
        ),
    ];

    #[test]
    fn hashes_of_0_1_0_stay() {
        for (text, hash) in PINNED {
            assert_eq!(Spec::from_toml(text).unwrap().hash(), hash);
        }
    }

    #[test]
    fn every_field_counts() {
        let (text, hash) = PINNED[0];
        for (from, to) in [
            ("seed = 1", "seed = 2"),
            ("lr = 0.001", "lr = 0.0010000000000000002"),
            ("nan = \"train\"", "nan = \"reference\""),
            ("standardize = \"none\"", "standardize = \"zscore\""),
            ("alpha = 0.01", "alpha = 0.02"),
            ("fingerprint = \"77", "fingerprint = \"78"),
        ] {
            assert!(text.contains(from), "{from}");
            assert_ne!(Spec::from_toml(&text.replace(from, to)).unwrap().hash(), hash, "{to}");
        }
    }
}
