//! Which runs are compared, which of them are one curve, what these are called, and how much fits at once.

use crate::event::Epoch;
use crate::notebook::RunSummary;
use crate::spec::{Rule, Spec};
use crate::stats::standard_deviation;
use crate::tui::app::App;
use crate::tui::grouping::Grouping;
use crate::tui::naming;
use crate::tui::panes::curves::{Set, figure};
use crate::tui::panes::fields::{self, Comparison};
use crate::tui::plot::Metric;
use ratatui::layout::Rect;

/// The sets in the order in which a small window turns them.
pub const SETS: [Set; 3] = [Set::Test, Set::Train, Set::Validation];

/// Runs that are one curve.
pub struct Group<'a> {
    /// What tells it from the others.
    pub name: String,
    /// Its runs, at least one.
    pub runs: Vec<&'a RunSummary>,
}

/// A mean over runs, their standard deviation where there are several, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// The mean.
    pub mean: f64,
    /// Of two and more.
    pub sd: Option<f64>,
    /// Runs.
    pub n: usize,
}

impl Mean {
    /// Over these values; `None` over none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let n = values.len();
        let mean = values.iter().sum::<f64>() / n as f64;
        (n > 0).then(|| Mean { mean, sd: standard_deviation(values), n })
    }
}

/// The runs that are compared: the marked ones, else the selected one.
pub fn compared(app: &App) -> Vec<&RunSummary> {
    app.targets()
}

/// What tells runs apart.
pub fn comparison(runs: &[&RunSummary]) -> Comparison {
    fields::compare(&runs.iter().map(|run| &run.spec).collect::<Vec<_>>())
}

/// The fields in which the compared runs differ.
pub fn differing(app: &App) -> Vec<&'static str> {
    comparison(&compared(app)).differing.into_iter().map(|(field, _)| field).collect()
}

/// The curves: runs that belong together, in the list's order.
pub fn groups(app: &App) -> Vec<Group<'_>> {
    let runs = compared(app);
    let key = |place: usize, run: &RunSummary| match app.grouping {
        Grouping::Seeds => Spec { seed: 0, ..run.spec.clone() }.hash(),
        Grouping::Single => place.to_string(),
        Grouping::By(field) => fields::of(&run.spec)
            .into_iter()
            .find(|(name, _)| *name == field)
            .map_or_else(String::new, |(_, value)| value),
    };
    let mut keys: Vec<String> = Vec::new();
    let mut members: Vec<Vec<&RunSummary>> = Vec::new();
    for (place, run) in runs.iter().enumerate() {
        let key = key(place, run);
        match keys.iter().position(|known| *known == key) {
            Some(known) => members[known].push(run),
            None => {
                keys.push(key);
                members.push(vec![run]);
            }
        }
    }
    let names = names(app.grouping, &members);
    names.into_iter().zip(members).map(|(name, runs)| Group { name, runs }).collect()
}

/// A short name of each group: the values of what differs between them.
fn names(grouping: Grouping, members: &[Vec<&RunSummary>]) -> Vec<String> {
    let pooled = members.iter().any(|runs| runs.len() > 1);
    let of_group = |runs: &Vec<&RunSummary>| {
        let seed = if pooled { 0 } else { runs[0].spec.seed };
        Spec { seed, ..runs[0].spec.clone() }
    };
    let specs: Vec<Spec> = members.iter().map(of_group).collect();
    let comparison = fields::compare(&specs.iter().collect::<Vec<_>>());
    let said = |field: &str| match grouping {
        Grouping::By(by) => field == by,
        Grouping::Seeds | Grouping::Single => true,
    };
    let name = |place: usize| {
        let values =
            comparison.differing.iter().filter(|(field, _)| said(field)).map(
                |(field, values)| match *field {
                    "model" | "activation" | "data set" => values[place].clone(),
                    "seed" => format!("s{}", values[place]),
                    // As a line of prose has it: `lr 0.01` is shorter than its title, and there is little room.
                    _ => fields::titled(field)
                        .and_then(|known| known.say(&specs[place]))
                        .unwrap_or_else(|| format!("{field} {}", values[place])),
                },
            );
        let name = values.collect::<Vec<_>>().join(" ");
        let runs = &members[place];
        let name = match (name.is_empty(), members.len(), runs.len()) {
            (false, ..) => name,
            (true, 1, 1) => naming::run(&runs[0].spec),
            (true, 1, _) => format!("{} {}", runs[0].spec.model.title(), runs[0].spec.activation.title()),
            // Runs of one spec differ in their ids only.
            (true, ..) => runs[0].id.clone(),
        };
        if runs.len() > 1 { format!("{name} ({})", runs.len()) } else { name }
    };
    (0..members.len()).map(name).collect()
}

/// A run's epochs, as far as they were read.
pub fn epochs<'a>(app: &'a App, run: &RunSummary) -> &'a [Epoch] {
    app.detail(&run.id).map_or(&[], |detail| &detail.epochs)
}

/// Epochs of the longest of the runs.
pub fn longest(app: &App) -> usize {
    compared(app).iter().map(|run| epochs(app, run).len()).max().unwrap_or(0)
}

impl Group<'_> {
    /// A figure over the runs at an epoch, counted from 0; over those that have come so far.
    pub fn at(&self, app: &App, place: usize, metric: Metric, set: Set, log: bool) -> Option<Mean> {
        let values = self.runs.iter().filter_map(|run| epochs(app, run).get(place));
        let values = values.map(|epoch| figure(epoch, metric, set, log)).filter(|value| value.is_finite());
        Mean::of(&values.collect::<Vec<_>>())
    }

    /// Test accuracy in percent by a rule, over the runs that have one.
    pub fn accuracy(&self, rule: Rule) -> Option<Mean> {
        let shares = self.runs.iter().filter_map(|run| run.accuracy(rule));
        Mean::of(&shares.map(|share| 100.0 * share).collect::<Vec<_>>())
    }

    /// The same so far of runs that are not finished, where none is.
    pub fn so_far(&self, rule: Rule) -> Option<Mean> {
        let shares = self.runs.iter().filter_map(|run| run.provisional(rule));
        Mean::of(&shares.map(|share| 100.0 * share).collect::<Vec<_>>())
    }

    /// The best test accuracy in percent of each run, and of a single run its epoch.
    pub fn best(&self, app: &App) -> Option<(Mean, Option<u32>)> {
        let best = self.runs.iter().filter_map(|run| app.detail(&run.id)?.picked(Rule::BestTest));
        let best: Vec<(f64, u32)> = best.map(|epoch| (epoch.test_acc, epoch.epoch)).collect();
        let mean = Mean::of(&best.iter().map(|(share, _)| 100.0 * share).collect::<Vec<_>>())?;
        Some((mean, best.first().filter(|_| self.runs.len() == 1).map(|(_, epoch)| *epoch)))
    }
}

/// Whether there is room for the lab's four figures at once.
pub fn is_large(area: Rect) -> bool {
    area.width >= 120 && area.height >= 30
}
