use super::*;
use std::collections::BTreeSet;

/// The networks of which the tests know figures.
const PUBLISHED: [&str; 7] = [
    "eegnet",
    "deepconvnet",
    "eegnet-8-2",
    "shallowconvnet",
    "deep4net",
    "arl-shallowconvnet",
    "arl-deepconvnet",
];

fn published() -> impl Iterator<Item = Model> {
    PUBLISHED.iter().map(|name| Model::named(name).unwrap())
}

fn lab(model: Model) -> Network {
    model.network(Geometry::LAB, Activation::Elu { alpha: 1.0 }, model.default_dropout()).unwrap()
}

#[test]
fn parameter_counts_are_the_labs() {
    assert_eq!(lab(Model::eegnet()).parameter_count(), 17_874);
    assert_eq!(lab(Model::deepconvnet()).parameter_count(), 150_977);
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
    assert_eq!(lengths(Model::eegnet()), [187, 23]);
    assert_eq!(lengths(Model::deepconvnet()), [373, 184, 90, 43]);
}

#[test]
fn the_minimum_length_works_and_one_less_does_not() {
    let geometry = Geometry { sfreq: Some(128.0), ..Geometry::LAB };
    for (model, expected) in published().zip([32, 76, 32, 99, 441, 47, 76]) {
        assert_eq!(model.minimum_samples(geometry), Ok(expected), "{model}");
        let build = |samples| model.network(Geometry { samples, ..geometry }, Activation::Relu, 0.0);
        let network = build(expected).unwrap();
        assert!(network.shapes().all(|(.., after)| !after.is_empty()));
        let error = build(expected - 1).unwrap_err();
        let short = matches!(error, ModelError::TooShort { samples, minimum, .. } if (samples, minimum) == (expected - 1, expected));
        assert!(short, "{error}");
    }
}

#[test]
fn a_trial_that_is_too_short_is_refused_with_the_layer_and_the_least_length() {
    let error = Model::named("shallowconvnet")
        .unwrap()
        .network(Geometry { samples: 90, ..Geometry::LAB }, Activation::None, 0.5)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "layer 5 (avg_pool): the pool of 75 is longer than the 66 samples that reach it; ShallowConvNet needs trials of at least 99 samples, these have 90: take longer trials"
    );
}

#[test]
fn published_networks_have_their_published_counts() {
    // Electrodes, samples, classes, rate; parameters of the networks in the order of `PUBLISHED`.
    let table = [
        ((2, 750, 2, 128.0), [17_874, 150_977, 1_874, 7_842, 266_377, 11_922, 150_977]),
        ((22, 1125, 4, 128.0), [21_524, 199_079, 3_700, 47_364, 284_479, 60_644, 199_079]),
        ((3, 1000, 2, 250.0), [18_418, 157_602, 2_634, 10_802, 268_202, 16_402, 157_602]),
    ];
    for ((channels, samples, classes, rate), counts) in table {
        let geometry = Geometry { channels, samples, classes, sfreq: Some(rate) };
        for (model, count) in published().zip(counts) {
            let network = model.network(geometry, model.default_activation(), 0.5).unwrap();
            assert_eq!(network.parameter_count(), count, "{model} {geometry:?}");
        }
    }
}

#[test]
fn every_built_in_text_is_read_and_its_names_are_its_own() {
    let names: BTreeSet<&str> = Model::built_in().iter().map(Model::name).collect();
    assert_eq!(names.len(), Model::built_in().len());
    assert_eq!(Model::built_in()[..2], Model::lab());
    for model in Model::built_in() {
        assert_eq!(Model::from_text(model.text()).as_ref(), Ok(model));
        assert_eq!(model.name().parse().as_ref(), Ok(model));
    }
}

#[test]
fn a_time_without_a_sampling_rate_is_refused() {
    let geometry = Geometry { sfreq: None, ..Geometry::LAB };
    let error = Model::named("eegnet-8-2").unwrap().network(geometry, Activation::Relu, 0.5).unwrap_err();
    assert_eq!(
        error.to_string(),
        "layer 1 (temporal_conv): kernel is '0.5s', but the data set does not say its sampling rate; add sfreq to its files or write a number of samples"
    );
}

#[test]
fn in_files_the_labs_two_are_names_and_others_bring_their_text() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Run {
        #[serde(flatten)]
        model: Model,
        seed: u64,
    }
    let written = |model: &Model| toml::to_string(&Run { model: model.clone(), seed: 1 }).unwrap();
    assert_eq!(written(&Model::deepconvnet()), "model = \"deepconvnet\"\nseed = 1\n");
    for model in Model::built_in() {
        let text = written(model);
        assert_eq!(text.contains("network = "), !model.is_the_labs(), "{text}");
        assert_eq!(toml::from_str::<Run>(&text).unwrap(), Run { model: model.clone(), seed: 1 });
    }
}

