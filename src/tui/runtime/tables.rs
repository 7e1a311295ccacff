//! Computes the tables of Matrix and Alpha on a thread of its own: predictions of many runs are read for them.

use super::News;
use crate::notebook::{Notebook, RunSummary};
use crate::spec::Rule;
use crate::table::{Matrix, recipes};
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
    while let Ok(wish) = wishes.recv() {
        let (runs, rule) = wishes.try_iter().last().unwrap_or(wish);
        let tables = tabulate(notebook, &runs, rule);
        if tell.send(News::Message(Message::Tables(Arc::new(tables)))).is_err() {
            return;
        }
    }
}

fn tabulate(notebook: &Notebook, runs: &[RunSummary], rule: Rule) -> Tables {
    let evidence = |id: &str, rule: Rule| notebook.evidence(id, rule);
    let mut tables = Tables::default();
    for (recipe, _) in recipes(runs).into_iter().take(RECIPES) {
        tables.matrices.push(Matrix::activations(runs, &recipe, rule, None, &evidence));
        tables.sweeps.push(Matrix::alpha_sweep(runs, &recipe, rule, None, &evidence));
    }
    tables
}
