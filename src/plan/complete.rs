//! From specs that leave their subject, fold or group open to one spec for each that the data have.

use super::grid::{GridError, MOST, too_many};
use crate::dataset::{DataError, DataSet, Parts, parts};
use crate::spec::{Spec, Subjects};

/// A spec for every subject where each is asked for, and for every fold or group where the split has some and none is named.
/// All specs of one seed come before those of the next, and in them all of one fold before those of the next, so that a
/// table fills evenly.
pub fn complete(specs: Vec<Spec>, data: &DataSet) -> Result<Vec<Spec>, GridError> {
    let specs: Vec<Spec> = specs.into_iter().flat_map(|spec| each_subject(spec, data)).collect();
    let mut completed = Vec::new();
    for of_one_seed in specs.chunk_by(|a, b| a.seed == b.seed) {
        let mut columns = Vec::new();
        for spec in of_one_seed {
            columns.push(each_part(spec, data)?);
            if columns.iter().map(Vec::len).sum::<usize>() + completed.len() > MOST {
                return Err(too_many().into());
            }
        }
        let longest = columns.iter().map(Vec::len).max().unwrap_or(0);
        for part in 0..longest {
            completed.extend(columns.iter().filter_map(|column| column.get(part).cloned()));
        }
    }
    Ok(completed)
}

fn each_subject(spec: Spec, data: &DataSet) -> Vec<Spec> {
    if spec.subjects != Subjects::Each {
        return vec![spec];
    }
    let one = |name: &String| Spec { subjects: Subjects::Named(vec![name.clone()]), ..spec.clone() };
    data.subjects.iter().map(one).collect()
}

fn each_part(spec: &Spec, data: &DataSet) -> Result<Vec<Spec>, DataError> {
    if spec.fold.is_some() || spec.group.is_some() {
        return Ok(vec![spec.clone()]);
    }
    Ok(match parts(data, spec)? {
        Parts::One => vec![spec.clone()],
        Parts::Folds(folds) => {
            // One more than may be enqueued is refused as well as any number.
            (0..folds.min(MOST as u64 + 1)).map(|fold| Spec { fold: Some(fold), ..spec.clone() }).collect()
        }
        Parts::Groups(groups) => {
            groups.into_iter().map(|group| Spec { group: Some(group), ..spec.clone() }).collect()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::TrialSet;
    use crate::plan::Grid;
    use crate::spec::{DataSource, field};

    /// Three subjects of eight trials, two runs each.
    fn data() -> DataSet {
        let trials = 24;
        let train = TrialSet {
            signal: vec![0.0; trials * 40],
            samples: 40,
            electrodes: 1,
            labels: (0..trials as u32).map(|trial| trial % 2).collect(),
            subjects: (0..trials as u16).map(|trial| trial / 8).collect(),
            runs: (0..trials as u16).map(|trial| trial / 4 % 2).collect(),
            sessions: vec![],
        };
        DataSet {
            source: DataSource { name: "made".into(), path: None, fingerprint: "f".into() },
            electrodes: vec!["Cz".into()],
            sfreq: None,
            classes: vec!["1".into(), "2".into()],
            subjects: ["a", "b", "c"].map(String::from).into(),
            sessions: vec![],
            runs: ["9", "10"].map(String::from).into(),
            test: TrialSet { samples: 40, electrodes: 1, ..TrialSet::default() },
            train,
        }
    }

    fn completed(lists: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let grid = lists.iter().fold(Grid::default(), |grid, (name, text)| {
            let field = field(name).unwrap();
            grid.with(field, field.list(text).unwrap())
        });
        let specs = grid.specs(&data().source).and_then(|specs| complete(specs, &data()));
        let said = |spec: &Spec| {
            ["subjects", "fold", "group", "seed"].map(|name| field(name).unwrap().print(spec)).join(" ")
        };
        specs.map(|specs| specs.iter().map(said).collect()).map_err(|error| error.to_string())
    }

    #[test]
    fn every_fold_of_a_seed_comes_before_the_next_seed() {
        let all = completed(&[("split", "kfold:2"), ("seed", "0..1")]).unwrap();
        assert_eq!(all, ["all 0 none 0", "all 1 none 0", "all 0 none 1", "all 1 none 1"]);
        assert_eq!(completed(&[("split", "kfold:5"), ("fold", "3")]).unwrap(), ["all 3 none 0"]);
    }

    #[test]
    fn every_group_is_left_out_once_numbers_in_their_order() {
        let by = |by: &str| completed(&[("split", &format!("leave_out:{by}"))]);
        assert_eq!(by("subject").unwrap(), ["all none a 0", "all none b 0", "all none c 0"]);
        assert_eq!(by("run").unwrap(), ["all none 9 0", "all none 10 0"]);
        assert!(by("session").unwrap_err().contains("don't say the session"));
    }

    #[test]
    fn each_subject_has_a_run_of_its_own() {
        let all = completed(&[("subjects", "each"), ("split", "leave_out:run")]).unwrap();
        assert_eq!(all.len(), 6);
        let alone = completed(&[("subjects", "each"), ("split", "leave_out:subject")]).unwrap_err();
        assert!(alone.contains("all trials are of subject a"), "{alone}");
    }

    #[test]
    fn a_million_folds_are_refused() {
        assert!(completed(&[("split", "kfold:1000000")]).unwrap_err().contains("10000"));
    }
}
