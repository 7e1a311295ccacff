//! Reads recordings for the import form, on a thread of its own: which paths there are, what lies in them, and the import
//! itself, which can be stopped.

use super::News;
use crate::disk::named;
use crate::recording::Watch;
use crate::recording::import::{self, ImportError, Options, Report};
use crate::tui::effect::Message;
use crate::tui::import::{Inquiry, Wanted, is_like, paths, written};
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

/// How often it is told how far a read is.
const PERIOD: Duration = Duration::from_millis(200);
/// The most paths that are offered.
const OFFERED: usize = 200;

/// What is wanted.
pub enum Wish {
    /// Paths that go on like this one.
    Complete(String),
    /// What lies in files.
    Inspect(Inquiry),
    /// A data set.
    Import(Box<Wanted>),
}

/// Takes wishes, and lets go of what is being read.
pub struct Importer {
    wishes: Sender<Wish>,
    stop: Arc<AtomicBool>,
}

impl Importer {
    /// Starts the thread; sets are made in `data`.
    pub fn start(data: PathBuf, tell: Sender<News>) -> Self {
        let (wishes, asked) = mpsc::channel();
        let stop = Arc::new(AtomicBool::new(false));
        let reader = Reader { data, tell, stop: Arc::clone(&stop) };
        std::thread::spawn(move || reader.serve(&asked));
        Importer { wishes, stop }
    }

    /// Asks for something; what is still being looked into is let go.
    pub fn ask(&self, wish: Wish) {
        self.stop.store(true, Ordering::Relaxed);
        // Where the thread panicked, that is on its way.
        let _ = self.wishes.send(wish);
    }

    /// Lets go of what is being read.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

struct Reader {
    data: PathBuf,
    tell: Sender<News>,
    stop: Arc<AtomicBool>,
}

impl Reader {
    fn serve(&self, asked: &Receiver<Wish>) {
        while let Ok(wish) = asked.recv() {
            self.stop.store(false, Ordering::Relaxed);
            let message = match wish {
                Wish::Complete(typed) => {
                    let paths = beginning(&typed);
                    Message::Completed(typed, paths)
                }
                Wish::Inspect(inquiry) => {
                    let found = self.inspect(&inquiry).map(Arc::new).map_err(|error| sentence(&error));
                    Message::Inspected(inquiry, found)
                }
                Wish::Import(wanted) => {
                    Message::Imported(self.import(&wanted).map(Arc::new).map_err(|error| sentence(&error)))
                }
            };
            if self.tell.send(News::Message(message)).is_err() {
                return;
            }
        }
    }

    fn inspect(&self, inquiry: &Inquiry) -> Result<import::Inspected, ImportError> {
        let watch = Watch { stop: &self.stop, progress: &|_| {} };
        import::inspect(&expanded(&inquiry.files), &whole(&inquiry.options), &watch)
    }

