//! `eeg-tui doctor`: looks over the machine, the recordings and the notebook, and says how to mend what it finds.

use super::machine::devices;
use super::{Failure, Global, Outcome, print, print_json};
use crate::dataset::findings::Severity;
use crate::dataset::{self, DataError, Report};
use crate::disk::named;
use crate::nn::device::Devices;
use crate::notebook::{Finding, Level, Notebook};
use crate::printable::printable;
use crate::tui::theme::{Depth, Theme};
use serde_json::json;
use std::io::IsTerminal;
use std::path::Path;

/// What `doctor` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A JSON array of {"about","level","what","mend"}
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(global: &Global, args: &Args) -> Outcome {
    let parts = [
        ("program", program()),
        ("machine", machine(global)),
        ("terminal", terminal()),
        ("recordings", recordings(global)),
        ("notebook", Notebook::open(&global.runs).health()),
    ];
    let findings = || parts.iter().flat_map(|(about, list)| list.iter().map(move |one| (about, one)));
    if args.json {
        let rows: Vec<_> = findings()
            .map(|(about, one)| json!({ "about": about, "level": one.level, "what": one.what, "mend": one.mend }))
            .collect();
        print_json(&rows)?;
    } else {
        print(&findings().map(|(about, one)| line(about, one)).collect::<String>())?;
    }
    match findings().filter(|(_, one)| one.level == Level::Bad).count() {
        0 => Ok(()),
        1 => Err(Failure::work("one thing needs mending")),
        count => Err(Failure::work(format!("{count} things need mending"))),
    }
}

fn line(about: &str, one: &Finding) -> String {
    let mark = match one.level {
        Level::Good => "ok",
        Level::Note => "note",
        Level::Bad => "BAD",
    };
    let mend = one.mend.as_deref().map(|mend| format!("; {}", printable(mend))).unwrap_or_default();
    format!("{mark:<5}{about:<12}{}{mend}\n", printable(&one.what))
}

fn program() -> Vec<Finding> {
    vec![Finding::good(format!("eeg-tui {}", super::version::version()))]
}

fn machine(global: &Global) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.push(match devices(global) {
        Ok(devices) => device(&global.device, &devices),
        // The sentence says what to do.
        Err(Failure::Work(sentence) | Failure::Usage(sentence) | Failure::Unfinished(sentence)) => {
            Finding { level: Level::Bad, what: sentence, mend: None }
        }
        Err(Failure::HungUp) => Finding::bad("the device hung up", "take --device cpu meanwhile"),
    });
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    findings.push(match global.threads() {
        threads if threads > cores => Finding::note(
            format!("{threads} threads are asked for, there are {cores} cores"),
            format!("--threads {cores} is faster"),
        ),
        threads => Finding::good(format!("{threads} threads on {cores} cores")),
    });
    #[cfg(target_arch = "x86_64")]
    if !std::arch::is_x86_feature_detected!("avx2") {
        findings.push(Finding::note(
            "the CPU has no AVX2",
            "training works and is slow; take another machine if you can",
        ));
    }
    // Where sessions' processes are ended at log-out, even one that left its session.
    let logind = named::read_text(Path::new("/etc/systemd/logind.conf"), 1 << 16).unwrap_or_default();
    if logind.lines().any(|line| line.trim().eq_ignore_ascii_case("KillUserProcesses=yes")) {
        findings.push(Finding::note(
            "this machine ends a user's processes at log-out",
            "'loginctl enable-linger' keeps a worker alive",
        ));
    }
    findings
}

fn device(asked: &str, devices: &Devices) -> Finding {
    let names: Vec<String> = devices.places().iter().map(ToString::to_string).collect();
    let is = match devices.by_speed() {
        true => format!("{}, whichever is faster for a network", names.join(" or ")),
        false => names.join(" and "),
    };
    let what = format!("--device {asked} is {is}");
    match devices.remark() {
        None => Finding::good(what),
        Some(remark) => Finding { level: Level::Note, what: format!("{what}: {remark}"), mend: None },
    }
}

fn terminal() -> Vec<Finding> {
    if !std::io::stdout().is_terminal() {
        return vec![Finding::good("output goes to no terminal, so there is none to check")];
    }
    let theme = Theme::detect(|name| std::env::var(name).ok());
    let colours = match theme.depth {
        Depth::True => "24-bit colour",
        Depth::Indexed => "256 colours",
        Depth::Ansi => "16 colours",
        Depth::None => "no colour",
    };
    let mut findings = vec![Finding::good(format!("the terminal has {colours}"))];
    if !theme.utf8 {
        findings.push(Finding::note(
            "the locale is not UTF-8: charts are drawn in ASCII",
            "set LANG, for example to C.UTF-8",
        ));
    }
    findings
}

/// The data folder's own set, and those in folders of it.
fn recordings(global: &Global) -> Vec<Finding> {
    let sets = match dataset::names(&global.data) {
        Ok(sets) => sets,
        Err(error) => return vec![Finding::bad(error.to_string(), "mend that, then look again")],
    };
    let found = |name: Option<&str>| {
        let command = format!("eeg-tui data check {}", name.unwrap_or_default());
        let command = command.trim_end();
        match dataset::check(name, &global.data) {
            Err(DataError::NoDataSet { .. }) if name.is_none() && !sets.is_empty() => Vec::new(),
            Err(error) => vec![Finding::bad(error.to_string(), format!("'{command}' says more"))],
            Ok(report) => looked_over(&report, &global.data, command),
        }
    };
    let mut findings = found(None);
    for name in &sets {
        let named = |one: Finding| Finding { what: format!("{name}: {}", one.what), ..one };
        findings.extend(found(Some(name)).into_iter().map(named));
    }
    findings
}

/// What was noticed about a set; `command` says more of it.
fn looked_over(report: &Report, folder: &Path, command: &str) -> Vec<Finding> {
    if report.simulated {
        let what = format!("{} holds no npz files: runs are about simulated recordings", folder.display());
        return vec![Finding::note(what, "put <subject>_train.npz and <subject>_test.npz there")];
    }
    let more = || format!("'{command}' says more");
    let mut findings: Vec<Finding> =
        report.problems.iter().map(|problem| Finding::bad(problem.clone(), more())).collect();
    for seen in &report.findings {
        let what = format!("{}: {}: {}", seen.id, seen.place, seen.message);
        findings.push(match seen.severity {
            Severity::Error => Finding::bad(what, seen.remedy.clone()),
            Severity::Warning | Severity::Note => Finding::note(what, seen.remedy.clone()),
        });
    }
    for file in &report.files {
        findings.push(match file.published {
            Some(true) => Finding::good(format!("{} is the published file", file.file)),
            Some(false) => Finding::bad(
                format!("{} has the name of a published file, and another checksum", file.file),
                "download it again, or give it a name of its own",
            ),
            None => Finding::good(format!("{} can be read", file.file)),
        });
    }
    findings
}
