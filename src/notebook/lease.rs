//! The lease beside a run's lock, for file systems whose locks don't reach other machines: a file `lease.<generation>` that
//! says who holds the run. Whoever takes the run makes the next generation's file, which only one can; whoever held the last
//! one finds that before it writes again, and stops. A holder renews its lease while it works.
//!
//! On one machine the holder is asked for directly, so that a dead one shows at once. Another machine's lease has run out
//! when it was seen unchanged for its term, by the reader's own clock: clocks of two machines are never compared to take a run. A
//! lease that was last written a term ago by the clock of the disk itself has run out as well.

use super::process::Process;
use crate::disk::{Access, Disk, OpenFile, SharedDisk, TEMPORARY, named};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// How often a holder renews its lease.
pub const BEAT: Duration = Duration::from_secs(15);
/// How long a lease holds unless it is renewed.
pub const TERM: Duration = Duration::from_secs(90);

/// How much later than it should a holder may renew its lease and still be alive.
const GRACE: Duration = Duration::from_secs(10);

const PREFIX: &str = "lease.";
const LIMIT: u64 = 1 << 12;

/// What stands in a lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Content {
    #[serde(flatten)]
    holder: Process,
    /// Which of its leases this is.
    number: u64,
    generation: u64,
    /// How often it was renewed.
    beat: u64,
}

/// The leases that this process has: one whose file could not be removed is none.
static HELD: Mutex<BTreeSet<u64>> = Mutex::new(BTreeSet::new());

fn held() -> MutexGuard<'static, BTreeSet<u64>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A lease that this process has. Dropping it gives it back.
#[derive(Debug)]
pub struct Lease {
    disk: SharedDisk,
    folder: PathBuf,
    number: u64,
    generation: u64,
    file: Box<dyn OpenFile>,
    inode: u64,
    last: Mutex<Renewal>,
}

#[derive(Debug)]
struct Renewal {
    beat: u64,
    at: Moment,
    lost: bool,
}

/// A moment that is asked later how long ago it was, the machine's sleep counted in.
#[derive(Debug)]
struct Moment {
    /// Stands still while the machine sleeps.
    awake: Instant,
    /// Since the machine started, where the system says it: a clock that is never set.
    up: Option<Duration>,
    /// May be set: asked where the system does not say how long it is up.
    set: SystemTime,
}

impl Moment {
    fn now() -> Self {
        Moment { awake: Instant::now(), up: uptime(), set: SystemTime::now() }
    }

    fn elapsed(&self) -> Duration {
        let asleep_too = match (self.up, uptime()) {
            (Some(then), Some(now)) => now.saturating_sub(then),
            _ => self.set.elapsed().unwrap_or_default(),
        };
        self.awake.elapsed().max(asleep_too)
    }
}

/// How long this machine is up, its sleep counted in.
fn uptime() -> Option<Duration> {
    let text = named::read_system(Path::new("/proc/uptime")).ok()?;
    Duration::try_from_secs_f64(text.split_whitespace().next()?.parse().ok()?).ok()
}

/// Why a lease holds no more.
#[derive(Debug)]
pub enum Broken {
    /// Another process has the run, or may have it.
    Lost,
    /// The disk does not say.
    Unknown(io::Error),
}

/// What this process saw of other machines' leases: what stood in them, and since when.
#[derive(Clone, Debug, Default)]
pub struct Sightings(Arc<Mutex<HashMap<PathBuf, Sighting>>>);

/// What stood in a lease, and since when.
type Sighting = (Vec<u8>, Instant);

impl Sightings {
    /// Whether a file was seen with this content for a whole term.
    fn is_stale(&self, path: &Path, content: &[u8], term: Duration) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match seen.get(path) {
            Some((then, since)) if then == content => since.elapsed() >= term,
            _ => {
                seen.insert(path.to_owned(), (content.to_owned(), Instant::now()));
                false
            }
        }
    }
}

