//! What the sets of instructions bring: how many values their registers hold.

use super::instructions::{Instructions, instructions};
use super::vector::{Portable, Vector};
#[cfg(target_arch = "x86_64")]
use super::{avx2::Avx2, avx512::Avx512};

/// The registers of a set of instructions.
pub trait Registers {
    /// Eight values: what rows of channels are whole numbers of.
    type Eight: Vector;
    /// As many values as there may be.
    type Wide: Vector;
}

/// What every machine has.
pub struct AnyRegisters;

impl Registers for AnyRegisters {
    type Eight = Portable;
    type Wide = Portable;
}

/// Sixteen registers of 256 bits.
#[cfg(target_arch = "x86_64")]
pub struct Registers256;

#[cfg(target_arch = "x86_64")]
impl Registers for Registers256 {
    type Eight = Avx2;
    type Wide = Avx2;
}

/// Thirty-two registers of 512 bits.
#[cfg(target_arch = "x86_64")]
pub struct Registers512;

#[cfg(target_arch = "x86_64")]
impl Registers for Registers512 {
    type Eight = Avx2;
    type Wide = Avx512;
}

/// Eights of the widest vectors of this process.
pub(super) fn widest() -> usize {
    match instructions() {
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx512 => <Registers512 as Registers>::Wide::EIGHTS,
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx2 => <Registers256 as Registers>::Wide::EIGHTS,
        _ => <AnyRegisters as Registers>::Wide::EIGHTS,
    }
}

/// Calls a function for every place along a row of so many eights: of wide vectors as long as there are whole ones, then of
/// eights.
macro_rules! along_row {
    ($registers:ident, $eights:expr, $at:ident => $function:ident::<_ $(, $parameter:tt)*>($($arg:expr),* $(,)?)) => {
        let eights: usize = $eights;
        let wide = <$registers::Wide as $crate::kernels::vector::Vector>::EIGHTS;
        let whole = eights / wide * wide;
        for $at in (0..whole).step_by(wide) {
            $function::<$registers::Wide $(, $parameter)*>($($arg),*);
        }
        if const { <$registers::Wide as $crate::kernels::vector::Vector>::EIGHTS > 1 } {
            for $at in whole..eights {
                $function::<$registers::Eight $(, $parameter)*>($($arg),*);
            }
        }
    };
}
pub(super) use along_row;

/// The same with vectors side by side as long as there are as many, four of eight lanes or two of sixteen, so that a core need
/// not wait for one's sums: the function's last parameter is how many.
macro_rules! side_by_side {
    ($registers:ident, $eights:expr, $at:ident => $function:ident::<_ $(, $parameter:tt)*>($($arg:expr),* $(,)?)) => {
        let eights: usize = $eights;
        let wide = <$registers::Wide as $crate::kernels::vector::Vector>::EIGHTS;
        let (together, whole) = (eights / 4 * 4, eights / wide * wide);
        for $at in (0..together).step_by(4) {
            if const { <$registers::Wide as $crate::kernels::vector::Vector>::EIGHTS == 1 } {
                $function::<$registers::Wide $(, $parameter)*, 4>($($arg),*);
            } else {
                $function::<$registers::Wide $(, $parameter)*, 2>($($arg),*);
            }
        }
        for $at in (together..whole).step_by(wide) {
            $function::<$registers::Wide $(, $parameter)*, 1>($($arg),*);
        }
        if const { <$registers::Wide as $crate::kernels::vector::Vector>::EIGHTS > 1 } {
            for $at in whole..eights {
                $function::<$registers::Eight $(, $parameter)*, 1>($($arg),*);
            }
        }
    };
}
pub(super) use side_by_side;
