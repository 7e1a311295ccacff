//! What was asked for, and where it was trained.

use crate::counted::counted;
use crate::event::{Event, Record};
use crate::notebook::RunSummary;
use crate::plan::smaller_batch;
use crate::tui::loaded::RunDetail;
use crate::tui::panes::fields;
use crate::tui::sheet::Sheet;
use crate::tui::theme::Tone;

/// Writes the part.
pub fn write(sheet: &mut Sheet, run: &RunSummary, detail: Option<&RunDetail>, width: u16) {
    sheet.heading("recipe");
    sheet.entry("id", &run.id);
    for (name, value) in fields::of(&run.spec) {
        sheet.entry(name, value);
    }
    let trained_on = run.started.as_ref().map(|started| started.trials.train);
    if let Some(remark) = trained_on.and_then(|trials| smaller_batch(run.spec.batch, trials)) {
        sheet.prose(Tone::Dim, &remark, width.into());
    }
    if run.spec.data.is_simulated() {
        sheet.sentence(Tone::Caution, "The data are simulated: no real recordings.");
    }
    sheet.heading("provenance");
    sheet.entry("enqueued", run.created.to_string());
    match &run.started {
        None => sheet.line(Tone::Dim, " not started yet"),
        Some(started) => {
            let commit = started.commit.as_deref().unwrap_or("commit unknown");
            sheet.entry("program", format!("{} ({commit})", started.program));
            sheet.entry("host", format!("{}, process {}", started.host, started.pid));
            sheet.entry("device", format!("{}, {} threads", started.device, started.threads));
            let trials = started.trials;
            sheet.entry(
                "trials",
                format!("{} train, {} validation, {} test", trials.train, trials.validation, trials.test),
            );
            sheet.entry("command", started.command.join(" "));
            sheet.entry("spec hash", short(&started.spec_hash));
            sheet.entry("data hash", short(&started.fingerprint));
        }
    }
    if let Some(detail) = detail.filter(|detail| !detail.records.is_empty()) {
        sheet.heading("history");
        for record in &detail.records {
            sheet.entry(&record.t.strftime("%m-%d %H:%M:%S").to_string(), happened(record));
        }
    }
}

/// The beginning of a hash, enough to tell two apart.
fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}

/// An event in a few words.
fn happened(record: &Record) -> String {
    match &record.event {
        Event::Queued(queued) if queued.from_checkpoint => "queued again, from its checkpoint".into(),
        Event::Queued(_) => "queued again, from nothing".into(),
        Event::Started(started) if started.epoch > 0 => format!("went on after epoch {}", started.epoch),
        Event::Started(started) => match &started.remark {
            Some(remark) => format!("started; {remark}"),
            None => "started".into(),
        },
        Event::Epoch(epoch) => format!("epoch {}", epoch.epoch),
        Event::Paused(stopped) => match &stopped.reason {
            Some(reason) => format!("paused after epoch {}: {reason}", stopped.epoch),
            None => format!("paused after epoch {}", stopped.epoch),
        },
        Event::Cancelled(stopped) => format!("cancelled after epoch {}", stopped.epoch),
        Event::Failed(failed) => format!("failed after epoch {}: {}", failed.epoch, failed.error),
        Event::Finished(finished) => format!("finished {}", counted(finished.epochs as usize, "epoch")),
    }
}
