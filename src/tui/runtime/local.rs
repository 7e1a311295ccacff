//! Effects that need the terminal and so are carried out by the loop itself: redraw, suspend, the editor, the clipboard,
//! notifications.

use super::draft::Draft;
use super::importer;
use super::library::Wish;
use super::{Loop, ScreenError};
use crate::tui::config::{Means, When};
use crate::tui::effect::{Effect, Ended, Message, Report};
use crate::tui::memory::Memory;
use crossterm::Command;
use crossterm::clipboard::CopyToClipboard;
use std::io;
use std::path::Path;
use std::process::Stdio;

/// Terminals drop longer clipboard sequences, and some choke on them.
const CLIPBOARD: usize = 70_000;

impl Loop {
    /// Carries out what is for the terminal, and gives back what is for the desk.
    pub(super) fn carry_out(&mut self, effect: Effect) -> Result<Option<Effect>, ScreenError> {
        match effect {
            Effect::Redraw => self.screen.refresh()?,
            Effect::Suspend => {
                self.screen.leave();
                // The whole group, as a shell's Ctrl-Z would: whoever started us waits for us to stop. Not TSTP, which
                // we listen to ourselves.
                let _ = rustix::process::kill_current_process_group(rustix::process::Signal::STOP);
                self.screen.enter()?;
            }
            Effect::EditNotes(id) => {
                for message in self.edit(&id).unwrap_or_else(|reason| vec![Message::Failed(reason)]) {
                    self.take(message)?;
                }
            }
            Effect::Copy { text, file } => {
                let message = self.copy(&text, &file);
                self.take(message)?;
            }
            Effect::Notify(ended, text) => self.notify(ended, &text)?,
            Effect::Remember(memory) => {
                // Another screen may have another notebook open.
                let memory = memory.beside(Memory::load(&self.folder), &self.app.notebook);
                if let Err(error) = memory.save(&self.folder) {
                    tracing::warn!("choices are not remembered: {error}");
                }
            }
            Effect::OpenData(name) => drop(self.library.send(Wish::Open(Some(name)))),
            Effect::Survey(names) => drop(self.library.send(Wish::Survey(names))),
            Effect::Judge(source, waits) => drop(self.library.send(Wish::Judge(source, waits))),
            Effect::CompletePath(typed) => self.importer.ask(importer::Wish::Complete(typed)),
            Effect::Inspect(inquiry) => self.importer.ask(importer::Wish::Inspect(inquiry)),
            Effect::Import(wanted) => self.importer.ask(importer::Wish::Import(wanted)),
            Effect::StopImport => self.importer.stop(),
            // Where the thread panicked, that is on its way here.
            Effect::Tabulate(runs, rule) => drop(self.tables.send((runs, rule))),
            other => return Ok(Some(other)),
        }
        Ok(None)
    }

    /// Lets the person's editor have the terminal and a copy of the notes.
    fn edit(&mut self, id: &str) -> Result<Vec<Message>, String> {
        let run = self.notebook.run(id).map_err(|error| error.to_string())?;
        let draft = Draft::open(run, &self.folder)?;
        self.screen.leave();
        let ended = editor(draft.path());
        self.screen.enter().map_err(|error| error.to_string())?;
        let messages = draft.keep(ended)?;
        self.notebook.ring();
        Ok(messages)
    }

    /// OSC 52 reaches the clipboard of the machine that the person sits at; the file is for terminals that don't know it.
    fn copy(&mut self, text: &str, file: &str) -> Message {
        let written = self.notebook.export(file, text);
        let mut sequence = String::new();
        let short = text.len() <= CLIPBOARD;
        let sent = short
            && CopyToClipboard::to_clipboard_from(text).write_ansi(&mut sequence).is_ok()
            && self.screen.send(sequence.as_bytes()).is_ok();
        match (sent, written) {
            (true, Ok(path)) => done(format!("Copied, and written to {}.", path.display())),
            (false, Ok(path)) => done(format!("Too long for a clipboard; written to {}.", path.display())),
            (true, Err(error)) => Message::Failed(format!("Copied, but not to a file: {error}")),
            (false, Err(error)) => Message::Failed(error.to_string()),
        }
    }

    fn notify(&mut self, ended: Ended, text: &str) -> io::Result<()> {
        let wanted = match self.config.notify.on {
            When::Never => false,
            When::Run => true,
            When::Queue => ended == Ended::Queue,
        };
        if !wanted {
            return Ok(());
        }
        match self.config.notify.by {
            Means::Bell => self.screen.send(b"\x07"),
            Means::Osc9 => self.screen.send(format!("\x1b]9;{text}\x07").as_bytes()),
            Means::Command => {
                let mut shell = std::process::Command::new("sh");
                let script = format!("{} \"$1\"", self.config.notify.command);
                shell.args(["-c", &script, "eeg-tui", text]).stdin(Stdio::null());
                std::thread::spawn(move || shell.status());
                Ok(())
            }
        }
    }
}

fn done(text: String) -> Message {
    Message::Done(Report { text, ..Report::default() })
}

fn editor(path: &Path) -> Result<(), String> {
    let set = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".into());
    // Editors are often set with arguments, as in `code --wait`.
    let script = format!("{editor} \"$1\"");
    let status = std::process::Command::new("sh").args(["-c", &script, "eeg-tui"]).arg(path).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("'{editor}' ended with {status}; the notes are as they were")),
        Err(error) => Err(format!("cannot start '{editor}': {error}; set EDITOR")),
    }
}
