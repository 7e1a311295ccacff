//! The kernels without a card, for tests: the same source compiled as C++ by this machine's compiler, in a process that plays what it is
//! told. Its threads run in an order that a seed shuffles.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may fail loudly

use super::{Address, Launch, Player};
use candle_core::{Result, bail};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Names a runner that is compiled already, for a machine without a compiler.
pub const RUNNER: &str = "EEG_TUI_RUNNER";

/// The kernels, compiled as C++.
#[derive(Clone, Debug)]
pub struct Emulation {
    program: PathBuf,
}

impl Emulation {
    /// The kernels as they are; `None` where there is no C++ compiler.
    pub fn of_this_machine() -> Option<&'static Self> {
        static OF_ALL: OnceLock<Option<Emulation>> = OnceLock::new();
        let make = || match std::env::var_os(RUNNER) {
            Some(program) => Some(Emulation { program: program.into() }),
            None => Emulation::compile(|source| source),
        };
        OF_ALL.get_or_init(make).as_ref()
    }

    /// The same with the kernels' source changed.
    pub fn compile(change: impl Fn(String) -> String) -> Option<Self> {
        let compiler = std::env::var("CXX").unwrap_or_else(|_| "c++".into());
        let version = Command::new(&compiler).arg("--version").output().ok()?.stdout;
        let sources = SOURCES.map(|name| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cuda").join(name);
            let text = std::fs::read_to_string(path).unwrap();
            (name, if name == "kernels.cu" { change(text) } else { text })
        });
        let mut hasher = DefaultHasher::new();
        (&compiler, version, OPTIONS, &sources).hash(&mut hasher);
        // Beside the test, where cargo keeps what it makes: the next test of the same source finds it there.
        let program = std::env::current_exe().unwrap();
        let program = program.with_file_name(format!("emulated-kernels-{:016x}", hasher.finish()));
        if !program.exists() {
            build(&compiler, &sources, &program);
        }
        Some(Emulation { program })
    }

    /// A device of its own.
    pub fn player(&self, seed: u64) -> Box<dyn Player> {
        let mut process = Command::new(&self.program)
            .arg(seed.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (orders, answers) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        Box::new(Emulated { process, orders: Some(BufWriter::new(orders)), answers })
    }
}

/// What is compiled.
const SOURCES: [&str; 5] = ["arguments.h", "emulation.h", "kernel_table.h", "kernels.cu", "runner.cpp"];

/// How.
const OPTIONS: [&str; 5] = ["-std=c++17", "-O2", "-Wall", "-Wextra", "-Werror"];

/// Compiles in a folder of its own, which is gone afterwards. The program comes to its place whole: another test may be after it too.
fn build(compiler: &str, sources: &[(&str, String)], program: &Path) {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = program.with_extension(format!("{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (name, text) in sources {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let made = folder.join("runner");
    let output =
        Command::new(compiler).args(OPTIONS).arg("-o").args([&made, &folder.join("runner.cpp")]).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::rename(made, program).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

/// A process that plays.
struct Emulated {
    process: Child,
    orders: Option<BufWriter<ChildStdin>>,
    answers: ChildStdout,
}

/// What it is asked for, as in `runner.cpp`.
const ALLOCATE: u32 = 1;
const FREE: u32 = 2;
const UPLOAD: u32 = 3;
const DOWNLOAD: u32 = 4;
const LAUNCH: u32 = 5;

impl Emulated {
    fn say(&mut self, what: u32, longs: &[u64], bytes: &[u8]) -> Result<()> {
        let Some(orders) = &mut self.orders else { bail!("the emulation has ended") };
        orders.write_all(&what.to_ne_bytes())?;
        longs.iter().try_for_each(|long| orders.write_all(&long.to_ne_bytes()))?;
        Ok(orders.write_all(bytes)?)
    }

    fn hear(&mut self, bytes: usize) -> Result<Vec<u8>> {
        if let Some(orders) = &mut self.orders {
            orders.flush()?;
        }
        let mut heard = vec![0; bytes];
        self.answers.read_exact(&mut heard)?;
        Ok(heard)
    }
}

impl Player for Emulated {
    fn allocate(&mut self, bytes: usize) -> Result<Address> {
        self.say(ALLOCATE, &[bytes as u64], &[])?;
        let heard = self.hear(8)?;
        Ok(Address(u64::from_ne_bytes(heard.try_into().unwrap())))
    }

    fn free(&mut self, memory: Address) -> Result<()> {
        self.say(FREE, &[memory.0], &[])
    }

    fn upload(&mut self, to: Address, bytes: &[u8]) -> Result<()> {
        self.say(UPLOAD, &[to.0, bytes.len() as u64], bytes)
    }

    fn download(&mut self, from: Address, bytes: usize) -> Result<Vec<u8>> {
        self.say(DOWNLOAD, &[from.0, bytes as u64], &[])?;
        self.hear(bytes)
    }

    fn launch(&mut self, launch: &Launch) -> Result<()> {
        let Launch { kernel, grid, arguments } = launch;
        let mut bytes = Vec::new();
        let word = |bytes: &mut Vec<u8>, word: u32| bytes.extend(word.to_ne_bytes());
        word(&mut bytes, kernel.name().len() as u32);
        bytes.extend(kernel.name().as_bytes());
        grid.iter().for_each(|&blocks| word(&mut bytes, blocks));
        word(&mut bytes, u32::from(kernel.has_barriers()));
        word(&mut bytes, arguments.len() as u32);
        for argument in arguments {
            word(&mut bytes, argument.len() as u32);
            bytes.extend(argument);
        }
        self.say(LAUNCH, &[], &bytes)
    }

    fn free_bytes(&mut self) -> Result<Option<u64>> {
        Ok(None)
    }
}

impl Drop for Emulated {
    fn drop(&mut self) {
        // The end of its orders ends it.
        drop(self.orders.take());
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiled_kernels_lie_beside_the_test_alone_and_are_compiled_once() {
        let Some(one) = Emulation::compile(|source| source) else { return };
        let folder = one.program.parent().unwrap();
        assert_eq!(std::env::current_exe().unwrap().parent(), Some(folder));
        let compiled = std::fs::metadata(&one.program).unwrap().modified().unwrap();
        let other = Emulation::compile(|source| source).unwrap();
        assert_eq!(one.program, other.program);
        assert_eq!(std::fs::metadata(&other.program).unwrap().modified().unwrap(), compiled);
        let mine = format!("-{}", std::process::id());
        let left = std::fs::read_dir(std::env::temp_dir()).unwrap().flatten().filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            name.starts_with("eeg-tui-") && name.contains(&mine)
        });
        assert_eq!(left.count(), 0);
    }
}
