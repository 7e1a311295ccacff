//! Where a training's events, checkpoints and results go: into the run's folder, and past whoever looks on.

use crate::event::{Event, Record};
use crate::notebook::{Held, Notebook, NotebookError, RunDir};
use crate::spec::Rule;
use crate::train::{Checkpoint, Pick, Sink, SinkError};

/// Writes a training into its run's folder.
pub struct Recorder<'a> {
    held: &'a mut Held,
    watch: &'a mut (dyn FnMut(&Record) + Send),
    notebook: &'a Notebook,
    /// Goes into the next `started` event.
    pub remark: Option<String>,
    /// Whether something could not be written because the disk is full.
    pub disk_full: bool,
    /// Whether something else could not be written.
    pub unwritable: bool,
}

impl<'a> Recorder<'a> {
    /// Records into a held run of a notebook. `watch` sees each event once it is written.
    pub fn new(
        held: &'a mut Held,
        watch: &'a mut (dyn FnMut(&Record) + Send),
        notebook: &'a Notebook,
    ) -> Self {
        Recorder { held, watch, notebook, remark: None, disk_full: false, unwritable: false }
    }

    /// The run.
    pub fn run(&self) -> &RunDir {
        self.held.dir()
    }

    /// What to go on from, where there is something.
    pub fn checkpoint_bytes(&self) -> Result<Option<Vec<u8>>, NotebookError> {
        self.held.checkpoint()
    }

    /// Epochs that are recorded.
    pub fn epochs(&self) -> u32 {
        self.held.history().epoch()
    }

    fn judge<T>(&mut self, result: Result<T, NotebookError>) -> Result<T, SinkError> {
        if let Err(error) = &result {
            self.disk_full |= error.is_full_disk();
            self.unwritable |= !error.is_full_disk();
        }
        result.map_err(Into::into)
    }
}

impl Sink for Recorder<'_> {
    fn event(&mut self, mut event: Event) -> Result<(), SinkError> {
        if let Event::Started(started) = &mut event {
            started.remark = self.remark.take();
        }
        let is_epoch = matches!(event, Event::Epoch(_));
        let mut appended = self.held.append(event.clone());
        if matches!((&event, &appended), (Event::Finished(_), Err(error)) if error.is_full_disk()) {
            // All is done and kept but this line: the reserve is for such.
            self.notebook.release_reserve();
            appended = self.held.append(event);
        }
        let record = self.judge(appended)?;
        if !is_epoch {
            self.notebook.ring();
        }
        (self.watch)(&record);
        Ok(())
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<(), SinkError> {
        let bytes = checkpoint.to_bytes()?;
        let written = self.held.set_checkpoint(&bytes);
        self.judge(written)
    }

    /// Lies where the finished run's results will; that the run is not finished says what they are.
    fn provisional(&mut self, rule: Rule, pick: &Pick) -> Result<(), SinkError> {
        self.picked(rule, pick)
    }

    fn picked(&mut self, rule: Rule, pick: &Pick) -> Result<(), SinkError> {
        let bytes = pick.weights.to_bytes()?;
        let written = self.held.set_weights(rule, &bytes);
        self.judge(written)?;
        let written = self.held.set_predictions(rule, &pick.predictions.to_csv());
        self.judge(written)?;
        let Some(validation) = &pick.validation else { return Ok(()) };
        let written = self.held.set_validation_predictions(rule, &validation.to_csv());
        self.judge(written)
    }
}
