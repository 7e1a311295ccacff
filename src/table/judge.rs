//! Which differences between cells are more than chance. Every pair of a family is tested, and Holm's procedure holds the
//! chance of any false claim in it to 5 %: the highest of many means is picked after the fact, so tests against it
//! alone would promise too much.

use super::{Cell, Standing};
use crate::stats::{holm, mcnemar, paired_t_test};

/// The chance of a false claim in a table.
const LEVEL: f64 = 0.05;

/// A cell, and which test trials each of its scores classified right.
pub struct Judged {
    /// The cell.
    pub cell: Cell,
    /// Beside its scores; `None` for a run without predictions.
    pub hits: Vec<Option<Vec<bool>>>,
}

/// Gives each cell of a family its standing.
pub fn judge(family: &mut [Judged]) {
    let mean = |judged: &Judged| judged.cell.summary.as_ref().map(|summary| summary.mean);
    let filled: Vec<usize> = (0..family.len()).filter(|&cell| mean(&family[cell]).is_some()).collect();
    let highest = filled.iter().copied().max_by(|&a, &b| {
        mean(&family[a]).partial_cmp(&mean(&family[b])).unwrap_or(std::cmp::Ordering::Equal)
    });
    let Some(highest) = highest else { return };
    if filled.len() == 1 {
        family[highest].cell.standing = Standing::Alone;
        return;
    }
    let adjusted = adjusted_pairs(family, &filled);
    let p_against_highest = |cell: usize| {
        let pair = (cell.min(highest), cell.max(highest));
        adjusted.iter().find(|(found, _)| *found == pair).map(|(_, p)| *p)
    };
    let mut beats_all = true;
    for &cell in filled.iter().filter(|&&cell| cell != highest) {
        family[cell].cell.standing = match p_against_highest(cell) {
            Some(p) if p < LEVEL => Standing::Behind { p },
            Some(_) => Standing::Tied,
            None => Standing::Untested,
        };
        beats_all &= matches!(family[cell].cell.standing, Standing::Behind { .. });
    }
    family[highest].cell.standing = if beats_all { Standing::Best } else { Standing::Leading };
}

/// p of every pair that can be tested, adjusted together.
fn adjusted_pairs(family: &[Judged], filled: &[usize]) -> Vec<((usize, usize), f64)> {
    let pairs =
        filled.iter().enumerate().flat_map(|(place, &a)| filled[place + 1..].iter().map(move |&b| (a, b)));
    let (pairs, p): (Vec<_>, Vec<f64>) =
        pairs.filter_map(|(a, b)| Some(((a, b), compare(&family[a], &family[b])?))).unzip();
    pairs.into_iter().zip(holm(&p)).collect()
}

/// p that two cells differ: paired over the seeds that both have; with a single run each, or a single common seed, over
/// the test trials. `None` where neither is possible.
fn compare(a: &Judged, b: &Judged) -> Option<f64> {
    let common: Vec<(usize, usize)> = a
        .cell
        .scores
        .iter()
        .enumerate()
        .filter_map(|(i, score)| Some((i, b.cell.scores.iter().position(|other| other.seed == score.seed)?)))
        .collect();
    match (&common[..], a.cell.scores.len(), b.cell.scores.len()) {
        (&[(i, j)], ..) => same_trials(a, i, b, j),
        ([], 1, 1) => same_trials(a, 0, b, 0),
        _ => {
            let difference = |&(i, j): &(usize, usize)| a.cell.scores[i].accuracy - b.cell.scores[j].accuracy;
            paired_t_test(&common.iter().map(difference).collect::<Vec<_>>())
        }
    }
}

fn same_trials(a: &Judged, i: usize, b: &Judged, j: usize) -> Option<f64> {
    let (first, second) = (a.hits[i].as_ref()?, b.hits[j].as_ref()?);
    if first.len() != second.len() {
        return None;
    }
    let only = |yes: &[bool], no: &[bool]| yes.iter().zip(no).filter(|&(&yes, &no)| yes && !no).count();
    Some(mcnemar(only(first, second), only(second, first)))
}
