//! The one table of spec fields. Flags, the form, grids, filters, `spec.toml`, the hash, the recipe of a table and every
//! listing of a spec follow from it: a new field is a member of [`Spec`] and a row here.
//!
//! What has once been released never changes: names, the order of rows (new ones go to the end), and the defaults, which
//! [`Spec::recipe`] has. Old files were written without the field, and hashes are computed over it.

use super::field::{Accepts, Concerns, Field, Role, pass_band};
use super::{NanPolicy, Outliers, Spec, SpecError, Split, Standardize, Value};
use crate::model::{Activation, Model};

/// Every field but `data`, in the order of `spec.toml`.
pub static FIELDS: [Field; 18] = [
    Field {
        name: "model",
        flag: "model",
        aliases: &["network", "net"],
        title: "model",
        help: "Network, or classical baseline",
        list_example: "",
        placeholder: "MODEL",
        accepts: Accepts::Name(|| Model::known().map(Model::name).collect()),
        default_by: None,
        since: 1,
        role: Role::Axis,
        concerns: Concerns::All,
        phrase: "{}",
        unsaid_by_default: false,
        get: |spec| Some(Value::Word(spec.model.name().to_owned().into())),
        set: |spec, value| word(value)?.parse().map(|model| spec.model = model),
        allowed: always,
        wanted: "",
    },
    Field {
        name: "activation",
        flag: "activation",
        aliases: &["act"],
        title: "activation",
        help: "Activation function",
        list_example: "",
        placeholder: "NAME",
        accepts: Accepts::Words(|| Activation::choices().map(Activation::name).collect()),
        default_by: Some("the network's"),
        since: 1,
        role: Role::Axis,
        concerns: Concerns::Networks,
        phrase: "{}",
        unsaid_by_default: false,
        get: |spec| Some(Value::word(spec.activation.name())),
        set: |spec, value| Activation::new(word(value)?, None).map(|function| spec.activation = function),
        allowed: |spec| spec.model.has_open_activation() != (spec.activation == Activation::None),
        wanted: "one that a run may choose, and left out where no layer of the network is of the type \"activation\"",
    },
    Field {
        name: "alpha",
        flag: "alpha",
        aliases: &["α", "slope"],
        title: "alpha",
        help: "ELU's α or LeakyReLU's slope",
        list_example: "0.1..1 is ten of them",
        placeholder: "X",
        accepts: Accepts::Real,
        default_by: Some("1 and 0.01"),
        since: 1,
        role: Role::Axis,
        concerns: Concerns::Networks,
        phrase: "alpha {}",
        unsaid_by_default: true,
        get: |spec| spec.activation.alpha().map(Value::Real),
        set: |spec, value| {
            let name = spec.activation.name();
            Activation::new(name, Some(real(value)?)).map(|function| spec.activation = function)
        },
        allowed: |spec| spec.activation.alpha().is_none_or(f64::is_finite),
        wanted: "a finite number",
    },
    Field {
        name: "seed",
        flag: "seed",
        aliases: &[],
        title: "seed",
        help: "Seed of everything random",
        list_example: "0..4 is five seeds",
        placeholder: "N",
        accepts: Accepts::Whole,
        default_by: None,
        since: 1,
        role: Role::Repetition,
        concerns: Concerns::Networks,
        phrase: "seed {}",
        unsaid_by_default: false,
        get: |spec| Some(Value::Whole(spec.seed)),
        set: |spec, value| whole(value).map(|seed| spec.seed = seed),
        allowed: always,
        wanted: "",
    },
    Field {
        name: "epochs",
        flag: "epochs",
        aliases: &[],
        title: "epochs",
        help: "Passes over the training trials",
        list_example: "",
        placeholder: "N",
        accepts: Accepts::Whole,
        default_by: None,
        since: 1,
        role: Role::Recipe,
        concerns: Concerns::Networks,
        phrase: "{} epochs",
        unsaid_by_default: false,
        get: |spec| Some(Value::Whole(spec.epochs.into())),
        set: |spec, value| size(value).map(|epochs| spec.epochs = epochs),
        allowed: |spec| spec.epochs > 0,
        wanted: "1 or more",
    },
    Field {
        name: "batch",
        flag: "batch",
        aliases: &["batch_size"],
        title: "batch",
        help: "Trials of one step",
        list_example: "",
        placeholder: "N",
        accepts: Accepts::Whole,
        default_by: None,
        since: 1,
        role: Role::Recipe,
        concerns: Concerns::Networks,
        phrase: "batch {}",
        unsaid_by_default: false,
        get: |spec| Some(Value::Whole(spec.batch as u64)),
        set: |spec, value| size(value).map(|batch| spec.batch = batch),
        allowed: |spec| spec.batch > 0,
        wanted: "1 or more trials",
    },
    Field {
        name: "lr",
        flag: "lr",
        aliases: &["rate", "learning_rate"],
        title: "learning rate",
        help: "Learning rate of Adam",
        list_example: "",
        placeholder: "X",
        accepts: Accepts::Real,
        default_by: None,
        since: 1,
        role: Role::Recipe,
        concerns: Concerns::Networks,
        phrase: "lr {}",
        unsaid_by_default: false,
        get: |spec| Some(Value::Real(spec.lr)),
        set: |spec, value| real(value).map(|lr| spec.lr = lr),
        allowed: |spec| spec.lr.is_finite() && spec.lr > 0.0,
        wanted: "a positive number, such as 0.001",
    },
    Field {
        name: "weight_decay",
        flag: "weight-decay",
        aliases: &["wd", "decay"],
        title: "weight decay",
        help: "L2 term added to the gradient",
        list_example: "",
        placeholder: "X",
        accepts: Accepts::Real,
        default_by: None,
        since: 1,
        role: Role::Recipe,
        concerns: Concerns::Networks,
        phrase: "weight decay {}",
        unsaid_by_default: false,
        get: |spec| Some(Value::Real(spec.weight_decay)),
        set: |spec, value| real(value).map(|decay| spec.weight_decay = decay),
        allowed: |spec| spec.weight_decay.is_finite() && spec.weight_decay >= 0.0,
        wanted: "0 or a positive number, such as 0.01",
    },
    Field {
        name: "dropout",
        flag: "dropout",
        aliases: &[],
        title: "dropout",
        help: "Dropout probability",
        list_example: "",
        placeholder: "P",
        accepts: Accepts::Real,
        default_by: Some("the model's own"),
        since: 1,
        role: Role::Recipe,
        concerns: Concerns::Networks,
        phrase: "dropout {}",
        unsaid_by_default: true,
        get: |spec| Some(Value::Real(spec.dropout)),
        set: |spec, value| real(value).map(|dropout| spec.dropout = dropout),
        allowed: |spec| (0.0..1.0).contains(&spec.dropout),
        wanted: "from 0 up to, but not including, 1",
    },
    Field {
        name: "validation",
        flag: "validation",
        aliases: &["held_out"],
        title: "validation",
        help: "Share of the training trials held out to choose the epoch by",
        list_example: "",
        placeholder: "F",
        accepts: Accepts::Real,
        default_by: None,
        since: 1,
        role: Role::Recipe,
        concerns: Concerns::Networks,
        phrase: "validation {}",
        unsaid_by_default: false,
        get: |spec| Some(Value::Real(spec.validation)),
        set: |spec, value| real(value).map(|share| spec.validation = share),
        allowed: |spec| (0.0..1.0).contains(&spec.validation),
        wanted: "from 0 up to, but not including, 1",
    },
    Field {
        name: "standardize",
        flag: "standardize",
        aliases: &[],
        title: "standardize",
        help: "Scaling of the signal",
        list_example: "",
        placeholder: "HOW",
        accepts: Accepts::Words(|| Standardize::ALL.map(Standardize::name).into()),
        default_by: None,
        since: 1,
        role: Role::Recipe,
        concerns: Concerns::All,
        phrase: "standardize {}",
        unsaid_by_default: true,
        get: |spec| Some(Value::word(spec.standardize.name())),
        set: |spec, value| choose(value, &Standardize::ALL, Standardize::name, &mut spec.standardize),
        allowed: always,
        wanted: "",
    },
    Field {
        name: "nan",
        flag: "nan",
        aliases: &[],
        title: "missing samples",
        help: "Filling of missing samples; reference is the lab's",
        list_example: "",
        placeholder: "HOW",
        accepts: Accepts::Words(|| NanPolicy::ALL.map(NanPolicy::name).into()),
        default_by: None,
        since: 1,
        role: Role::Recipe,
        concerns: Concerns::All,
        phrase: "nan {}",
        unsaid_by_default: false,
        get: |spec| Some(Value::word(spec.nan.name())),
        set: |spec, value| choose(value, &NanPolicy::ALL, NanPolicy::name, &mut spec.nan),
        allowed: always,
        wanted: "",
    },
    Field {
        name: "split",
        flag: "split",
        aliases: &[],
        title: "split",
        help: "What is learned from and what is judged on",
        list_example: "",
        placeholder: "HOW",
        accepts: Accepts::Name(|| {
            vec!["given", "kfold:5", "leave_out:subject", "leave_out:session", "leave_out:run"]
        }),
        default_by: None,
        since: 2,
        role: Role::Recipe,
        concerns: Concerns::All,
        phrase: "split {}",
        unsaid_by_default: true,
        get: |spec| Some(Value::Word(spec.split.to_string().into())),
        set: |spec, value| word(value)?.parse().map(|split| spec.split = split),
        allowed: always,
        wanted: "",
    },
    Field {
        name: "fold",
        flag: "fold",
        aliases: &[],
        title: "fold",
        help: "The fold that is judged on, from 0",
        list_example: "0..4 is five folds",
        placeholder: "N",
        accepts: Accepts::Whole,
        default_by: Some("every one"),
        since: 2,
        role: Role::Repetition,
        concerns: Concerns::All,
        phrase: "fold {}",
        unsaid_by_default: true,
        get: |spec| spec.fold.map(Value::Whole),
        set: |spec, value| whole(value).map(|fold| spec.fold = Some(fold)),
        allowed: |spec| match spec.split {
            Split::KFold { folds, .. } => spec.fold.is_none_or(|fold| fold < folds),
            _ => spec.fold.is_none(),
        },
        wanted: "below the number of folds, counted from 0, and left out where the split is no kfold",
    },
    Field {
        name: "group",
        flag: "group",
        aliases: &[],
        title: "group",
        help: "The subject, session or run that is left out and judged on",
        list_example: "",
        placeholder: "NAME",
        accepts: Accepts::Name(Vec::new),
        default_by: Some("every one"),
        since: 2,
        role: Role::Repetition,
        concerns: Concerns::All,
        phrase: "without {}",
        unsaid_by_default: true,
        get: |spec| spec.group.clone().map(|group| Value::Word(group.into())),
        set: |spec, value| {
            // What looks like a number in a file is still a name.
            spec.group = Some(value.to_string());
            Ok(())
        },
        allowed: |spec| matches!(spec.split, Split::LeaveOut(_)) || spec.group.is_none(),
        wanted: "left out where the split leaves nobody out",
    },
    Field {
        name: "subjects",
        flag: "subjects",
        aliases: &["who"],
        title: "subjects",
        help: "Whose trials the run is about; each makes a run of every subject",
        list_example: "",
        placeholder: "NAME,…",
        accepts: Accepts::Names(|| vec!["all", "each"]),
        default_by: None,
        since: 2,
        role: Role::Recipe,
        concerns: Concerns::All,
        phrase: "subjects {}",
        unsaid_by_default: true,
        get: |spec| Some(Value::Word(spec.subjects.to_string().into())),
        set: |spec, value| value.to_string().parse().map(|subjects| spec.subjects = subjects),
        allowed: always,
        wanted: "",
    },
    Field {
        name: "outliers",
        flag: "outliers",
        aliases: &["artifacts"],
        title: "outliers",
        help: "Trials that go ten times as far as the others, among those learned from",
        list_example: "",
        placeholder: "HOW",
        accepts: Accepts::Words(|| Outliers::ALL.map(Outliers::name).into()),
        default_by: None,
        since: 2,
        role: Role::Recipe,
        concerns: Concerns::All,
        phrase: "outliers {}",
        unsaid_by_default: true,
        get: |spec| Some(Value::word(spec.outliers.name())),
        set: |spec, value| choose(value, &Outliers::ALL, Outliers::name, &mut spec.outliers),
        allowed: always,
        wanted: "",
    },
    Field {
        name: "band",
        flag: "band",
        aliases: &["filter"],
        title: "band",
        help: "Frequencies in Hz that pass before a baseline is fitted, such as 8-30, or none: all",
        list_example: "",
        placeholder: "LO-HI",
        accepts: Accepts::Band,
        default_by: None,
        since: 2,
        role: Role::Axis,
        concerns: Concerns::Baselines,
        phrase: "{} Hz",
        unsaid_by_default: true,
        get: |spec| Some(spec.band.map_or(Value::word("none"), |band| Value::Word(band.to_string().into()))),
        set: |spec, value| pass_band(word(value)?).map(|band| spec.band = band),
        allowed: always,
        wanted: "",
    },
];