impl Lease {
    /// Takes the lease of a run's folder; `None` where another process has it, or may have it.
    pub fn take(disk: &SharedDisk, folder: &Path, sightings: &Sightings) -> io::Result<Option<Lease>> {
        let there = generations(disk.as_ref(), folder)?;
        let top = there.iter().copied().max().unwrap_or(0);
        if top > 0 {
            let path = path(folder, top);
            let content = match disk.read(&path, LIMIT) {
                // Given back this moment: whoever looks next takes it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                read => read?,
            };
            let free = match holder_lives(&content) {
                Some(lives) => !lives,
                None => {
                    let silent = silence(disk.as_ref(), folder, &path)?;
                    sightings.is_stale(&path, &content, TERM) || silent.is_some_and(|silent| silent >= TERM)
                }
            };
            if !free {
                return Ok(None);
            }
        }
        let generation = top + 1;
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        // Before the file is made: a holder that dies before it has written this leaves a lease that names nobody.
        let first = content(number, generation, 0)?;
        let file = match disk.open(&path(folder, generation), Access::New) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            opened => opened?,
        };
        let inode = file.stat()?.inode;
        let last = Renewal { beat: 0, at: Moment::now(), lost: false };
        let lease = Lease {
            disk: disk.clone(),
            folder: folder.into(),
            number,
            generation,
            file,
            inode,
            last: Mutex::new(last),
        };
        held().insert(number);
        lease.file.overwrite(&first)?;
        for old in there {
            let _ = disk.remove_file(&path(folder, old));
        }
        Ok(Some(lease))
    }

    /// Whether this process still has the run. Asked before everything that it writes.
    pub fn check(&self) -> Result<(), Broken> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        self.look(&mut last)
    }

    /// Renews the lease, where its time has come.
    pub fn renew(&self) -> Result<(), Broken> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.at.awake.elapsed() < BEAT {
            return Ok(());
        }
        self.look(&mut last)?;
        let written =
            content(self.number, self.generation, last.beat + 1).and_then(|text| self.file.overwrite(&text));
        written.map_err(Broken::Unknown)?;
        (last.beat, last.at) = (last.beat + 1, Moment::now());
        Ok(())
    }

    /// Gives the lease back, though others may still look at it. The second time nothing happens.
    pub fn give_back(&self) {
        if !held().remove(&self.number) {
            return;
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if self.look(&mut last).is_ok() {
            // What can't be removed is seen to have no living holder.
            let _ = self.disk.remove_file(&path(&self.folder, self.generation));
        }
        last.lost = true;
    }

    fn look(&self, last: &mut Renewal) -> Result<(), Broken> {
        last.lost |= last.at.elapsed() >= TERM;
        if last.lost {
            return Err(Broken::Lost);
        }
        // Opening asks the server where looking at a name might not.
        let mine = self.disk.open(&path(&self.folder, self.generation), Access::Read);
        let mine = match mine.and_then(|file| file.stat()) {
            Ok(stat) => stat.inode == self.inode,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(Broken::Unknown(error)),
        };
        let next = path(&self.folder, self.generation + 1);
        last.lost = !mine || self.disk.exists(&next).map_err(Broken::Unknown)?;
        if last.lost { Err(Broken::Lost) } else { Ok(()) }
    }
}

/// What stands in a lease of this process.
fn content(number: u64, generation: u64, beat: u64) -> io::Result<Vec<u8>> {
    let holder = Process::this().clone();
    let mut text = serde_json::to_vec(&Content { holder, number, generation, beat })?;
    text.push(b'\n');
    Ok(text)
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.give_back();
    }
}

/// Whether a process of any machine has the lease of a run's folder, for showing: another machine's counts for a term after it
/// was renewed, by the files' own times.
pub fn is_held(disk: &dyn Disk, folder: &Path) -> io::Result<bool> {
    let Some(top) = generations(disk, folder)?.into_iter().max() else { return Ok(false) };
    let path = path(folder, top);
    let content = match disk.read(&path, LIMIT) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        read => read?,
    };
    if let Some(lives) = holder_lives(&content) {
        return Ok(lives);
    }
    let renewed = disk.stat(&path)?.modified.0;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Ok(now.saturating_sub(Duration::from_secs(renewed.try_into().unwrap_or_default())) < TERM)
}

