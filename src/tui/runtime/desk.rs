//! Does what the screen asks of the notebook, one thing after another, off the drawing thread.

use super::News;
use super::permission::Permission;
use crate::counted::counted;
use crate::event::Event;
use crate::metric::{Metric, Outcome};
use crate::notebook::{Done, Notebook, NotebookError, Place, RunDir, RunState, RunSummary};
use crate::predictions::Predictions;
use crate::recording::import;
use crate::report;
use crate::spec::Rule;
use crate::tui::effect::{Change, Effect, Message, Report, Said};
use crate::tui::loaded::RunDetail;
use crate::tui::naming;
use crate::tui::notes::both;
use crate::worker::slurm;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};

/// Starts the desk. `poke` makes the watch look at the notebook at once.
pub fn start(
    notebook: &Notebook,
    permission: Arc<Permission>,
    poke: Sender<()>,
    jobs: Sender<()>,
    tell: Sender<News>,
) -> Sender<Effect> {
    let (ask, asked) = mpsc::channel();
    let desk = Desk { notebook: notebook.clone(), permission, poke, jobs, tell };
    std::thread::spawn(move || desk.run(&asked));
    ask
}

/// What is done to runs, as a noun for the history, and as it is told of several.
type Kind = (&'static str, &'static str);

const PAUSE: Kind = ("pause", "Paused");
const RESUMING: Kind = ("resuming", "Put back into the queue");
const CANCELLATION: Kind = ("cancellation", "Cancelled");
const RETRY: Kind = ("retry", "Put into the queue anew");
const REMOVAL: Kind = ("removal", "Took out of the notebook");
const RESTORING: Kind = ("restoring", "Brought back");
const WITHDRAWAL: Kind = ("withdrawal", "Took out of the queue");

struct Desk {
    notebook: Notebook,
    permission: Arc<Permission>,
    poke: Sender<()>,
    /// Makes Slurm's queue be asked at once.
    jobs: Sender<()>,
    tell: Sender<News>,
}

impl Desk {
    fn run(self, asked: &Receiver<Effect>) {
        while let Ok(effect) = asked.recv() {
            for message in self.perform(effect) {
                if self.tell.send(News::Message(message)).is_err() {
                    return;
                }
            }
        }
    }

    /// Does it, and gives what is to be told of it.
    fn perform(&self, effect: Effect) -> Vec<Message> {
        match effect {
            Effect::ReadRun(id) => {
                return self.read(&id).map(|detail| Message::Run(id, Arc::new(detail))).into_iter().collect();
            }
            Effect::ReadNotes(id) => {
                let read = self.notebook.run(&id).and_then(|run| run.notes());
                return read.map(|text| Message::Notes(id, text)).into_iter().collect();
            }
            Effect::ReadAllNotes(ids) => {
                let read = |id: String| {
                    let text = self.notebook.run(&id).and_then(|run| run.notes()).ok()?;
                    Some((id, text))
                };
                return vec![Message::AllNotes(ids.into_iter().filter_map(read).collect())];
            }
            Effect::ReadScores(ids, rule) => {
                let said = ids.into_par_iter().filter_map(|id| said_by(&self.notebook, id, rule));
                return vec![Message::Scores(rule, said.collect())];
            }
            Effect::ReadLog => return vec![Message::Log(super::log_tail(self.notebook.root()))],
            _ => {}
        }
        let messages = match effect {
            Effect::SetNotes { id, text, over } => self.keep_notes(id, text, over),
            Effect::TakeBack(change) => vec![match self.all(&change.back) {
                Ok(text) => Message::TakenBack(change, text),
                Err(error) => failed(format!("The {} can't be taken back: {error}", change.what)),
            }],
            Effect::DoAgain(change) => vec![match self.all(&change.again) {
                Ok(text) => Message::DoneAgain(change, text),
                Err(error) => failed(format!("The {} can't be done again: {error}", change.what)),
            }],
            Effect::StartWorker if self.permission.is_never_here() => vec![failed(
                "This notebook says never on this machine; 'never train here' in the palette takes that back.".into(),
            )],
            Effect::StartWorker => {
                self.permission.ask();
                Vec::new()
            }
            Effect::ToggleNeverHere => vec![match self.permission.toggle_never_here() {
                // A process that is at work is told by its runs: cancel or pause them.
                Ok(text) if self.permission.is_never_here() && self.notebook.has_worker() => {
                    done(format!("{text} The worker that is alive goes on until nothing waits."))
                }
                Ok(text) => done(text),
                Err(error) => failed(error.to_string()),
            }],
            Effect::Report(runs, rule) => vec![match self.report(&runs, rule) {
                Ok(path) => done(format!("The report on {} is {}.", counted(runs.len(), "run"), path.display())),
                Err(error) => failed(error.to_string()),
            }],
            Effect::CancelJobs(jobs) => vec![match jobs.iter().try_for_each(|job| slurm::cancel(job)) {
                Ok(()) => {
                    let _ = self.jobs.send(());
                    done("Slurm was told to give them up; runs in training keep a checkpoint.".into())
                }
                Err(error) => failed(error.to_string()),
            }],
            effect => vec![match self.change(effect) {
                Ok(report) => Message::Done(report),
                Err(error) => failed(error.to_string()),
            }],
        };
        let _ = self.poke.send(());
        messages
    }

