//! Which instructions the kernels use: the best that this machine has, or fewer where somebody says so.

use std::sync::OnceLock;

/// Sets of instructions that the kernels are compiled for, each with all before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Instructions {
    /// What every machine has.
    Portable,
    /// 256-bit vectors and fused multiply-add.
    Avx2,
    /// 512-bit vectors, and 32 registers for them.
    Avx512,
}

impl Instructions {
    /// The word for them, as [`VARIABLE`] has it.
    pub fn name(self) -> &'static str {
        match self {
            Instructions::Portable => "portable",
            Instructions::Avx2 => "avx2",
            Instructions::Avx512 => "avx512",
        }
    }
}

/// The variable that names the most that may be used: `portable`, `avx2` or `avx512`. For tests and measurements of what
/// other machines do.
pub const VARIABLE: &str = "EEG_TUI_KERNELS";

/// What this process uses, decided once. Never more than the machine has.
pub fn instructions() -> Instructions {
    static CHOSEN: OnceLock<Instructions> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let most = match std::env::var(VARIABLE).as_deref() {
            Ok("portable") => Instructions::Portable,
            Ok("avx2") => Instructions::Avx2,
            _ => Instructions::Avx512,
        };
        most.min(detected())
    })
}

#[cfg(target_arch = "x86_64")]
pub(super) fn detected() -> Instructions {
    let fast = std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma");
    let wide =
        std::arch::is_x86_feature_detected!("avx512f") && std::arch::is_x86_feature_detected!("avx512vl");
    match (fast, wide) {
        (false, _) => Instructions::Portable,
        (true, false) => Instructions::Avx2,
        (true, true) => Instructions::Avx512,
    }
}

#[cfg(not(target_arch = "x86_64"))]
pub(super) fn detected() -> Instructions {
    Instructions::Portable
}
