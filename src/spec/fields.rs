//! The one table of spec fields. Flags, the form, grids, filters, `spec.toml`, the hash, the recipe of a table and every
//! listing of a spec follow from it: a new field is a member of [`Spec`] and a row here.
//!
//! What has once been released never changes: names, the order of rows (new ones go to the end), and the defaults, which
//! [`Spec::recipe`] has. Old files were written without the field, and hashes are computed over it.

use super::{DataSource, NanPolicy, Outliers, Spec, SpecError, Split, Standardize, Value};
use crate::model::{Activation, Model};
use crate::signal::PassBand;

/// A field of a spec.
#[derive(Debug)]
pub struct Field {
    /// Its name in `spec.toml`, in JSON and in filters.
    pub name: &'static str,
    /// Its flag, without the dashes.
    pub flag: &'static str,
    /// What else people may call it in a filter.
    pub aliases: &'static [&'static str],
    /// Its name for people.
    pub title: &'static str,
    /// What it is: the help of its flag and the hint in the form.
    pub help: &'static str,
    /// An example of several values at once, where there is more to it than commas.
    pub list_example: &'static str,
    /// What a flag's value is called.
    pub placeholder: &'static str,
    /// What may be written there.
    pub accepts: Accepts,
    /// What its default is, where that depends on another field.
    pub default_by: Option<&'static str>,
    /// The first version of `spec.toml` that has it.
    pub since: u32,
    /// What tables make of runs that differ in it.
    pub role: Role,
    /// Which models have it.
    pub concerns: Concerns,
    /// How it is said in a line, with `{}` for the value.
    phrase: &'static str,
    /// Whether such a line leaves it out where it has its default.
    unsaid_by_default: bool,
    get: fn(&Spec) -> Option<Value>,
    set: fn(&mut Spec, &Value) -> Result<(), String>,
    allowed: fn(&Spec) -> bool,
    wanted: &'static str,
}

/// What may be written for a field.
#[derive(Clone, Copy, Debug)]
pub enum Accepts {
    /// A whole number from 0 on.
    Whole,
    /// A finite number.
    Real,
    /// One of these words.
    Words(fn() -> Vec<&'static str>),
    /// A name; these come with the program.
    Name(fn() -> Vec<&'static str>),
    /// Names with commas between them, which are one value; these words too.
    Names(fn() -> Vec<&'static str>),
    /// A band of frequencies, or `none`.
    Band,
}

/// Which models have a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concerns {
    /// Every one.
    All,
    /// What is trained epoch by epoch.
    Networks,
    /// What is fitted at once.
    Baselines,
}

impl Concerns {
    /// Whether a model is among them.
    pub fn covers(self, model: &Model) -> bool {
        match self {
            Concerns::All => true,
            Concerns::Networks => model.baseline().is_none(),
            Concerns::Baselines => model.baseline().is_some(),
        }
    }
}

/// What tables make of runs that differ in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// They stand in different rows or columns.
    Axis,
    /// They are repetitions of one experiment, and are averaged.
    Repetition,
    /// They belong to different tables.
    Recipe,
}

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
        set: |spec, value| band(word(value)?).map(|band| spec.band = band),
        allowed: always,
        wanted: "",
    },
];

/// The field of this name.
pub fn field(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}

impl Field {
    /// Its value in a spec; `None` where there is none, such as ReLU's α or the epochs of a baseline.
    pub fn value(&self, spec: &Spec) -> Option<Value> {
        (self.get)(spec).filter(|_| self.concerns.covers(&spec.model))
    }

    /// Whether a spec says what its model is like anyway, of a field that its model does not have: that a baseline holds out
    /// nothing, say.
    fn is_void(&self, spec: &Spec) -> bool {
        let bare = Spec::recipe(spec.model.clone(), spec.activation, spec.data.clone());
        (self.get)(spec) == (self.get)(&bare)
    }

