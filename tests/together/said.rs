//! What a command printed, as the model understands it. A sentence that is not listed here fails the test.

use super::model::{Asked, Stand, Verb};
use std::process::Output;

/// What a command said of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It was done.
    Done,
    /// Whoever has the run will do it.
    WillBe,
    /// Whoever has the run will do what was asked before, as it says more.
    WillStill(Asked),
    /// Whoever has the run goes on with it.
    GoesOn,
    /// There was nothing to do: that is how it stands.
    Is(Stand),
    /// There is nothing to do while it is trained.
    InTraining,
    /// Another run was made of its spec.
    NewRun(String),
    /// It went to the trash, as somebody had asked.
    WasRemoved,
    /// There is no such run where the command looks for it.
    NotThere,
    /// Somebody has it and does not train it, though the command has waited for a while.
    InUse,
}

/// How sentences begin, under which command, and what they mean.
const SENTENCES: [(Verb, &str, Said); 18] = [
    (Verb::Pause, "paused at epoch", Said::Done),
    (Verb::Pause, "will pause after", Said::WillBe),
    (Verb::Pause, "is paused already", Said::Is(Stand::Paused)),
    (Verb::Pause, "is cancelled,", Said::Is(Stand::Cancelled)),
    (Verb::Pause, "is finished,", Said::Is(Stand::Finished)),
    (Verb::Resume, "is back in the queue", Said::Done),
    (Verb::Resume, "goes on", Said::GoesOn),
    (Verb::Resume, "is in the queue already", Said::Is(Stand::Queued)),
    (Verb::Resume, "was interrupted", Said::Is(Stand::Interrupted)),
    (Verb::Resume, "is finished;", Said::Is(Stand::Finished)),
    (Verb::Cancel, "cancelled at epoch", Said::Done),
    (Verb::Cancel, "will be cancelled after", Said::WillBe),
    (Verb::Cancel, "is cancelled,", Said::Is(Stand::Cancelled)),
    (Verb::Cancel, "is finished,", Said::Is(Stand::Finished)),
    (Verb::Remove, "will be stopped and moved to the trash after", Said::WillBe),
    (Verb::Restore, "is back in the notebook", Said::Done),
    (Verb::Retry, "is in the queue already", Said::Is(Stand::Queued)),
    (Verb::Retry, "is in the queue again", Said::Done),
];

/// What a command said.
pub fn said(verb: Verb, id: &str, output: &Output) -> Said {
    // What is odd about the recordings is said of them each time, and says nothing of the run.
    let errors = String::from_utf8_lossy(&output.stderr);
    let errors: String = errors.lines().filter(|line| !line.starts_with("warning: ")).collect();
    let text = String::from_utf8_lossy(&output.stdout);
    if output.status.code() == Some(1) {
        // A run that goes while it is looked at shows in many ways, each a sentence.
        assert!(errors.starts_with("eeg-tui: ") && text.is_empty(), "{verb:?}: {text}{errors}");
        return if errors.contains("is in use by another") { Said::InUse } else { Said::NotThere };
    }
    assert!(output.status.success() && errors.is_empty(), "{verb:?}: {errors}");
    let sentence = text.strip_prefix(&format!("{id}: ")).unwrap_or_else(|| panic!("{verb:?}: {text}")).trim();
    match verb {
        Verb::Remove if sentence.starts_with("is in the trash; ") => return Said::Done,
        Verb::Retry if sentence.starts_with("is being trained") => return Said::InTraining,
        Verb::Retry if sentence.starts_with("is kept; ") => {
            return Said::NewRun(sentence.rsplit(' ').next().unwrap().to_owned());
        }
        _ if sentence.starts_with("is in the trash, as was asked") => return Said::WasRemoved,
        _ if sentence.contains(", as was asked before; 'resume' takes that back") => {
            let removed = sentence.starts_with("will be stopped and moved to the trash");
            return Said::WillStill(if removed { Asked::Remove } else { Asked::Cancel });
        }
        _ => {}
    }
    let fits = |(of, begins, _): &&(Verb, &str, Said)| *of == verb && sentence.starts_with(begins);
    let (.., said) =
        SENTENCES.iter().find(fits).unwrap_or_else(|| panic!("{verb:?} said something new: {sentence}"));
    said.clone()
}
