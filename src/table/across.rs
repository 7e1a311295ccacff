//! The same methods on several data sets: their ranks on each, mean ranks, and how far these must be apart.

use super::place::{Basis, by_unit};
use super::words::p_value;
use super::{Cell, Kind, Matrix};
use crate::metric::Metric;
use crate::stats::{LEVEL, critical_difference, holm, mean, over_subjects, ranks, stouffer};
use serde::Serialize;

/// What the tables of one recipe on several data sets say together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Across {
    /// The data sets.
    pub sets: Vec<String>,
    /// The metric that methods are ranked by.
    pub metric: &'static str,
    /// The methods that every set has, the best mean rank first.
    pub methods: Vec<Ranked>,
    /// How far mean ranks must be apart to be told apart (Nemenyi, 5 %).
    pub critical_difference: Option<f64>,
    /// What the people of all sets say of every two methods, in the order of the mean ranks; none where a set's models are not
    /// each judged on one person.
    pub over_people: Vec<OverPeople>,
}

/// Two methods over the people of all data sets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OverPeople {
    /// The method of the better mean rank.
    pub first: String,
    /// The other.
    pub second: String,
    /// People of each data set.
    pub people: Vec<usize>,
    /// Stouffer's deviate, positive where the first is better.
    pub z: f64,
    /// Two-sided.
    pub p: f64,
    /// The same, adjusted by Holm over all pairs.
    pub p_adjusted: f64,
}

/// One method.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ranked {
    /// Such as `EEGNet ELU 1.0`.
    pub title: String,
    /// Its mean on each data set.
    pub means: Vec<f64>,
    /// Its rank there, 1 being the best.
    pub ranks: Vec<f64>,
    /// Their mean.
    pub mean_rank: f64,
}

/// Every recipe that ran on two or more data sets with two or more methods in common.
pub fn across<'a>(tables: impl IntoIterator<Item = &'a Matrix>) -> Vec<Across> {
    let mut groups: Vec<Vec<&Matrix>> = Vec::new();
    for table in tables.into_iter().filter(|table| table.kind == Kind::Activations) {
        let alike = |other: &Matrix| {
            other.rule == table.rule
                && other.metric == table.metric
                && other.recipe.is_likewise(&table.recipe)
                && other.recipe.fingerprint != table.recipe.fingerprint
        };
        match groups.iter_mut().find(|group| group.iter().all(|other| alike(other))) {
            Some(group) => group.push(table),
            None => groups.push(vec![table]),
        }
    }
    groups.iter().filter(|group| group.len() > 1).filter_map(|group| together(group)).collect()
}

fn together(tables: &[&Matrix]) -> Option<Across> {
    let metric = tables.first()?.metric;
    let value = |table: &Matrix, title: &str| {
        let cell = table.all().find(|cell| cell.title() == title && cell.is_whole());
        cell.and_then(|cell| Some(cell.summary.as_ref()?.mean))
    };
    let titles: Vec<String> = tables.first()?.all().map(Cell::title).collect();
    let of_method = |title: String| {
        let means: Option<Vec<f64>> = tables.iter().map(|table| value(table, &title)).collect();
        Some((title, means?))
    };
    let common: Vec<(String, Vec<f64>)> = titles.into_iter().filter_map(of_method).collect();
    if common.len() < 2 {
        return None;
    }
    let sign = if metric.higher_is_better { 1.0 } else { -1.0 };
    let on_set = |set: usize| ranks(&common.iter().map(|(_, means)| sign * means[set]).collect::<Vec<_>>());
    let on_sets: Vec<Vec<f64>> = (0..tables.len()).map(on_set).collect();
    let ranked = |(place, (title, means)): (usize, (String, Vec<f64>))| {
        let ranks: Vec<f64> = on_sets.iter().map(|ranks| ranks[place]).collect();
        let mean_rank = mean(&ranks).unwrap_or(f64::NAN);
        Ranked { title, means, ranks, mean_rank }
    };
    let critical_difference = critical_difference(common.len(), tables.len());
    let mut methods: Vec<Ranked> = common.into_iter().enumerate().map(ranked).collect();
    methods.sort_by(|a, b| a.mean_rank.total_cmp(&b.mean_rank));
    let titles: Vec<&str> = methods.iter().map(|method| method.title.as_str()).collect();
    Some(Across {
        over_people: over_people(tables, &titles),
        sets: tables.iter().map(|table| table.recipe.data_set.clone()).collect(),
        metric: metric.name,
        methods,
        critical_difference,
    })
}

