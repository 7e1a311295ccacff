//! What Matrix and Alpha share: which table and cell the cursor is on, what is said around a table, which runs a cell
//! has and which it lacks.

use super::measure::{Measure, Shown};
use super::open::Open;
use crate::counted::counted;
use crate::model::Activation;
use crate::notebook::RunSummary;
use crate::spec::{Rule, Spec};
use crate::table::{
    Cell, Kind, Matrix, Place, Recipe, Scheme, Unit, beside_the_labs, complete, empty, lacking, render,
};
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::delimited::{Format, Table};
use crate::tui::grid::Grid;
use crate::tui::pane::{Extent, Pane};
use crate::tui::sheet::Sheet;
use crate::tui::theme::{Theme, Tone};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// A table, the cursor on it, and how it is looked at.
pub struct View<'a> {
    /// The table.
    pub table: Cow<'a, Matrix>,
    /// Which of how many, counted from 1.
    pub number: (usize, usize),
    /// Row of the cursor within the table.
    pub row: usize,
    /// Column of the cursor.
    pub column: usize,
    /// What its cells say.
    pub measure: Measure,
    /// Whether the lab's figures may stand beside these: only where they are about the same recordings.
    pub labs: bool,
}

/// The tables of a pane, the last used recipe first.
fn all(app: &App, pane: Pane) -> &[Matrix] {
    app.tables.ready().map_or(&[], |tables| match pane {
        Pane::Alpha => &tables.sweeps,
        _ => &tables.matrices,
    })
}

/// The first row of the newest table that has a result in the pane, or else runs under way; of the newest table where all
/// are empty.
pub fn newest(tables: &[Matrix]) -> usize {
    let has = |filled: fn(&Cell) -> bool| tables.iter().position(|table| table.cells.iter().any(filled));
    let first = has(|cell| cell.summary.is_some())
        .or_else(|| has(|cell| cell.pending.queued + cell.pending.running > 0))
        .unwrap_or(0);
    tables[..first].iter().map(|table| table.rows.len()).sum()
}

/// What the cursor of a pane is on. The rows of all its tables follow one another. Without any run there is an empty
/// table of the data at hand; `None` where not even these are known.
pub fn view(app: &App, pane: Pane) -> Option<View<'_>> {
    let tables = all(app, pane);
    let place = app.place(pane);
    let mut row = place.row;
    let mut found = None;
    for (number, table) in tables.iter().enumerate() {
        if row < table.rows.len() || number + 1 == tables.len() {
            found = Some((number, table));
            break;
        }
        row -= table.rows.len();
    }
    let (table, number) = match found {
        Some((number, table)) => (complete(table, beside(app, table)), (number + 1, tables.len())),
        None => {
            let kind = if pane == Pane::Alpha { Kind::AlphaSweep } else { Kind::Activations };
            (Cow::Owned(empty(kind, app.rule, app.source()?.clone())), (1, 1))
        }
    };
    let measures = Measure::all(&table);
    let measure = measures.get(place.part).cloned().unwrap_or(Measure::Judged(table.metric));
    let row = row.min(table.rows.len().saturating_sub(1));
    let column = place.column.unwrap_or(0).min(table.columns.len().saturating_sub(1));
    let labs = app.lab_data.as_ref() == Some(&table.recipe.fingerprint);
    Some(View { table, number, row, column, measure, labs })
}

/// The key to all that is said of a table, as lines beyond the window name it.
pub fn all_of_it(app: &App, theme: &Theme) -> String {
    format!("{} shows them", app.keymap.label(Action::Explain, theme.utf8))
}

/// What stands where there is no table.
pub fn without(app: &App, theme: &Theme) -> String {
    if app.tables.ready().is_none() && !(app.indexed && app.runs.is_empty()) {
        return "Reading the notebook …".into();
    }
    let label = |action| app.keymap.label(action, theme.utf8);
    let (choose, new) = (label(Action::ChooseData), label(Action::NewRun));
    format!("No run is here yet, and no data set is chosen. {choose} chooses one, {new} asks for runs.")
}

/// The table of activations of the same recipe.
fn beside<'a>(app: &'a App, table: &Matrix) -> Option<&'a Matrix> {
    let tables = app.tables.ready()?;
    tables.matrices.iter().find(|other| other.recipe == table.recipe)
}