#[test]
fn two_networks_are_the_same_by_name_and_layers() {
    let shallow = Model::named("shallowconvnet").unwrap();
    let commented = format!("# A comment.\n{}", shallow.text().replace("  {", "{"));
    assert_eq!(Model::from_text(&commented).unwrap(), shallow);
    let edited = shallow.text().replace("kernel = 25", "kernel = 24");
    assert_ne!(Model::from_text(&edited).unwrap(), shallow);
    let mine = |text: &str| Model::from_text(&text.replace("\"shallowconvnet\"", "\"mine\"")).unwrap();
    assert_eq!(mine(shallow.text()).lines(), shallow.lines());
    assert_ne!(mine(shallow.text()), shallow);
    assert_ne!(mine(shallow.text()), mine(&edited));
    assert!(mine(shallow.text()) > shallow && shallow > Model::deepconvnet());
}

#[test]
fn a_layers_line_says_all_but_the_defaults() {
    let lines = Model::named("eegnet-8-2").unwrap().lines();
    assert_eq!(
        lines[..5],
        [
            "temporal_conv filters=8 kernel=0.5s padding=same bias=false name=conv_temporal",
            "batch_norm eps=0.001 momentum=0.01 name=bnorm_temporal",
            "spatial_conv filters=16 groups=8 bias=false max_norm=1 name=conv_spatial",
            "batch_norm eps=0.001 momentum=0.01 name=bnorm_1",
            "activation",
        ]
    );
    assert_eq!(
        Model::named("shallowconvnet").unwrap().lines()[4..6],
        ["avg_pool kernel=75 stride=15", "log"]
    );
}

#[test]
fn names_are_the_labs_state_dict() {
    let names: Vec<_> = lab(Model::eegnet()).parameters().into_iter().map(|p| p.name).collect();
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
    let log = Activation::Log { eps: 0.1 };
    let others = [Activation::Elu { alpha: 0.3 }, Activation::Square, Activation::None, log];
    for activation in Activation::choices().chain(others) {
        assert!(activation.value(0.0) == 0.0 || activation == log);
        for x in [-3.0, -0.5, 0.7, 2.0] {
            let step = 1e-6;
            let numeric = (activation.value(x + step) - activation.value(x - step)) / (2.0 * step);
            assert!((numeric - activation.slope(x)).abs() < 1e-6);
        }
    }
}

#[test]
fn functions_are_listed_once_and_found_by_their_names() {
    let names: Vec<_> = Activation::choices().map(Activation::name).collect();
    assert_eq!(names, ["relu", "leaky_relu", "elu", "gelu", "silu"]);
    assert_eq!(Activation::choices_in_words(), "relu, leaky_relu, elu, gelu and silu");
    for activation in Activation::choices().chain([Activation::None]) {
        assert_eq!(Activation::new(activation.name(), activation.alpha()), Ok(activation));
    }
    assert_eq!(Activation::new("elu", Some(0.3)), Ok(Activation::Elu { alpha: 0.3 }));
    assert!(Activation::new("gelu", Some(0.3)).unwrap_err().contains("gelu has no alpha"));
    for name in ["square", "log", "tanh"] {
        assert!(Activation::new(name, None).unwrap_err().contains("there are relu"), "{name}");
    }
}

#[test]
fn kernels_that_are_times_are_as_long_as_the_saved_ones() {
    let model = Model::named("eegnet-8-2").unwrap();
    let at = |sfreq| model.network(Geometry { sfreq, ..Geometry::LAB }, Activation::Relu, 0.0);
    let tensors = at(Some(256.0)).unwrap().parameters();
    let saved = model.as_saved(|name| tensors.iter().find(|p| p.name == name).map(|p| p.shape.as_slice()));
    let network = saved.network(Geometry { sfreq: None, ..Geometry::LAB }, Activation::Relu, 0.0).unwrap();
    assert_eq!(network.parameters()[0].shape, [8, 1, 1, 128]);
    assert!(at(None).is_err());
}

#[test]
fn tensors_tell_which_network_they_are_of() {
    let geometry = Geometry { channels: 3, samples: 600, classes: 4, sfreq: Some(250.0) };
    for model in Model::built_in() {
        let tensors = model.network(geometry, Activation::Relu, 0.0).unwrap().parameters();
        let shape_of = |name: &str| tensors.iter().find(|p| p.name == name).map(|p| p.shape.as_slice());
        let own = model.likeness(shape_of).unwrap();
        assert_eq!((own.channels, own.classes), (Some(3), Some(4)));
        for other in Model::built_in().iter().filter(|other| *other != model) {
            // The lab's deep one differs from that of arl-eegmodels by its names alone.
            assert!(other.likeness(shape_of).is_none_or(|l| l.tensors < own.tensors), "{model}, {other}");
        }
    }
}
