//! Runs the kept corpus of the fuzz targets, and a while of random changes to it, through what the targets call: whatever is in
//! a file, reading it ends, without a panic and without memory that isn't there.
//!
//! `EEG_TUI_LONG=1` changes for a minute each target, `EEG_TUI_FUZZ_SECONDS` for as long as it says, and `EEG_TUI_FUZZ_SEED`
//! takes other changes. What fails is kept among the system's temporary files and named.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails loudly

#[path = "../fuzz/src/lib.rs"]
#[allow(dead_code, reason = "the fuzz targets' folder lasts as long as their process")]
mod entries;

use eeg_tui::random::{Purpose, below, stream};
use entries::{TARGETS, Target};
use rand_chacha::ChaCha8Rng;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Changed files are at most this long.
const LONGEST: usize = 1 << 16;

/// Memory of the whole process, in bytes: what only a claimed size asks for fails.
const MEMORY: u64 = 3 << 30;

/// Far longer than any of these files takes on any machine.
const HANGS: Duration = Duration::from_secs(60);

/// What is often the first thing to go wrong.
const NUMBERS: [&str; 12] = [
    "0",
    "-1",
    "1e308",
    "nan",
    "inf",
    "-inf",
    "65536",
    "2147483648",
    "4294967295",
    "9223372036854775807",
    "18446744073709551616",
    "0.0000000001",
];

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// How long each target's files are changed; `None`: a few times each.
fn span() -> Option<Duration> {
    let seconds =
        number("EEG_TUI_FUZZ_SECONDS").or_else(|| std::env::var_os("EEG_TUI_LONG").is_some().then_some(60));
    seconds.map(Duration::from_secs)
}

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    paths.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// One change: what bit flips, editors and other programs do to a file, and what somebody would try.
fn change(rng: &mut ChaCha8Rng, bytes: &mut Vec<u8>, other: &[u8]) {
    let length = bytes.len() as u32;
    let at = |rng: &mut ChaCha8Rng| below(rng, length.max(1)) as usize;
    let (from, count) = (at(rng), 1 + below(rng, 32) as usize);
    let to = (from + count).min(bytes.len());
    match below(rng, 12) {
        0..=2 if length > 0 => bytes[from] ^= 1 << below(rng, 8),
        3 if length > 0 => bytes[from] = [0, 1, 0x7f, 0x80, 0xff, b'\n', b'"', b'['][below(rng, 8) as usize],
        4 => {
            bytes.drain(from.min(to)..to);
        }
        5 => {
            let part = bytes[from.min(to)..to].to_vec();
            let place = at(rng).min(bytes.len());
            bytes.splice(place..place, part);
        }
        6 => bytes.truncate(from),
        7 if !other.is_empty() => {
            let part = below(rng, other.len() as u32) as usize;
            let part = &other[part..(part + 4 * count).min(other.len())];
            bytes.splice(from.min(to)..to, part.iter().copied());
        }
        8..=9 => replace_number(rng, bytes, from),
        10 if bytes.len() >= from + 4 => {
            let value = [0, 1, u32::MAX, 1 << 31, 1 << 20, 0x7fff_ffff][below(rng, 6) as usize];
            bytes[from..from + 4].copy_from_slice(&value.to_le_bytes());
        }
        _ if length > 0 => bytes[from] = below(rng, 256) as u8,
        _ => bytes.push(below(rng, 256) as u8),
    }
    bytes.truncate(LONGEST);
}

/// Puts another number where the next one is written in figures.
fn replace_number(rng: &mut ChaCha8Rng, bytes: &mut Vec<u8>, from: usize) {
    let is_figure = |byte: &u8| byte.is_ascii_digit();
    let Some(start) = bytes.iter().skip(from).position(is_figure).map(|at| from + at) else { return };
    let end = bytes[start..].iter().position(|byte| !is_figure(byte)).map_or(bytes.len(), |at| start + at);
    let new = NUMBERS[below(rng, NUMBERS.len() as u32) as usize];
    bytes.splice(start..end, new.bytes());
}

/// What is read at the moment, and since when: who watches can say what hangs.
type Current = Arc<Mutex<Option<(&'static str, Vec<u8>, Instant)>>>;

fn keep(target: &str, bytes: &[u8]) -> PathBuf {
    let sum = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325u64, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    let path = std::env::temp_dir().join(format!("eeg-tui-{target}-{sum:016x}"));
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Ends the process when one file takes for ever. Memory that isn't there ends it by itself; its file is the one named last.
fn watch(current: &Current) {
    let current = current.clone();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(HANGS / 10);
            if let Some((target, bytes, since)) = &*current.lock().unwrap()
                && since.elapsed() > HANGS
            {
                eprintln!("{target} hangs over {}", keep(target, bytes).display());
                std::process::abort();
            }
        }
    });
}

/// Reads one file; gives what went wrong.
fn read(current: &Current, name: &'static str, target: Target, place: &Path, bytes: &[u8]) -> Option<String> {
    *current.lock().unwrap() = Some((name, bytes.to_vec(), Instant::now()));
    let read = catch_unwind(AssertUnwindSafe(|| target(place, bytes)));
    *current.lock().unwrap() = None;
    let panic = read.err()?;
    let said = panic.downcast_ref::<String>().cloned();
    let said = said.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    Some(format!("{name}: {}: {}", keep(name, bytes).display(), said.unwrap_or_default()))
}

#[test]
fn whatever_is_in_a_file_reading_it_ends() {
    let limit = rustix::process::Rlimit { current: Some(MEMORY), maximum: None };
    rustix::process::setrlimit(rustix::process::Resource::As, limit).unwrap();
    let place = tempfile::tempdir().unwrap();
    let current = Current::default();
    watch(&current);
    let mut wrong = Vec::new();
    for (number_of, (name, target)) in TARGETS.into_iter().enumerate() {
        if std::env::var("EEG_TUI_FUZZ_TARGET").is_ok_and(|wanted| wanted != name) {
            continue;
        }
        let files = corpus(name);
        for (path, bytes) in &files {
            let failed = read(&current, name, target, place.path(), bytes);
            wrong.extend(failed.map(|failed| format!("{}: {failed}", path.display())));
        }
        let mut rng = stream(number("EEG_TUI_FUZZ_SEED").unwrap_or(1), Purpose::Shuffle, number_of as u32, 0);
        let (began, mut changed) = (Instant::now(), 0);
        while span().map_or(changed < 40 * files.len(), |span| began.elapsed() < span) && wrong.len() < 8 {
            let pick = |rng: &mut ChaCha8Rng| &files[below(rng, files.len() as u32) as usize].1;
            let (mut bytes, other) = (pick(&mut rng).clone(), pick(&mut rng));
            for _ in 0..1 + below(&mut rng, 4) {
                change(&mut rng, &mut bytes, other);
            }
            wrong.extend(read(&current, name, target, place.path(), &bytes));
            changed += 1;
        }
        println!("{name}: {} files, {changed} changed ones", files.len());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
