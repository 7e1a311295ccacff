//! The same two methods on several data sets: what the people of all of them say together.

use super::distribution::{normal_quantile, normal_two_sided};
use super::pair::Difference;

/// Stouffer's method: each set's two-sided p as a normal deviate with the sign of its difference, weighted by the root of its
/// number of people, and the two-sided p of their sum (Stouffer et al. 1949; the weights are MOABB's). Gives the deviate,
/// positive where the first method is better, and its p. `None` of fewer than two sets.
pub fn stouffer(sets: &[(Difference, usize)]) -> Option<(f64, f64)> {
    let deviate = |found: &Difference| {
        // A p of 1 tells no direction, and one that is 0 but for rounding no endless certainty.
        let size = -normal_quantile(0.5 * found.p.clamp(f64::MIN_POSITIVE, 1.0));
        if found.mean == 0.0 { 0.0 } else { size.copysign(found.mean) }
    };
    let people: f64 = sets.iter().map(|(_, people)| *people as f64).sum();
    let sum: f64 = sets.iter().map(|(found, people)| (*people as f64).sqrt() * deviate(found)).sum();
    let z = sum / people.sqrt();
    (sets.len() > 1 && people > 0.0).then(|| (z, normal_two_sided(z)))
}

#[cfg(test)]
mod tests {
    use super::super::{Covers, over_subjects};
    use super::*;

    fn of(mean: f64, p: f64) -> Difference {
        Difference {
            mean,
            variance: 0.0,
            df: 1.0,
            low: 0.0,
            high: 0.0,
            p,
            p_greater: p,
            p_less: p,
            discordant: 0,
            covers: Covers::Subjects,
        }
    }

    #[test]
    fn people_of_several_sets_are_weighed_by_the_root_of_their_number() {
        // Python: z = sign * -NormalDist().inv_cdf(p / 2); sum(sqrt(g) * z) / sqrt(sum(g)); erfc(|z| / sqrt(2))
        let sets = [(of(0.1, 0.03125), 6), (of(0.02, 0.2), 9), (of(-0.01, 0.6), 12)];
        let (z, p) = stouffer(&sets).unwrap();
        assert!((z - 1.4056500675401715).abs() < 1e-9 && (p - 0.1598280609252283).abs() < 1e-9, "{z} {p}");
    }

    #[test]
    fn few_people_on_each_of_several_sets_can_show_what_none_does_alone() {
        let five = over_subjects(&[0.1, 0.2, 0.15, 0.12, 0.3]).unwrap();
        assert!(five.p > 0.05);
        let (z, p) = stouffer(&[(five, 5), (five, 5)]).unwrap();
        assert!(z > 0.0 && p < 0.05, "{z} {p}");
        let against = Difference { mean: -five.mean, ..five };
        assert!(stouffer(&[(five, 5), (against, 5)]).unwrap().1 > 0.999);
        assert_eq!(stouffer(&[(five, 5)]), None);
        assert!(stouffer(&[(of(0.1, 0.0), 9), (of(0.0, 1.0), 9)]).unwrap().1.is_finite());
    }
}
