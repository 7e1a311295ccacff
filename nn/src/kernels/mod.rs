//! The arithmetic of the fused executor on slices of f32, and the only `unsafe` of the program. Every function here is
//! safe to call: it checks its slices once, picks the instruction set, and runs one loop. Knows nothing of networks.
//!
//! Matrices are rows of channels. A row's length is a multiple of [`LANES`]; what lies behind the last channel is zero
//! and stays zero, so no loop has a tail.
#![allow(unsafe_code)]

mod activation;
mod aligned;
#[cfg(target_arch = "x86_64")]
mod avx2;
mod conv_output;
mod depthwise;
mod instructions;
mod matrix;
mod moments;
mod points;
mod pointwise;
mod pool_window;
mod spatial;
mod tile;
mod tiling;
mod undecided;
mod vector;
mod windows;
mod winograd;

pub use aligned::Aligned;
pub use conv_output::{ConvOutput, PoolKind};
pub use depthwise::depthwise;
pub use instructions::{Instructions, VARIABLE, instructions};
pub use matrix::{Packed, Rows, SUM_ROWS, correlate, correlate_weights, correlate_weights_by};
pub use moments::{add_products64, add_rows64, lags, moments, total};
pub use pointwise::{backward, forward, sums};
pub use spatial::{DEPTH, FilterOutputs, join, join_backward, join_near_kinks};
pub use tiling::Tiling;
pub use undecided::{Undecided, near_kinks, near_ties};
pub use windows::{Windows, windows, windows_backward};
pub use winograd::{
    TileLayout, input_gradient, outputs, transform_gradient, transform_input, transform_signal,
};

/// Values in a vector. The same for every instruction set, so that all share one layout. 512-bit vectors were measured
/// to bring nothing: 6 × 16 tiles of 256-bit vectors reach 98 % of what a Zen 4 core can do, larger ones no more.
pub const LANES: usize = 8;

/// The least multiple of [`LANES`] that holds `channels`.
pub const fn padded(channels: usize) -> usize {
    channels.next_multiple_of(LANES)
}

/// Defines a safe function that runs a generic one with the best vectors that this machine has. AVX-512's registers are
/// taken at 256 bits: what they bring is that there are 32 of them.
macro_rules! dispatched {
    (fn $name:ident($($arg:ident: $ty:ty),* $(,)?) = $generic:ident) => {
        #[allow(clippy::too_many_arguments)]
        fn $name($($arg: $ty),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                fn fast($($arg: $ty),*) {
                    $generic::<$crate::kernels::avx2::Avx2>($($arg),*)
                }
                #[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
                fn many_registers($($arg: $ty),*) {
                    $generic::<$crate::kernels::avx2::Avx2>($($arg),*)
                }
                match $crate::kernels::instructions() {
                    // SAFETY: `instructions` has detected the four features that `many_registers` needs.
                    $crate::kernels::Instructions::Avx512 => return unsafe { many_registers($($arg),*) },
                    // SAFETY: it has detected the two features that `fast` needs.
                    $crate::kernels::Instructions::Avx2 => return unsafe { fast($($arg),*) },
                    $crate::kernels::Instructions::Portable => {}
                }
            }
            $generic::<$crate::kernels::vector::Portable>($($arg),*)
        }
    };
}
use dispatched;

/// The vectors of a row.
#[inline(always)]
fn lanes(values: &[f32]) -> &[[f32; LANES]] {
    values.as_chunks().0
}

/// The vectors of a row, to be written.
#[inline(always)]
fn lanes_mut(values: &mut [f32]) -> &mut [[f32; LANES]] {
    values.as_chunks_mut().0
}

#[cfg(test)]
mod tests;