    /// Writes a page about runs beside the other exports.
    fn report(&self, runs: &[RunSummary], rule: Rule) -> Result<PathBuf, NotebookError> {
        let reading = self.notebook.reading();
        let page = report::html(&report::Report::of(&report::Source {
            runs,
            rule,
            metric: None,
            evidence: &|id, rule| reading.evidence(id, rule),
            epochs: &|id| reading.epochs(id),
            origin: &import::origin,
            folder: "..".into(),
            at: crate::clock::now(),
        }));
        reading.end()?;
        self.notebook.export("report.html", &page)
    }

    /// Several changes, one after another; what they said where it is more than that it was done.
    fn all(&self, effects: &[Effect]) -> Result<String, String> {
        let mut told = String::new();
        for effect in effects {
            match effect.clone() {
                Effect::SetNotes { id, text, over } => {
                    let run = self.notebook.run(&id).map_err(|error| error.to_string())?;
                    let now = run.notes().map_err(|error| error.to_string())?;
                    if now.trim_end() != over.trim_end() {
                        return Err("the notes were changed since".into());
                    }
                    run.set_notes(&text).map_err(|error| error.to_string())?;
                    self.notebook.ring();
                    let _ = self.tell.send(News::Message(Message::Notes(id, text)));
                }
                effect @ Effect::Withdraw(_) => {
                    told = self.change(effect).map_err(|error| error.to_string())?.text;
                }
                effect => drop(self.change(effect).map_err(|error| error.to_string())?),
            }
        }
        Ok(told)
    }

    /// Saves notes over what was read. What was changed meanwhile, or can't be saved, comes back with both texts.
    fn keep_notes(&self, id: String, text: String, over: String) -> Vec<Message> {
        let back = |text: String, read: String, reason: String| {
            vec![Message::NotesBack { id: id.clone(), text, read, reason }]
        };
        let run = match self.notebook.run(&id) {
            Ok(run) => run,
            Err(error) => return back(text, over, format!("The notes are not kept: {error}")),
        };
        let now = match run.notes() {
            Ok(now) => now,
            Err(error) => return back(text, over, format!("The notes are not kept: {error}")),
        };
        if now.trim_end() != over.trim_end() {
            let reason =
                "The notes were changed meanwhile: both texts stand here; esc keeps what is left of them.";
            return back(both(&now, &text), now, reason.into());
        }
        if let Err(error) = run.set_notes(&text) {
            return back(text, over, format!("The notes are not kept: {error}"));
        }
        self.notebook.ring();
        let what = format!("new notes of {}", self.name(&id));
        let set = |text: &str, over: &str| {
            vec![Effect::SetNotes { id: id.clone(), text: text.into(), over: over.into() }]
        };
        let change = Change { what, back: set(&over, &text), again: set(&text, &over) };
        let report = Report { text: "The notes are kept.".into(), change: Some(change), ..Report::default() };
        vec![Message::Notes(id.clone(), text), Message::Done(report)]
    }

