//! Reads a network's text (TOML), and answers a mistake with the line, what is wrong, and what fits. Knows nothing of
//! files: whoever reads one puts its name in front.

mod fields;

use super::design::{Design, Draft, Open, place, wrong_padding};
use super::{Activation, Layer, Padding};
use fields::{Fields, number_above_zero};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Why a text is no network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextError {
    /// Where, counted from 1.
    pub line: usize,
    /// What is wrong, and what fits.
    pub sentence: String,
}

impl std::fmt::Display for TextError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.sentence)
    }
}

impl std::error::Error for TextError {}

/// The fields of the whole.
const FIELDS: [&str; 6] = ["activation", "alpha", "dropout", "layers", "name", "title"];

/// Fields of each type of layer beside `type`, in the order of the alphabet. The functions without a place here are those
/// of [`Activation::layers`].
const TYPES: [(&str, &[&str]); 8] = [
    ("temporal_conv", &["bias", "filters", "groups", "kernel", "max_norm", "name", "padding", "stride"]),
    ("spatial_conv", &["bias", "filters", "groups", "max_norm", "name"]),
    ("batch_norm", &["eps", "momentum", "name"]),
    ("activation", &[]),
    ("avg_pool", &["kernel", "stride"]),
    ("max_pool", &["kernel", "stride"]),
    ("dropout", &["p"]),
    ("linear", &["max_norm", "name"]),
];

/// Reads a text.
pub(super) fn read(text: &str) -> Result<Design, TextError> {
    let table = DeTable::parse(text).map_err(|error| TextError {
        line: line_at(text, error.span().map_or(0, |span| span.start)),
        sentence: format!("this is not TOML ({}); a line reads like filters = 8", error.message()),
    })?;
    let whole = Fields::new(text, table.get_ref(), 1, String::new());
    let fields = FIELDS.to_vec();
    whole.refuse_others(&fields, |key| {
        format!("a network has no field '{key}'; it has {}", fields.join(", "))
    })?;
    let name = name(&whole)?;
    let title = whole.string("title")?.unwrap_or_else(|| name.clone());
    let dropout = whole.probability("dropout")?.unwrap_or(0.0);
    let layers = layers(text, &whole)?;
    let activation = activation(&whole, &layers)?;
    Ok(Design { name, title, activation, dropout, baseline: None, layers, text: text.to_owned() })
}

fn line_at(text: &str, byte: usize) -> usize {
    1 + text.bytes().take(byte).filter(|&byte| byte == b'\n').count()
}

fn name(whole: &Fields) -> Result<String, TextError> {
    let wanted = "small letters, digits and single dashes between them, such as my-net-2";
    let Some(name) = whole.string("name")? else {
        return Err(whole.error(None, format!("a network needs a name = \"…\": {wanted}")));
    };
    let part =
        |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if name.len() > 60 || !name.split('-').all(part) {
        return Err(whole.error(Some("name"), format!("name is '{name}'; it must be {wanted}")));
    }
    Ok(name)
}

/// What stands in the open activations; `None` where there are none.
fn activation(whole: &Fields, layers: &[Draft]) -> Result<Option<Activation>, TextError> {
    let named = whole.string("activation")?;
    let alpha = whole.number("alpha", "a finite number", |_| true)?;
    if named.as_deref() == Some("none") {
        let sentence = format!("activation is 'none'; there are {}", Activation::choices_in_words());
        return Err(whole.error(Some("activation"), sentence));
    }
    let name = named.as_deref().unwrap_or(Activation::Relu.name());
    let field = if named.is_some() { "activation" } else { "alpha" };
    let activation = Activation::new(name, alpha).map_err(|sentence| whole.error(Some(field), sentence))?;
    let open = layers.iter().any(|draft| draft.open == Some(Open::Activation));
    if !open && (named.is_some() || alpha.is_some()) {
        let sentence = format!(
            "{field} is given, but no layer is of the type \"activation\"; leave it out or add such a layer"
        );
        return Err(whole.error(Some(field), sentence));
    }
    Ok(open.then_some(activation))
}

fn layers(text: &str, whole: &Fields) -> Result<Vec<Draft>, TextError> {
    let needs = "a network needs layers = [ … ], the last of them { type = \"linear\" }";
    let Some(value) = whole.value("layers") else { return Err(whole.error(None, needs.into())) };
    let DeValue::Array(items) = value.get_ref() else {
        return Err(whole.error(Some("layers"), needs.into()));
    };
    let mut sequence = Sequence::default();
    for (index, item) in items.iter().enumerate() {
        let draft = layer(text, index, item, &sequence)?;
        sequence.push(draft)?;
    }
    sequence.finish(|| whole.error(Some("layers"), needs.into()))
}

