//! Where a run stands among the repetitions of its cell: whose trials it is about, which part of them it is judged on, by
//! which seed. What is independent follows from it: trials that all runs share, folds, or people.

use super::Recipe;
use crate::spec::{By, Spec, Split, Subjects};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Over what the claims of a table are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Test trials that all runs share.
    #[default]
    Trials,
    /// Folds of one data set, each with test trials of its own: they never count as independent trials.
    Folds,
    /// People, each with a model that was judged on their trials alone.
    Subjects,
}

/// A run among the repetitions of its cell. Two runs of one place are one experiment done twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// What it is judged on.
    pub unit: Unit,
    /// Its seed.
    pub seed: u64,
}

/// Trials that runs are judged on together.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unit {
    /// Whose, where a run is about one subject.
    pub subject: Option<String>,
    /// The seed that mixed the trials before they were laid into folds.
    pub shuffle: Option<u64>,
    /// Which part of them, where the split has several.
    pub part: Option<Part>,
}

/// The part of a split that is judged on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A fold, from 0.
    Fold(u64),
    /// A subject, session or run that is left out.
    Group(String),
}

impl Place {
    /// The place of a run.
    pub fn of(spec: &Spec) -> Self {
        let shuffled = matches!(spec.split, Split::KFold { shuffled: true, .. });
        let part = spec.fold.map(Part::Fold).or_else(|| spec.group.clone().map(Part::Group));
        let unit = Unit { subject: alone(spec), shuffle: shuffled.then_some(spec.seed), part };
        Place { unit, seed: spec.seed }
    }

    /// The spec of a run at this place, all else being as it is.
    pub fn applied_to(self, mut spec: Spec) -> Spec {
        spec.seed = self.seed;
        if let Some(name) = self.unit.subject {
            spec.subjects = Subjects::Named(vec![name]);
        }
        (spec.fold, spec.group) = match self.unit.part {
            None => (None, None),
            Some(Part::Fold(fold)) => (Some(fold), None),
            Some(Part::Group(name)) => (None, Some(name)),
        };
        spec
    }

    /// What tells its run from others of its cell: `seed 1`, `fold 3, seed 1`, `S1, seed 0`; a method without a seed has none.
    pub fn title(&self, scheme: &Scheme, seedless: bool) -> String {
        let subject = self.unit.subject.clone();
        let part = self.unit.part.as_ref().map(|part| format!("{} {part}", scheme.part_name()));
        let seed = (!seedless).then(|| format!("seed {}", self.seed));
        [subject, part, seed].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// The subject that a run is about, where it is about one.
fn alone(spec: &Spec) -> Option<String> {
    match &spec.subjects {
        Subjects::Named(names) => match &names[..] {
            [one] => Some(one.clone()),
            _ => None,
        },
        Subjects::All | Subjects::Each => None,
    }
}

impl Unit {
    /// Who was judged: the subject that the run is about, or the one that it left out.
    fn person(&self) -> String {
        let part = || self.part.as_ref().map(Part::to_string);
        self.subject.clone().or_else(part).unwrap_or_default()
    }
}

/// Numbers as numbers and before all text, text as text.
impl Ord for Part {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Part::Fold(a), Part::Fold(b)) => a.cmp(b),
            (Part::Fold(_), Part::Group(_)) => Ordering::Less,
            (Part::Group(_), Part::Fold(_)) => Ordering::Greater,
            (Part::Group(a), Part::Group(b)) => {
                let number = |text: &String| text.parse::<u64>().unwrap_or(u64::MAX);
                number(a).cmp(&number(b)).then_with(|| a.cmp(b))
            }
        }
    }
}

impl PartialOrd for Part {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Fold(fold) => write!(f, "{fold}"),
            Part::Group(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Unit {
    /// `3`, `S1`, `S1 3`, `3 (shuffle 1)`: what is missing, in a list that says of what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = self.part.as_ref().map(Part::to_string);
        let named: Vec<String> = self.subject.clone().into_iter().chain(part).collect();
        f.write_str(&named.join(" "))?;
        match self.shuffle {
            Some(seed) => write!(f, " (shuffle {seed})"),
            None => Ok(()),
        }
    }
}

/// How the runs of a table part their trials, and which units its cells should have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scheme {
    split: Split,
    units: BTreeSet<Unit>,
}

impl Scheme {
    /// Of a recipe and the places of all its runs, in whatever state. Folds are known from the split; which people, sessions
    /// or recordings there are, from the runs.
    pub fn of(recipe: &Recipe, places: impl IntoIterator<Item = Place>) -> Self {
        let split = recipe.split();
        let mut units: BTreeSet<Unit> = places.into_iter().map(|place| place.unit).collect();
        if let Split::KFold { folds, .. } = split {
            let every = |unit: &Unit| {
                let unit = unit.clone();
                (0..folds).map(move |fold| Unit { part: Some(Part::Fold(fold)), ..unit.clone() })
            };
            units = units.iter().flat_map(every).collect();
        }
        Scheme { split, units }
    }

