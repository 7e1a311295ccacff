//! What the cells of Matrix and Alpha say: one of the metrics, or one subject's accuracy.

use crate::duration;
use crate::lab;
use crate::metric::{METRICS, Metric, Unit};
use crate::table::{Cell, Kind, Matrix, Standing};
use crate::tui::grid::Lines;
use crate::tui::theme::Tone;

/// One line of a cell.
type Piece = (Tone, String);

/// How much of a cell is shown.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// Lines, at most.
    pub most: usize,
    /// Whether the rule flatters: its figures get a star.
    pub optimistic: bool,
    /// Whether the lab's figures may stand beside them.
    pub lab: bool,
}

/// One of the views of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// The metric that the table is judged by, with spread, interval and standing.
    Judged(&'static Metric),
    /// The same as intervals on one scale, baselines among them.
    Intervals(&'static Metric),
    /// Another metric.
    Metric(&'static Metric),
    /// Accuracy on one subject's trials.
    Subject(String),
}

impl Measure {
    /// Every view of a table, the one it is judged by first; `]` turns them.
    pub fn all(table: &Matrix) -> Vec<Measure> {
        let mut measures = vec![Measure::Judged(table.metric)];
        // A sweep has a chart with intervals beside it.
        if table.kind == Kind::Activations && table.all().any(|cell| cell.summary.is_some()) {
            measures.push(Measure::Intervals(table.metric));
        }
        measures.extend(METRICS.iter().filter(|metric| **metric != *table.metric).map(Measure::Metric));
        let mut subjects: Vec<&String> = Vec::new();
        for (name, _) in
            table.cells.iter().filter_map(|cell| cell.summary.as_ref()).flat_map(|cell| &cell.subjects)
        {
            if !subjects.contains(&name) {
                subjects.push(name);
            }
        }
        subjects.sort_unstable();
        measures.extend(subjects.into_iter().cloned().map(Measure::Subject));
        measures
    }

    /// What it is, with its unit.
    pub fn title(&self) -> String {
        match self {
            Measure::Intervals(metric) => format!("test {}: 95 % intervals", metric.heading()),
            Measure::Judged(metric) | Measure::Metric(metric) => match metric.unit {
                Unit::Percent | Unit::Plain => format!("test {}", metric.heading()),
                Unit::Seconds => "training time of a run".into(),
            },
            Measure::Subject(name) => format!("test accuracy % of subject {name}"),
        }
    }

    /// The same where there is little room: that it is of the test trials is how a table of results is read.
    pub fn short_title(&self) -> String {
        match self {
            Measure::Intervals(metric) => format!("{}: intervals", metric.heading()),
            Measure::Judged(metric) | Measure::Metric(metric) if metric.unit != Unit::Seconds => {
                metric.heading()
            }
            Measure::Judged(_) | Measure::Metric(_) => self.title(),
            Measure::Subject(name) => format!("accuracy % of {name}"),
        }
    }

    /// The metric that it shows.
    pub fn metric(&self) -> &'static Metric {
        match self {
            Measure::Judged(metric) | Measure::Intervals(metric) | Measure::Metric(metric) => metric,
            Measure::Subject(_) => Metric::accuracy(),
        }
    }

    /// Whether it shows what the table is judged by.
    pub fn is_judged(&self) -> bool {
        matches!(self, Measure::Judged(_) | Measure::Intervals(_))
    }

    /// Whether it is the accuracy of all test trials, which the lab's figures may stand beside.
    pub fn is_accuracy(&self) -> bool {
        matches!(self, Measure::Judged(metric) | Measure::Metric(metric) if **metric == *Metric::accuracy())
    }

    /// A cell's mean, in the unit of the title; seconds for time.
    pub fn value(&self, cell: &Cell) -> Option<f64> {
        self.raw(cell).map(|value| self.metric().drawn(value))
    }

    fn raw(&self, cell: &Cell) -> Option<f64> {
        let summary = cell.summary.as_ref()?;
        match self {
            Measure::Judged(_) | Measure::Intervals(_) => Some(summary.mean),
            Measure::Metric(metric) => summary.value(metric),
            Measure::Subject(name) => {
                summary.subjects.iter().find(|(known, _)| known == name).map(|(_, share)| *share)
            }
        }
    }

    /// Its name in a file's name and in the footer.
    pub fn name(&self) -> String {
        match self {
            Measure::Judged(metric) | Measure::Metric(metric) => metric.title.into(),
            Measure::Intervals(_) => "intervals".into(),
            Measure::Subject(name) => format!("subject {name}"),
        }
    }

    /// The cells of a row, each in as many lines as there is room for, the most telling first. What a cell has not is an
    /// empty line in it where another has it, so that like stands beside like.
    pub fn row(&self, cells: &[Cell], shown: Shown) -> Vec<Lines> {
        let pieces = |cell: &Cell| {
            [
                Some(self.first(cell, shown.optimistic)),
                self.interval(cell),
                pending(cell),
                self.labs(cell, shown),
            ]
        };
        let pieces: Vec<[Option<Piece>; 4]> = cells.iter().map(pieces).collect();
        let used = |line: &usize| pieces.iter().any(|cell| cell[*line].is_some());
        let lines: Vec<usize> = (0..4).filter(used).take(shown.most.max(1)).collect();
        let cell = |cell: [Option<Piece>; 4]| {
            let line = |line: &usize| cell[*line].clone().unwrap_or((Tone::Plain, String::new()));
            lines.iter().map(line).collect()
        };
        pieces.into_iter().map(cell).collect()
    }

    fn interval(&self, cell: &Cell) -> Option<(Tone, String)> {
        let Measure::Judged(metric) = self else { return None };
        let interval = cell.summary.as_ref()?.interval?;
        Some((Tone::Dim, interval.text(metric)))
    }

    fn labs(&self, cell: &Cell, shown: Shown) -> Option<(Tone, String)> {
        let wanted = shown.lab && self.is_accuracy();
        let percent = lab::accuracy(&cell.model, cell.activation).filter(|_| wanted)?;
        Some((Tone::Dim, format!("lab {percent:.2}")))
    }

    /// The figure itself. `optimistic` ones get a star.
    pub fn first(&self, cell: &Cell, optimistic: bool) -> (Tone, String) {
        let Some((value, summary)) = self.raw(cell).zip(cell.summary.as_ref()) else {
            return (Tone::Dim, "–".into());
        };
        let metric = self.metric();
        let n = summary.n;
        let star = if optimistic { "*" } else { "" };
        match self {
            Measure::Judged(_) => {
                let sd = summary.sd.map(|sd| format!(" ± {}", metric.format(sd))).unwrap_or_default();
                let (standing, mean) = (cell.verdict.standing, metric.format(value));
                let text = format!("{mean}{star}{sd} ({}) {}", cell.count(), standing.mark());
                (tone(standing), text.trim_end().to_owned())
            }
            _ if metric.unit == Unit::Seconds => (Tone::Plain, format!("{} ({n})", duration::short(value))),
            _ => (Tone::Plain, format!("{}{star} ({n})", metric.format(value))),
        }
    }
}

/// The tone of a figure; its mark stands behind it.
pub fn tone(standing: Standing) -> Tone {
    match standing {
        Standing::Best => Tone::Good,
        Standing::NotToldApart => Tone::Strong,
        Standing::Untested | Standing::Behind | Standing::Empty => Tone::Plain,
    }
}

/// Runs of a cell that are not finished.
fn pending(cell: &Cell) -> Option<(Tone, String)> {
    Some((Tone::Active, cell.pending_text())).filter(|(_, text)| !text.is_empty())
}
