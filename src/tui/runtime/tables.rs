//! Computes the tables of Matrix and Alpha on a thread of its own: predictions of many runs are read for them.

use super::News;
use crate::notebook::{Notebook, NotebookError, RunState, RunSummary};
use crate::spec::Rule;
use crate::table::{Matrix, Recipe, recipes};
use crate::tui::effect::Message;
use crate::tui::loaded::Tables;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};

/// Recipes that get tables, the last used first; more than anyone turns through.
const RECIPES: usize = 12;

/// What tables are wanted of.
pub type Wanted = (Arc<Vec<RunSummary>>, Rule);

/// Starts the thread; of several wishes that wait the last is fulfilled.
pub fn start(notebook: &Notebook, tell: Sender<News>) -> Sender<Wanted> {
    let (wish, wishes) = mpsc::channel();
    let notebook = notebook.clone();
    std::thread::spawn(move || serve(&notebook, &wishes, &tell));
    wish
}

fn serve(notebook: &Notebook, wishes: &Receiver<Wanted>, tell: &Sender<News>) {
    let mut known = Vec::new();
    while let Ok(wish) = wishes.recv() {
        let (runs, rule) = wishes.try_iter().last().unwrap_or(wish);
        let (now, read) = tabulate(notebook, &runs, rule, known);
        known = now;
        let refused = read.err().map(|error| Message::Failed(format!("the tables are not whole: {error}")));
        let tables = Tables {
            matrices: known.iter().map(|known| known.matrix.clone()).collect(),
            sweeps: known.iter().map(|known| known.sweep.clone()).collect(),
        };
        let messages = std::iter::once(Message::Tables(Arc::new(tables))).chain(refused);
        if messages.map(News::Message).any(|news| tell.send(news).is_err()) {
            return;
        }
    }
}

/// The tables of a recipe, and the runs that they were made of.
struct Known {
    made_of: Vec<(String, RunState)>,
    matrix: Matrix,
    sweep: Matrix,
}

/// The tables of every recipe. Those whose runs are where they were are taken from before: reading what thousands of runs said
/// takes seconds, and one that has ended changes one recipe alone. Beside them, whether all could be read: a table for which that is
/// not so is made again the next time.
fn tabulate(
    notebook: &Notebook,
    runs: &[RunSummary],
    rule: Rule,
    mut before: Vec<Known>,
) -> (Vec<Known>, Result<(), NotebookError>) {
    let mut refused = Ok(());
    let table = |(recipe, _): (Recipe, usize)| {
        let own = runs.iter().filter(|run| recipe.includes(&run.spec));
        let made_of: Vec<(String, RunState)> = own.map(|run| (run.id.clone(), run.state)).collect();
        let is_same = |known: &Known| {
            known.matrix.rule == rule && known.matrix.recipe == recipe && known.made_of == made_of
        };
        if let Some(place) = before.iter().position(is_same) {
            return before.swap_remove(place);
        }
        let reading = notebook.reading();
        let evidence = |id: &str, rule: Rule| reading.evidence(id, rule);
        let (matrix, sweep) = Matrix::both(runs, &recipe, rule, None, &evidence);
        match reading.end() {
            Ok(()) => Known { made_of, matrix, sweep },
            Err(error) => {
                refused = Err(error);
                Known { made_of: Vec::new(), matrix, sweep }
            }
        }
    };
    let known = recipes(runs).into_iter().take(RECIPES).map(table).collect();
    (known, refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;

    #[test]
    fn tables_whose_runs_did_not_change_are_not_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let notebook = Notebook::open(folder.path());
        let runs = fixture::app(80, 24).runs.to_vec();
        let mut known = tabulate(&notebook, &runs, Rule::Last, Vec::new()).0;
        // What was made before is known by a mark that no reading of the notebook gives.
        let mark = |known: &Known| known.matrix.columns.is_empty();
        known.iter_mut().for_each(|known| known.matrix.columns.clear());
        let again = tabulate(&notebook, &runs, Rule::Last, known).0;
        assert!(again.iter().all(mark));
        let mut moved = runs.clone();
        moved[0].state = RunState::Cancelled;
        let after = tabulate(&notebook, &moved, Rule::Last, again).0;
        assert!(!after.is_empty() && !after.iter().all(mark));
        let other = tabulate(&notebook, &moved, Rule::BestTest, after).0;
        assert!(!other.iter().any(mark));
    }
}