    /// Over what claims are made.
    pub fn basis(&self) -> Basis {
        let people: BTreeSet<&String> = self.units.iter().filter_map(|unit| unit.subject.as_ref()).collect();
        match self.split {
            Split::LeaveOut(By::Subject) => Basis::Subjects,
            _ if people.len() > 1 => Basis::Subjects,
            _ => self.within_a_subject(),
        }
    }

    /// Over what they are made on the trials of one subject.
    pub fn within_a_subject(&self) -> Basis {
        match self.split {
            Split::Given | Split::LeaveOut(By::Subject) => Basis::Trials,
            Split::KFold { .. } | Split::LeaveOut(_) => Basis::Folds,
        }
    }

    /// What is averaged over and tested, one of it: `fold`, `session`, `run`, `subject`; `trial` where trials are shared.
    pub fn unit_name(&self) -> &'static str {
        match self.basis() {
            Basis::Trials => "trial",
            Basis::Folds => self.part_name(),
            Basis::Subjects => By::Subject.name(),
        }
    }

    /// What the parts of the split are called.
    fn part_name(&self) -> &'static str {
        match self.split {
            Split::Given => "part",
            Split::KFold { .. } => "fold",
            Split::LeaveOut(by) => by.name(),
        }
    }

    /// What a cell's runs are judged on, one of it: a person's folds are counted one by one.
    fn covered_name(&self) -> &'static str {
        match self.split {
            Split::Given => By::Subject.name(),
            _ => self.part_name(),
        }
    }

    /// Every unit with every seed that is known.
    pub fn places(&self, known: &BTreeSet<Place>) -> BTreeSet<Place> {
        let seeds: BTreeSet<u64> = known.iter().map(|place| place.seed).collect();
        let of_unit = |unit: &Unit| {
            let unit = unit.clone();
            let seeds =
                seeds.iter().copied().filter(move |seed| unit.shuffle.is_none_or(|shuffle| shuffle == *seed));
            seeds.collect::<Vec<u64>>()
        };
        let several = self.units.iter().filter(|_| self.units.len() > 1);
        let placed =
            several.flat_map(|unit| of_unit(unit).into_iter().map(|seed| Place { unit: unit.clone(), seed }));
        placed.collect()
    }

    /// The units that a cell has, and those that it lacks; `None` where all runs share one set of test trials. A method without
    /// a seed knows one way of mixing the trials.
    pub fn coverage<'a>(&self, places: impl Iterator<Item = &'a Place>, seedless: bool) -> Option<Coverage> {
        if self.units.len() < 2 {
            return None;
        }
        let mut runs: BTreeMap<&Unit, usize> = BTreeMap::new();
        for place in places {
            *runs.entry(&place.unit).or_default() += 1;
        }
        let wanted = self.units.iter().filter(|unit| !seedless || unit.shuffle.is_none_or(|seed| seed == 0));
        let (there, missing): (Vec<&Unit>, Vec<&Unit>) = wanted.partition(|unit| runs.contains_key(unit));
        let seeds: BTreeSet<usize> = runs.values().copied().collect();
        Some(Coverage {
            unit: self.covered_name(),
            units: there.len() + missing.len(),
            missing: missing.into_iter().map(Unit::to_string).collect(),
            seeds: if let [one] = Vec::from_iter(seeds)[..] { Some(one) } else { None },
        })
    }
}

/// Which of its folds, sessions or subjects a cell has.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Coverage {
    /// What they are called, one of them.
    pub unit: &'static str,
    /// How many there should be.
    pub units: usize,
    /// Those without a finished run.
    pub missing: Vec<String>,
    /// How many runs each of the others has, where it is as many everywhere.
    pub seeds: Option<usize>,
}

impl Coverage {
    /// How many units there are.
    pub fn there(&self) -> usize {
        self.units - self.missing.len()
    }

    /// `folds`, or `fold` of one.
    pub fn plural(&self) -> String {
        if self.units == 1 { self.unit.to_owned() } else { format!("{}s", self.unit) }
    }
}

/// One value a unit of the basis, by its name: seeds are averaged within what they share, parts within a person. Of shared
/// trials each run is one.
pub fn by_unit<'a>(basis: Basis, values: impl IntoIterator<Item = (&'a Place, f64)>) -> Vec<(String, f64)> {
    if basis == Basis::Trials {
        return values.into_iter().map(|(place, value)| (place.seed.to_string(), value)).collect();
    }
    let mut of_unit: BTreeMap<&Unit, Vec<f64>> = BTreeMap::new();
    for (place, value) in values {
        of_unit.entry(&place.unit).or_default().push(value);
    }
    let mean = |values: &Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
    let means = of_unit.iter().map(|(unit, values)| (*unit, mean(values)));
    if basis == Basis::Folds {
        return means.map(|(unit, mean)| (unit.to_string(), mean)).collect();
    }
    let mut of_person: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (unit, value) in means {
        of_person.entry(unit.person()).or_default().push(value);
    }
    of_person.iter().map(|(person, values)| (person.clone(), mean(values))).collect()
}