    fn import(&self, wanted: &Wanted) -> Result<Report, ImportError> {
        let files = expanded(&wanted.files);
        let all = import::bytes(&files);
        let (read, told) = (Cell::new(0_u64), Cell::new(None::<Instant>));
        let progress = |bytes: u64| {
            read.set(read.get() + bytes);
            if told.get().is_none_or(|told| told.elapsed() >= PERIOD) {
                told.set(Some(Instant::now()));
                // A reference, or more channels than fit into memory, take a second pass.
                let _ = self.tell.send(News::Message(Message::ImportRead(read.get(), all.max(read.get()))));
            }
        };
        let watch = Watch { stop: &self.stop, progress: &progress };
        import::import(&wanted.name, &files, &whole(&wanted.options), &self.data, false, &watch)
    }
}

/// An error in one sentence. The lines of Python that convert a foreign format are the command line's to print.
fn sentence(error: &ImportError) -> String {
    let text = error.to_string();
    match text.split_once(":\n\n") {
        Some((sentence, _)) => format!("{sentence}: 'eeg-tui data import' prints the lines that do"),
        None => text,
    }
}

/// The same options with a `~` in paths made a home.
fn whole(options: &Options) -> Options {
    let home = |path: &PathBuf| at_home(&path.to_string_lossy());
    Options { true_labels: options.true_labels.iter().map(home).collect(), ..options.clone() }
}

fn at_home(path: &str) -> PathBuf {
    let home = || std::env::var_os("HOME").map(PathBuf::from);
    match path.strip_prefix("~/").zip(home()) {
        Some((rest, home)) => home.join(rest),
        None => path.into(),
    }
}

/// The files that a line names; what a pattern stands for in their order. What there is not is named as it was typed, so that
/// it is told of.
fn expanded(text: &str) -> Vec<PathBuf> {
    let all = paths(text).into_iter().flat_map(|typed| {
        let path = at_home(&typed);
        let Some(pattern) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else {
            return vec![path];
        };
        let fits = |found: &PathBuf| name(found).is_some_and(|name| is_like(&pattern, &name));
        let found: Vec<PathBuf> = match pattern.contains('*') {
            true => listed(path.parent().unwrap_or(Path::new(""))).into_iter().filter(fits).collect(),
            false => Vec::new(),
        };
        if found.is_empty() { vec![path] } else { found }
    });
    all.collect()
}

/// The paths that begin as what was typed does, as they stand in a line; folders with a slash behind them.
fn beginning(typed: &str) -> Vec<String> {
    let path = paths(typed).pop().unwrap_or_default();
    let (folder, start) =
        path.rsplit_once('/').map_or(("", path.as_str()), |(folder, start)| (folder, start));
    let before = if path.contains('/') { format!("{folder}/") } else { String::new() };
    let fits = |name: &String| name.starts_with(start) && (!name.starts_with('.') || start.starts_with('.'));
    let as_typed = |found: &PathBuf| {
        let name = name(found).filter(fits)?;
        let slash = if named::is_folder(found).unwrap_or(false) { "/" } else { "" };
        Some(written(&format!("{before}{name}{slash}")))
    };
    listed(&at_home(&before)).iter().filter_map(as_typed).take(OFFERED).collect()
}

fn name(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_string_lossy().into_owned())
}

/// What lies in a folder; nothing where that can't be read.
fn listed(folder: &Path) -> Vec<PathBuf> {
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    named::list(here).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_go_on_and_patterns_stand_for_files() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["S1R04.edf", "S1R08.edf", "notes.txt", ".hidden"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        std::fs::create_dir(folder.path().join("more here")).unwrap();
        let at = |name: &str| format!("{}/{name}", folder.path().display());
        assert_eq!(beginning(&at("S1")), [at("S1R04.edf"), at("S1R08.edf")]);
        assert_eq!(beginning(&at("mo")), [at("more\\ here/")]);
        assert_eq!(beginning(&at("")).len(), 4, "what is hidden is not offered");
        let found = expanded(&format!("{} {}", at("*.edf"), at("gone.edf")));
        assert_eq!(found, [at("S1R04.edf"), at("S1R08.edf"), at("gone.edf")].map(PathBuf::from));
    }

    #[test]
    fn what_a_set_is_made_of_is_told_and_an_import_can_be_stopped() {
        let shared =
            std::env::var_os("EEG_TUI_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
        if !shared.join("data/eegmmidb-S001").is_dir() {
            return eprintln!("skipped: no data/eegmmidb-S001 in ../shared (set EEG_TUI_SHARED)");
        }
        let (folder, (tell, news)) = (tempfile::tempdir().unwrap(), mpsc::channel());
        let importer = Importer::start(folder.path().to_owned(), tell);
        let files = shared.join("data/eegmmidb-S001/S001R0*.edf").to_string_lossy().into_owned();
        let inquiry = Inquiry { files: files.clone(), options: Box::default() };
        importer.ask(Wish::Inspect(inquiry));
        let told = || loop {
            match news.recv().unwrap() {
                News::Message(Message::ImportRead(..)) => {}
                News::Message(message) => return message,
                _ => panic!(),
            }
        };
        let Message::Inspected(_, Ok(inspected)) = told() else { panic!() };
        assert_eq!(inspected.files.len(), 4);
        let options = Options {
            events: vec!["T1=left".into(), "T2=right".into()],
            window: Some("0..1".into()),
            picks: vec!["C3".into(), "C4".into()],
            ..Options::default()
        };
        let wanted = Wanted { name: "fists".into(), files, options };
        importer.ask(Wish::Import(Box::new(wanted.clone())));
        let Message::Imported(Ok(report)) = told() else { panic!() };
        assert_eq!(report.channels, ["C3", "C4"]);
        assert!(folder.path().join("fists/provenance.toml").is_file());
        // The name is taken: a sentence.
        importer.ask(Wish::Import(Box::new(wanted)));
        assert!(matches!(told(), Message::Imported(Err(reason)) if reason.contains("is there already")));
    }
}
