//! Reads data sets on a thread of its own: the one that new runs are about, and those that could be.

use super::News;
use crate::dataset::{self, DataSet, known};
use crate::tui::effect::Message;
use crate::tui::survey::Survey;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};

/// What is wanted of the library.
pub enum Wish {
    /// Read this set for new runs; the usual one where none is named.
    Open(Option<String>),
    /// Look at these sets.
    Survey(Vec<String>),
}

/// Starts reading, with the set that the screen was opened with.
pub fn start(data: PathBuf, first: Option<String>, tell: Sender<News>) -> Sender<Wish> {
    let (ask, asked) = mpsc::channel();
    // The receiver lives in the thread below: this can't fail.
    let _ = ask.send(Wish::Open(first));
    std::thread::spawn(move || {
        while let Ok(wish) = asked.recv() {
            let messages = match wish {
                Wish::Open(name) => {
                    let read = dataset::load(name.as_deref(), &data);
                    let labs = read.as_ref().ok().filter(|set| is_the_labs(set));
                    let labs = labs.map(|set| Message::LabData(set.source.fingerprint.clone()));
                    let read = read.map(Arc::new).map_err(|error| error.to_string());
                    let sets = Message::Sets(dataset::names(&data));
                    [Message::Data(read), sets].into_iter().chain(labs).collect::<Vec<_>>()
                }
                Wish::Survey(names) => names
                    .into_iter()
                    .map(|name| {
                        let read = dataset::load(Some(&name), &data).map(|set| Survey::of(&set));
                        Message::Surveyed(name, read.map_err(|error| error.to_string()))
                    })
                    .collect(),
            };
            for message in messages {
                if tell.send(News::Message(message)).is_err() {
                    return;
                }
            }
        }
    });
    ask
}

/// Whether these are the recordings of the lab's report: all four published files, and nothing else.
fn is_the_labs(set: &DataSet) -> bool {
    let Some(folder) = &set.source.path else { return false };
    let entries = crate::disk::named::list(folder).unwrap_or_default().into_iter();
    let files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "npz")).collect();
    files.len() == 4 && known::are_published(files.iter().map(PathBuf::as_path))
}
