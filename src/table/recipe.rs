//! What runs of one table share: the data and everything that is done with them, but for model, activation and seed.

use crate::notebook::RunSummary;
use crate::spec::{DataSource, FIELDS, Role, Spec, Split, Subjects, Value, field};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// A spec without what is in rows and columns and without what is averaged over. Runs are compared only if their recipes
/// are equal.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// What people call the data set.
    pub data_set: String,
    /// Its fingerprint; two sets of one name may differ.
    pub fingerprint: String,
    /// Whether these are no real recordings.
    pub simulated: bool,
    /// Every other field with its value; `None` where each model has its own, as dropout mostly has.
    values: Vec<(&'static str, Option<Value>)>,
    /// All of it but the data, in a line.
    prose: String,
}

impl Recipe {
    /// The recipe of a run.
    pub fn of(spec: &Spec) -> Self {
        // Runs about one subject each are one experiment: `--subjects each`.
        let each = matches!(&spec.subjects, Subjects::Named(names) if names.len() == 1);
        let general = each.then(|| Spec { subjects: Subjects::Each, ..spec.clone() });
        let spec = general.as_ref().unwrap_or(spec);
        let shared = FIELDS.iter().filter(|field| field.role == Role::Recipe);
        let values = shared.map(|field| {
            let own = field.default_by.is_some() && field.is_default(spec);
            (field.name, field.value(spec).filter(|_| !own))
        });
        Recipe {
            data_set: spec.data.name.clone(),
            fingerprint: spec.data.fingerprint.clone(),
            simulated: spec.data.is_simulated(),
            values: values.collect(),
            prose: spec.prose(Role::Recipe),
        }
    }

    /// Whether a run belongs to this recipe's tables. A baseline, which has neither epochs nor learning rate nor anything held
    /// out, belongs to every recipe that does the same with the same data.
    pub fn includes(&self, spec: &Spec) -> bool {
        // Most runs of a large notebook are about other data.
        if spec.data.fingerprint != self.fingerprint || spec.data.name != self.data_set {
            return false;
        }
        let own = Recipe::of(spec);
        if spec.model.baseline().is_none() || own == *self {
            return own == *self;
        }
        let concerned = |name: &str| field(name).is_some_and(|field| field.concerns.covers(&spec.model));
        let alike = |name: &'static str| !concerned(name) || own.value(name) == self.value(name);
        self.values.iter().all(|(name, _)| alike(name))
    }

    /// Whether it is one of networks, which are trained epoch by epoch.
    pub fn has_epochs(&self) -> bool {
        self.value("epochs").is_some()
    }

    /// The spec with this recipe's values, each model's own where the recipe has none. The data are the spec's.
    pub fn applied_to(&self, mut spec: Spec) -> Spec {
        for (name, value) in &self.values {
            let Some(field) = field(name) else { continue };
            if let Some(value) = value.clone().or_else(|| field.default(&spec)) {
                // A recipe's values come from specs, which take them.
                let _ = field.set(&mut spec, &value);
            }
        }
        spec
    }

    /// A field's value; `None` where each model has its own.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(known, _)| *known == name)?.1.as_ref()
    }

    /// Whether another does the same with other data.
    pub fn is_likewise(&self, other: &Recipe) -> bool {
        self.values == other.values
    }

    /// How trials are parted.
    pub fn split(&self) -> Split {
        self.value("split").and_then(|split| split.to_string().parse().ok()).unwrap_or_default()
    }

    /// Whether trials are held out to choose the epoch by.
    pub fn has_validation(&self) -> bool {
        self.value("validation").and_then(Value::number).is_some_and(|share| share > 0.0)
    }
}

impl std::fmt::Display for Recipe {
    /// Such as `S4b, 300 epochs, batch 256, lr 0.001, weight decay 0.01, validation 0.2, nan train`; simulated data say so.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let marked =
            if self.simulated && self.data_set != DataSource::SIMULATED { " (simulated)" } else { "" };
        write!(f, "{}{marked}, {}", self.data_set, self.prose)
    }
}

impl Serialize for Recipe {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("data_set", &self.data_set)?;
        map.serialize_entry("fingerprint", &self.fingerprint)?;
        map.serialize_entry("simulated", &self.simulated)?;
        for (name, value) in &self.values {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Every recipe among the runs with how many follow it, the one that was used last first. Baselines make one of their own only
/// where no network's includes them.
pub fn recipes(runs: &[RunSummary]) -> Vec<(Recipe, usize)> {
    let mut newest_first: Vec<&RunSummary> = runs.iter().collect();
    newest_first.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| b.id.cmp(&a.id)));
    let (networks, baselines): (Vec<&RunSummary>, Vec<&RunSummary>) =
        newest_first.into_iter().partition(|run| run.spec.model.baseline().is_none());
    let mut found = counted(&networks);
    let alone: Vec<&RunSummary> = baselines
        .into_iter()
        .filter(|run| !found.iter().any(|(recipe, _)| recipe.includes(&run.spec)))
        .collect();
    found.extend(counted(&alone));
    found
}

fn counted(newest_first: &[&RunSummary]) -> Vec<(Recipe, usize)> {
    let mut found: Vec<(Recipe, usize)> = Vec::new();
    for run in newest_first {
        let recipe = Recipe::of(&run.spec);
        match found.iter_mut().find(|(known, _)| *known == recipe) {
            Some((_, count)) => *count += 1,
            None => found.push((recipe, 1)),
        }
    }
    found
}
