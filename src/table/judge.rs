//! What may be said of the cells of a table: intervals, the 95 % confidence set of the best, differences from the highest
//! mean and the seeds that would tell. One rule for tables, sentences and explanations.

use super::sample::Sample;
use super::{Cell, Gap, Interval, OfSubject, Standing, Verdict};
use crate::stats::{Family, seeds_needed};

/// A cell with what inference needs of it.
pub struct Judged {
    /// The cell.
    pub cell: Cell,
    /// All its test trials; `None` where a run lacks its predictions or the metric allows no inference.
    pub whole: Option<Sample>,
    /// Each subject's trials.
    pub subjects: Vec<(String, Option<Sample>)>,
    /// Subjects in the place of trials.
    pub over_subjects: Option<Sample>,
}

/// Judges a family of cells, in place.
pub fn judge(family: &mut [Judged]) {
    let whole = opinions(&family.iter().map(|judged| judged.whole.as_ref()).collect::<Vec<_>>());
    for (judged, opinion) in family.iter_mut().zip(whole) {
        if let Some(summary) = &mut judged.cell.summary {
            summary.interval = opinion.interval.or(summary.interval);
            judged.cell.verdict = opinion.verdict;
        }
    }
    over_subjects(family);
    let mut names: Vec<String> =
        family.iter().flat_map(|judged| &judged.subjects).map(|(name, _)| name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    // With one subject there is nothing to say that the whole does not.
    for name in names.iter().filter(|_| names.len() > 1) {
        of_subject(family, name);
    }
}

fn of_subject(family: &mut [Judged], name: &str) {
    let sample = |judged: &Judged| -> Option<Sample> {
        judged.subjects.iter().find(|(known, _)| known == name).and_then(|(_, sample)| sample.clone())
    };
    let samples: Vec<Option<Sample>> = family.iter().map(sample).collect();
    let opinions = opinions(&samples.iter().map(Option::as_ref).collect::<Vec<_>>());
    for ((judged, sample), opinion) in family.iter_mut().zip(&samples).zip(opinions) {
        if let Some(sample) = sample {
            let Opinion { interval, verdict } = opinion;
            judged.cell.subjects.push(OfSubject {
                name: name.into(),
                mean: sample.mean(),
                interval,
                verdict,
            });
        }
    }
}

fn over_subjects(family: &mut [Judged]) {
    let samples: Vec<Option<&Sample>> = family.iter().map(|judged| judged.over_subjects.as_ref()).collect();
    let (places, judged) = comparable(&samples);
    let Some(judged) = judged else { return };
    let intervals: Vec<Option<Interval>> = places
        .iter()
        .zip(&judged.seeds)
        .map(|(&place, seed)| samples[place].and_then(|sample| sample.subjects_interval(*seed)))
        .collect();
    for (&place, interval) in places.iter().zip(intervals) {
        if let Some(summary) = &mut family[place].cell.summary {
            summary.over_subjects = interval;
        }
    }
}

/// What is found about one cell.
#[derive(Clone, Copy, Default)]
struct Opinion {
    interval: Option<Interval>,
    verdict: Verdict,
}

/// The cells that can be judged together, those with the commonest number of trials, and their family.
fn comparable(samples: &[Option<&Sample>]) -> (Vec<usize>, Option<Family>) {
    let sizes: Vec<usize> = samples.iter().flatten().map(|sample| sample.size()).collect();
    let frequency = |size: usize| sizes.iter().filter(|&&other| other == size).count();
    let Some(size) = sizes.iter().copied().max_by_key(|&size| (frequency(size), size)) else {
        return (Vec::new(), None);
    };
    let places: Vec<usize> = (0..samples.len())
        .filter(|&place| samples[place].is_some_and(|sample| sample.size() == size))
        .collect();
    let chosen: Vec<&Sample> = places.iter().filter_map(|&place| samples[place]).collect();
    let rows: Vec<&[Vec<f64>]> = chosen.iter().map(|sample| sample.judged_rows()).collect();
    let components = chosen.iter().map(|sample| sample.judged_components()).collect();
    (places, Some(Family::new(&rows, components)))
}

fn opinions(samples: &[Option<&Sample>]) -> Vec<Opinion> {
    let untested = Verdict { standing: Standing::Untested, judged: 1, ..Verdict::default() };
    let mut found = vec![Opinion { interval: None, verdict: untested }; samples.len()];
    let (places, family) = comparable(samples);
    let Some(family) = family else { return found };
    let best: Vec<usize> = (0..places.len()).filter(|&model| family.may_be_best(model)).collect();
    let means: Vec<f64> = family.components.iter().map(|components| components.mean).collect();
    let leader = highest(&means, None);
    let next = highest(&means, leader);
    for (model, &place) in places.iter().enumerate() {
        let Some(sample) = samples[place] else { continue };
        let opinion = &mut found[place];
        opinion.interval = sample.interval(family.seeds[model]);
        let (Some(leader), true) = (leader, places.len() > 1) else { continue };
        let rival = if model == leader { next } else { Some(leader) };
        let needed = rival.and_then(|rival| {
            let other = samples[places[rival]]?;
            Some(seeds_needed(sample.side(family.seeds[model]), other.side(family.seeds[rival])))
        });
        opinion.verdict = Verdict {
            standing: match best.contains(&model) {
                true if best.len() == 1 => Standing::Best,
                true => Standing::NotToldApart,
                false => Standing::Behind,
            },
            leads: model == leader,
            p: Some(family.p_best[model]),
            difference: gap(&family, model, leader, sample.turned()),
            seeds_needed: needed,
            judged: places.len(),
        };
    }
    found
}

/// The place of the highest mean, the first of equals, but for one.
fn highest(means: &[f64], but: Option<usize>) -> Option<usize> {
    let others = (0..means.len()).filter(|&model| Some(model) != but);
    others.fold(None, |best: Option<usize>, model| match best {
        Some(best) if means[best] >= means[model] => Some(best),
        _ => Some(model),
    })
}

fn gap(family: &Family, model: usize, leader: usize, turned: bool) -> Option<Gap> {
    let found = family.difference(model, leader)?;
    let pair = (model.min(leader), model.max(leader));
    let place = family.pairs.iter().position(|(known, _)| *known == pair)?;
    let (mean, low, high) = match turned {
        false => (found.mean, found.low, found.high),
        true => (-found.mean, -found.high, -found.low),
    };
    let p_adjusted = family.holm[place];
    Some(Gap { mean, low, high, p: found.p, p_adjusted, df: found.df, covers: found.covers })
}