/// The field of this name.
pub fn field(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}

impl Spec {
    /// The fields of this role and what a line of prose says of them, such as `300 epochs, batch 256, lr 0.001`.
    pub fn prose(&self, role: Role) -> String {
        let said = FIELDS.iter().filter(|field| field.role == role).filter_map(|field| field.say(self));
        said.collect::<Vec<_>>().join(", ")
    }

    /// What a file says: every field of version 1, and what is not as it was before there was such a field.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'static Field, Value)> {
        // The compiler asks here about a new field: give it a row above, which says whether runs that differ in it are pooled.
        let Spec {
            model: _,
            activation: _,
            seed: _,
            epochs: _,
            batch: _,
            lr: _,
            weight_decay: _,
            dropout: _,
            validation: _,
            standardize: _,
            nan: _,
            split: _,
            fold: _,
            group: _,
            subjects: _,
            outliers: _,
            band: _,
            data: _,
        } = self;
        let written = FIELDS.iter().filter(|field| field.is_said(self));
        written.filter_map(|field| Some((field, field.value(self)?)))
    }

    /// Refuses values that no run can have. What depends on the data is checked where the data are known.
    pub fn check(&self) -> Result<(), SpecError> {
        for field in &FIELDS {
            match field.concerns.covers(&self.model) {
                true if !(field.allowed)(self) => return Err(field.refuse(&field.print(self), field.wanted)),
                false if !field.is_void(self) => return Err(field.foreign(&self.model)),
                _ => (),
            }
        }
        Ok(())
    }
}

fn always(_: &Spec) -> bool {
    true
}

fn word(value: &Value) -> Result<&str, String> {
    value.text().ok_or_else(|| "a word".into())
}

fn real(value: &Value) -> Result<f64, String> {
    value.number().ok_or_else(|| "a number".into())
}

fn whole(value: &Value) -> Result<u64, String> {
    value.whole().ok_or_else(|| "a whole number from 0 on".into())
}

/// A whole number that fits what it counts.
fn size<N: TryFrom<u64>>(value: &Value) -> Result<N, String> {
    N::try_from(whole(value)?).map_err(|_| "a smaller number".into())
}

/// Takes the member of this name.
fn choose<T: Copy>(
    value: &Value,
    all: &[T],
    name: fn(T) -> &'static str,
    into: &mut T,
) -> Result<(), String> {
    let wanted = || all.iter().map(|one| name(*one)).collect::<Vec<_>>().join(" or ");
    *into = *all.iter().find(|one| Some(name(**one)) == value.text()).ok_or_else(wanted)?;
    Ok(())
}
