use super::super::{Activation, Geometry, Model};

/// The error of a network with these layers.
fn refused(layers: &str) -> String {
    let text = format!("name = \"mine\"\nlayers = [\n{layers}\n]\n");
    Model::from_text(&text).unwrap_err().to_string()
}

const CONV: &str = "{ type = \"temporal_conv\", filters = 8, kernel = 5 },";
const SPATIAL: &str = "{ type = \"spatial_conv\", filters = 8 },";
const LINEAR: &str = "{ type = \"linear\" },";

#[test]
fn mistakes_in_a_layer_are_answered_with_its_line() {
    let conv = |fields: &str| format!("{{ type = \"temporal_conv\", filters = 8, {fields} }},");
    let cases = [
        (
            "{ type = \"conv1d\" }".into(),
            "line 3: layer 1 (conv1d): no layer is called 'conv1d'; there are temporal_conv, spatial_conv, batch_norm, activation, avg_pool, max_pool, dropout, linear, relu, leaky_relu, elu, gelu, silu, square, log",
        ),
        (
            conv("kernal = 5"),
            "line 3: layer 1 (temporal_conv): has no field 'kernal'; it has bias, filters, groups, kernel, max_norm, name, padding, stride",
        ),
        (
            "{ type = \"temporal_conv\", kernel = 5 }".into(),
            "line 3: layer 1 (temporal_conv): needs 'filters'",
        ),
        (
            conv("kernel = 5.0"),
            "line 3: layer 1 (temporal_conv): kernel is 5.0; it must be a whole number, 1 or more",
        ),
        (
            conv("kernel = 0"),
            "line 3: layer 1 (temporal_conv): kernel is 0; it must be a whole number, 1 or more",
        ),
        (
            conv("kernel = \"half\""),
            "line 3: layer 1 (temporal_conv): kernel is 'half'; it must be a whole number, 1 or more, or a time such as \"0.5s\" or \"500ms\"",
        ),
        (
            format!("{CONV}\n{{ type = \"temporal_conv\", filters = 9, kernel = 1, groups = 8 }}"),
            "line 4: layer 2 (temporal_conv): filters is 9 and groups 8; groups must divide filters",
        ),
        (
            format!("{CONV}\n{{ type = \"temporal_conv\", filters = 9, kernel = 1, groups = 3 }}"),
            "line 4: layer 2 (temporal_conv): groups is 3, but 8 feature maps come in; groups must divide them",
        ),
        (
            conv("kernel = 5, stride = 2, padding = \"same\""),
            "line 3: layer 1 (temporal_conv): padding \"same\" needs stride 1, this has 2; give the padding as a number",
        ),
        (
            conv("kernel = 5, padding = 5"),
            "line 3: layer 1 (temporal_conv): padding is 5; it must be \"same\" or a whole number below the kernel, 5",
        ),
        (
            "{ type = \"batch_norm\", momentum = 0 }".into(),
            "line 3: layer 1 (batch_norm): momentum is 0; it must be above 0 and at most 1: the share of the new batch (Keras's 0.99 is 0.01 here)",
        ),
        (
            "{ type = \"dropout\", p = 1 }".into(),
            "line 3: layer 1 (dropout): p is 1; it must be from 0 up to, but not including, 1",
        ),
        (
            conv("kernel = 5, max_norm = 0"),
            "line 3: layer 1 (temporal_conv): max_norm is 0; it must be a positive number",
        ),
        (
            conv("kernel = 5, bias = 1"),
            "line 3: layer 1 (temporal_conv): bias is 1; it must be true or false",
        ),
        (
            "{ type = \"square\", eps = 1 }".into(),
            "line 3: layer 1 (square): has no field 'eps'; it has none",
        ),
        (
            "{ type = \"elu\", alpha = nan }".into(),
            "line 3: layer 1 (elu): alpha is nan; it must be a finite number",
        ),
        (
            format!("{SPATIAL}\n{SPATIAL}"),
            "line 4: layer 2 (spatial_conv): its name 'spatial_conv' clashes with 'spatial_conv' of layer 1",
        ),
        (
            format!("{SPATIAL}\n{{ type = \"spatial_conv\", filters = 8, name = \"b\" }}"),
            "line 4: layer 2 (spatial_conv): the electrodes are already merged by layer 1; a temporal_conv with kernel 1 mixes feature maps",
        ),
        (
            format!("{CONV}\n{LINEAR}"),
            "line 4: layer 2 (linear): there is no spatial_conv ahead of it, so the electrodes are never merged; add one",
        ),
        (
            format!("{SPATIAL}\n{LINEAR}\n{{ type = \"relu\" }}"),
            "line 4: layer 2 (linear): linear must be the last: it gives the class scores; 1 layers follow it",
        ),
        (
            format!("{CONV}\n{SPATIAL}"),
            "line 4: layer 2 (spatial_conv): the last layer is spatial_conv; it must be linear, which gives the class scores",
        ),
        (
            "{ type = \"batch_norm\", name = \"a\" },\n{ type = \"batch_norm\", name = \"a\" }".to_string(),
            "line 4: layer 2 (batch_norm): its name 'a' clashes with 'a' of layer 1",
        ),
        (
            "{ filters = 3 }".into(),
            "line 3: layer 1: needs 'type'; there are temporal_conv, spatial_conv, batch_norm, activation, avg_pool, max_pool, dropout, linear, relu, leaky_relu, elu, gelu, silu, square, log",
        ),
    ];
    for (layers, sentence) in cases {
        assert_eq!(refused(&layers), sentence);
    }
}

