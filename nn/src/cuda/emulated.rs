//! The kernels without a card, for tests: the same source compiled as C++ by this machine's compiler, in a process that plays what it is
//! told. Its threads run in an order that a seed shuffles.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may fail loudly

use super::{Address, Launch, Player};
use candle_core::{Result, bail};
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
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let compiler = std::env::var("CXX").unwrap_or_else(|_| "c++".into());
        Command::new(&compiler).arg("--version").output().ok()?;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("eeg-tui-emulation-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for name in ["arguments.h", "emulation.h", "kernel_table.h", "kernels.cu", "runner.cpp"] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cuda").join(name);
            let text = std::fs::read_to_string(path).unwrap();
            let text = if name == "kernels.cu" { change(text) } else { text };
            std::fs::write(folder.join(name), text).unwrap();
        }
        let program = std::env::temp_dir().join(format!("eeg-tui-runner-{}-{number}", std::process::id()));
        let options = ["-std=c++17", "-O2", "-Wall", "-Wextra", "-Werror", "-o"];
        let output = Command::new(&compiler)
            .args(options)
            .args([&program, &folder.join("runner.cpp")])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        std::fs::remove_dir_all(folder).unwrap();
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