    fn change(&self, effect: Effect) -> Result<Report, NotebookError> {
        let notebook = &self.notebook;
        match effect {
            Effect::Enqueue(specs) => {
                let ids = notebook.enqueue_all(&specs)?;
                self.permission.grant(&ids);
                let what = match &specs[..] {
                    [one] => format!("enqueuing of {}", naming::run(one)),
                    several => format!("enqueuing of {}", counted(several.len(), "run")),
                };
                let change = Change {
                    what,
                    back: vec![Effect::Withdraw(ids.clone())],
                    again: vec![Effect::Restore(ids.clone())],
                };
                let text = format!("Enqueued {}.", counted(ids.len(), "run"));
                Ok(Report { text, change: Some(change), enqueued: ids, specs, ..Report::default() })
            }
            Effect::Pause(ids) => self.each(ids, PAUSE, Effect::Pause, |id| notebook.pause(id)),
            Effect::Resume(ids) => {
                self.permission.grant(&ids);
                self.each(ids, RESUMING, Effect::Resume, |id| notebook.resume(id))
            }
            Effect::Cancel(ids) => self.each(ids, CANCELLATION, Effect::Cancel, |id| notebook.cancel(id)),
            Effect::Retry(ids) => {
                self.permission.grant(&ids);
                self.each(ids, RETRY, Effect::Retry, |id| notebook.retry(id))
            }
            Effect::Remove(ids) => self.each(ids, REMOVAL, Effect::Remove, |id| {
                // Its own sentence is for the command line.
                let done = notebook.remove(id)?;
                let sentence = if done.changed { "taken out of the notebook".into() } else { done.sentence };
                Ok(Done { sentence, ..done })
            }),
            Effect::Withdraw(ids) => self.withdraw(ids),
            Effect::Restore(ids) => self.each(ids, RESTORING, Effect::Restore, |id| notebook.restore(id)),
            Effect::Move(ids, place) => {
                let done = notebook.move_to(&ids, &place)?;
                let changed: Vec<String> =
                    done.iter().filter(|done| done.changed).map(|done| done.id.clone()).collect();
                let back = match place {
                    Place::Up => vec![Effect::Move(changed.clone(), Place::Down)],
                    Place::Down => vec![Effect::Move(changed.clone(), Place::Up)],
                    _ => Vec::new(),
                };
                let what = format!("move of {}", self.names(&changed));
                let change = Change { what, back, again: vec![Effect::Move(changed.clone(), place)] };
                Ok(said(&done, "Moved", (!changed.is_empty()).then_some(change)))
            }
            Effect::SetTags { ids, add, remove } => self.tag(&ids, &add, &remove),
            // The loop and others carry these out themselves, and reads were done above.
            _ => Ok(Report::default()),
        }
    }

    /// Does the same to several runs, and says how it went in one sentence.
    fn each(
        &self,
        ids: Vec<String>,
        (what, past): Kind,
        again: fn(Vec<String>) -> Effect,
        act: impl Fn(&str) -> Result<Done, NotebookError>,
    ) -> Result<Report, NotebookError> {
        // A run that is gone afterwards is named as it was, and its state is what taking back returns to.
        let before: BTreeMap<String, (String, Option<RunState>)> = ids
            .iter()
            .map(|id| {
                let state = self.notebook.run(id).ok().and_then(|run| run.state().ok());
                (id.clone(), (self.name(id), state))
            })
            .collect();
        let done = ids.iter().map(|id| act(id)).collect::<Result<Vec<Done>, NotebookError>>()?;
        let changed: Vec<String> =
            done.iter().filter(|done| done.changed).map(|done| done.id.clone()).collect();
        let change = (!changed.is_empty()).then(|| Change {
            what: match &changed[..] {
                [one] => format!("{what} of {}", before.get(one).map_or(one, |(name, _)| name)),
                several => format!("{what} of {}", counted(several.len(), "run")),
            },
            back: back(what, &changed, |id| before.get(id).and_then(|(_, state)| *state)),
            again: vec![again(changed.clone())],
        });
        let mut report = said(&done, past, change);
        if report.text.contains(" will ") || report.text.starts_with("It will") {
            report.while_training = changed;
        }
        Ok(report)
    }

    /// Takes runs out of the queue that have not begun.
    fn withdraw(&self, ids: Vec<String>) -> Result<Report, NotebookError> {
        let waits = |id: &String| {
            let run = self.notebook.run(id);
            run.is_ok_and(|run| {
                let checkpoint = self.notebook.disk().is_file(&run.checkpoint_path());
                run.state().is_ok_and(|state| state == RunState::Queued)
                    && checkpoint.is_ok_and(|there| !there)
            })
        };
        let all = ids.len();
        let waiting: Vec<String> = ids.into_iter().filter(waits).collect();
        let begun = all - waiting.len();
        self.each(waiting, WITHDRAWAL, Effect::Remove, |id| self.notebook.remove(id))?;
        let text = match begun {
            0 => String::new(),
            1 => "One has begun and stays; remove it by itself.".into(),
            some => format!("{some} have begun and stay; remove them by themselves."),
        };
        Ok(Report { text, ..Report::default() })
    }

    fn tag(&self, ids: &[String], add: &[String], remove: &[String]) -> Result<Report, NotebookError> {
        for id in ids {
            // What others wrote since stays: only what was typed comes and goes.
            self.notebook.tag(id, add, remove)?;
        }
        self.notebook.ring();
        let set = |add: &[String], remove: &[String]| {
            vec![Effect::SetTags { ids: ids.to_vec(), add: add.to_vec(), remove: remove.to_vec() }]
        };
        let change = Change {
            what: format!("labels of {}", self.names(ids)),
            back: set(remove, add),
            again: set(add, remove),
        };
        let text = format!("Labelled {}.", counted(ids.len(), "run"));
        Ok(Report { text, change: Some(change), ..Report::default() })
    }

