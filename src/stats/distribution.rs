//! The three distributions that intervals and tests are read from: Student's t at real degrees of freedom, the normal and
//! the binomial. The incomplete beta function and the inverse of erfc are statrs's, within 1e-10 of scipy's.

use statrs::function::beta::beta_reg;
use statrs::function::erf::erfc_inv;

/// P(T ≥ t) for `df` > 0 degrees of freedom, which need be no whole number (DLMF 8.17, x = t² / (df + t²)).
pub fn t_upper(t: f64, df: f64) -> f64 {
    let square = t * t;
    // Each form where it has all its digits: near t = 0 the second would round its argument to 1.
    let beyond = if square < df {
        0.5 - 0.5 * beta_reg(0.5, 0.5 * df, square / (df + square))
    } else {
        0.5 * beta_reg(0.5 * df, 0.5, df / (df + square))
    };
    if t < 0.0 { 1.0 - beyond } else { beyond }
}

/// The t below which T lies with probability `p` (0.5 ≤ p < 1), by bisection on [`t_upper`], which falls with t.
pub fn t_quantile(p: f64, df: f64) -> f64 {
    let above = 1.0 - p;
    let (mut low, mut high) = (0.0, 2.0);
    while t_upper(high, df) > above && high < 1e12 {
        (low, high) = (high, 2.0 * high);
    }
    // 60 halvings leave less than the spacing of f64.
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if t_upper(middle, df) > above {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// The z below which a standard normal variable lies with probability `p` (0 < p < 1).
pub fn normal_quantile(p: f64) -> f64 {
    -std::f64::consts::SQRT_2 * erfc_inv(2.0 * p)
}

/// P(|Z| ≥ |z|) of a standard normal variable.
pub fn normal_two_sided(z: f64) -> f64 {
    statrs::function::erf::erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// P(Z ≤ z) of a standard normal variable.
pub fn normal_below(z: f64) -> f64 {
    0.5 * statrs::function::erf::erfc(-z / std::f64::consts::SQRT_2)
}

/// P(X ≥ k) for X binomial of `n` draws with probability `p` (DLMF 8.17.5).
pub fn binomial_upper(k: usize, n: usize, p: f64) -> f64 {
    match k {
        0 => 1.0,
        _ if k > n => 0.0,
        _ => beta_reg(k as f64, (n - k) as f64 + 1.0, p),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t_as_scipy_has_it_at_any_degrees_of_freedom() {
        // scipy.stats.t.sf(t, df)
        for (t, df, expected) in [
            (1e-6, 1079.3, 0.49999960115011655),
            (0.1, 2.7, 0.4636491676257721),
            (2.0, 14.851346555323632, 0.03206652564576961),
            (-2.0, 14.851346555323632, 1.0 - 0.03206652564576961),
            (6.0, 30.0, 6.971384383602382e-7),
            (3.5, 100000.0, 0.00023273026968555018),
        ] {
            let found = t_upper(t, df);
            assert!((found - expected).abs() < 1e-10, "{t} {df}: {found}");
        }
        // scipy.stats.t.ppf(0.975, df)
        for (df, expected) in [
            (1.0, 12.7062047362),
            (2.0, 4.3026527297),
            (4.0, 2.7764451052),
            (9.0, 2.2621571628),
            (30.0, 2.0422724563),
        ] {
            assert!((t_quantile(0.975, df) - expected).abs() < 1e-9, "df {df}");
        }
    }

    #[test]
    fn the_normal_and_the_binomial_as_scipy_has_them() {
        assert!((normal_quantile(0.975) - 1.959963984540054).abs() < 1e-14);
        assert!((normal_quantile(0.8) - 0.8416212335729143).abs() < 1e-14);
        assert!((normal_two_sided(1.959963984540054) - 0.05).abs() < 1e-10);
        // Half of scipy.stats.binomtest(b, b + c).pvalue
        for (k, n, p) in [(9, 10, 0.021484375), (90, 150, 0.017597691928785828), (5, 5, 0.0625)] {
            assert!((binomial_upper(k, n, 0.5) - 0.5 * p).abs() < 1e-12, "{k} of {n}");
        }
        assert_eq!((binomial_upper(0, 3, 0.5), binomial_upper(4, 3, 0.5)), (1.0, 0.0));
    }
}
