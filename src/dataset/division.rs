//! Which trials of a set a run learns from and which it is judged on. Decided by classes, subjects, sessions and runs
//! alone: no signal is looked at or copied.

use super::folds::{self, SplitMix64};
use super::{DataError, DataSet, TrialSet};
use crate::spec::{By, Spec, Split, Subjects};
use std::cmp::Ordering;

/// Places of trials in the set's training trials followed by its test trials, each list in rising order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// Learned from; the epoch is chosen on a part of them.
    pub learned: Vec<usize>,
    /// Judged on.
    pub judged: Vec<usize>,
}

/// Divides a set as a spec says. Fails where one of the two would lack trials, or `learned` a class.
pub fn divide(data: &DataSet, spec: &Spec) -> Result<Division, DataError> {
    let chosen = chosen(data, &spec.subjects)?;
    let division = match spec.split {
        Split::Given => {
            let (learned, judged) = chosen.into_iter().partition(|&trial| trial < data.train.len());
            Division { learned, judged }
        }
        Split::KFold { folds, shuffled } => {
            let fold = spec.fold.ok_or(DataError::OpenFold { split: spec.split, folds })?;
            let seed = shuffled.then_some(spec.seed);
            let fold_of = fold_of(data, &chosen, folds, seed)?;
            part(chosen, |place, _| fold_of[place] as u64 == fold)
        }
        Split::LeaveOut(by) => {
            let known = groups(data, &chosen, by)?;
            let group = spec
                .group
                .as_ref()
                .ok_or_else(|| DataError::OpenGroup { split: spec.split, known: known.clone() })?;
            if !known.contains(group) {
                return Err(DataError::UnknownGroup { by, group: group.clone(), known });
            }
            let of = |trial| membership(data, by).name(trial);
            part(chosen, |_, trial| of(trial) == Some(group))
        }
    };
    whole(data, spec, division)
}

/// The parts that a split can judge on: the folds' numbers, or the groups' names in rising order. None where there is but
/// one, the files' own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parts {
    /// One, the files' own.
    One,
    /// As many folds.
    Folds(u64),
    /// The groups' names.
    Groups(Vec<String>),
}

/// The parts of a set that this spec's split can judge on, whichever it names.
pub fn parts(data: &DataSet, spec: &Spec) -> Result<Parts, DataError> {
    Ok(match spec.split {
        Split::Given => Parts::One,
        Split::KFold { folds, .. } => Parts::Folds(folds),
        Split::LeaveOut(by) => Parts::Groups(groups(data, &chosen(data, &spec.subjects)?, by)?),
    })
}

fn part(chosen: Vec<usize>, is_judged: impl Fn(usize, usize) -> bool) -> Division {
    let mut division = Division { learned: Vec::new(), judged: Vec::new() };
    for (place, trial) in chosen.into_iter().enumerate() {
        let to = if is_judged(place, trial) { &mut division.judged } else { &mut division.learned };
        to.push(trial);
    }
    division
}

/// Refuses what can't be trained on, or can't be judged.
fn whole(data: &DataSet, spec: &Spec, division: Division) -> Result<Division, DataError> {
    if division.judged.is_empty() {
        return Err(DataError::NothingToJudge {
            name: data.source.name.clone(),
            given: spec.split == Split::Given,
        });
    }
    let mut has = vec![false; data.classes.len()];
    for &trial in &division.learned {
        has[data.stratum(trial).1 as usize] = true;
    }
    match has.iter().position(|has| !has) {
        Some(class) => Err(DataError::ClassNotLearned { class: data.classes[class].clone() }),
        None => Ok(division),
    }
}

/// The trials of these subjects.
fn chosen(data: &DataSet, subjects: &Subjects) -> Result<Vec<usize>, DataError> {
    let all = 0..data.train.len() + data.test.len();
    let names = match subjects {
        Subjects::All => return Ok(all.collect()),
        Subjects::Each => return Err(DataError::EachSubject),
        Subjects::Named(names) => names,
    };
    if let Some(name) = names.iter().find(|name| !data.subjects.contains(name)) {
        return Err(DataError::UnknownSubject { name: name.clone(), known: data.subjects.clone() });
    }
    let of = membership(data, By::Subject);
    Ok(all.filter(|&trial| of.name(trial).is_some_and(|name| names.contains(name))).collect())
}

