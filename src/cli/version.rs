//! What `--version` says: which program this is, to the commit, and what it can make use of here.

use crate::nn::kernels::instructions;
use std::sync::LazyLock;

/// The commit that it was built from, `+changes` behind it where there were some.
const COMMIT: &str = match option_env!("EEG_TUI_COMMIT") {
    Some(commit) => commit,
    None => "no commit known",
};

/// Such as `0.1.0 (0c5e864d2f11; devices cpu, cuda; kernels avx2)`.
pub fn version() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let number = env!("CARGO_PKG_VERSION");
        format!("{number} ({COMMIT}; devices {}; kernels {})", devices().join(", "), instructions().name())
    });
    &TEXT
}

/// The kinds of device that this build knows.
fn devices() -> Vec<&'static str> {
    let built = [("cpu", true), ("cuda", cfg!(feature = "cuda")), ("metal", cfg!(feature = "metal"))];
    built.into_iter().filter_map(|(name, built)| built.then_some(name)).collect()
}
