//! `spec.toml`: written by the table of fields, and read so that no field is ever passed over. What a newer program wrote is
//! told apart from what is damaged: neither is trained, but only one of them is a mistake.

use super::fields::{FIELDS, field};
use super::{DataSource, SPEC_VERSION, Spec, Value};
use crate::model::{Activation, Model};
use serde::de::Error;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Map;

/// Why a `spec.toml` can't be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// It says something that this program doesn't know.
    #[error("{what}: a newer eeg-tui made it; update this one")]
    Newer {
        /// What is not known, such as "its spec has the field 'fold'".
        what: String,
    },
    /// It is no spec.
    #[error("{0}")]
    Damaged(String),
}

impl Spec {
    /// Understands a `spec.toml`.
    pub fn from_toml(text: &str) -> Result<Self, Unread> {
        let table = toml::from_str(text).map_err(|error| Unread::Damaged(error.message().to_owned()))?;
        Self::from_table(table)
    }

    fn from_table(mut table: Map<String, serde_json::Value>) -> Result<Self, Unread> {
        let damaged = |what: String| Unread::Damaged(what);
        look_for_newer(&table)?;
        let data = table.remove("data").ok_or_else(|| damaged("it does not say its data".into()))?;
        let data = DataSource::deserialize(data).map_err(|error| damaged(format!("data: {error}")))?;
        let mut word = |name| match table.remove(name) {
            Some(serde_json::Value::String(word)) => Ok(word),
            Some(other) => Err(damaged(format!("{name} is {other}; it must be a name"))),
            None => Err(damaged(format!("it does not say its {name}"))),
        };
        let name = word("model")?;
        let model = match word("network") {
            Ok(text) => Model::from_text(&text).map_err(|error| damaged(format!("network: {error}")))?,
            Err(_) => name.parse().map_err(damaged)?,
        };
        let activation = match word("activation") {
            Err(_) if model.baseline().is_some() => Activation::None,
            said => Activation::new(&said?, None).map_err(damaged)?,
        };
        // What is not said is as it was before it could be.
        let mut spec = Spec::recipe(model, activation, data);
        for field in &FIELDS {
            if let Some(value) = table.remove(field.name) {
                let value = Value::deserialize(&value).map_err(|_| {
                    damaged(format!("{} is {value}; it must be a number or a word", field.name))
                })?;
                field.set(&mut spec, &value).map_err(|error| damaged(error.to_string()))?;
            }
        }
        spec.check().map_err(|error| damaged(error.to_string()))?;
        Ok(spec)
    }

    /// The version of `spec.toml` that this spec needs: programs of before must not pass over what they don't know.
    pub fn version(&self) -> u32 {
        let baselines = if self.model.baseline().is_some() { BASELINES_SINCE } else { 1 };
        self.entries().map(|(field, _)| field.since).max().unwrap_or(1).max(baselines)
    }
}

/// Finds what only a newer program can have written.
fn look_for_newer(table: &Map<String, serde_json::Value>) -> Result<(), Unread> {
    let newer = |what| Err(Unread::Newer { what });
    let known = |name: &str| ["version", "network", "data"].contains(&name) || field(name).is_some();
    if let Some(name) = table.keys().find(|name| !known(name)) {
        return newer(format!("its spec has the field '{name}', which this version doesn't know"));
    }
    let of_data = table.get("data").and_then(|data| data.as_object());
    let known = |name: &str| ["name", "path", "fingerprint"].contains(&name);
    if let Some(name) = of_data.and_then(|data| data.keys().find(|name| !known(name))) {
        return newer(format!("its spec has the field 'data.{name}', which this version doesn't know"));
    }
    match table.get("version") {
        None => Ok(()),
        Some(version) => match version.as_u64() {
            Some(1..=SPEC_VERSION_WIDE) => Ok(()),
            Some(version) if version > 0 => {
                newer(format!("its spec has version {version}, and this program knows up to {SPEC_VERSION}"))
            }
            _ => Err(Unread::Damaged(format!("its version is {version}; it must be a number from 1 on"))),
        },
    }
}