#[test]
fn mistakes_in_the_whole_are_answered_with_their_line() {
    let cases = [
        ("name = \"My Net\"\nlayers = []", "line 1: name is 'My Net'; it must be small letters"),
        ("layers = []", "line 1: a network needs a name"),
        ("name = \"mine\"\nlayers = []", "line 2: a network needs layers = [ … ]"),
        ("name = \"mine\"\nlayer = []", "line 2: a network has no field 'layer'; it has activation"),
        ("name = \"mine\"\nlayers = [", "line 2: this is not TOML"),
        ("name = \"mine\"\ndropout = 1.5\nlayers = []", "line 2: dropout is 1.5; it must be from 0 up to"),
    ];
    for (text, beginning) in cases {
        let error = Model::from_text(text).unwrap_err().to_string();
        assert!(error.starts_with(beginning), "{error}");
    }
    let open = |head: &str, layer: &str| {
        let text = format!("name = \"mine\"\n{head}\nlayers = [\n{SPATIAL}{layer}{LINEAR}\n]\n");
        Model::from_text(&text)
    };
    let error = |head: &str, layer: &str| open(head, layer).unwrap_err().to_string();
    assert!(error("activation = \"elu\"", "").starts_with("line 2: activation is given, but no layer"));
    let activation = "{ type = \"activation\" },";
    assert!(error("activation = \"tanh\"", activation).starts_with("line 2: no activation is called 'tanh'"));
    assert!(error("activation = \"none\"", activation).starts_with("line 2: activation is 'none'"));
    let elu = open("activation = \"elu\"\nalpha = 0.3", activation).unwrap();
    assert_eq!(elu.default_activation(), Activation::Elu { alpha: 0.3 });
    assert_eq!(open("", activation).unwrap().default_activation(), Activation::Relu);
    assert!(!open("", "").unwrap().has_open_activation());
}

#[test]
fn names_that_are_not_given_are_type_and_number() {
    let text =
        "name = \"mine\"\n[[layers]]\ntype = \"temporal_conv\"\nfilters = 4\nkernel = \"100ms\"\n[[layers]]\ntype = \"batch_norm\"\n[[layers]]\ntype = \"spatial_conv\"\nfilters = 4\n[[layers]]\ntype = \"gelu\"\n[[layers]]\ntype = \"temporal_conv\"\nfilters = 4\nkernel = 3\n[[layers]]\ntype = \"batch_norm\"\n[[layers]]\ntype = \"linear\"\n".to_string();
    let model = Model::from_text(&text).unwrap();
    let network = model.network(Geometry::LAB, Activation::None, 0.0).unwrap();
    let names: Vec<_> = network.layers.iter().map(|placed| placed.layer.name()).collect();
    assert_eq!(
        names,
        ["temporal_conv1", "batch_norm1", "spatial_conv", "", "temporal_conv2", "batch_norm2", "linear"]
    );
    // A tenth of a second at 125 Hz: 12 samples.
    assert_eq!(network.parameters()[0].shape, [4, 1, 1, 12]);
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
        let _ = Model::from_text(&text);
    }

    #[test]
    fn no_edit_of_a_network_makes_the_reader_panic(
        which in 0usize..7, at in 0usize..2000, length in 0usize..12, put in "[a-z0-9.\"=,{} -]{0,8}",
    ) {
        let mut text: Vec<char> = Model::built_in()[which].text().chars().collect();
        let at = at.min(text.len());
        let end = (at + length).min(text.len());
        text.splice(at..end, put.chars());
        let text: String = text.into_iter().collect();
        if let Ok(model) = Model::from_text(&text) {
            let _ = model.network(Geometry::LAB, model.default_activation(), model.default_dropout());
        }
    }
}
