//! Does what the screen asks of notebook and data, one thing after another, off the drawing thread.

use super::{News, Options};
use crate::dataset;
use crate::event::Event;
use crate::notebook::{Done, Notebook, NotebookError, Place, RunDir};
use crate::predictions::Predictions;
use crate::spec::Rule;
use crate::tui::effect::{Effect, Message, Undo};
use crate::tui::loaded::RunDetail;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};

/// Starts the desk, and reading the data. `poke` makes the watch look at the notebook at once.
pub fn start(notebook: &Notebook, options: &Options, poke: Sender<()>, tell: Sender<News>) -> Sender<Effect> {
    let (ask, asked) = mpsc::channel();
    let (desk, data, news) =
        (Desk { notebook: notebook.clone(), poke, tell: tell.clone() }, options.data.clone(), tell);
    let set = options.data_set.clone();
    std::thread::spawn(move || {
        let read = dataset::load(set.as_deref(), &data).map(Arc::new).map_err(|error| error.to_string());
        // Where nobody listens any more, nobody misses it.
        let _ = news.send(News::Message(Message::Data(read)));
        let _ = news.send(News::Message(Message::Sets(dataset::names(&data))));
    });
    std::thread::spawn(move || desk.run(&asked));
    ask
}

/// What is done to runs, as a noun for undo, and as it is told of several.
type Change = (&'static str, &'static str);

const PAUSE: Change = ("pause", "Paused");
const RESUMING: Change = ("resuming", "Put back into the queue");
const CANCELLATION: Change = ("cancellation", "Cancelled");
const RETRY: Change = ("retry", "Put into the queue anew");
const REMOVAL: Change = ("removal", "Took out of the notebook");
const RESTORING: Change = ("restoring", "Brought back");

struct Desk {
    notebook: Notebook,
    poke: Sender<()>,
    tell: Sender<News>,
}

impl Desk {
    fn run(self, asked: &Receiver<Effect>) {
        while let Ok(effect) = asked.recv() {
            if let Some(message) = self.perform(effect)
                && self.tell.send(News::Message(message)).is_err()
            {
                return;
            }
        }
    }

    fn perform(&self, effect: Effect) -> Option<Message> {
        if let Effect::ReadRun(id) = effect {
            return self.read(&id).map(|detail| Message::Run(id, Arc::new(detail)));
        }
        let message = match self.change(effect) {
            Ok(message) => message,
            Err(error) => Message::Failed(error.to_string()),
        };
        let _ = self.poke.send(());
        Some(message)
    }

    fn change(&self, effect: Effect) -> Result<Message, NotebookError> {
        let notebook = &self.notebook;
        match effect {
            Effect::Enqueue(specs) => {
                let ids = notebook.enqueue_all(&specs)?;
                let what = format!("enqueuing of {}", count(ids.len()));
                let text = format!("Enqueued {}.", count(ids.len()));
                Ok(Message::Done(text, Some(Undo { what, effect: Effect::Remove(ids) })))
            }
            Effect::Pause(ids) => self.each(ids, PAUSE, Some(Effect::Resume), |id| notebook.pause(id)),
            Effect::Resume(ids) => self.each(ids, RESUMING, Some(Effect::Pause), |id| notebook.resume(id)),
            Effect::Cancel(ids) => {
                self.each(ids, CANCELLATION, Some(Effect::Resume), |id| notebook.cancel(id))
            }
            Effect::Retry(ids) => self.each(ids, RETRY, None, |id| notebook.retry(id)),
            Effect::Remove(ids) => self.each(ids, REMOVAL, Some(Effect::Restore), |id| {
                // Its own sentence is for the command line.
                let done = notebook.remove(id)?;
                let sentence = if done.changed { "taken out of the notebook".into() } else { done.sentence };
                Ok(Done { sentence, ..done })
            }),
            Effect::Restore(ids) => {
                self.each(ids, RESTORING, Some(Effect::Remove), |id| notebook.restore(id))
            }
            Effect::Move(ids, place) => {
                let back = match place {
                    Place::Up => Some(Place::Down),
                    Place::Down => Some(Place::Up),
                    _ => None,
                };
                let done = notebook.move_to(&ids, &place)?;
                let undo = back.map(|back| Undo { what: "move".into(), effect: Effect::Move(ids, back) });
                Ok(said(&done, "Moved", undo))
            }
            Effect::SetTags(changes) => self.tag(changes),
            Effect::SetNotes(id, text) => {
                let run = notebook.run(&id)?;
                let before = run.notes()?;
                run.set_notes(&text)?;
                notebook.ring();
                let undo = Undo { what: "new notes".into(), effect: Effect::SetNotes(id, before) };
                Ok(Message::Done("The notes are kept.".into(), Some(undo)))
            }
            // The loop carries these out itself, and reads were done above.
            _ => Ok(Message::Done(String::new(), None)),
        }
    }

