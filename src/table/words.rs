//! What a table allows to say, in sentences: the verdict, what it rests on, and how each number came about.

use super::place::Basis;
use super::{Cell, Gap, Interval, Kind, Matrix, Method, Pending, Standing, Summary, Verdict};
use crate::metric::{Inference, Metric, Unit};
use crate::spec::Rule;
use crate::stats::{Covers, LEAST_SUBJECTS, LEVEL, SeedsNeeded};

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

/// Why nothing can be claimed over so few people.
pub fn too_few_subjects(people: usize) -> String {
    format!(
        "With {people} subjects no difference can reach p < 0.05, whatever its size; {LEAST_SUBJECTS} or more can."
    )
}

/// `3 folds`.
fn counted(count: usize, unit: &str) -> String {
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

impl Interval {
    /// What it speaks for, in words.
    pub fn meaning(&self) -> &'static str {
        match (self.method, self.covers) {
            (_, Covers::Subjects) => "t over subjects; covers new people",
            (_, Covers::Folds) => "t over folds; covers this data set",
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

    /// What holds for other people, where each model was judged on several.
    pub fn people_verdicts(&self) -> Vec<String> {
        let people = self.subjects().len();
        let sentence = |family: &Vec<&Cell>| {
            let opinion = |cell: &&Cell| Some((cell.title(), cell.summary.as_ref()?.over_subjects?.verdict));
            let judged: Vec<(String, Verdict)> = family.iter().filter_map(opinion).collect();
            let sentence = self.sentence(&judged, are_single_runs(family))?;
            Some(format!("Over these {people} subjects, for new people: {sentence}"))
        };
        self.families().iter().filter_map(sentence).collect()
    }

    fn verdict(&self, family: &[&Cell]) -> Option<String> {
        let judged: Vec<(String, Verdict)> = family
            .iter()
            .filter(|cell| cell.summary.is_some())
            .map(|cell| (cell.title(), cell.verdict))
            .collect();
        let single = are_single_runs(family);
        let mut sentence = self.sentence(&judged, single)?;
        if let Some(leader) = family.iter().find(|cell| cell.verdict.leads && self.guesses(cell)) {
            sentence += &format!(" {} itself is no better than guessing.", leader.title());
        }
        let people = self.subjects().len();
        let whose = match people {
            0 | 1 => "on this subject's data".to_owned(),
            people => format!("on these {people} subjects' data, not for new people"),
        };
        let units = family.iter().filter(|cell| cell.verdict.p.is_some()).find_map(|cell| {
            let coverage = cell.coverage.as_ref()?;
            Some(counted(coverage.there(), coverage.unit))
        });
        let over = units.map(|units| format!("Over {units}, seeds averaged within each"));
        Some(match (self.scheme.basis(), over) {
            (Basis::Folds, Some(over)) => format!("{sentence} {over}; all {whose}."),
            (Basis::Subjects, _) => {
                let few = if people < LEAST_SUBJECTS { too_few_subjects(people) } else { String::new() };
                let over = format!("Over {people} subjects, for new people like them.");
                format!("{sentence} {over} {few}").trim_end().to_owned()
            }
            _ => format!("{sentence} All {whose}."),
        })
    }

    /// Cells that lack folds, sessions or people, and which.
    pub fn incomplete_notes(&self) -> Vec<String> {
        let mut notes: Vec<(String, Vec<String>)> = Vec::new();
        for cell in self.all().filter(|cell| cell.summary.is_some()) {
            let Some(coverage) = cell.coverage.as_ref().filter(|coverage| !coverage.missing.is_empty())
            else {
                continue;
            };
            let what = format!(
                "{} of {} {}, without {}",
                coverage.there(),
                coverage.units,
                coverage.plural(),
                coverage.missing.join(", ")
            );
            match notes.iter_mut().find(|(known, _)| *known == what) {
                Some((_, cells)) => cells.push(cell.title()),
                None => notes.push((what, vec![cell.title()])),
            }
        }
        notes.into_iter().map(|(what, cells)| format!("Incomplete: {} ({what}).", cells.join(", "))).collect()
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
        let unit = self.scheme.unit_name();
        for (apart, why) in [
            (true, format!("as it has other {unit}s than those")),
            (false, "for want of predictions".to_owned()),
        ] {
            let untested = of(Standing::Untested).filter(|(_, it)| it.apart == apart);
            let untested: Vec<&str> = untested.map(|(title, _)| title.as_str()).collect();
            if !untested.is_empty() {
                text += &format!(" Not tested, {why}: {}.", untested.join(", "));
            }
        }
        Some(text)
    }

    /// `chosen by validation: EEGNet ELU 0.2; its test accuracy 87.1 [85.0–89.0]`, starred where the epoch was not chosen so;
    /// with a word about others of the same validation accuracy.
    pub fn choice_note(&self) -> Option<String> {
        let chosen = self.chosen.as_ref().filter(|chosen| chosen.among > 1)?;
        let interval = chosen.interval.map(|interval| format!(" {}", interval.text(self.metric)));
        let star = if self.is_optimistic() { "*" } else { "" };
        Some(format!(
            "chosen by validation{}: {} {}; its test {} {}{star}{}",
            match chosen.alike {
                1 => String::new(),
                alike => format!(" loss, of {alike} cells with the same validation accuracy"),
            },
            chosen.model.title(),
            chosen.activation.title(),
            self.metric.title,
            self.metric.format(chosen.test),
            interval.unwrap_or_default(),
        ))
    }

    /// What choosing by the test trials would have claimed: the highest mean there, beside the cell that validation chose.
    pub fn claim_note(&self) -> Option<String> {
        let chosen = self.chosen.as_ref().filter(|chosen| chosen.among > 1)?;
        let best = self.best_on_test()?;
        let mean = best.summary.as_ref()?.mean;
        let claimed = self.metric.format(mean);
        if best.model == chosen.model && best.activation == chosen.activation {
            return Some(format!("choosing by the test trials would have claimed the same, {claimed}"));
        }
        Some(format!(
            "choosing by the test trials would have claimed {} with {claimed}: {} better, and no fair figure",
            best.title(),
            self.metric.difference((mean - chosen.test).abs()).trim_start_matches('+'),
        ))
    }

    /// The network's cell with the best mean on the test trials, the first of equals; where any has lost a fold, of the others.
    pub fn best_on_test(&self) -> Option<&Cell> {
        let sign = if self.metric.higher_is_better { 1.0 } else { -1.0 };
        let mean = |cell: &Cell| cell.summary.as_ref().map(|summary| sign * summary.mean);
        let whole = self.cells.iter().filter(|cell| cell.is_whole());
        whole.fold(None, |best: Option<&Cell>, cell| match (best.and_then(mean), mean(cell)) {
            (_, None) => best,
            (Some(highest), Some(mean)) if highest >= mean => best,
            _ => Some(cell),
        })
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

    /// Seeds that were tried and gave no result: what is said of their cells is said of the others.
    pub fn lost_note(&self) -> Option<String> {
        let lost = |cell: &Cell| {
            let Pending { failed, cancelled, .. } = cell.pending;
            let counts = [(failed, "failed"), (cancelled, "cancelled")];
            let told = counts.iter().filter(|(count, _)| *count > 0);
            let told: Vec<String> = told.map(|(count, what)| format!("{count} {what}")).collect();
            (!told.is_empty()).then(|| format!("{} ({})", cell.title(), told.join(", ")))
        };
        let cells: Vec<String> = self.all().filter_map(lost).collect();
        (!cells.is_empty()).then(|| format!("Runs without a result are in no mean: {}.", cells.join(", ")))
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
        notes.extend(self.people_verdicts());
        notes.extend(self.subject_verdicts());
        notes.extend(self.incomplete_notes());
        let choice = [self.choice_note(), self.claim_note()];
        notes.extend(choice.into_iter().flatten().map(|note| capital(&note) + "."));
        notes.extend(self.needed_notes());
        notes.extend(self.chance_note());
        notes.extend(self.guessing_note());
        notes.extend(self.lost_note());
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
        let several = has(|cell| cell.scores.len() > 1);
        notes.extend(several.then(|| self.spread_note()));
        if has(|cell| cell.is_baseline() && cell.summary.is_some()) {
            notes.push("Baselines are fitted once: no seed decides anything in them.".to_owned());
        }
        if has(|cell| !cell.is_baseline() && covers_trials_alone(cell)) {
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
            notes.push(
                "? not tested: nothing to compare with, other folds than most, or predictions are missing."
                    .to_owned(),
            );
        }
        notes
    }

    /// What means and spreads of several runs are over.
    fn spread_note(&self) -> String {
        let unit = self.scheme.unit_name();
        match self.scheme.basis() {
            Basis::Trials => {
                "Mean ± sd over seeds, their number in parentheses; the 95 % interval covers new seeds and new trials.".into()
            }
            Basis::Folds => format!(
                "Mean ± sd over {unit}s, seeds averaged within each; the 95 % interval is Nadeau and Bengio's, for training sets that overlap, and covers this data set."
            ),
            Basis::Subjects => {
                "Mean ± sd over subjects, seeds and folds averaged within each; the 95 % interval is t's over subjects and covers new people like them."
                    .into()
            }
        }
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
        let over = match &cell.coverage {
            Some(_) => cell.count(),
            None => format!("{} seeds", summary.n),
        };
        let mut lines = vec![format!(
            "{}: mean {} {} over {over}.",
            cell.title(),
            metric.title,
            metric.format(summary.mean),
        )];
        if summary.n == 1 && cell.coverage.is_none() {
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
                Method::StudentT => "Student's t, one value a subject",
                Method::NadeauBengio => {
                    "Student's t, one value a fold, with the variance 1/J + test trials/training trials of theirs (Nadeau and Bengio 2003)"
                }
            };
            let meaning = match cell.is_baseline() {
                true if cell.coverage.is_none() => "covers new trials; no seed decides anything in it",
                _ => interval.meaning(),
            };
            lines.push(format!("95 % {}: {meaning}; {formula}.", interval.text(metric)));
        }
        if let Some(interval) = summary.over_subjects.and_then(|opinion| opinion.interval) {
            lines.push(format!("Over subjects 95 % {}: {}.", interval.text(metric), interval.meaning()));
        }
        lines.extend(self.verdict_lines(cell));
        if let Some(ensemble) = summary.ensemble.get(metric.place()).copied().flatten() {
            lines.push(format!(
                "As an ensemble, the seeds' probabilities averaged: {}.",
                metric.format(ensemble)
            ));
        }
        lines.extend(confusion_lines(summary));
        for score in &cell.scores {
            let value = score.value(metric).map_or("–".into(), |value| metric.format(value));
            let guess = if score.at_chance { ", no better than guessing" } else { "" };
            let place = score.place.title(&self.scheme, cell.is_baseline());
            let seed = if place.is_empty() { place } else { format!("{place}: ") };
            let rule = if self.flatters(cell) || !self.is_optimistic() { self.rule } else { Rule::Last };
            let file = format!("{}/predictions-{}.csv", score.id, rule.name());
            lines.push(format!("{seed}{value} ({file}){guess}"));
        }
        lines
    }

    fn verdict_lines(&self, cell: &Cell) -> Vec<String> {
        let verdict = &cell.verdict;
        let Some(p) = verdict.p else {
            let unit = self.scheme.unit_name();
            return vec![match verdict.apart {
                true => format!("Not tested: it was judged on other {unit}s than most of the table."),
                false => "Not tested: nothing to compare it with, or a run's predictions are missing.".into(),
            }];
        };
        let mut lines = Vec::new();
        let side = if p >= LEVEL { "in" } else { "not in" };
        lines.push(format!(
            "{} that it is the best of {}: {side} the 95 % set (the least {} p that another beats it, times {}).",
            p_value(p),
            verdict.judged,
            if self.scheme.basis() == Basis::Subjects { "two-sided" } else { "one-sided" },
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

/// What each class was taken for, the trials of all runs added up, a line each.
fn confusion_lines(summary: &Summary) -> Vec<String> {
    let Some(confusion) = &summary.confusion else { return Vec::new() };
    let line = |(class, counts): (&String, Vec<usize>)| {
        let said = summary.classes.iter().zip(&counts).map(|(said, count)| format!("{count} said {said}"));
        format!("Of class {class}: {}.", said.collect::<Vec<_>>().join(", "))
    };
    summary.classes.iter().zip(confusion.rows()).map(line).collect()
}

/// Text that begins a sentence.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Whether no cell has several seeds, so that only these runs are judged.
fn are_single_runs(family: &[&Cell]) -> bool {
    family.iter().all(|cell| cell.scores.len() <= 1)
}

/// Whether a cell is a single run, of which new seeds say nothing, whatever the metric.
fn covers_trials_alone(cell: &Cell) -> bool {
    let interval = cell.summary.as_ref().and_then(|summary| summary.interval);
    interval.is_some_and(|interval| interval.covers == Covers::Trials)
}
