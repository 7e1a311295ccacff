use super::*;

fn lab(model: Model) -> Network {
    model.network(Geometry::LAB, Activation::Elu { alpha: 1.0 }, model.default_dropout()).unwrap()
}

#[test]
fn parameter_counts_are_the_labs() {
    assert_eq!(lab(Model::EegNet).parameter_count(), 17_874);
    assert_eq!(lab(Model::DeepConvNet).parameter_count(), 150_977);
}

#[test]
fn pools_floor() {
    let lengths = |model| -> Vec<usize> {
        lab(model)
            .shapes()
            .filter(|(layer, ..)| matches!(layer, Layer::AvgPool { .. } | Layer::MaxPool { .. }))
            .map(|(.., after)| after.samples)
            .collect()
    };
    assert_eq!(lengths(Model::EegNet), [187, 23]);
    assert_eq!(lengths(Model::DeepConvNet), [373, 184, 90, 43]);
}

#[test]
fn the_minimum_length_works_and_one_less_does_not() {
    for model in Model::ALL {
        let minimum = model.minimum_samples();
        let build = |samples| model.network(Geometry { samples, ..Geometry::LAB }, Activation::Relu, 0.0);
        let network = build(minimum).unwrap();
        assert!(network.shapes().all(|(.., after)| !after.is_empty()));
        assert_eq!(build(minimum - 1), Err(ModelError::TooShort { model, samples: minimum - 1, minimum }));
    }
}

#[test]
fn names_are_the_labs_state_dict() {
    let names: Vec<_> = lab(Model::EegNet).parameters().into_iter().map(|p| p.name).collect();
    assert_eq!(
        names,
        [
            "firstconv.0.weight",
            "firstconv.1.weight",
            "firstconv.1.bias",
            "depthwiseConv.0.weight",
            "depthwiseConv.1.weight",
            "depthwiseConv.1.bias",
            "seperableConv.0.weight",
            "seperableConv.1.weight",
            "seperableConv.1.bias",
            "classify.weight",
            "classify.bias"
        ]
    );
}

#[test]
fn activations_meet_at_zero_and_match_their_slopes() {
    for activation in
        [Activation::Relu, Activation::LeakyRelu { slope: 0.01 }, Activation::Elu { alpha: 0.3 }]
    {
        assert_eq!(activation.value(0.0), 0.0);
        for x in [-3.0, -0.5, 0.7, 2.0] {
            let step = 1e-6;
            let numeric = (activation.value(x + step) - activation.value(x - step)) / (2.0 * step);
            assert!((numeric - activation.slope(x)).abs() < 1e-6);
        }
    }
}