/// The fold of each chosen trial. They are laid within each subject, so that every fold has its share of everybody; over all
/// trials together where a subject has too few trials of a class for that.
fn fold_of(data: &DataSet, chosen: &[usize], folds: u64, seed: Option<u64>) -> Result<Vec<usize>, DataError> {
    let folds = usize::try_from(folds).unwrap_or(usize::MAX);
    let of = membership(data, By::Subject);
    let mut strata: Vec<Vec<usize>> = vec![Vec::new(); data.subjects.len()];
    for (place, &trial) in chosen.iter().enumerate() {
        strata[of.index(trial).unwrap_or(0)].push(place);
    }
    strata.retain(|places| !places.is_empty());
    let labels =
        |places: &[usize]| places.iter().map(|&place| data.stratum(chosen[place]).1).collect::<Vec<u32>>();
    let classes = data.classes.len();
    let has_enough =
        |places: &Vec<usize>| counts(&labels(places), classes).iter().all(|&count| count >= folds);
    if !strata.iter().all(has_enough) {
        strata = vec![(0..chosen.len()).collect()];
    }
    let mut stream = seed.map(SplitMix64::new);
    let mut fold_of = vec![0; chosen.len()];
    for places in &strata {
        let labels = labels(places);
        let laid = match &mut stream {
            Some(stream) => folds::shuffled(&labels, folds, stream),
            None => folds::stratified(&labels, folds),
        };
        let most = counts(&labels, classes).into_iter().max().unwrap_or(0);
        let laid = laid.ok_or(DataError::TooFewForFolds { folds, most })?;
        for (&place, fold) in places.iter().zip(laid) {
            fold_of[place] = fold;
        }
    }
    Ok(fold_of)
}

fn counts(labels: &[u32], classes: usize) -> Vec<usize> {
    let mut counts = vec![0; classes];
    for &label in labels {
        counts[label as usize] += 1;
    }
    counts
}

/// The names of the groups that these trials are of, numbers as numbers, text as text. Two or more.
fn groups(data: &DataSet, chosen: &[usize], by: By) -> Result<Vec<String>, DataError> {
    let of = membership(data, by);
    let mut names = Vec::new();
    for &trial in chosen {
        names.push(of.name(trial).ok_or(DataError::GroupsNotSaid(by))?);
    }
    names.sort_unstable();
    names.dedup();
    let mut names: Vec<String> = names.into_iter().cloned().collect();
    names.sort_by(|a, b| in_order(a, b));
    match &names[..] {
        [only] => Err(DataError::OneGroup { by, only: only.clone() }),
        _ => Ok(names),
    }
}

/// Numbers as numbers and before all text, text as text.
fn in_order(a: &str, b: &str) -> Ordering {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(first), Ok(second)) => first.total_cmp(&second).then_with(|| a.cmp(b)),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.cmp(b),
    }
}

/// Which trial is of which subject, session or run.
struct Membership<'a> {
    names: &'a [String],
    parts: [&'a [u16]; 2],
    train: usize,
}

fn membership(data: &DataSet, by: By) -> Membership<'_> {
    let (names, of): (_, fn(&TrialSet) -> &[u16]) = match by {
        By::Subject => (&data.subjects, |set| &set.subjects),
        By::Session => (&data.sessions, |set| &set.sessions),
        By::Run => (&data.runs, |set| &set.runs),
    };
    Membership { names, parts: [of(&data.train), of(&data.test)], train: data.train.len() }
}

impl<'a> Membership<'a> {
    /// Of a trial; `None` where the files don't say.
    fn index(&self, trial: usize) -> Option<usize> {
        let index = match trial.checked_sub(self.train) {
            None => self.parts[0].get(trial),
            Some(place) => self.parts[1].get(place),
        };
        index.map(|&index| usize::from(index))
    }

    fn name(&self, trial: usize) -> Option<&'a String> {
        self.names.get(self.index(trial)?)
    }
}
