//! The runner of `nn/src/cuda`: compiled with this machine's C++ compiler, and asked to play tapes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Names a file of PTX: tapes are played on the first card instead of in emulation.
pub const CARD: &str = "EEG_TUI_CARD";
/// Names a runner that is compiled already, for a machine without a compiler.
pub const RUNNER: &str = "EEG_TUI_RUNNER";

/// Names a folder in which tapes are kept, for other tools to play.
const TAPES: &str = "EEG_TUI_TAPES";

/// What plays tapes.
pub struct Runner {
    program: PathBuf,
}

impl Runner {
    /// The kernels as they are; `None` where there is no C++ compiler, which is then said.
    pub fn new() -> Option<&'static Runner> {
        static RUNNER_OF_ALL: OnceLock<Option<Runner>> = OnceLock::new();
        let make = || match std::env::var_os(RUNNER) {
            Some(program) => Some(Runner { program: program.into() }),
            None => Runner::compile("runner", |source| source),
        };
        RUNNER_OF_ALL.get_or_init(make).as_ref()
    }

    /// The same with the kernels' source changed.
    pub fn compile(name: &str, change: impl Fn(String) -> String) -> Option<Runner> {
        let compiler = std::env::var("CXX").unwrap_or_else(|_| "c++".into());
        if Command::new(&compiler).arg("--version").output().is_err() {
            crate::parity::say(&format!("cuda: skipped, there is no C++ compiler '{compiler}'"));
            return None;
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("nn/src/cuda");
        for entry in std::fs::read_dir(sources).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let is_kernels = path.extension().is_some_and(|extension| extension == "cu");
            let text = if is_kernels { change(text) } else { text };
            std::fs::write(folder.join(path.file_name().unwrap()), text).unwrap();
        }
        let program = folder.join("runner");
        let output = Command::new(&compiler)
            .args([
                "-std=c++17",
                "-O2",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-Wno-missing-field-initializers",
                "-o",
            ])
            .args([&program, &folder.join("runner.cpp")])
            .arg("-ldl")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Some(Runner { program })
    }

    /// Plays a tape and gives its answers; what the runner says of it goes to standard output.
    pub fn play(&self, tape: (Vec<u8>, Vec<usize>), seed: u64) -> Vec<Vec<f32>> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let at =
            |end: &str| std::env::temp_dir().join(format!("eeg-tui-{}-{number}.{end}", std::process::id()));
        let (path, answer) = (at("tape"), at("out"));
        std::fs::write(&path, &tape.0).unwrap();
        if let Some(folder) = std::env::var_os(TAPES) {
            std::fs::write(Path::new(&folder).join(format!("{number}.tape")), &tape.0).unwrap();
        }
        let mut command = Command::new(&self.program);
        match std::env::var_os(CARD) {
            Some(ptx) => command.arg("card").arg(ptx),
            None => command.args(["emulated", &seed.to_string()]),
        };
        let output = command.args([&path, &answer]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        crate::parity::say(&format!("  {}", String::from_utf8_lossy(&output.stdout).trim()));
        let bytes = std::fs::read(&answer).unwrap();
        let _ = (std::fs::remove_file(path), std::fs::remove_file(answer));
        let mut numbers = bytes.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()));
        let answers: Vec<Vec<f32>> =
            tape.1.iter().map(|&count| numbers.by_ref().take(count).collect()).collect();
        assert!(numbers.next().is_none(), "the runner answers what it was asked");
        answers
    }
}