impl View<'_> {
    /// The cell under the cursor.
    pub fn cell(&self) -> &Cell {
        self.table.cell(self.row, self.column)
    }

    /// The table in one of its views, with at most so many lines a cell.
    pub fn grid(&self, measure: &Measure, lines: usize) -> Grid {
        let row = |row: usize| {
            let shown = Shown { most: lines, optimistic: self.table.is_optimistic(), lab: self.labs };
            let cells = measure.row(self.table.row(row), shown);
            (self.table.rows[row].title().to_owned(), cells)
        };
        let title = |activation: &Activation| match (self.table.kind, activation.alpha()) {
            (Kind::AlphaSweep, Some(alpha)) => format!(" {alpha:?}"),
            _ => format!(" {}", activation.title()),
        };
        Grid {
            head: self.table.columns.iter().map(title).collect(),
            rows: (0..self.table.rows.len()).map(row).collect(),
            selected: Some((self.row, self.column)),
        }
    }

    /// What stands above a table whatever the room: simulated data, measure, rule.
    pub fn heading(&self, sheet: &mut Sheet, app: &App, theme: &Theme, width: u16) {
        let (tone, rule) = match self.table.rule {
            Rule::BestTest => (
                Tone::Caution,
                vec![
                    "  rule best_test: epochs chosen on the test set, optimistic".to_owned(),
                    "  best_test: optimistic".into(),
                    "  best_test*".into(),
                ],
            ),
            // In the narrowest window the tabs say it above.
            rule => (Tone::Plain, vec![format!("  rule {}", rule.name()), String::new()]),
        };
        let (number, of) = self.number;
        let label = |action| app.keymap.label(action, theme.utf8);
        let keys = format!("{}/{}", label(Action::Down), label(Action::Up));
        let which = match of {
            0 | 1 => Vec::new(),
            _ => vec![
                format!("  table {number} of {of} ({keys})"),
                format!("  {number} of {of} ({keys})"),
                format!("  {number}/{of}"),
            ],
        };
        let titles = [self.measure.title(), self.measure.short_title()];
        let line = [(Tone::Strong, &titles[..]), (tone, &rule[..]), (Tone::Dim, &which[..])];
        sheet.fitting(width.into(), &line);
        if self.table.recipe.simulated {
            sheet.line(Tone::Caution, "simulated data: no real recordings");
        }
    }

    /// What all runs of the table share.
    pub fn recipe(&self, sheet: &mut Sheet, width: u16) {
        sheet.prose(Tone::Dim, &self.table.recipe.to_string(), width.into());
    }

    /// What the selected cell lacks, and how to get it.
    pub fn offer(&self, sheet: &mut Sheet, app: &App, theme: &Theme, width: u16) {
        let key = app.keymap.label(Action::EnqueueMissing, theme.utf8);
        let missing = missing(app, self);
        let Some(first) = missing.first() else { return };
        let what = format!("{} {}", first.model.title(), first.activation.title());
        let runs = counted(missing.len(), "missing run");
        let which = repetitions(&missing, &self.table.scheme);
        let act = [format!(" {key} enqueues {runs}")];
        let which = [format!(": {what}, {which}"), format!(": {which}"), String::new()];
        sheet.fitting(width.into(), &[(Tone::Active, &act[..]), (Tone::Active, &which[..])]);
    }

    /// After the offer the signs, the lab's habits, and what may be said; a key says why.
    pub fn legend(&self, sheet: &mut Sheet, app: &App, theme: &Theme, width: u16) {
        self.offer(sheet, app, theme, width);
        self.signs(sheet, app, theme, width);
        self.habits(sheet, width);
        if self.measure.is_judged() {
            self.verdict(sheet, width);
            self.remarks(sheet, width);
        }
    }

    /// What the signs behind figures mean, in a line.
    pub fn signs(&self, sheet: &mut Sheet, app: &App, theme: &Theme, width: u16) {
        let key = app.keymap.label(Action::Explain, theme.utf8);
        let signs = [" = may be the best, ? not tested".to_owned(), " = maybe best, ? not tested".into()];
        let why = [format!("; {key} says why"), format!("; {key}: why")];
        let chance = self.table.chance.map(|chance| format!("; chance {:.1} %", 100.0 * chance.accuracy));
        let chance = [chance.unwrap_or_default(), String::new()];
        sheet.fitting(
            width.into(),
            &[(Tone::Dim, &signs[..]), (Tone::Dim, &why[..]), (Tone::Dim, &chance[..])],
        );
    }

    /// How the lab's figures came about, where they stand beside these.
    pub fn habits(&self, sheet: &mut Sheet, width: u16) {
        if self.measure.is_accuracy() && self.labs {
            sheet.prose(Tone::Dim, &beside_the_labs(&self.table.recipe), width.into());
        }
    }

    /// What the baselines reach, in a sentence: no column is theirs.
    pub fn baselines(&self, sheet: &mut Sheet, width: u16) {
        let there = self.table.baselines.iter().filter(|cell| cell.summary.is_some());
        let figure = |cell: &Cell| self.measure.first(cell, self.table.flatters(cell)).1;
        let said: Vec<String> = there.map(|cell| format!("{} {}", cell.title(), figure(cell))).collect();
        if !said.is_empty() {
            sheet.prose(Tone::Plain, &format!("Baselines: {}.", said.join(", ")), width.into());
        }
    }

    /// What may be said.
    pub fn verdict(&self, sheet: &mut Sheet, width: u16) {
        for verdict in self.table.verdicts() {
            sheet.prose(Tone::Strong, &verdict, width.into());
        }
    }

    /// Who else it holds for, what is missing, what validation chose, and which cells only guess.
    pub fn remarks(&self, sheet: &mut Sheet, width: u16) {
        for note in self.table.people_verdicts().into_iter().chain(self.table.incomplete_notes()) {
            sheet.prose(Tone::Plain, &note, width.into());
        }
        let choice = [self.table.choice_note(), self.table.claim_note()].into_iter().flatten();
        for note in choice.chain(self.table.needed_notes()) {
            sheet.prose(Tone::Plain, &note, width.into());
        }
        if let Some(note) = self.table.guessing_note() {
            sheet.prose(Tone::Caution, &note, width.into());
        }
    }
}

