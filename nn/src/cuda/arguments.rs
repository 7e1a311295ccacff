//! What the kernels are given, field by field as in `arguments.h`, and as the bytes that a C++ compiler lays out: numbers at a
//! multiple of their size, structures filled up to their largest number's. What each field means is said there.

/// A place in a device's memory; 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Address(pub u64);

impl Address {
    /// Nowhere.
    pub const NONE: Address = Address(0);

    /// So many numbers of four bytes further.
    pub(super) fn plus(self, numbers: usize) -> Self {
        Address(self.0 + 4 * numbers as u64)
    }
}

/// A number or structure within a kernel's arguments.
pub(super) trait Put {
    /// Bytes at a multiple of which it lies.
    const ALIGNMENT: usize;

    fn put(&self, bytes: &mut Vec<u8>);
}

fn align(bytes: &mut Vec<u8>, to: usize) {
    bytes.resize(bytes.len().next_multiple_of(to), 0);
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Put for $number {
            const ALIGNMENT: usize = size_of::<$number>();

            fn put(&self, bytes: &mut Vec<u8>) {
                align(bytes, Self::ALIGNMENT);
                bytes.extend(self.to_ne_bytes());
            }
        }
    )*};
}

numbers!(i32, u32, i64, f32, f64);

impl Put for Address {
    const ALIGNMENT: usize = 8;

    fn put(&self, bytes: &mut Vec<u8>) {
        align(bytes, 8);
        bytes.extend(self.0.to_ne_bytes());
    }
}

const fn largest(alignments: &[usize]) -> usize {
    let (mut largest, mut at) = (1, 0);
    while at < alignments.len() {
        if alignments[at] > largest {
            largest = alignments[at];
        }
        at += 1;
    }
    largest
}

macro_rules! structures {
    ($(struct $name:ident { $($($field:ident),+: $type:ty;)+ })+) => {$(
        #[derive(Clone, Copy, Debug, Default)]
        pub(super) struct $name {
            $($(pub(super) $field: $type,)+)+
        }

        impl Put for $name {
            const ALIGNMENT: usize = largest(&[$(<$type as Put>::ALIGNMENT),+]);

            fn put(&self, bytes: &mut Vec<u8>) {
                align(bytes, Self::ALIGNMENT);
                $($(self.$field.put(bytes);)+)+
                align(bytes, Self::ALIGNMENT);
            }
        }
    )+};
}

structures! {
    struct View {
        values, rows: Address;
        run, trial, feature, electrode, sample: i64;
    }

    struct Convolution {
        trials, groups: i32;
        in_features, in_electrodes, in_samples: i32;
        features, electrodes, samples: i32;
        taps_e, taps, stride, left: i32;
        at_once: i32;
        weight, bias: i32;
        chunk, chunks: i32;
        parameters: i32;
        input, out: View;
        theta, gradient, partial: Address;
    }

    struct Tail {
        trials, features, electrodes, in_samples, samples: i32;
        pool, kernel, stride: i32;
        activation, function: i32;
        gamma: i32;
        parameters: i32;
        input, out: View;
        pooled: Address;
        scale, shift: Address;
        alpha, function_alpha: Address;
        masks: Address;
        theta: Address;
    }

    struct Mask {
        key_low, key_high, threshold: u32;
        scale: f32;
    }

    struct PairSums {
        trials, features, electrodes, samples, chunk, chunks: i32;
        u, v: View;
        partial: Address;
    }

    struct Norm {
        features, chunks, parameters, statistics: i32;
        gamma, mean_at, variance_at: i32;
        eps, momentum: f32;
        count: f64;
        partial, theta, gradient, running: Address;
        mean, inverse, scale, shift, by_sum, by_product: Address;
    }

    struct NormBack {
        trials, features, electrodes, samples: i32;
        dy, z: View;
        mean, inverse, scale, by_sum, by_product: Address;
    }

    struct Head {
        trials, inputs, classes, weight, bias, parameters: i32;
        input, in_gradient: Address;
        theta, gradient: Address;
        logits, logits_gradient: Address;
        loss, right: Address;
        labels, rows: Address;
        progress: Address;
        step, steps: i32;
    }

    struct BiasGradient {
        features, chunks, parameters, bias: i32;
        partial, gradient: Address;
    }

    struct Adam {
        parameters: i32;
        theta, m, v, gradient: Address;
        rate, root, decay: Address;
    }

    struct Limit {
        parameters, at, rows, length: i32;
        norm: f32;
        theta: Address;
    }
}

/// An argument as its bytes.
pub(super) fn bytes(of: &impl Put) -> Vec<u8> {
    let mut bytes = Vec::new();
    of.put(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structures_are_laid_out_as_a_compiler_does() {
        assert_eq!(bytes(&View::default()).len(), 56);
        // The sizes of the kernels' parameters in kernels.ptx.
        assert_eq!(bytes(&Convolution::default()).len(), 208);
        assert_eq!(bytes(&Mask::default()).len(), 16);
        let adam = Adam { parameters: 7, theta: Address(9), ..Adam::default() };
        assert_eq!(bytes(&adam)[..16], [7, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]);
        let norm = Norm { momentum: 1.0, count: 2.0, ..Norm::default() };
        assert_eq!(bytes(&norm)[32..36], 1.0f32.to_ne_bytes());
        assert_eq!(bytes(&norm)[40..48], 2.0f64.to_ne_bytes());
    }
}
