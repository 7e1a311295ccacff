//! What may be said of the cells of a table: intervals, the 95 % confidence set of the best, differences from the highest
//! mean and the seeds that would tell. One rule for tables, sentences and explanations.

use super::sample::{Entrant, Ground, Sample, entrants};
use super::{Cell, Gap, OfSubject, Opinion, Standing, Verdict};
use crate::stats::Family;

/// A cell with what inference needs of it.
pub struct Judged {
    /// The cell.
    pub cell: Cell,
    /// All of it; `None` where a run lacks its predictions or the metric allows no inference.
    pub whole: Option<Sample>,
    /// Each subject's trials.
    pub subjects: Vec<(String, Option<Sample>)>,
    /// People in the place of trials, where each model was judged on several.
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
    let opinions = opinions(&samples);
    let there: Vec<bool> = samples.iter().map(Option::is_some).collect();
    for ((judged, opinion), there) in family.iter_mut().zip(opinions).zip(there) {
        if let Some(summary) = &mut judged.cell.summary {
            summary.over_subjects = there.then_some(opinion);
        }
    }
}

/// The cells that can be judged together: those on the commonest ground, of equally common ones the larger.
fn comparable(samples: &[Option<&Sample>]) -> Vec<usize> {
    let grounds: Vec<Option<Ground<'_>>> =
        samples.iter().map(|sample| Some(sample.as_ref()?.ground())).collect();
    let frequency = |ground: &Ground<'_>| grounds.iter().flatten().filter(|other| *other == ground).count();
    let size = |place: usize| samples[place].map_or(0, Sample::size);
    let there = (0..samples.len()).filter(|&place| samples[place].is_some());
    let commonest = there.max_by_key(|&place| (grounds[place].as_ref().map_or(0, frequency), size(place)));
    let Some(commonest) = commonest else { return Vec::new() };
    (0..samples.len())
        .filter(|&place| samples[place].is_some() && grounds[place] == grounds[commonest])
        .collect()
}

fn opinions(samples: &[Option<&Sample>]) -> Vec<Opinion> {
    let untested = Verdict { standing: Standing::Untested, judged: 1, ..Verdict::default() };
    let mut found = vec![Opinion { interval: None, verdict: untested }; samples.len()];
    for (opinion, sample) in found.iter_mut().zip(samples) {
        let alone = sample.and_then(|sample| entrants(&[sample]).first().and_then(Entrant::interval));
        *opinion = Opinion { interval: alone, verdict: Verdict { apart: sample.is_some(), ..untested } };
    }
    let places = comparable(samples);
    let chosen: Vec<&Sample> = places.iter().filter_map(|&place| samples[place]).collect();
    let entrants = entrants(&chosen);
    for (&place, entrant) in places.iter().zip(&entrants) {
        found[place] = Opinion { interval: entrant.interval(), verdict: untested };
    }
    let family = Family::new(entrants.len(), |a, b| entrants[a].minus(&entrants[b]));
    let Some(family) = family else { return found };
    let best: Vec<usize> = (0..places.len()).filter(|&model| family.may_be_best(model)).collect();
    let means: Vec<f64> = entrants.iter().map(Entrant::judged_mean).collect();
    let Some(leader) = highest(&means, None) else { return found };
    let next = highest(&means, Some(leader));
    for (model, &place) in places.iter().enumerate() {
        let rival = if model == leader { next } else { Some(leader) };
        found[place].verdict = Verdict {
            standing: match best.contains(&model) {
                true if best.len() == 1 => Standing::Best,
                true => Standing::NotToldApart,
                false => Standing::Behind,
            },
            leads: model == leader,
            p: family.p_best.get(model).copied(),
            difference: gap(&family, model, leader, chosen[model].turned()),
            seeds_needed: rival.and_then(|rival| entrants[model].seeds_needed(&entrants[rival])),
            judged: places.len(),
            apart: false,
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
    let p_adjusted = family.adjusted(model, leader)?;
    let (mean, low, high) = match turned {
        false => (found.mean, found.low, found.high),
        true => (-found.mean, -found.high, -found.low),
    };
    Some(Gap { mean, low, high, p: found.p, p_adjusted, df: found.df, covers: found.covers })
}