/// The first version in which a model may be a baseline.
const BASELINES_SINCE: u32 = 2;

const SPEC_VERSION_WIDE: u64 = SPEC_VERSION as u64;

impl Serialize for Spec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("version", &self.version())?;
        for (field, value) in self.entries() {
            map.serialize_entry(field.name, &value)?;
            // Some are a name alone; any other network brings its text, so that no edited file changes the run.
            if field.name == "model" && !self.model.is_a_name() {
                map.serialize_entry("network", self.model.text())?;
            }
        }
        map.serialize_entry("data", &self.data)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spec::from_table(Map::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SPEC: &str = r#"version = 1
model = "eegnet"
activation = "elu"
alpha = 0.3
seed = 0
epochs = 3
batch = 8
lr = 0.001
weight_decay = 0.01
dropout = 0.25
validation = 0.2
standardize = "none"
nan = "train"

[data]
name = "simulated"
fingerprint = "ab"
"#;

    fn refused(text: &str) -> String {
        Spec::from_toml(text).unwrap_err().to_string()
    }

    #[test]
    fn a_spec_of_0_1_0_is_written_as_0_1_0_wrote_it() {
        assert_eq!(toml::to_string(&Spec::from_toml(SPEC).unwrap()).unwrap(), SPEC);
    }

    #[test]
    fn what_a_newer_program_wrote_is_named_and_not_taken_for_damage() {
        let newer = SPEC.replace("version = 1", "version = 9").replace("eegnet", "transformer");
        assert!(matches!(Spec::from_toml(&newer), Err(Unread::Newer { .. })));
        assert!(refused(&newer).contains("version 9"), "{}", refused(&newer));
        let unknown = SPEC.replace("seed = 0", "seed = 0\nwarmup = 3");
        assert!(refused(&unknown).contains("'warmup'") && refused(&unknown).contains("newer eeg-tui"));
        let unknown = SPEC.replace("name = ", "unit = \"V\"\nname = ");
        assert!(refused(&unknown).contains("'data.unit'"), "{}", refused(&unknown));
    }

    #[test]
    fn what_is_missing_is_as_it_was_before_there_was_such_a_field() {
        let whole = Spec::from_toml(SPEC).unwrap();
        for (name, line) in
            [("nan", "nan = \"train\"\n"), ("seed", "seed = 0\n"), ("dropout", "dropout = 0.25\n")]
        {
            assert_eq!(Spec::from_toml(&SPEC.replace(line, "")).unwrap(), whole, "{name}");
        }
    }

    #[test]
    fn damage_is_said() {
        for (good, bad, said) in [
            ("batch = 8", "batch = 0", "batch is 0"),
            ("batch = 8", "batch = \"8\"", "whole number"),
            ("batch = 8", "batch = -8", "batch is -8"),
            ("lr = 0.001", "lr = nan", "lr"),
            ("seed = 0", "seed = [0]", "seed is [0]"),
            ("\"elu\"", "\"gelu\"", "gelu"),
            ("model = \"eegnet\"\n", "", "model"),
            ("version = 1", "version = -1", "version is -1"),
            ("name = \"simulated\"", "", "name"),
            ("batch = 8", "batch 8", ""),
        ] {
            let damaged = SPEC.replace(good, bad);
            assert!(matches!(Spec::from_toml(&damaged), Err(Unread::Damaged(_))), "{bad}");
            assert!(refused(&damaged).contains(said), "{bad}: {}", refused(&damaged));
        }
    }

    proptest! {
        #[test]
        fn a_damaged_spec_is_an_error_and_no_panic(at in 0..SPEC.len(), with in any::<char>(), keep in any::<bool>()) {
            let end = if keep { &SPEC[at + 1..] } else { "" };
            let _ = Spec::from_toml(&format!("{}{with}{end}", &SPEC[..at]));
        }
    }
}