    /// The default where no other field has a say, as text.
    pub fn plain_default(&self) -> String {
        let data = DataSource { name: String::new(), path: None, fingerprint: String::new() };
        self.print(&Spec::recipe(Model::eegnet(), Activation::Relu, data))
    }

    /// Its value in a spec, for people.
    pub fn print(&self, spec: &Spec) -> String {
        self.value(spec).map_or("none".into(), |value| value.to_string())
    }

    /// Its default in a spec like this one: some follow the network or the activation.
    pub fn default(&self, like: &Spec) -> Option<Value> {
        let mut bare = Spec::recipe(like.model.clone(), like.activation, like.data.clone());
        if let Ok(function) = Activation::new(like.activation.name(), None) {
            bare.activation = function;
        }
        self.value(&bare)
    }

    /// Whether a spec has the default there.
    pub fn is_default(&self, spec: &Spec) -> bool {
        self.value(spec) == self.default(spec)
    }

    /// Whether a file says it: all of version 1 is said, later fields where they are not as it was before there were any.
    pub fn is_said(&self, spec: &Spec) -> bool {
        self.concerns.covers(&spec.model) && (self.since == 1 || !self.is_default(spec))
    }

    /// Puts a value into a spec. What no run can have is found by [`Spec::check`].
    pub fn set(&self, spec: &mut Spec, value: &Value) -> Result<(), SpecError> {
        (self.set)(spec, value).map_err(|wanted| self.refuse(&value.to_string(), &wanted))?;
        match self.concerns.covers(&spec.model) || self.is_void(spec) {
            true => Ok(()),
            false => Err(self.foreign(&spec.model)),
        }
    }

    fn foreign(&self, model: &Model) -> SpecError {
        SpecError::Foreign {
            field: self.name,
            title: self.title,
            flag: self.flag,
            model: model.name().into(),
        }
    }

    /// Understands one value as a person types it.
    pub fn parse(&self, text: &str) -> Result<Value, SpecError> {
        let text = text.trim();
        match self.accepts {
            Accepts::Whole => text.parse().map(Value::Whole).map_err(|_| self.refuse(text, "a whole number")),
            Accepts::Real => match text.parse() {
                Ok(number) if f64::is_finite(number) => Ok(Value::Real(number)),
                _ => Err(self.refuse(text, "a finite number")),
            },
            Accepts::Name(_) | Accepts::Names(_) if text.is_empty() => Err(self.refuse(text, "a name")),
            Accepts::Name(_) | Accepts::Names(_) => Ok(Value::Word(text.to_owned().into())),
            Accepts::Band => match band(text) {
                Ok(Some(band)) => Ok(Value::Word(band.to_string().into())),
                Ok(None) => Ok(Value::word("none")),
                Err(wanted) => Err(self.refuse(text, &wanted)),
            },
            Accepts::Words(words) => match words().iter().find(|word| **word == text) {
                Some(word) => Ok(Value::word(word)),
                None => Err(self.refuse(text, &words().join(" or "))),
            },
        }
    }

    /// The words that it takes, or offers; none where it takes numbers.
    pub fn words(&self) -> Vec<&'static str> {
        match self.accepts {
            Accepts::Words(words) | Accepts::Name(words) | Accepts::Names(words) => words(),
            _ => Vec::new(),
        }
    }

    pub(super) fn refuse(&self, value: &str, wanted: &str) -> SpecError {
        SpecError::Value { field: self.name, value: value.into(), wanted: wanted.into() }
    }

    /// The value in a line of prose; `None` where it goes without saying.
    fn say(&self, spec: &Spec) -> Option<String> {
        let unsaid = self.unsaid_by_default && self.is_default(spec);
        let value = self.value(spec).filter(|_| !unsaid)?;
        Some(self.phrase.replace("{}", &value.to_string()))
    }
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

fn band(text: &str) -> Result<Option<PassBand>, String> {
    match text {
        "none" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| "two numbers of Hz, the lower first, such as 8-30, or none".into()),
    }
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

impl Spec {
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
