//! Convolutions along time that follow one another without anything between them, as one: their filters in one, and the
//! way back from its gradient to theirs. Groups are zeros of the filter in one. A depthwise and a pointwise convolution
//! together are W[o, i, k] = P[o, i] · D[i, k].

use super::places::Affine;
use std::borrow::Cow;

/// One convolution of a chain.
#[derive(Clone, Debug)]
pub(super) struct Conv {
    pub affine: Affine,
    pub inputs: usize,
    pub outputs: usize,
    pub taps: usize,
    pub groups: usize,
}

/// Convolutions one after another, at least one.
#[derive(Clone, Debug)]
pub(super) struct Chain(pub Vec<Conv>);

/// A filter (output, input, tap) without groups.
struct Dense {
    inputs: usize,
    taps: usize,
    values: Vec<f64>,
}

impl Dense {
    fn outputs(&self) -> usize {
        self.values.len() / self.inputs / self.taps
    }

    fn of(&self, output: usize, input: usize) -> &[f64] {
        &self.values[(output * self.inputs + input) * self.taps..][..self.taps]
    }

    /// This one and then `next`.
    fn then(&self, next: &Dense) -> Dense {
        let taps = self.taps + next.taps - 1;
        let mut values = vec![0.0; next.outputs() * self.inputs * taps];
        for (output, values) in values.chunks_exact_mut(self.inputs * taps).enumerate() {
            for (input, values) in values.chunks_exact_mut(taps).enumerate() {
                for middle in 0..next.inputs {
                    add_convolved(values, self.of(middle, input), next.of(output, middle));
                }
            }
        }
        Dense { inputs: self.inputs, taps, values }
    }
}

/// Adds the polynomial product of `a` and `b`.
fn add_convolved(to: &mut [f64], a: &[f64], b: &[f64]) {
    for (i, &a) in a.iter().enumerate().filter(|(_, a)| **a != 0.0) {
        to[i..].iter_mut().zip(b).for_each(|(to, b)| *to += a * b);
    }
}

/// Adds Σₖ along[i + k] · with[k] to every value.
fn add_correlated(to: &mut [f64], along: &[f64], with: &[f64]) {
    for (i, to) in to.iter_mut().enumerate() {
        *to += along[i..].iter().zip(with).map(|(a, b)| a * b).sum::<f64>();
    }
}

impl Conv {
    fn inside(&self) -> usize {
        self.inputs / self.groups
    }

    /// Multiplications an output sample, groups or not.
    fn products(&self) -> usize {
        self.inputs * self.outputs * self.taps
    }

    /// Each (output, input it takes, place of its taps among the weights).
    fn connections(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let (inside, of_group, taps) = (self.inside(), self.outputs / self.groups, self.taps);
        (0..self.outputs).flat_map(move |output| {
            (0..inside).map(move |i| (output, output / of_group * inside + i, (output * inside + i) * taps))
        })
    }

    fn dense(&self, theta: &[f32]) -> Dense {
        let weights = &theta[self.affine.weight.clone()];
        let mut values = vec![0.0; self.products()];
        for (output, input, place) in self.connections() {
            let to = &mut values[(output * self.inputs + input) * self.taps..][..self.taps];
            to.iter_mut().zip(&weights[place..]).for_each(|(to, &weight)| *to = f64::from(weight));
        }
        Dense { inputs: self.inputs, taps: self.taps, values }
    }
}

impl Chain {
    /// Inputs of the filter in one.
    pub fn inputs(&self) -> usize {
        self.0.first().map_or(0, |conv| conv.inputs)
    }

    /// Taps of the filter in one.
    pub fn taps(&self) -> usize {
        self.0.iter().map(|conv| conv.taps - 1).sum::<usize>() + 1
    }

    /// Whether `next` as part of this chain takes no more multiplications than on its own.
    pub fn gains_by(&self, next: &Conv) -> bool {
        let outputs = self.0.last().map_or(0, |conv| conv.outputs);
        let apart = self.inputs() * outputs * self.taps() + next.products();
        self.inputs() * next.outputs * (self.taps() + next.taps - 1) <= apart
    }

