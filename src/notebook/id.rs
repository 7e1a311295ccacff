//! The names of runs: they sort by time and say what a run is. A name is never more than one path component.

use crate::model::Activation;
use crate::spec::Spec;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The name of a run enqueued at an instant, such as `20261124-153012-eegnet-elu0.3-s0-7f3a`: UTC, model, activation,
/// seed, and the beginning of the spec's hash, by which identical specs are found without opening a file. Of a baseline:
/// `20261124-153012-csp-8-30-77c1`.
pub fn name(spec: &Spec, now: Timestamp) -> String {
    let (now, model) = (now.strftime("%Y%m%d-%H%M%S"), spec.model.name());
    let variant = match (spec.model.baseline(), spec.band) {
        (None, _) => format!("{}-s{}", activation(spec.activation), spec.seed),
        (Some(_), Some(band)) => format!("-{band}"),
        (Some(_), None) => String::new(),
    };
    format!("{now}-{model}{variant}-{}", hash_part(spec))
}

/// What a name ends in: the first four digits of the spec's hash.
pub fn hash_part(spec: &Spec) -> String {
    spec.hash().chars().take(4).collect()
}

/// `-relu`, `-leaky_relu`, `-elu0.3`, nothing where the network's own functions are all it has; numbers that would be long are
/// written with an exponent.
fn activation(activation: Activation) -> String {
    let name = activation.name();
    match (activation, activation.alpha()) {
        (Activation::None, _) => String::new(),
        (Activation::LeakyRelu { slope: 0.01 }, _) | (_, None) => format!("-{name}"),
        (_, Some(alpha)) => {
            let plain = alpha.to_string();
            if plain.len() <= 8 { format!("-{name}{plain}") } else { format!("-{name}{alpha:.3e}") }
        }
    }
}

/// When a run was enqueued, as its name says.
pub fn created(id: &str) -> Option<Timestamp> {
    let date = DateTime::strptime("%Y%m%d-%H%M%S", id.get(..15)?).ok()?;
    TimeZone::UTC.to_timestamp(date).ok()
}

/// Whether a name begins as a person typed it. What is a whole name is no beginning: `a-2`, the second of one name, is not
/// meant by `a`, though `a` may be gone.
pub fn begins(name: &str, typed: &str) -> bool {
    let is_count = |rest: &str| {
        rest.strip_prefix('-').is_some_and(|count| {
            (1..=3).contains(&count.len()) && count.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    name.strip_prefix(typed).is_some_and(|rest| !is_count(rest))
}

/// Whether a text can be a run's name: one path component that can't lead anywhere else, and safe to print.
pub fn is_valid(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && !id.starts_with(['.', '-'])
        && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;
    use crate::spec::DataSource;

    fn spec(activation: Activation) -> Spec {
        let data = DataSource { name: "simulated".into(), path: None, fingerprint: "ab".into() };
        Spec::recipe(Model::eegnet(), activation, data)
    }

    #[test]
    fn a_name_says_what_and_when() {
        let now: Timestamp = "2026-11-24T15:30:12Z".parse().unwrap();
        let id = name(&spec(Activation::Elu { alpha: 0.3 }), now);
        assert!(id.starts_with("20261124-153012-eegnet-elu0.3-s0-"), "{id}");
        assert!(is_valid(&id));
        assert_eq!(created(&id), Some(now));
    }

    #[test]
    fn a_function_without_a_parameter_has_no_number_and_none_is_not_named() {
        let now = Timestamp::UNIX_EPOCH;
        for (activation, begins) in [
            (Activation::Gelu, "19700101-000000-eegnet-gelu-s0-"),
            (Activation::Relu, "19700101-000000-eegnet-relu-s0-"),
            (Activation::LeakyRelu { slope: 0.2 }, "19700101-000000-eegnet-leaky_relu0.2-s0-"),
            (Activation::None, "19700101-000000-eegnet-s0-"),
        ] {
            let id = name(&spec(activation), now);
            assert!(id.starts_with(begins), "{id}");
        }
    }

    #[test]
    fn odd_parameters_still_make_a_name() {
        for alpha in [1e-300, 1e300, -0.1, 0.1 + 0.2, f64::MIN_POSITIVE] {
            let id = name(&spec(Activation::Elu { alpha }), Timestamp::UNIX_EPOCH);
            assert!(is_valid(&id), "{id}");
        }
    }

    #[test]
    fn a_whole_name_is_not_the_beginning_of_the_second_of_that_name() {
        assert!(!begins("20261124-153012-eegnet-elu0.3-s0-7f3a-2", "20261124-153012-eegnet-elu0.3-s0-7f3a"));
        for typed in
            ["", "20261124", "20261124-153012-eegnet-elu0.3-s0", "20261124-153012-eegnet-elu0.3-s0-71"]
        {
            assert!(begins("20261124-153012-eegnet-elu0.3-s0-7134", typed), "{typed}");
        }
        assert!(begins("20261124-153012-eegnet-elu0.3-s0-7f3a-2", "20261124-153012-eegnet-elu0.3-s0-7f3a-2"));
    }

    #[test]
    fn names_lead_nowhere_else() {
        for bad in ["", ".", "..", "../x", "a/b", ".trash", "a\0", "-rf", "a\x1b[m", "ü", &"x".repeat(200)] {
            assert!(!is_valid(bad), "{bad:?}");
        }
    }
}
