//! Reads data sets on a thread of its own: the one that new runs are about, and those that could be.

use super::News;
use crate::dataset::{self, DataError, DataSet, Looked, Statistics, known};
use crate::spec::DataSource;
use crate::tui::effect::{Effect, Message};
use crate::tui::loaded::Opened;
use crate::tui::survey::Survey;
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};

/// What is wanted of the library.
pub enum Wish {
    /// Read this set for new runs; the usual one where none is named.
    Open(Option<String>),
    /// Look at these sets.
    Survey(Vec<String>),
    /// Look over the set of runs that are to be trained.
    Judge(DataSource, Box<Effect>),
}

/// Starts reading, with the set that the screen was opened with.
pub fn start(data: PathBuf, first: Option<String>, tell: Sender<News>) -> Sender<Wish> {
    let (ask, asked) = mpsc::channel();
    let library = Library {
        data,
        tell,
        open: Some(first),
        unmeasured: None,
        surveys: VecDeque::new(),
        judgements: VecDeque::new(),
        elsewhere: BTreeMap::new(),
    };
    std::thread::spawn(move || library.serve(&asked));
    ask
}

struct Library {
    data: PathBuf,
    tell: Sender<News>,
    /// The set to be read next: of several that were asked for the last.
    open: Option<Option<String>>,
    /// The set whose figures are to be taken once it was read.
    unmeasured: Option<Arc<DataSet>>,
    /// The sets to be looked at, when nothing is to be read.
    surveys: VecDeque<String>,
    /// The sets to be looked over, with what waits for it: before everything but the set of new runs.
    judgements: VecDeque<(DataSource, Box<Effect>)>,
    /// Sets that lie elsewhere than in a folder of their name, so that they can be chosen again.
    elsewhere: BTreeMap<String, PathBuf>,
}

/// Nobody listens any more.
struct Closed;

impl Library {
    fn serve(mut self, asked: &Receiver<Wish>) {
        loop {
            let idle = self.open.is_none()
                && self.judgements.is_empty()
                && self.unmeasured.is_none()
                && self.surveys.is_empty();
            // Nothing to do: wait for a wish. Else all are taken in that came meanwhile.
            if idle && asked.recv().map(|wish| self.take(wish)).is_err() {
                return;
            }
            asked.try_iter().for_each(|wish| self.take(wish));
            if self.work().is_err() {
                return;
            }
        }
    }

    fn take(&mut self, wish: Wish) {
        match wish {
            Wish::Open(name) => self.open = Some(name),
            Wish::Survey(names) => self.surveys.extend(names),
            Wish::Judge(source, waits) => self.judgements.push_back((source, waits)),
        }
    }

    fn work(&mut self) -> Result<(), Closed> {
        if let Some(name) = self.open.take() {
            return self.read(name.as_deref());
        }
        if let Some((source, waits)) = self.judgements.pop_front() {
            let looked = dataset::look_source(&source, &self.data).map_err(|error| error.to_string());
            return self.send(Message::Judged(source, looked.map(|looked| looked.findings), waits));
        }
        if let Some(data) = self.unmeasured.take() {
            return self.send(Message::Statistics(Arc::new(Statistics::of(&data))));
        }
        let Some(name) = self.surveys.pop_front() else { return Ok(()) };
        let read = self.load(Some(&name)).map(|looked| Survey::of(&looked));
        self.send(Message::Surveyed(name, read))
    }

    fn read(&mut self, name: Option<&str>) -> Result<(), Closed> {
        let read = self.load(name);
        // Where they can't be listed, what was to be opened is not there either, and says why.
        let mut sets = dataset::names(&self.data).unwrap_or_default();
        let read = read.map(|Looked { data, findings }| {
            let again = again(&data.source, &sets);
            Opened { data: Arc::new(data), again, findings }
        });
        if let Ok(opened) = &read
            && let DataSource { name, path: Some(path), .. } = &opened.data.source
            && !sets.contains(name)
        {
            self.elsewhere.insert(name.clone(), path.clone());
        }
        sets.extend(self.elsewhere.keys().filter(|name| !sets.contains(name)).cloned().collect::<Vec<_>>());
        self.unmeasured = read.as_ref().ok().map(|opened| opened.data.clone());
        let labs = self.unmeasured.as_ref().filter(|set| is_the_labs(set));
        let labs = labs.map(|set| Message::LabData(set.source.fingerprint.clone()));
        self.send(Message::Data(read))?;
        self.send(Message::Sets(sets))?;
        labs.map_or(Ok(()), |labs| self.send(labs))
    }

    fn load(&self, name: Option<&str>) -> Result<Looked, String> {
        let elsewhere = name.and_then(|name| self.elsewhere.get(name)).and_then(|path| path.to_str());
        let there = match name {
            None => dataset::names(&self.data).map_err(|error| error.to_string())?,
            Some(_) => Vec::new(),
        };
        match (dataset::look(elsewhere.or(name), &self.data), &there[..]) {
            // Where there is but one nobody need choose.
            (Err(DataError::NoDataSet { .. }), [only]) => {
                dataset::look(Some(only), &self.data).map_err(|error| error.to_string())
            }
            (Err(DataError::NoDataSet { .. }), [_, ..]) => Err("no data set was chosen yet".into()),
            (read, _) => read.map_err(|error| error.to_string()),
        }
    }

    fn send(&self, message: Message) -> Result<(), Closed> {
        self.tell.send(News::Message(message)).map_err(|_| Closed)
    }
}

/// What opens a set again: its name where it lies among these, else its folder.
fn again(source: &DataSource, sets: &[String]) -> String {
    let folder = source.path.as_ref().filter(|_| !sets.contains(&source.name));
    let folder = folder.and_then(|folder| std::path::absolute(folder).ok());
    folder.map_or_else(|| source.name.clone(), |folder| folder.to_string_lossy().into_owned())
}

/// Whether these are the recordings of the lab's report: all four published files, and nothing else.
fn is_the_labs(set: &DataSet) -> bool {
    let Some(folder) = &set.source.path else { return false };
    let entries = crate::disk::named::list(folder).unwrap_or_default().into_iter();
    let files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "npz")).collect();
    files.len() == 4 && known::are_published(files.iter().map(PathBuf::as_path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_wait_come_back_with_what_is_noticed_about_their_set() {
        let (folder, (tell, news)) = (tempfile::tempdir().unwrap(), mpsc::channel());
        let ask = start(folder.path().to_owned(), Some(DataSource::SIMULATED.into()), tell);
        let told = |wanted: fn(&Message) -> bool| loop {
            match news.recv().unwrap() {
                News::Message(message) if wanted(&message) => return message,
                News::Message(_) => {}
                _ => panic!(),
            }
        };
        let Message::Data(Ok(opened)) = told(|it| matches!(it, Message::Data(_))) else { panic!() };
        let here = opened.data.source.clone();
        let gone = DataSource { path: Some(folder.path().join("gone")), name: "gone".into(), ..here.clone() };
        let waits = || Box::new(Effect::Enqueue(Vec::new()));
        ask.send(Wish::Judge(here, waits())).unwrap();
        ask.send(Wish::Judge(gone, waits())).unwrap();
        let judged = |it: &Message| matches!(it, Message::Judged(..));
        let Message::Judged(_, found, _) = told(judged) else { panic!() };
        assert_eq!(found, Ok(Vec::new()));
        let Message::Judged(source, Err(reason), _) = told(judged) else { panic!() };
        assert!(source.name == "gone" && reason.contains("put it back"), "{reason}");
    }
}