/// Another machine that has a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// Its name, where the lease says it.
    pub host: Option<String>,
    /// How long ago it renewed its lease, by the clock of the disk.
    pub silent: Duration,
}

impl Elsewhere {
    /// Whether a holder that lives would have renewed its lease by now, on a busy machine too.
    pub fn is_overdue(&self) -> bool {
        self.silent >= BEAT + GRACE
    }

    /// How long the lease still holds.
    pub fn left(&self) -> Duration {
        TERM.saturating_sub(self.silent)
    }
}

/// Which other machine has the lease of a run's folder; `None` where a process of this machine has it, or nobody, or where it changes
/// this moment.
pub fn elsewhere(disk: &dyn Disk, folder: &Path) -> io::Result<Option<Elsewhere>> {
    let Some(top) = generations(disk, folder)?.into_iter().max() else { return Ok(None) };
    let path = path(folder, top);
    let content = disk.read(&path, LIMIT)?;
    if holder_lives(&content).is_some() {
        return Ok(None);
    }
    let host = serde_json::from_slice(&content).ok().map(|Content { holder, .. }| holder.host);
    let silent = silence(disk, folder, &path)?.filter(|silent| *silent < TERM);
    Ok(silent.map(|silent| Elsewhere { host, silent }))
}

/// Whether the process that a lease names lives, where that can be asked. One that is just being written names none.
fn holder_lives(content: &[u8]) -> Option<bool> {
    let Content { holder, number, .. } = serde_json::from_slice(content).ok()?;
    match holder == *Process::this() {
        true => Some(held().contains(&number)),
        false => holder.lives(),
    }
}

