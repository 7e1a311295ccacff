//! The same methods on several data sets: their ranks on each, mean ranks, and how far these must be apart.

use super::{Cell, Kind, Matrix};
use crate::metric::Metric;
use crate::stats::{critical_difference, mean, ranks};
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
    Some(Across {
        sets: tables.iter().map(|table| table.recipe.data_set.clone()).collect(),
        metric: metric.name,
        methods,
        critical_difference,
    })
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
        sentences
    }
}
