//! What was noticed about the recordings, with what to do about it, and how many trials there are of what.

use super::part::Set;
use crate::dataset::findings::{Finding, Severity};
use crate::dataset::{DataSet, Statistics};
use crate::tui::app::App;
use crate::tui::sheet::{Sheet, pad};
use crate::tui::theme::{Theme, Tone};
use unicode_width::UnicodeWidthStr;

/// All of it, in lines of at most so many columns.
pub fn sheet<'t>(app: &App, data: &DataSet, theme: &'t Theme, width: u16) -> Sheet<'t> {
    let mut sheet = Sheet::new(theme);
    noticed(&mut sheet, app.findings(), width);
    if let Some(statistics) = app.statistics() {
        counts(&mut sheet, data, statistics);
    }
    sheet
}

/// How bad a finding is, in words and tone.
fn severity(severity: Severity) -> (Tone, &'static str) {
    match severity {
        Severity::Error => (Tone::Bad, "stops runs"),
        Severity::Warning => (Tone::Caution, "warning"),
        Severity::Note => (Tone::Dim, "note"),
    }
}

fn noticed(sheet: &mut Sheet, findings: &[Finding], width: u16) {
    sheet.heading("what was noticed");
    if findings.is_empty() {
        let sound = "nothing: units, scales, copies, outliers, electrodes and classes look sound";
        sheet.prose(Tone::Dim, sound, width.into());
    }
    for finding in findings {
        let (tone, how) = severity(finding.severity);
        sheet.parts([
            (tone, format!(" {} ({how})", finding.id)),
            (Tone::Plain, format!("  {}", finding.place)),
        ]);
        sheet.prose(Tone::Plain, &format!("{}.", finding.message), width.into());
        sheet.prose(Tone::Dim, &format!("To do: {}.", finding.remedy), width.into());
    }
}

/// A line that says how much was noticed; nothing where nothing was.
pub fn count(findings: &[Finding]) -> Option<(Tone, String)> {
    let of = |wanted: Severity| findings.iter().filter(|finding| finding.severity == wanted).count();
    let errors = of(Severity::Error);
    let parts = [
        (errors, if errors == 1 { "finding stops runs" } else { "findings stop runs" }, ""),
        (of(Severity::Warning), "warning", "s"),
        (of(Severity::Note), "note", "s"),
    ];
    let said: Vec<String> = parts
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, word, plural)| format!("{count} {word}{}", if count > 1 { plural } else { "" }))
        .collect();
    let worst = findings.iter().map(|finding| finding.severity).max()?;
    Some((severity(worst).0, said.join(", ")))
}

/// Trials of each class, subject by subject.
fn counts(sheet: &mut Sheet, data: &DataSet, statistics: &Statistics) {
    sheet.heading("trials of each class");
    let subject = data.subjects.iter().map(|name| name.width() + 3).max().unwrap_or(0).clamp(8, 20);
    let columns: Vec<String> = data.classes.iter().map(|class| sheet.spell(class)).collect();
    let width = columns.iter().map(|class| class.width()).max().unwrap_or(0).clamp(5, 14) + 2;
    let row = |title: &str, figures: Vec<String>| {
        let right = |figure: &String| format!("{}{figure}", " ".repeat(width.saturating_sub(figure.width())));
        let figures: String = figures.iter().map(right).collect();
        format!(" {}{figures}", pad(title, subject))
    };
    let with_total =
        |total: String, each: Vec<String>| std::iter::once(total).chain(each).collect::<Vec<_>>();
    sheet.line(Tone::Dim, row("", with_total("all".into(), columns)));
    for (set, part) in Set::ALL.into_iter().zip(&statistics.parts) {
        let of = |counts: &[usize]| {
            let each = counts.iter().map(usize::to_string).collect();
            with_total(counts.iter().sum::<usize>().to_string(), each)
        };
        sheet.line(Tone::Plain, row(set.name(), of(&set.of(data).per_class(data.classes.len()))));
        let several = data.subjects.len() > 1 && !set.of(data).is_empty();
        for (name, counts) in data.subjects.iter().zip(&part.per_subject).filter(|_| several) {
            sheet.line(Tone::Dim, row(&format!("  {name}"), of(counts)));
        }
    }
}
