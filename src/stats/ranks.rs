//! Methods over several data sets: their ranks, and how far mean ranks must be apart.

use super::LEVEL;
use super::distribution::normal_below;

/// The rank of each value, 1 for the highest; equal ones share the mean of their ranks.
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let rank = |value: &f64| {
        let above = values.iter().filter(|other| *other > value).count();
        let alike = values.iter().filter(|other| *other == value).count();
        above as f64 + 0.5 * (alike + 1) as f64
    };
    values.iter().map(rank).collect()
}

/// How far the mean ranks of two of so many methods over so many data sets must be apart to be told apart at 5 % (Nemenyi's
/// test; Demšar 2006, JMLR 7:1): q √(K (K + 1) / (6 N)), q being the studentised range's quantile at endless degrees of freedom
/// over √2. `None` of fewer than two methods or sets.
pub fn critical_difference(methods: usize, sets: usize) -> Option<f64> {
    if methods < 2 || sets < 2 {
        return None;
    }
    let (k, n) = (methods as f64, sets as f64);
    Some(range_quantile(methods) / std::f64::consts::SQRT_2 * (k * (k + 1.0) / (6.0 * n)).sqrt())
}

/// Below which the range of so many standard normal variables stays with 95 %.
fn range_quantile(count: usize) -> f64 {
    let (mut low, mut high) = (0.0, 20.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if range_below(middle, count) < 1.0 - LEVEL { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// P(range ≤ q) = K ∫ φ(z) (Φ(z) − Φ(z − q))^(K − 1) dz, by Simpson's rule.
fn range_below(q: f64, count: usize) -> f64 {
    const STEPS: usize = 400;
    let (from, to) = (-8.0, 8.0);
    let width = (to - from) / STEPS as f64;
    let value = |z: f64| {
        let density = (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
        density * (normal_below(z) - normal_below(z - q)).powi(count as i32 - 1)
    };
    let weighted = |step: usize| {
        let weight = if step == 0 || step == STEPS {
            1.0
        } else if step % 2 == 1 {
            4.0
        } else {
            2.0
        };
        weight * value(from + width * step as f64)
    };
    count as f64 * width / 3.0 * (0..=STEPS).map(weighted).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn critical_values_are_the_published_ones() {
        // Demšar 2006, table 5a, for K = 2 … 10.
        let published = [1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164];
        for (methods, expected) in (2..).zip(published) {
            let found = range_quantile(methods) / std::f64::consts::SQRT_2;
            assert!((found - expected).abs() < 1e-3, "{methods}: {found}");
        }
        assert_eq!(critical_difference(3, 1), None);
    }

    #[test]
    fn equal_values_share_their_ranks() {
        assert_eq!(ranks(&[0.9, 0.7, 0.9, 0.8]), [1.5, 4.0, 1.5, 3.0]);
    }
}
