//! Notes while they are in the person's own editor: a copy beside the screen's own files, which goes only once what was
//! written is safe in the notebook.

use crate::disk::named;
use crate::notebook::RunDir;
use crate::tui::effect::{Change, Effect, Message, Report};
use crate::tui::naming;
use crate::tui::notes::both;
use std::path::{Path, PathBuf};

/// Nobody writes longer notes.
const LONGEST: u64 = 1 << 20;

/// A copy of a run's notes, to be edited.
pub struct Draft {
    run: RunDir,
    /// Where the copy lies.
    path: PathBuf,
    /// What was copied.
    before: String,
}

impl Draft {
    /// Copies the notes of a run into a folder.
    pub fn open(run: RunDir, folder: &Path) -> Result<Self, String> {
        let before = run.notes().map_err(|error| error.to_string())?;
        let path = folder.join(format!("notes-{}-{}.md", run.id(), std::process::id()));
        named::write(&path, before.as_bytes())
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        Ok(Draft { run, path, before })
    }

    /// Where the copy lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps what was written, once the editor has ended. What can't be kept stays in the copy, which is named; what someone
    /// else wrote meanwhile comes back with it.
    pub fn keep(self, editor: Result<(), String>) -> Result<Vec<Message>, String> {
        let kept = format!("what you wrote is in {}", self.path.display());
        let after = named::read_text(&self.path, LONGEST).map_err(|error| format!("{error}; {kept}"))?;
        editor.map_err(|reason| format!("{reason}; {kept}"))?;
        if after == self.before {
            let _ = named::remove(&self.path);
            return Ok(Vec::new());
        }
        let id = self.run.id().to_owned();
        let now = self.run.notes().map_err(|error| format!("The notes are not kept: {error}; {kept}"))?;
        if now != self.before {
            let reason = format!("The notes were changed meanwhile: both texts stand here; {kept}.");
            let text = both(&now, &after);
            return Ok(vec![Message::NotesBack { id, text, read: now, reason }]);
        }
        self.run.set_notes(&after).map_err(|error| format!("The notes are not kept: {error}; {kept}"))?;
        let _ = named::remove(&self.path);
        let report = Report {
            text: "The notes are kept.".into(),
            change: Some(self.change(&after)),
            ..Report::default()
        };
        Ok(vec![Message::Notes(id, after), Message::Done(report)])
    }

    fn change(&self, after: &str) -> Change {
        let id = self.run.id();
        let set = |text: &str, over: &str| {
            vec![Effect::SetNotes { id: id.into(), text: text.into(), over: over.into() }]
        };
        let name = self.run.spec().map_or_else(|_| id.to_owned(), |spec| naming::run(&spec));
        Change {
            what: format!("new notes of {name}"),
            back: set(&self.before, after),
            again: set(after, &self.before),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::runtime::fixture::Place;

    fn draft(place: &Place) -> Draft {
        place.run().set_notes("before\n").unwrap();
        Draft::open(place.run(), place.folder()).unwrap()
    }

    #[test]
    fn the_copy_goes_once_the_notes_are_safe() {
        let place = Place::new();
        let draft = draft(&place);
        let path = draft.path().to_owned();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "before\n");
        std::fs::write(&path, "after\n").unwrap();
        let messages = draft.keep(Ok(())).unwrap();
        assert!(
            matches!(&messages[..], [Message::Notes(..), Message::Done(report)] if report.change.is_some())
        );
        assert_eq!(place.run().notes().unwrap(), "after\n");
        assert!(!path.exists());
    }

    #[test]
    fn on_a_full_disk_the_copy_stays_and_is_named() {
        let place = Place::new();
        let draft = draft(&place);
        let path = draft.path().to_owned();
        std::fs::write(&path, "after\n").unwrap();
        place.fill();
        let reason = draft.keep(Ok(())).unwrap_err();
        assert!(reason.contains("not kept") && reason.contains(&path.display().to_string()), "{reason}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "after\n");
        assert_eq!(place.run().notes().unwrap(), "before\n");
    }

    #[test]
    fn an_editor_that_fails_loses_nothing() {
        let place = Place::new();
        let draft = draft(&place);
        let path = draft.path().to_owned();
        std::fs::write(&path, "half\n").unwrap();
        let reason = draft.keep(Err("'vi' ended with 1".into())).unwrap_err();
        assert!(reason.contains("'vi' ended with 1; what you wrote is in"), "{reason}");
        assert!(path.exists());
    }

    #[test]
    fn what_someone_else_wrote_meanwhile_comes_back_with_it() {
        let place = Place::new();
        let draft = draft(&place);
        std::fs::write(draft.path(), "mine\n").unwrap();
        place.run().set_notes("theirs\n").unwrap();
        let messages = draft.keep(Ok(())).unwrap();
        let [Message::NotesBack { text, read, .. }] = &messages[..] else { panic!("{messages:?}") };
        assert!(text.contains("theirs") && text.contains("mine") && read == "theirs\n");
        assert_eq!(place.run().notes().unwrap(), "theirs\n");
    }
}
