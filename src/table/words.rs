//! What a table allows to say, in sentences: the verdict, what it rests on, and how each number came about.

use super::{Cell, Gap, Interval, Kind, Matrix, Method, Score, Standing, Verdict};
use crate::metric::{Inference, Metric, Unit};
use crate::spec::Rule;
use crate::stats::{Covers, LEVEL, SeedsNeeded};

/// p as people read it.
pub fn p_value(p: f64) -> String {
    if p < 0.001 { "p < 0.001".into() } else { format!("p {p:.3}") }
}

/// How many seeds of each (or of `whom` alone) would do, or why no number will.
pub fn needed(needed: SeedsNeeded, seeds: usize, whom: &str) -> String {
    match needed {
        SeedsNeeded::Seeds(number) if number > seeds => {
            format!("{number} seeds of {whom} would tell them apart, if the true difference is the one seen")
        }
        SeedsNeeded::Seeds(_) => "the difference seen is near the edge; add seeds".into(),
        SeedsNeeded::Never { trials: Some(trials) } => {
            format!("no number of seeds on these trials would tell them apart; {trials} test trials might")
        }
        SeedsNeeded::Never { trials: None } => "nothing tells them apart".into(),
        SeedsNeeded::Unknown => format!("run at least 2 seeds of {whom}"),
    }
}

impl Interval {
    /// What it speaks for, in words.
    pub fn meaning(&self) -> &'static str {
        match (self.method, self.covers) {
            (Method::StudentT, _) => "t over subjects; covers new people",
            (_, Covers::Trials) => "this run on new trials; a new seed is not covered",
            _ => "covers new seeds and new trials",
        }
    }

    /// `[85.0–89.0]` in a metric's unit.
    pub fn text(&self, metric: &Metric) -> String {
        format!("[{}–{}]", metric.format(self.low), metric.format(self.high))
    }
}

impl Metric {
    /// A difference of two of its values: percent points for shares.
    pub fn difference(&self, difference: f64) -> String {
        match self.unit {
            Unit::Percent => format!("{:+.1} points", 100.0 * difference),
            Unit::Plain => format!("{difference:+.3}"),
            Unit::Seconds => format!("{difference:+.0} s"),
        }
    }
}

impl Matrix {
    /// One line that says what the figures are.
    pub fn title(&self) -> String {
        let optimistic = if self.is_optimistic() { ", optimistic" } else { "" };
        format!("test {}, rule: {}{optimistic}", self.metric.heading(), self.rule.name())
    }

    /// The verdict on each family of cells that were judged together, a sentence or two each.
    pub fn verdicts(&self) -> Vec<String> {
        self.families().iter().filter_map(|family| self.verdict(family)).collect()
    }

    /// The same of each subject's trials.
    pub fn subject_verdicts(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        for family in self.families() {
            for name in self.subjects() {
                let of_subject = |cell: &&Cell| {
                    let of = cell.subjects.iter().find(|of| of.name == name)?;
                    Some((cell.title(), of.verdict))
                };
                let judged: Vec<(String, Verdict)> = family.iter().filter_map(of_subject).collect();
                let single = are_single_runs(&family);
                if let Some(sentence) = self.sentence(&judged, single) {
                    sentences.push(format!("{name}: {sentence}"));
                }
            }
        }
        sentences
    }

    fn verdict(&self, family: &[&Cell]) -> Option<String> {
        let judged: Vec<(String, Verdict)> = family
            .iter()
            .filter(|cell| cell.summary.is_some())
            .map(|cell| (cell.title(), cell.verdict))
            .collect();
        let single = are_single_runs(family);
        let sentence = self.sentence(&judged, single)?;
        let whose = match self.subjects().len() {
            0 | 1 => "on this subject's data".to_owned(),
            people => format!("on these {people} subjects' data, not for new people"),
        };
        Some(format!("{sentence} All {whose}."))
    }

    /// The sentences of the confidence set of the best; never "equal".
    fn sentence(&self, judged: &[(String, Verdict)], single: bool) -> Option<String> {
        let (leader, verdict) = judged.iter().find(|(_, verdict)| verdict.leads)?;
        let runs = if single { " runs" } else { "" };
        let of =
            |standing: Standing| judged.iter().filter(move |(_, it)| it.standing == standing && !it.leads);
        let mut text = match verdict.standing {
            Standing::Best => format!("{leader} is best of these {}{runs} (95 %).", verdict.judged),
            _ => {
                let end = if self.metric.higher_is_better { "highest" } else { "lowest" };
                let rest: Vec<&str> = of(Standing::NotToldApart).map(|(title, _)| title.as_str()).collect();
                let among = if single { " of these runs" } else { "" };
                format!(
                    "{leader} has the {end} mean{among}; not told apart from it or from each other as best: {}.",
                    rest.join(", ")
                )
            }
        };
        let behind: Vec<String> = of(Standing::Behind)
            .map(|(title, it)| format!("{title} ({})", p_value(it.p.unwrap_or(0.0))))
            .collect();
        if !behind.is_empty() {
            text += &format!(" Behind: {}.", behind.join(", "));
        }
        let untested: Vec<&str> = of(Standing::Untested).map(|(title, _)| title.as_str()).collect();
        if !untested.is_empty() {
            text += &format!(" Not tested, for want of predictions: {}.", untested.join(", "));
        }
        Some(text)
    }