    /// The place of the weights in theta, if they are the filter in one as they lie there.
    pub fn plain(&self) -> Option<&Affine> {
        match self.0.as_slice() {
            [Conv { affine, groups: 1, .. }] => Some(affine),
            _ => None,
        }
    }

    fn compose(convs: &[Conv], theta: &[f32]) -> Option<Dense> {
        let mut convs = convs.iter();
        let first = convs.next()?.dense(theta);
        Some(convs.fold(first, |all, conv| all.then(&conv.dense(theta))))
    }

    /// The filter in one: (output, input, tap).
    pub fn filter<'a>(&self, theta: &'a [f32]) -> Cow<'a, [f32]> {
        match self.plain() {
            Some(affine) => Cow::Borrowed(&theta[affine.weight.clone()]),
            None => Self::compose(&self.0, theta)
                .map(|dense| dense.values.iter().map(|&value| value as f32).collect())
                .unwrap_or_default(),
        }
    }

    /// The same in f64.
    pub fn filter64(&self, theta: &[f32]) -> Vec<f64> {
        Self::compose(&self.0, theta).map(|dense| dense.values).unwrap_or_default()
    }

    /// What the biases add to every output of the first `convs` convolutions. Exact also at the trial's ends: a bias ahead
    /// of a padded convolution is never in a chain.
    fn levels(&self, convs: usize, theta: &[f32]) -> Vec<f64> {
        let mut levels = vec![0.0; self.inputs()];
        for conv in &self.0[..convs] {
            let mut next: Vec<f64> = (0..conv.outputs).map(|o| conv.affine.bias(theta, o)).collect();
            let weights = &theta[conv.affine.weight.clone()];
            for (output, input, place) in conv.connections().filter(|(_, input, _)| levels[*input] != 0.0) {
                let sum: f64 = weights[place..][..conv.taps].iter().map(|&w| f64::from(w)).sum();
                next[output] += levels[input] * sum;
            }
            levels = next;
        }
        levels
    }

    /// What the biases add to every output.
    pub fn biases(&self, theta: &[f32]) -> Vec<f64> {
        self.levels(self.0.len(), theta)
    }

    /// Adds to `out`, laid out as theta, what the convolutions get from the gradient of the filter in one and from the sums
    /// of the outputs' gradients, which are zero ahead of batch normalisation.
    pub fn backward(&self, out: &mut [f32], filter: &[f32], sums: &[f64], theta: &[f32]) {
        let mut gradient: Vec<f64> = filter.iter().map(|&value| f64::from(value)).collect();
        let mut sums = sums.to_vec();
        for (at, conv) in self.0.iter().enumerate().rev() {
            let before = Self::compose(&self.0[..at], theta);
            let (inputs, taps) = before.as_ref().map_or((conv.inputs, 1), |dense| (dense.inputs, dense.taps));
            let all = taps + conv.taps - 1;
            let levels = self.levels(at, theta);
            let weights = &theta[conv.affine.weight.clone()];
            let mut next = vec![0.0; conv.inputs * inputs * taps];
            let mut next_sums = vec![0.0; conv.inputs];
            for (output, middle, place) in conv.connections() {
                let own: Vec<f64> = weights[place..][..conv.taps].iter().map(|&w| f64::from(w)).collect();
                let mut to = vec![levels[middle] * sums[output]; conv.taps];
                match &before {
                    None => add_all(&mut to, &gradient[(output * inputs + middle) * all..][..all]),
                    Some(before) => {
                        for input in 0..inputs {
                            let of_both = &gradient[(output * inputs + input) * all..][..all];
                            add_correlated(&mut to, of_both, before.of(middle, input));
                            let next = &mut next[(middle * inputs + input) * taps..][..taps];
                            add_correlated(next, of_both, &own);
                        }
                    }
                }
                next_sums[middle] += sums[output] * own.iter().sum::<f64>();
                let start = conv.affine.weight.start + place;
                out[start..].iter_mut().zip(to).for_each(|(out, value)| *out += value as f32);
            }
            if let Some(bias) = &conv.affine.bias {
                out[bias.clone()].iter_mut().zip(&sums).for_each(|(out, &sum)| *out += sum as f32);
            }
            (gradient, sums) = (next, next_sums);
        }
    }
}

fn add_all(to: &mut [f64], from: &[f64]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
}
