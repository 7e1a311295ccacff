//! What weights were trained on, as they say themselves, and whether a data set is of the same kind. Networks know electrodes
//! and classes by their places alone: another order is scored without a complaint, and wrongly.

use crate::dataset::DataSet;
use crate::dataset::electrode::plain;
use std::collections::HashMap;

/// What weights say about the trials that they were trained on. Weights of PyTorch's, and of 0.1.0, say nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainedOn {
    /// Names of the electrodes, in the order of the signal.
    pub electrodes: Option<Vec<String>>,
    /// Names of the classes, in the order of the logits.
    pub classes: Option<Vec<String>>,
    /// Samples a second.
    pub sfreq: Option<f64>,
}

/// Trials that weights are not for. The text is a sentence.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum OtherKind {
    /// The same electrodes elsewhere.
    #[error(
        "the weights are for the electrodes {weights} in this order, the data set has {data}; bring the signal into their order"
    )]
    Order {
        /// What the weights are for.
        weights: String,
        /// What the data set has.
        data: String,
    },
    /// Another sampling rate.
    #[error("the weights are for {weights} Hz, the data set has {data} Hz; resample the recordings")]
    Rate {
        /// What the weights are for.
        weights: f64,
        /// What the data set has.
        data: f64,
    },
    /// Some of the classes, or in another order.
    #[error(
        "the weights tell apart the classes {weights}, the data set has {data}; take a set with the same labels"
    )]
    Classes {
        /// What the weights are for.
        weights: String,
        /// What the data set has.
        data: String,
    },
}

const ELECTRODES: &str = "electrodes";
const CLASSES: &str = "class_names";
const SFREQ: &str = "sfreq";

impl TrainedOn {
    /// What a document's metadata say.
    pub fn said_in(metadata: &HashMap<String, String>) -> Self {
        let names = |key| serde_json::from_str(metadata.get(key)?).ok();
        TrainedOn {
            electrodes: names(ELECTRODES),
            classes: names(CLASSES),
            sfreq: metadata.get(SFREQ).and_then(|rate| rate.parse().ok()),
        }
    }

    /// As the metadata of a document.
    pub fn metadata(&self) -> HashMap<String, String> {
        let names = |key: &str, names: &Option<Vec<String>>| {
            Some((key.to_owned(), serde_json::to_string(names.as_ref()?).ok()?))
        };
        let rate = self.sfreq.map(|rate| (SFREQ.to_owned(), rate.to_string()));
        [names(ELECTRODES, &self.electrodes), names(CLASSES, &self.classes), rate]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Compares with a data set: refuses what can't be meant, and gives sentences on what may be.
    pub fn compare(&self, data: &DataSet) -> Result<Vec<String>, OtherKind> {
        let mut remarks = Vec::new();
        if let (Some(weights), Some(rate)) = (self.sfreq, data.sfreq)
            && (weights - rate).abs() > 1e-6 * weights
        {
            return Err(OtherKind::Rate { weights, data: rate });
        }
        if let Some(weights) = &self.electrodes
            && let Some(other) = unlike(weights, &data.electrodes, plain)
        {
            let (weights, data) = (weights.join(", "), data.electrodes.join(", "));
            match other {
                Unlike::Order => return Err(OtherKind::Order { weights, data }),
                Unlike::Some | Unlike::All => remarks.push(format!(
                    "the weights are for the electrodes {weights}, the data set calls its own {data}: taken to be the same places"
                )),
            }
        }
        if let Some(weights) = &self.classes
            && let Some(other) = unlike(weights, &data.classes, str::to_owned)
        {
            let (weights, data) = (weights.join(", "), data.classes.join(", "));
            match other {
                Unlike::Order | Unlike::Some => return Err(OtherKind::Classes { weights, data }),
                Unlike::All => remarks.push(format!(
                    "the weights tell apart the classes {weights}, the data set calls its own {data}: taken to be the same, in this order"
                )),
            }
        }
        Ok(remarks)
    }
}

/// How lists of names differ.
enum Unlike {
    /// The same names in another order.
    Order,
    /// Some are the same.
    Some,
    /// None is the same.
    All,
}

fn unlike(one: &[String], other: &[String], plain: fn(&str) -> String) -> Option<Unlike> {
    let (one, other): (Vec<String>, Vec<String>) =
        (one.iter().map(|name| plain(name)).collect(), other.iter().map(|name| plain(name)).collect());
    if one == other {
        return None;
    }
    let shared = one.iter().filter(|name| other.contains(name)).count();
    Some(match shared {
        0 => Unlike::All,
        all if all == one.len() && all == other.len() => Unlike::Order,
        _ => Unlike::Some,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::load;
    use std::path::Path;

    fn names(names: [&str; 2]) -> Option<Vec<String>> {
        Some(names.map(String::from).into())
    }

    #[test]
    fn another_order_rate_or_label_is_refused_and_another_name_is_said() {
        let data = load(Some("simulated"), Path::new("nowhere")).unwrap();
        let same =
            TrainedOn { electrodes: names(["c3..", "C4"]), classes: names(["1", "2"]), sfreq: Some(125.0) };
        assert_eq!(same.compare(&data), Ok(vec![]));
        assert_eq!(TrainedOn::default().compare(&data), Ok(vec![]));
        let refused = |other: TrainedOn| other.compare(&data).unwrap_err().to_string();
        let order = TrainedOn { electrodes: names(["C4", "C3"]), ..same.clone() };
        assert!(refused(order).contains("for the electrodes C4, C3 in this order, the data set has C3, C4"));
        assert!(
            refused(TrainedOn { sfreq: Some(250.0), ..same.clone() })
                .contains("for 250 Hz, the data set has 125 Hz")
        );
        assert!(refused(TrainedOn { classes: names(["0", "1"]), ..same.clone() }).contains("classes 0, 1"));
        let words = TrainedOn { classes: names(["left", "right"]), ..same };
        assert_eq!(words.compare(&data).unwrap().len(), 1);
    }

    #[test]
    fn metadata_give_it_back() {
        let all =
            TrainedOn { electrodes: names(["C3", "C4"]), classes: names(["a,b", "c"]), sfreq: Some(160.0) };
        assert_eq!(TrainedOn::said_in(&all.metadata()), all);
    }
}
