//! The arithmetic of the fused executor on slices of f32, and the only `unsafe` of the program. Every function here is
//! safe to call: it checks its slices once, picks the instruction set, and runs one loop. Knows nothing of networks.
//!
//! Matrices are rows of channels. A row's length is a multiple of [`LANES`]; what lies behind the last channel is zero
//! and stays zero, so no loop has a tail.
#![allow(unsafe_code)]

mod activation;
mod adam;
mod aligned;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod conv_output;
mod depthwise;
mod instructions;
mod matrix;
mod moments;
mod pages;
mod points;
mod pointwise;
mod pool_window;
mod prefetch;
mod registers;
mod spatial;
mod tile;
mod tiling;
mod undecided;
mod vector;
mod weighted;
mod windows;
mod winograd;

pub use adam::{AdamFactors, adam};
pub use aligned::Aligned;
pub use conv_output::{ConvOutput, PoolKind};
pub use depthwise::depthwise;
pub use instructions::{Instructions, VARIABLE, instructions};
pub use matrix::{Packed, Rows, SUM_ROWS, correlate, correlate_weights, correlate_weights_by};
pub use moments::{add_products64, add_rows64, lags, moments, total};
pub use pages::keep_freed_memory;
pub use pointwise::{backward, forward, forward_watching, sums};
pub use spatial::{DEPTH, FilterOutputs, join, join_backward, join_near_kinks};
pub use tiling::Tiling;
pub use undecided::{Undecided, near_kinks, near_ties};
pub use weighted::weighted_sum;
pub use windows::{Windows, windows, windows_backward};
pub use winograd::{
    TileLayout, input_gradient, outputs, transform_gradient, transform_input, transform_signal,
};

/// Values of the smallest vector. The same for every instruction set, so that all share one layout; a machine with wider ones
/// takes several of these at once. No lane knows of its neighbours, so the width changes no bit.
pub const LANES: usize = 8;

/// The least multiple of [`LANES`] that holds `channels`.
pub const fn padded(channels: usize) -> usize {
    channels.next_multiple_of(LANES)
}

/// Defines a safe function that runs a generic one with the best registers that this machine has.
macro_rules! dispatched {
    (fn $name:ident($($arg:ident: $ty:ty),* $(,)?) = $generic:ident) => {
        #[allow(clippy::too_many_arguments)]
        fn $name($($arg: $ty),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                fn with_256_bits($($arg: $ty),*) {
                    $generic::<$crate::kernels::registers::Registers256>($($arg),*)
                }
                #[target_feature(enable = "avx2,fma,avx512f,avx512vl")]
                fn with_512_bits($($arg: $ty),*) {
                    $generic::<$crate::kernels::registers::Registers512>($($arg),*)
                }
                match $crate::kernels::instructions() {
                    // SAFETY: `instructions` has detected the four features that `with_512_bits` needs.
                    $crate::kernels::Instructions::Avx512 => return unsafe { with_512_bits($($arg),*) },
                    // SAFETY: it has detected the two features that `with_256_bits` needs.
                    $crate::kernels::Instructions::Avx2 => return unsafe { with_256_bits($($arg),*) },
                    $crate::kernels::Instructions::Portable => {}
                }
            }
            $generic::<$crate::kernels::registers::AnyRegisters>($($arg),*)
        }
    };
}
use dispatched;

/// The eights of a row.
#[inline(always)]
fn lanes(values: &[f32]) -> &[[f32; LANES]] {
    values.as_chunks().0
}

/// The eights of a row, to be written.
#[inline(always)]
fn lanes_mut(values: &mut [f32]) -> &mut [[f32; LANES]] {
    values.as_chunks_mut().0
}

#[cfg(test)]
mod tests;