/// One layer, its name included.
fn layer(text: &str, index: usize, item: &Spanned<DeValue>, sequence: &Sequence) -> Result<Draft, TextError> {
    let line = line_at(text, item.span().start);
    let DeValue::Table(table) = item.get_ref() else {
        let sentence = format!("layer {}: a layer is written {{ type = \"…\", … }}", index + 1);
        return Err(TextError { line, sentence });
    };
    let untyped = Fields::new(text, table, line, format!("layer {}", index + 1));
    let Some(kind) = untyped.string("type")? else {
        return Err(untyped.error(None, format!("needs 'type'; there are {}", types().join(", "))));
    };
    let fields = Fields::new(text, table, line, place(index, &kind));
    let Some(known) = fields_of(&kind) else {
        let sentence = format!("no layer is called '{kind}'; there are {}", types().join(", "));
        return Err(fields.error(Some("type"), sentence));
    };
    let mut all = known.clone();
    all.push("type");
    fields.refuse_others(&all, |key| {
        let has = if known.is_empty() { "none".into() } else { known.join(", ") };
        format!("has no field '{key}'; it has {has}")
    })?;
    let name = known.contains(&"name").then(|| layer_name(&fields, &kind, sequence)).transpose()?;
    let (layer, open) = read_layer(&kind, &fields, name.unwrap_or_default(), sequence.features())?;
    Ok(Draft { line, layer, open })
}

/// All types of layers.
fn types() -> Vec<&'static str> {
    let functions = Activation::layers().map(Activation::name);
    TYPES.iter().map(|(name, _)| *name).chain(functions).collect()
}

/// The fields of a type of layer.
fn fields_of(kind: &str) -> Option<Vec<&'static str>> {
    let listed = TYPES.iter().find(|(name, _)| *name == kind).map(|(_, fields)| fields.to_vec());
    listed.or_else(|| function(kind).map(|f| f.parameter().map(|(name, _)| name).into_iter().collect()))
}

fn function(kind: &str) -> Option<Activation> {
    Activation::layers().find(|function| function.name() == kind)
}

/// The prefix of the layer's tensors: as given, else its type and its number among its type. A network has one
/// `spatial_conv` and one `linear`, which go without a number.
fn layer_name(fields: &Fields, kind: &str, sequence: &Sequence) -> Result<String, TextError> {
    let name = match (fields.string("name")?, kind) {
        (Some(name), _) => name,
        (None, "spatial_conv" | "linear") => kind.to_owned(),
        (None, _) => format!("{kind}{}", sequence.count(kind) + 1),
    };
    let part = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
    if !name.split('.').all(part) {
        let sentence = format!("name is '{name}'; it must be letters, digits and _, in parts joined by dots");
        return Err(fields.error(Some("name"), sentence));
    }
    sequence.refuse_clash(fields, &name)?;
    Ok(name)
}

fn read_layer(
    kind: &str,
    fields: &Fields,
    name: String,
    features: usize,
) -> Result<(Layer, Option<Open>), TextError> {
    let closed = |layer| Ok((layer, None));
    let norm = || fields.number("max_norm", "a positive number", number_above_zero);
    match kind {
        "temporal_conv" => temporal_conv(fields, name, features),
        "spatial_conv" => {
            let (filters, groups) = filters_and_groups(fields, features)?;
            let bias = fields.flag("bias")?.unwrap_or(true);
            closed(Layer::SpatialConv { name, filters, groups, bias, max_norm: norm()? })
        }
        "batch_norm" => {
            let eps = fields.number("eps", "a positive number", number_above_zero)?.unwrap_or(1e-5);
            let share = "above 0 and at most 1: the share of the new batch (Keras's 0.99 is 0.01 here)";
            let momentum = fields.number("momentum", share, |x| x > 0.0 && x <= 1.0)?.unwrap_or(0.1);
            closed(Layer::BatchNorm { name, eps, momentum })
        }
        "activation" => Ok((Layer::Activation(Activation::None), Some(Open::Activation))),
        "avg_pool" | "max_pool" => {
            let kernel = fields.needed_count("kernel")?;
            let stride = fields.count("stride")?.unwrap_or(kernel);
            closed(match kind {
                "avg_pool" => Layer::AvgPool { kernel, stride },
                _ => Layer::MaxPool { kernel, stride },
            })
        }
        "dropout" => Ok(match fields.probability("p")? {
            Some(p) => (Layer::Dropout { p }, None),
            None => (Layer::Dropout { p: 0.0 }, Some(Open::Dropout)),
        }),
        "linear" => Ok((Layer::Linear { name, outputs: 0, max_norm: norm()? }, Some(Open::Classes))),
        _ => {
            let function = function(kind).unwrap_or(Activation::None);
            let parameter = function.parameter().map(|(field, _)| match field {
                "eps" => fields.number(field, "a positive number", number_above_zero),
                _ => fields.number(field, "a finite number", |_| true),
            });
            closed(Layer::Activation(match parameter.transpose()?.flatten() {
                Some(value) => function.with_parameter(value),
                None => function,
            }))
        }
    }
}