/// How long ago a lease was last written, by a file that is written now: the disk stamps both, whichever machines write
/// them. So a command, which lives for a moment, sees what a worker sees by waiting. `None` where that can't be seen this moment.
fn silence(disk: &dyn Disk, folder: &Path, path: &Path) -> io::Result<Option<Duration>> {
    let probe = folder.join(format!("{PREFIX}now{TEMPORARY}"));
    let written = disk.open(&probe, Access::New).and_then(|file| {
        file.append_all(b"now")?;
        file.stat()
    });
    let _ = disk.remove_file(&probe);
    // Opening asks the server where looking at a name might not.
    let renewed = disk.open(path, Access::Read).and_then(|file| file.stat());
    match (written, renewed) {
        (Ok(now), Ok(renewed)) => {
            let seconds = now.modified.0.saturating_sub(renewed.modified.0);
            Ok(Some(Duration::from_secs(seconds.try_into().unwrap_or_default())))
        }
        // Another looks this moment, or the holder has just given it back: whoever looks next sees.
        (Err(error), _) | (_, Err(error))
            if matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound) =>
        {
            Ok(None)
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

fn path(folder: &Path, generation: u64) -> PathBuf {
    folder.join(format!("{PREFIX}{generation}"))
}

fn generations(disk: &dyn Disk, folder: &Path) -> io::Result<Vec<u64>> {
    let entries = disk.list(folder)?;
    let numbers = entries.iter().filter_map(|entry| entry.text()?.strip_prefix(PREFIX)?.parse().ok());
    // Room for the next one.
    Ok(numbers.filter(|number| (1..u64::MAX).contains(number)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::real;

    fn elsewhere(folder: &Path, generation: u64) -> PathBuf {
        let holder = Process { boot: "another-start".into(), ..Process::this().clone() };
        let path = path(folder, generation);
        std::fs::write(
            &path,
            serde_json::to_vec(&Content { holder, number: 0, generation, beat: 4 }).unwrap(),
        )
        .unwrap();
        path
    }

    #[test]
    fn one_has_it_at_a_time_and_gives_it_back() {
        let (disk, folder) = (real(), tempfile::tempdir().unwrap());
        let take = || Lease::take(&disk, folder.path(), &Sightings::default()).unwrap();
        let lease = take().unwrap();
        assert!(lease.check().is_ok() && is_held(disk.as_ref(), folder.path()).unwrap());
        assert!(take().is_none());
        drop(lease);
        assert!(!is_held(disk.as_ref(), folder.path()).unwrap());
        assert_eq!(disk.list(folder.path()).unwrap(), []);
        assert!(take().is_some());
    }

    #[test]
    fn whoever_was_overtaken_writes_no_more() {
        let (disk, folder) = (real(), tempfile::tempdir().unwrap());
        let lease = Lease::take(&disk, folder.path(), &Sightings::default()).unwrap().unwrap();
        let other = elsewhere(folder.path(), 2);
        assert!(matches!(lease.check(), Err(Broken::Lost)));
        std::fs::remove_file(other).unwrap();
        assert!(matches!(lease.check(), Err(Broken::Lost)), "it was lost once, and with it what followed");
        let again = || Lease::take(&disk, folder.path(), &Sightings::default()).unwrap();
        assert!(again().is_none(), "it is not given back yet");
        drop(lease);
        assert!(again().is_some(), "its file stayed, and stands for nobody");
    }

    #[test]
    fn whoever_slept_through_its_term_writes_no_more() {
        let (disk, folder) = (real(), tempfile::tempdir().unwrap());
        let lease = Lease::take(&disk, folder.path(), &Sightings::default()).unwrap().unwrap();
        let set = SystemTime::now() - TERM;
        lease.last.lock().unwrap().at.set = set;
        // A clock that was set ahead is no sleep, where the machine says how long it is up.
        assert_eq!(lease.check().is_ok(), uptime().is_some());
        lease.last.lock().unwrap().at = Moment { awake: Instant::now(), up: None, set };
        assert!(matches!(lease.check(), Err(Broken::Lost)));
    }

    #[test]
    fn a_lease_that_was_last_written_a_term_ago_has_run_out_at_the_first_look() {
        let (disk, folder) = (real(), tempfile::tempdir().unwrap());
        let take = || Lease::take(&disk, folder.path(), &Sightings::default()).unwrap();
        let empty = |generation| {
            let path = path(folder.path(), generation);
            std::fs::write(&path, "").unwrap();
            path
        };
        // One that a dying disk left without content, and one of another machine.
        let makers: [&dyn Fn() -> PathBuf; 2] = [&|| empty(8), &|| elsewhere(folder.path(), 3)];
        for make in makers {
            let other = make();
            assert!(take().is_none(), "it is new");
            let file = std::fs::File::options().write(true).open(&other).unwrap();
            file.set_modified(SystemTime::now() - TERM - Duration::from_secs(2)).unwrap();
            drop(take().unwrap());
            assert_eq!(disk.list(folder.path()).unwrap(), []);
        }
    }

    #[test]
    fn a_dead_process_has_no_lease_and_another_machine_has_its_term() {
        let (disk, folder) = (real(), tempfile::tempdir().unwrap());
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        let holder = Process { pid: child.id(), ..Process::this().clone() };
        let content = serde_json::to_vec(&Content { holder, number: 0, generation: 7, beat: 1 }).unwrap();
        std::fs::write(path(folder.path(), 7), content).unwrap();
        let sightings = Sightings::default();
        drop(Lease::take(&disk, folder.path(), &sightings).unwrap().unwrap());
        let other = elsewhere(folder.path(), 3);
        assert!(
            Lease::take(&disk, folder.path(), &sightings).unwrap().is_none(),
            "it is seen for the first time"
        );
        assert!(is_held(disk.as_ref(), folder.path()).unwrap());
        let content = std::fs::read(&other).unwrap();
        assert!(!sightings.is_stale(&other, &content, TERM));
        assert!(sightings.is_stale(&other, &content, Duration::ZERO));
        assert!(
            !sightings.is_stale(&other, b"renewed", Duration::ZERO),
            "a renewed lease begins its term anew"
        );
    }
}
