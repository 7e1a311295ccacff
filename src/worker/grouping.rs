//! Which runs a card may compute together: those that differ in nothing but their seed, their optimiser's numbers, their epochs and
//! their function's parameter.

use crate::model::{Activation, Geometry};
use crate::nn::cuda::Compiled;
use crate::spec::Spec;

/// Trials for which every network that can be built is built: whether the kernels compute it follows
/// from its layers (but for a kernel that is a time, which has more samples at a higher rate).
const ANY_TRIALS: Geometry = Geometry { channels: 22, samples: 10_000, classes: 2, sfreq: Some(250.0) };

/// What a run has in common with those that it may be computed with. Baselines are fitted alone, on the CPU; so are networks computed
/// alone that the kernels for cards can't compute.
pub(super) fn common(spec: &Spec) -> Option<String> {
    if spec.model.baseline().is_some() {
        return None;
    }
    let network = spec.model.network(ANY_TRIALS, spec.activation, spec.dropout).ok()?;
    Compiled::new(&network).ok()?;
    let without = Spec {
        activation: Activation::new(spec.activation.name(), None).unwrap_or(spec.activation),
        seed: 0,
        epochs: 1,
        lr: 1e-3,
        weight_decay: 0.0,
        ..spec.clone()
    };
    Some(without.hash())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;
    use crate::spec::DataSource;

    #[test]
    fn runs_of_a_sweep_go_together_and_others_do_not() {
        let data =
            |fingerprint: &str| DataSource { name: "a".into(), path: None, fingerprint: fingerprint.into() };
        let elu = |alpha| Spec::recipe(Model::eegnet(), Activation::Elu { alpha }, data("a"));
        let one = common(&elu(1.0));
        assert!(one.is_some());
        assert_eq!(one, common(&Spec { seed: 7, lr: 0.1, weight_decay: 0.3, epochs: 9, ..elu(0.2) }));
        for other in [
            Spec { batch: 7, ..elu(1.0) },
            Spec { data: data("b"), ..elu(1.0) },
            Spec { activation: Activation::Relu, ..elu(1.0) },
            Spec { model: Model::deepconvnet(), ..elu(1.0) },
        ] {
            assert_ne!(one, common(&other));
        }
        let baseline = Model::baselines()[0].clone();
        assert_eq!(common(&Spec { model: baseline, ..elu(1.0) }), None);
        for model in Model::built_in() {
            assert!(common(&Spec { model: model.clone(), ..elu(1.0) }).is_some(), "{model}");
        }
    }

    #[test]
    fn a_network_that_the_kernels_for_cards_cannot_compute_goes_alone() {
        let text = r#"
            name = "begins-with-a-norm"
            layers = [
              { type = "batch_norm", name = "norm" },
              { type = "spatial_conv", name = "space", filters = 4 },
              { type = "linear", name = "out" },
            ]
        "#;
        let data = DataSource { name: "a".into(), path: None, fingerprint: "a".into() };
        let model = Model::from_text(text).unwrap();
        assert_eq!(common(&Spec::recipe(model, Activation::Relu, data)), None);
    }
}