fn temporal_conv(fields: &Fields, name: String, features: usize) -> Result<(Layer, Option<Open>), TextError> {
    let (filters, groups) = filters_and_groups(fields, features)?;
    let seconds = fields.seconds("kernel")?;
    // Of a time nothing is known yet but that it is at least one sample.
    let kernel = if seconds.is_some() { 1 } else { fields.needed_count("kernel")? };
    let stride = fields.count("stride")?.unwrap_or(1);
    let padding = padding(fields, kernel, stride, seconds.is_some())?;
    let layer = Layer::TemporalConv {
        name,
        filters,
        kernel,
        stride,
        padding,
        groups,
        bias: fields.flag("bias")?.unwrap_or(true),
        max_norm: fields.number("max_norm", "a positive number", number_above_zero)?,
    };
    Ok((layer, seconds.map(Open::Kernel)))
}

fn filters_and_groups(fields: &Fields, features: usize) -> Result<(usize, usize), TextError> {
    let filters = fields.needed_count("filters")?;
    let groups = fields.count("groups")?.unwrap_or(1);
    if !features.is_multiple_of(groups) {
        let sentence =
            format!("groups is {groups}, but {features} feature maps come in; groups must divide them");
        return Err(fields.error(Some("groups"), sentence));
    }
    if !filters.is_multiple_of(groups) {
        let sentence = format!("filters is {filters} and groups {groups}; groups must divide filters");
        return Err(fields.error(Some("groups"), sentence));
    }
    Ok((filters, groups))
}

fn padding(fields: &Fields, kernel: usize, stride: usize, is_time: bool) -> Result<Padding, TextError> {
    let wrong = |sentence| Err(fields.error(Some("padding"), sentence));
    let Some(value) = fields.value("padding") else { return Ok(Padding::Zeros(0)) };
    match (value.get_ref(), fields.whole("padding")) {
        (DeValue::String(text), _) if text == "same" => match stride {
            1 => Ok(Padding::Same),
            _ => wrong(format!(
                "padding \"same\" needs stride 1, this has {stride}; give the padding as a number"
            )),
        },
        // Against a kernel that is a time the number is held when the network is built.
        (_, Some(zeros)) if zeros < kernel || is_time => Ok(Padding::Zeros(zeros)),
        _ => wrong(wrong_padding(&fields.shown("padding"), kernel)),
    }
}

/// The layers so far, and what the next one must heed.
#[derive(Default)]
struct Sequence {
    drafts: Vec<Draft>,
}

impl Sequence {
    /// Feature maps that reach the next layer.
    fn features(&self) -> usize {
        let filters = self.drafts.iter().rev().find_map(|draft| match draft.layer {
            Layer::TemporalConv { filters, .. } | Layer::SpatialConv { filters, .. } => Some(filters),
            _ => None,
        });
        filters.unwrap_or(1)
    }

    fn count(&self, kind: &str) -> usize {
        self.drafts.iter().filter(|draft| draft.kind() == kind).count()
    }

    fn first(&self, kind: &str) -> Option<usize> {
        self.drafts.iter().position(|draft| draft.kind() == kind)
    }

    /// A name may not be another's, nor begin another's up to a dot: in PyTorch a module can't be two things.
    fn refuse_clash(&self, fields: &Fields, name: &str) -> Result<(), TextError> {
        let within = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let taken = self.drafts.iter().map(|draft| draft.layer.name()).enumerate();
        let mut taken = taken.filter(|(_, other)| !other.is_empty());
        match taken.find(|(_, other)| within(name, other) || within(other, name)) {
            Some((index, other)) => {
                let sentence = format!("its name '{name}' clashes with '{other}' of layer {}", index + 1);
                Err(fields.error(Some("name"), sentence))
            }
            None => Ok(()),
        }
    }

    fn push(&mut self, draft: Draft) -> Result<(), TextError> {
        let wrong = |sentence: &str| {
            let place = draft.place(self.drafts.len());
            Err(TextError { line: draft.line, sentence: format!("{place}: {sentence}") })
        };
        let merged = self.first("spatial_conv");
        match (draft.kind(), merged) {
            ("spatial_conv", Some(merged)) => {
                return wrong(&format!(
                    "the electrodes are already merged by layer {}; a temporal_conv with kernel 1 mixes feature maps",
                    merged + 1
                ));
            }
            ("linear", None) => {
                return wrong(
                    "there is no spatial_conv ahead of it, so the electrodes are never merged; add one",
                );
            }
            _ => self.drafts.push(draft),
        }
        Ok(())
    }

    fn finish(self, empty: impl Fn() -> TextError) -> Result<Vec<Draft>, TextError> {
        let Some(last) = self.drafts.last() else { return Err(empty()) };
        let at = |index: usize, draft: &Draft, sentence: String| {
            Err(TextError { line: draft.line, sentence: format!("{}: {sentence}", draft.place(index)) })
        };
        let (count, kind) = (self.drafts.len(), last.kind());
        match self.first("linear") {
            Some(index) if index + 1 < count => {
                let follow = count - index - 1;
                let sentence =
                    format!("linear must be the last: it gives the class scores; {follow} layers follow it");
                at(index, &self.drafts[index], sentence)
            }
            None => {
                let sentence =
                    format!("the last layer is {kind}; it must be linear, which gives the class scores");
                at(count - 1, last, sentence)
            }
            _ => Ok(self.drafts),
        }
    }
}

#[cfg(test)]
mod tests;
