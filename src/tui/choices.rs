//! What can be chosen from a list, as the state is now.

use super::app::App;
use super::form::There;
use super::list::Column;
use super::picker::{Entry, Picker, Purpose};
use super::survey::Survey;
use super::{naming, panes, presets};
use crate::counted::counted;
use crate::model::Geometry;
use crate::notebook::RunSummary;

/// The entries that hold what is typed.
pub fn entries(app: &App, picker: &Picker) -> Vec<Entry> {
    let all = match picker.purpose {
        Purpose::Preset => presets::entries(app),
        Purpose::DataSet => sets(app),
        Purpose::Columns => columns(app),
        Purpose::Runs => runs(app),
    };
    let wanted = picker.line.text().to_lowercase();
    let words: Vec<&str> = wanted.split_whitespace().collect();
    let fits = |entry: &Entry| {
        let text = format!("{} {}", entry.name, entry.about).to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    all.into_iter().filter(fits).collect()
}

/// The entry that Enter takes.
pub fn chosen(app: &App, picker: &Picker) -> Option<Entry> {
    entries(app, picker).into_iter().nth(picker.chosen)
}

/// Every column; of those that are wanted and have no room in this window it is said.
fn columns(app: &App) -> Vec<Entry> {
    let shown = panes::runs::shown_columns(app);
    let entry = |column: Column| {
        let on = !app.list.hidden_columns.contains(column.name());
        let crowded = match on && !shown.contains(&column) {
            true if app.list.yielding.contains(&column) => "gives room to what tells runs apart: ",
            true => "no room now, hide others: ",
            false => "",
        };
        Entry {
            key: column.name().into(),
            name: column.name().into(),
            about: format!("{crowded}{}", column.about()),
            on: Some(on),
        }
    };
    Column::all().map(entry).collect()
}

/// Every run that has a curve.
fn runs(app: &App) -> Vec<Entry> {
    let entry = |run: &RunSummary| Entry {
        key: run.id.clone(),
        name: naming::run(&run.spec),
        about: format!("{} {}/{} {}", run.state, run.epoch, run.spec.epochs, run.spec.data.name),
        on: Some(app.list.marks.contains(&run.id)),
    };
    let has_curve = |run: &&RunSummary| run.epoch > 0 && run.spec.model.baseline().is_none();
    app.runs.iter().filter(has_curve).map(entry).collect()
}

/// What there is for the form to choose from.
pub fn there(app: &App) -> There {
    There { sets: app.set_names(), networks: app.networks.clone() }
}

fn sets(app: &App) -> Vec<Entry> {
    let entry = |name: String| Entry {
        about: about(app.surveys.get(&name)),
        on: Some(app.source().is_some_and(|source| source.name == name)),
        key: name.clone(),
        name,
    };
    app.set_names().into_iter().map(entry).collect()
}

fn about(survey: Option<&Result<Survey, String>>) -> String {
    match survey {
        None => "reading …".into(),
        Some(Err(reason)) => reason.clone(),
        Some(Ok(survey)) => {
            let subjects = match survey.subjects.len() {
                0 => String::new(),
                1..=3 => format!(", {}", survey.subjects.join(" ")),
                many => format!(", {many} subjects"),
            };
            let gaps = match survey.incomplete {
                0 => "no gaps".into(),
                some => format!("{some} trials with gaps"),
            };
            let Geometry { channels, samples, .. } = survey.geometry;
            // What is wrong comes first: the end of a line may be cut.
            let findings = counted(survey.findings, "finding");
            let noticed = match (survey.findings, survey.errors) {
                (0, _) => String::new(),
                (_, 0) => format!("{findings}; "),
                (_, 1) => format!("{findings}, 1 stops runs; "),
                (_, errors) => format!("{findings}, {errors} stop runs; "),
            };
            let trials = format!("{} + {} trials", survey.train, survey.test);
            format!("{noticed}{trials} of {channels}×{samples}{subjects}, {gaps}")
        }
    }
}
