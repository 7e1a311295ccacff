//! The last part of a pool whose windows overlap or leave gaps, and of a stage that has a function behind its pool: from
//! pooled blocks to windows of blocks, that function, and dropout. Few values, so plain loops in f32 that the compiler makes
//! vectors of; the function is taken in f64.

use super::PoolKind;
use crate::model::Activation;
use crate::random::TrialMask;

/// One trial's pooled blocks, and what becomes of them.
#[derive(Clone, Copy)]
pub struct Windows<'a> {
    /// Rows of `columns` floats.
    pub blocks: &'a [f32],
    /// Floats of a row.
    pub columns: usize,
    /// How a window's blocks become one.
    pub pool: PoolKind,
    /// Blocks of a window.
    pub width: usize,
    /// Blocks from one window to the next.
    pub step: usize,
    /// After the pool.
    pub activation: Activation,
    /// Channels that count, for the places in the mask.
    pub features: usize,
    /// Dropout of this trial, and what the kept values are multiplied by.
    pub mask: Option<(TrialMask, f32)>,
}

impl Windows<'_> {
    fn rows(&self) -> usize {
        (self.blocks.len() / self.columns - self.width) / self.step + 1
    }

    fn block(&self, row: usize, i: usize) -> &[f32] {
        &self.blocks[(row * self.step + i) * self.columns..][..self.columns]
    }

    /// The pooled values of a window.
    fn pool(&self, row: usize, to: &mut [f32]) {
        to.copy_from_slice(self.block(row, 0));
        for i in 1..self.width {
            let values = to.iter_mut().zip(self.block(row, i));
            match self.pool {
                PoolKind::Mean => values.for_each(|(to, from)| *to += from),
                PoolKind::Max => values.for_each(|(to, from)| *to = if *from > *to { *from } else { *to }),
            }
        }
        if self.pool == PoolKind::Mean {
            let share = 1.0 / self.width as f32;
            to.iter_mut().for_each(|to| *to *= share);
        }
    }

    /// What a value is multiplied by: 0 where it is dropped.
    fn kept(&self, row: usize, c: usize) -> f32 {
        match self.mask {
            None => 1.0,
            Some((mask, scale)) if mask.keeps((row * self.features + c) as u32) => scale,
            Some(_) => 0.0,
        }
    }

    fn check(&self, pooled: &[f32]) {
        assert!(self.columns > 0 && self.step > 0 && self.width > 0 && self.features <= self.columns);
        assert!(self.blocks.len().is_multiple_of(self.columns));
        assert!(self.blocks.len() >= self.width * self.columns && pooled.len() >= self.rows() * self.columns);
    }
}

/// The pass forwards: fills the rows of `out`.
pub fn windows(out: &mut [f32], from: Windows) {
    from.check(out);
    for (row, out) in out.chunks_exact_mut(from.columns).take(from.rows()).enumerate() {
        from.pool(row, out);
        for (c, out) in out.iter_mut().enumerate().take(from.features) {
            *out = applied(from.activation, *out) * from.kept(row, c);
        }
    }
}

fn applied(activation: Activation, value: f32) -> f32 {
    match activation {
        Activation::None => value,
        function => function.value(f64::from(value)) as f32,
    }
}

/// The pass backwards: fills the blocks' gradient.
pub fn windows_backward(out: &mut [f32], gradient: &[f32], from: Windows) {
    from.check(gradient);
    assert!(out.len() == from.blocks.len());
    out.fill(0.0);
    let mut pooled = vec![0.0; from.columns];
    for (row, gradient) in gradient.chunks_exact(from.columns).take(from.rows()).enumerate() {
        from.pool(row, &mut pooled);
        for (c, gradient) in gradient.iter().enumerate().take(from.features) {
            let derivative = match from.activation {
                Activation::None => 1.0,
                function => function.slope(f64::from(pooled[c])) as f32,
            };
            let along = gradient * from.kept(row, c) * derivative;
            let place = |i: usize| (row * from.step + i) * from.columns + c;
            match from.pool {
                PoolKind::Mean => {
                    let share = along / from.width as f32;
                    (0..from.width).for_each(|i| out[place(i)] += share);
                }
                PoolKind::Max => {
                    // The first of equals.
                    let won = (0..from.width).find(|&i| from.blocks[place(i)] == pooled[c]);
                    out[place(won.unwrap_or(0))] += along;
                }
            }
        }
    }
}