/// Which repetitions of a cell, as briefly as they can be named: `seed 0 1`, or `fold 0, seed 0; fold 1, seed 0 …`.
fn repetitions(specs: &[Spec], scheme: &Scheme) -> String {
    const NAMED: usize = 3;
    let places: Vec<Place> = specs.iter().map(Place::of).collect();
    if places.iter().all(|place| place.unit == Unit::default()) {
        let seeds: Vec<String> = places.iter().map(|place| place.seed.to_string()).collect();
        return format!("seed {}", seeds.join(" "));
    }
    let named: Vec<String> = places.iter().take(NAMED).map(|place| place.title(scheme, false)).collect();
    named.join("; ") + if places.len() > NAMED { " …" } else { "" }
}

/// How far the cursor of a pane can go.
pub fn extent(app: &App, pane: Pane) -> Extent {
    let Some(view) = view(app, pane) else { return Extent::default() };
    let rows: usize = all(app, pane).iter().map(|table| table.rows.len()).sum();
    Extent {
        rows: rows.max(view.table.rows.len()),
        columns: view.table.columns.len(),
        parts: Measure::all(&view.table).len(),
    }
}

/// Runs of the selected cell, whatever their state.
fn runs<'a>(app: &'a App, view: &View) -> Vec<&'a RunSummary> {
    let cell = view.cell();
    let alike = |run: &&RunSummary| {
        run.spec.model == cell.model
            && run.spec.activation == cell.activation
            && Recipe::of(&run.spec) == view.table.recipe
    };
    app.runs.iter().filter(alike).collect()
}

/// The runs behind the selected cell.
pub fn opened(app: &App, pane: Pane) -> Option<Open> {
    let view = view(app, pane)?;
    let ids: Vec<String> = runs(app, &view).iter().map(|run| run.id.clone()).collect();
    (!ids.is_empty()).then_some(Open::Runs(ids))
}

/// What the selected cell lacks.
pub fn missing(app: &App, view: &View) -> Vec<Spec> {
    let cell = view.cell();
    let otherwise =
        app.source().map(|source| Spec::recipe(cell.model.clone(), cell.activation, source.clone()));
    lacking(&app.runs, &view.table, cell, otherwise)
}

/// How the verdict on the selected cell came about, then all that is said about its table.
pub fn explanation(app: &App, pane: Pane) -> Vec<String> {
    let Some(view) = view(app, pane) else { return Vec::new() };
    let mut lines = view.table.explanation(view.cell());
    lines.push(String::new());
    lines.extend(view.table.notes());
    lines.push(String::new());
    lines.push(format!("All runs of the table: {}.", view.table.recipe));
    lines
}

/// What a view of the tables is called.
pub fn part_title(app: &App, pane: Pane, part: usize) -> Option<String> {
    let view = view(app, pane)?;
    Measure::all(&view.table).get(part).map(Measure::name)
}

/// What a file with the view under the cursor is called.
pub fn copied_as(app: &App, pane: Pane) -> Option<String> {
    let view = view(app, pane)?;
    let recipe = Sha256::digest(view.table.recipe.to_string().as_bytes());
    let recipe: String = recipe.iter().take(3).map(|byte| format!("{byte:02x}")).collect();
    let name = format!(
        "{}-{}-{recipe}-{}-{}",
        pane.title().to_lowercase(),
        view.table.recipe.data_set,
        view.table.rule.name(),
        view.measure.name()
    );
    // A set or subject may be called anything.
    Some(name.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' }).collect())
}

/// The view under the cursor, for the clipboard.
pub fn copied(app: &App, pane: Pane, format: Format) -> Option<String> {
    let view = view(app, pane)?;
    if !view.measure.is_judged() {
        return Some(other(&view).text(format));
    }
    Some(match format {
        Format::Markdown => render::markdown(&view.table),
        Format::Latex => render::latex(&view.table),
        Format::Csv => render::csv([view.table.as_ref()]),
    })
}

/// A view other than the one that is judged, as it stands on the screen, with what it is about in the first column.
fn other(view: &View) -> Table {
    let title = |activation: &Activation| activation.title();
    let head = format!("{}, rule {}", view.measure.title(), view.table.rule.name());
    let mut table = Table::new(std::iter::once(head).chain(view.table.columns.iter().map(title)));
    for (row, model) in view.table.rows.iter().enumerate() {
        let first = |cell: &Cell| view.measure.first(cell, view.table.is_optimistic()).1;
        let cells = view.table.row(row).iter().map(first);
        table.row(std::iter::once(model.title().to_owned()).chain(cells));
    }
    table
}