/// Each two methods by the people of all sets: within a set one difference a person, over the sets Stouffer's method.
fn over_people(tables: &[&Matrix], titles: &[&str]) -> Vec<OverPeople> {
    if tables.iter().any(|table| table.scheme.basis() != Basis::Subjects) {
        return Vec::new();
    }
    let people = |table: &Matrix, title: &str| {
        let cell = table.all().find(|cell| cell.title() == title)?;
        let values = cell.scores.iter().map(|score| Some((&score.place, score.value(table.metric)?)));
        Some(by_unit(Basis::Subjects, values.collect::<Option<Vec<_>>>()?))
    };
    let on_set = |table: &Matrix, first: &str, second: &str| {
        let (first, second) = (people(table, first)?, people(table, second)?);
        let alike = first.iter().map(|(name, _)| name).eq(second.iter().map(|(name, _)| name));
        let sign = if table.metric.higher_is_better { 1.0 } else { -1.0 };
        let differences: Vec<f64> =
            first.iter().zip(&second).map(|((_, a), (_, b))| sign * (a - b)).collect();
        Some((over_subjects(&differences).filter(|_| alike)?, differences.len()))
    };
    let pairs = (0..titles.len()).flat_map(|a| (a + 1..titles.len()).map(move |b| (a, b)));
    let judged = pairs.filter_map(|(a, b)| {
        let sets: Vec<_> =
            tables.iter().map(|table| on_set(table, titles[a], titles[b])).collect::<Option<_>>()?;
        let (z, p) = stouffer(&sets)?;
        let people = sets.iter().map(|(_, people)| *people).collect();
        let (first, second) = (titles[a].to_owned(), titles[b].to_owned());
        Some(OverPeople { first, second, people, z, p, p_adjusted: p })
    });
    let mut judged: Vec<OverPeople> = judged.collect();
    let adjusted = holm(&judged.iter().map(|pair| pair.p).collect::<Vec<_>>());
    for (pair, p) in judged.iter_mut().zip(adjusted) {
        pair.p_adjusted = p;
    }
    judged
}

impl Across {
    /// Mean ranks and what they allow to say, a sentence each.
    pub fn sentences(&self) -> Vec<String> {
        let ranked: Vec<String> =
            self.methods.iter().map(|method| format!("{} {:.2}", method.title, method.mean_rank)).collect();
        let title = Metric::named(self.metric).map_or(self.metric, |metric| metric.title);
        let mut sentences = vec![format!(
            "Mean ranks by {title} over {} data sets ({}): {}.",
            self.sets.len(),
            self.sets.join(", "),
            ranked.join(", ")
        )];
        if let Some((difference, best)) = self.critical_difference.zip(self.methods.first()) {
            let apart = |method: &&Ranked| method.mean_rank - best.mean_rank > difference;
            let behind: Vec<&str> =
                self.methods.iter().filter(apart).map(|method| method.title.as_str()).collect();
            sentences.push(match behind[..] {
                [] => format!(
                    "None is told apart from {}: mean ranks would have to be more than {difference:.2} apart (Nemenyi, 5 %).",
                    best.title
                ),
                _ => format!(
                    "Behind {}, by more than the {difference:.2} that ranks must be apart (Nemenyi, 5 %): {}.",
                    best.title,
                    behind.join(", ")
                ),
            });
        }
        sentences.extend(self.people_sentence());
        sentences
    }

    /// Which methods the people of all sets tell apart.
    fn people_sentence(&self) -> Option<String> {
        let people: usize = self.over_people.first()?.people.iter().sum();
        let apart = self.over_people.iter().filter(|pair| pair.p_adjusted < LEVEL);
        let apart: Vec<String> = apart
            .map(|pair| {
                let (better, other) = match pair.z > 0.0 {
                    true => (&pair.first, &pair.second),
                    false => (&pair.second, &pair.first),
                };
                format!("{better} is better than {other} ({})", p_value(pair.p_adjusted))
            })
            .collect();
        let said = match apart.is_empty() {
            true => "no two methods are told apart".to_owned(),
            false => apart.join(", "),
        };
        Some(format!(
            "Over the {people} people of these data sets (Stouffer's method, weights by the root of their number, Holm over all \
             pairs): {said}."
        ))
    }
}