    /// A run by what it trains, or by its id where that can't be read.
    fn name(&self, id: &str) -> String {
        let spec = self.notebook.run(id).and_then(|run| run.spec());
        spec.map_or_else(|_| id.to_owned(), |spec| naming::run(&spec))
    }

    fn names(&self, ids: &[String]) -> String {
        match ids {
            [one] => self.name(one),
            several => counted(several.len(), "run"),
        }
    }

    /// A run's events and words; `None` where it is gone, which the index will tell.
    fn read(&self, id: &str) -> Option<RunDetail> {
        let run = self.notebook.run(id).ok()?;
        let records = run.events().ok()?;
        Some(RunDetail {
            times: records
                .iter()
                .filter_map(|record| match &record.event {
                    Event::Epoch(epoch) => Some((epoch.epoch, record.t)),
                    _ => None,
                })
                .collect(),
            records: records.into_iter().filter(|record| !matches!(record.event, Event::Epoch(_))).collect(),
            epochs: run.epochs().ok()?,
            notes: run.notes().unwrap_or_default(),
            predictions: predictions(&run),
        })
    }
}

/// What brings runs back to where they stood; nothing where that is gone.
fn back(what: &str, changed: &[String], stood: impl Fn(&str) -> Option<RunState>) -> Vec<Effect> {
    let with = |wanted: &dyn Fn(RunState) -> bool| -> Vec<String> {
        changed.iter().filter(|id| stood(id).is_some_and(wanted)).cloned().collect()
    };
    let all = || changed.to_vec();
    let effects = match what {
        "pause" => vec![Effect::Resume(all())],
        "resuming" => vec![
            Effect::Pause(with(&|state| state != RunState::Cancelled)),
            Effect::Cancel(with(&|state| state == RunState::Cancelled)),
        ],
        // What was paused when it was given up is paused again.
        "cancellation" => {
            vec![Effect::Resume(all()), Effect::Pause(with(&|state| state == RunState::Paused))]
        }
        "removal" => vec![Effect::Restore(all())],
        _ => Vec::new(),
    };
    let empty =
        |effect: &Effect| matches!(effect, Effect::Pause(ids) | Effect::Cancel(ids) if ids.is_empty());
    effects.into_iter().filter(|effect| !empty(effect)).collect()
}

fn done(text: String) -> Message {
    Message::Done(Report { text, ..Report::default() })
}

fn failed(text: String) -> Message {
    Message::Failed(text)
}

/// The predictions that can be read; of a run that is not finished there may be none.
fn predictions(run: &RunDir) -> BTreeMap<Rule, Predictions> {
    let read = |rule| Predictions::from_csv(&run.predictions(rule).ok()??).ok();
    Rule::ALL.into_iter().filter_map(|rule| Some((rule, read(rule)?))).collect()
}

/// What a run's predictions under a rule say; `None` where there are none.
fn said_by(notebook: &Notebook, id: String, rule: Rule) -> Option<Said> {
    let run = notebook.run(&id).ok()?;
    let predictions = Predictions::from_csv(&run.predictions(rule).ok()??).ok()?;
    let outcome = Outcome { accuracy: predictions.accuracy(), seconds: 0.0, predictions: Some(&predictions) };
    let kappa = Metric::named("kappa").ok().and_then(|metric| (metric.of)(&outcome));
    let subjects = predictions.subjects().into_iter().map(Into::into).collect();
    Some(Said { id, kappa, subjects })
}

/// One run's own sentence; of several, how many changed, and why one did not.
fn said(done: &[Done], past: &str, change: Option<Change>) -> Report {
    let changed = done.iter().filter(|done| done.changed).count();
    let text = match (done, done.iter().find(|done| !done.changed)) {
        ([one], _) => sentence(one),
        (all, None) => format!("{past} {}.", counted(all.len(), "run")),
        (all, Some(other)) => {
            format!("{past} {changed} of {}; one {}.", counted(all.len(), "run"), what(other))
        }
    };
    Report { text, change, ..Report::default() }
}

/// What was done, without the name that stands under the cursor anyway.
fn what(done: &Done) -> &str {
    done.sentence.strip_prefix(&format!("{}: ", done.id)).unwrap_or(&done.sentence)
}

/// The same as a sentence.
fn sentence(done: &Done) -> String {
    let what = what(done);
    if what.starts_with("is ") || what.starts_with("will ") {
        return format!("It {what}.");
    }
    let mut letters = what.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str())
}

#[cfg(test)]
mod tests;