    /// `chosen by validation: EEGNet ELU 0.2; its test accuracy 87.1 [85.0–89.0]`, starred where the epoch was not chosen so.
    pub fn choice_note(&self) -> Option<String> {
        let chosen = self.chosen.as_ref().filter(|chosen| chosen.among > 1)?;
        let interval = chosen.interval.map(|interval| format!(" {}", interval.text(self.metric)));
        let star = if self.is_optimistic() { "*" } else { "" };
        Some(format!(
            "chosen by validation: {} {}; its test {} {}{star}{}",
            chosen.model.title(),
            chosen.activation.title(),
            self.metric.title,
            self.metric.format(chosen.test),
            interval.unwrap_or_default(),
        ))
    }

    /// What guessing reaches.
    pub fn chance_note(&self) -> Option<String> {
        let chance = self.chance?;
        Some(format!(
            "Chance: an accuracy from {:.1} % on ({} of {} trials) is more than guessing (5 %).",
            100.0 * chance.accuracy,
            chance.hits,
            chance.trials
        ))
    }

    /// Runs that guess while others of their table do not, one phrase each.
    pub fn at_chance(&self) -> Vec<String> {
        let scores = || self.all().flat_map(|cell| cell.scores.iter().map(move |score| (cell, score)));
        if scores().all(|(_, score)| score.at_chance) {
            return Vec::new();
        }
        let guessing = scores().filter(|(_, score)| score.at_chance);
        let name = |(cell, score): (&Cell, &Score)| match cell.is_baseline() {
            true => cell.title(),
            false => format!("{} seed {}", cell.title(), score.seed),
        };
        guessing.map(name).collect()
    }