    /// Does the same to several runs, and says how it went in one sentence. What was done can be taken back.
    fn each(
        &self,
        ids: Vec<String>,
        (what, past): Change,
        back: Option<fn(Vec<String>) -> Effect>,
        act: impl Fn(&str) -> Result<Done, NotebookError>,
    ) -> Result<Message, NotebookError> {
        let done = ids.iter().map(|id| act(id)).collect::<Result<Vec<Done>, NotebookError>>()?;
        let changed: Vec<String> =
            done.iter().filter(|done| done.changed).map(|done| done.id.clone()).collect();
        let what = format!("{what} of {}", count(changed.len()));
        let undo = back.filter(|_| !changed.is_empty()).map(|back| Undo { what, effect: back(changed) });
        Ok(said(&done, past, undo))
    }

    fn tag(&self, changes: Vec<(String, Vec<String>)>) -> Result<Message, NotebookError> {
        let mut before = Vec::with_capacity(changes.len());
        for (id, tags) in changes {
            let run = self.notebook.run(&id)?;
            before.push((id, run.tags()?));
            run.set_tags(&tags)?;
        }
        self.notebook.ring();
        let text = format!("Labelled {}.", count(before.len()));
        Ok(Message::Done(text, Some(Undo { what: "labels".into(), effect: Effect::SetTags(before) })))
    }

    /// A run's events and words; `None` where it is gone, which the index will tell.
    fn read(&self, id: &str) -> Option<RunDetail> {
        let run = self.notebook.run(id).ok()?;
        let records = run.events().ok()?;
        Some(RunDetail {
            records: records.into_iter().filter(|record| !matches!(record.event, Event::Epoch(_))).collect(),
            epochs: run.epochs().ok()?,
            notes: run.notes().unwrap_or_default(),
            predictions: predictions(&run),
        })
    }
}

/// The predictions that can be read; of a run that is not finished there are none.
fn predictions(run: &RunDir) -> BTreeMap<Rule, Predictions> {
    let read = |rule| Predictions::from_csv(&run.predictions(rule).ok()??).ok();
    Rule::ALL.into_iter().filter_map(|rule| Some((rule, read(rule)?))).collect()
}

/// One run's own sentence; of several, how many changed, and why one did not.
fn said(done: &[Done], past: &str, undo: Option<Undo>) -> Message {
    let changed = done.iter().filter(|done| done.changed).count();
    let text = match (done, done.iter().find(|done| !done.changed)) {
        ([one], _) => sentence(one),
        (all, None) => format!("{past} {}.", count(all.len())),
        (all, Some(other)) => format!("{past} {changed} of {}; one {}.", count(all.len()), what(other)),
    };
    Message::Done(text, undo)
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

fn count(runs: usize) -> String {
    if runs == 1 { "1 run".into() } else { format!("{runs} runs") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(done: &[(bool, &str)]) -> String {
        let done = done.iter().map(|&(changed, sentence)| Done {
            id: "run".into(),
            changed,
            sentence: format!("run: {sentence}"),
        });
        match said(&done.collect::<Vec<_>>(), "Paused", None) {
            Message::Done(text, _) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn of_several_runs_is_told_what_holds_for_all() {
        assert_eq!(told(&[(true, "paused at epoch 6")]), "Paused at epoch 6.");
        assert_eq!(told(&[(true, "is back in the queue")]), "It is back in the queue.");
        assert_eq!(told(&[(true, "paused at epoch 6"), (true, "paused at epoch 0")]), "Paused 2 runs.");
        let mixed = told(&[(true, "paused at epoch 6"), (false, "is finished")]);
        assert_eq!(mixed, "Paused 1 of 2 runs; one is finished.");
    }
}