    /// What would tell the highest mean from the next, where it is not told apart.
    pub fn needed_notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for family in self.families() {
            let Some(leader) = family.iter().find(|cell| cell.verdict.leads) else { continue };
            let rivals = family
                .iter()
                .copied()
                .filter(|cell| cell.verdict.standing == Standing::NotToldApart && !cell.verdict.leads);
            let nearest = rivals.max_by(|a, b| {
                let p = |cell: &Cell| cell.verdict.difference.map_or(0.0, |gap| -gap.mean.abs());
                p(a).total_cmp(&p(b))
            });
            let told = nearest.and_then(|rival| Some((rival, rival.verdict.seeds_needed?)));
            if let Some((rival, seeds)) = told {
                let seeded: Vec<&Cell> =
                    [*leader, rival].into_iter().filter(|cell| !cell.is_baseline()).collect();
                let run = seeded.iter().map(|cell| cell.scores.len()).min().unwrap_or(0);
                let whom = match seeded[..] {
                    [one] => one.title(),
                    _ => "each".to_owned(),
                };
                notes.push(format!(
                    "{} and {}: {}.",
                    leader.title(),
                    rival.title(),
                    needed(seeds, run, &whom)
                ));
            }
        }
        notes
    }

    /// What a reader must know, a sentence each: the verdict first, then the choice, chance, the rule and the data, and
    /// the signs and intervals that occur.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = self.verdicts();
        notes.extend(self.subject_verdicts());
        notes.extend(self.choice_note().map(|note| note + "."));
        notes.extend(self.needed_notes());
        notes.extend(self.chance_note());
        let guessing = self.at_chance();
        if !guessing.is_empty() {
            notes.push(format!("No better than guessing, unlike others: {}.", guessing.join(", ")));
        }
        if *self.metric != *Metric::accuracy() && self.chance.is_some_and(|chance| chance.share > 0.6) {
            notes.push(
                "The classes are unequal: accuracy alone would flatter whoever names the largest.".into(),
            );
        }
        if let Inference::None(why) = self.metric.inference {
            notes.push(format!("No interval and no test for {}: {why}.", self.metric.title));
        }
        notes.push(self.rule_note().to_owned());
        if self.recipe.simulated {
            notes.push("The data are simulated: no conclusion about people follows.".to_owned());
        }
        notes.extend(self.legend());
        notes
    }

    /// What the signs and intervals in the cells mean.
    pub fn legend(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let has = |wanted: fn(&Cell) -> bool| self.all().any(wanted);
        if has(|cell| cell.scores.len() > 1) {
            notes.push(
                "Mean ± sd over seeds, their number in parentheses; the 95 % interval covers new seeds and new trials."
                    .to_owned(),
            );
        }
        if has(|cell| cell.is_baseline() && cell.summary.is_some()) {
            notes.push("Baselines are fitted once: no seed decides anything in them.".to_owned());
        }
        if has(|cell| !cell.is_baseline() && method(cell) == Some(Method::Wilson)) {
            notes.push("In brackets: 95 % for this run on new trials; a new seed is not covered.".to_owned());
        }
        let among = match self.kind {
            Kind::Activations => "the table",
            Kind::AlphaSweep => "the row",
        };
        if has(|cell| cell.verdict.standing == Standing::NotToldApart) {
            notes.push(format!(
                "= may be the best of {among} (95 % confidence set); no claim that they are alike."
            ));
        }
        if has(|cell| cell.summary.is_some() && cell.verdict.standing == Standing::Untested) {
            notes.push("? not tested: nothing to compare with, or predictions are missing.".to_owned());
        }
        notes
    }

    fn rule_note(&self) -> &'static str {
        match self.rule {
            _ if !self.recipe.has_epochs() => "Baselines have no epoch to choose.",
            Rule::Validation if !self.recipe.has_validation() => {
                "Rule validation does not apply: these runs held nothing out; ask for --rule last."
            }
            Rule::Validation => "The epoch is the one with the least validation loss.",
            Rule::Last => "The epoch is the last one.",
            Rule::BestTest => {
                "* The epoch was picked on the test trials themselves: optimistic, not comparable with other rules."
            }
        }
    }

    /// How a cell's verdict came about: its runs, its numbers and the formulas, a line each.
    pub fn explanation(&self, cell: &Cell) -> Vec<String> {
        let Some(summary) = &cell.summary else {
            return vec![format!("{}: no finished run yet.", cell.title())];
        };
        let metric = self.metric;
        let mut lines = vec![format!(
            "{}: mean {} {} over {} seeds.",
            cell.title(),
            metric.title,
            metric.format(summary.mean),
            summary.n
        )];
        if summary.n == 1 {
            let runs = if cell.is_baseline() { "fitted once" } else { "of one run" };
            lines[0] = format!("{}: {} {} {runs}.", cell.title(), metric.title, metric.format(summary.mean));
        }
        if let Some(interval) = &summary.interval {
            let formula = match interval.method {
                Method::Wilson => "Wilson's score interval over the test trials",
                Method::CrossedWilson => {
                    "Wilson's interval with the number of independent trials that seeds × trials amount to, t for z"
                }
                Method::Jackknife => "one value a trial, seeds × trials, t",
                Method::StudentT => "t over subjects",
            };
            let meaning = match cell.is_baseline() {
                true => "covers new trials; no seed decides anything in it",
                false => interval.meaning(),
            };
            lines.push(format!("95 % {}: {meaning}; {formula}.", interval.text(metric)));
        }
        if let Some(interval) = &summary.over_subjects {
            lines.push(format!("Over subjects 95 % {}: {}.", interval.text(metric), interval.meaning()));
        }
        lines.extend(self.verdict_lines(cell));
        for score in &cell.scores {
            let value = score.value(metric).map_or("–".into(), |value| metric.format(value));
            let guess = if score.at_chance { ", no better than guessing" } else { "" };
            let seed = if cell.is_baseline() { String::new() } else { format!("seed {}: ", score.seed) };
            let rule = if self.flatters(cell) || !self.is_optimistic() { self.rule } else { Rule::Last };
            let file = format!("runs/{}/predictions-{}.csv", score.id, rule.name());
            lines.push(format!("{seed}{value} ({file}){guess}"));
        }
        lines
    }

    fn verdict_lines(&self, cell: &Cell) -> Vec<String> {
        let verdict = &cell.verdict;
        let Some(p) = verdict.p else {
            return vec![
                "Not tested: nothing to compare it with, or a run's predictions are missing.".into(),
            ];
        };
        let mut lines = Vec::new();
        let side = if p >= LEVEL { "in" } else { "not in" };
        lines.push(format!(
            "{} that it is the best of {}: {side} the 95 % set (the least one-sided p that another beats it, times {}).",
            p_value(p),
            verdict.judged,
            verdict.judged - 1
        ));
        if let Some(Gap { mean, low, high, p, p_adjusted, df, .. }) = verdict.difference {
            lines.push(format!(
                "From the highest mean: {} ({} to {}), {} as a pair, {} among all pairs (Holm), {df:.1} df.",
                self.metric.difference(mean),
                self.metric.difference(low),
                self.metric.difference(high),
                p_value(p),
                p_value(p_adjusted),
            ));
        }
        let seeds = verdict.seeds_needed.filter(|_| verdict.standing == Standing::NotToldApart);
        lines.extend(seeds.map(|seeds| format!("{}.", needed(seeds, cell.scores.len(), "each"))));
        lines
    }
}

/// Whether no cell has several seeds, so that only these runs are judged.
fn are_single_runs(family: &[&Cell]) -> bool {
    family.iter().all(|cell| cell.scores.len() <= 1)
}

fn method(cell: &Cell) -> Option<Method> {
    cell.summary.as_ref()?.interval.map(|interval| interval.method)
}
