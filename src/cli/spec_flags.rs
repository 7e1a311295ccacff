//! The flags that describe runs, for `train` (one run) and `add` (a grid): one for each field of a spec, made from the table
//! of fields, and which data and preset they are about.

use super::accept::Accept;
use super::{Failure, Global, THE_RUN};
use crate::dataset::{self, DataError, DataSet, Looked};
use crate::lab::Preset;
use crate::model::Model;
use crate::plan::{self, Grid, GridError};
use crate::spec::{Accepts, FIELDS, Field, Spec, Value};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser, ValueParser};
use clap::{Arg, ArgAction, ArgMatches, Command};

/// What runs to make. Every list is a comma-separated one; `train` takes one value each.
#[derive(Clone, Debug, Default)]
pub struct SpecFlags {
    /// The data set's name or path.
    pub data_set: Option<String>,
    accept: Accept,
    grid: Grid,
}

const DATA_SET: &str = "data_set";
const PRESET: &str = "preset";

impl clap::Args for SpecFlags {
    fn augment_args(command: Command) -> Command {
        let data_set = Arg::new(DATA_SET).long("data-set").value_name("NAME").help(
            "A folder under --data, a path, or 'simulated' [default: --data itself if it holds npz files, else simulated]",
        );
        let presets = Preset::ALL.map(|preset| PossibleValue::new(preset.name()).help(preset.help()));
        let preset = Arg::new(PRESET)
            .long("preset")
            .value_name("PRESET")
            .help("The lab's experiments; other flags change them")
            .value_parser(PossibleValuesParser::new(presets));
        let of_the_run = [data_set, preset].into_iter().chain(FIELDS.iter().map(flag));
        let command = command.args(of_the_run.map(|arg| arg.help_heading(THE_RUN)));
        Accept::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for SpecFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let named = matches.get_one::<String>(PRESET);
        let preset = Preset::ALL.into_iter().find(|preset| named.is_some_and(|name| name == preset.name()));
        let grid = FIELDS.iter().fold(Grid::new(preset), |grid, field| {
            let lists = matches.get_many::<Vec<Value>>(field.name).into_iter().flatten();
            grid.with(field, lists.flatten().cloned().collect())
        });
        let accept = Accept::from_arg_matches(matches)?;
        Ok(SpecFlags { data_set: matches.get_one::<String>(DATA_SET).cloned(), accept, grid })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// A field's flag, which takes a list.
fn flag(field: &'static Field) -> Arg {
    let default = match (field.default_by, field.name) {
        (Some(words), _) => words.to_owned(),
        (None, "model") => "eegnet; a preset has both of the lab's".into(),
        (None, _) => field.plain_default(),
    };
    let words = field.words().join(", ");
    let words = if words.is_empty() { words } else { format!(": {words}") };
    let flag = Arg::new(field.name)
        .long(field.flag)
        .value_name(field.placeholder)
        .help(format!("{}{words} [default: {default}]", field.help))
        .allow_hyphen_values(matches!(field.accepts, Accepts::Real))
        .hide_possible_values(true)
        .action(ArgAction::Append)
        .value_parser(parser(field));
    // Names with commas between them are one value.
    if matches!(field.accepts, Accepts::Names(_)) { flag } else { flag.value_delimiter(',') }
}

/// Understands a piece of a field's list: a value, or a range of them.
fn parser(field: &'static Field) -> ValueParser {
    let list = move |text: String| field.list(&text);
    match field.accepts {
        Accepts::Words(words) => ValueParser::new(PossibleValuesParser::new(words()).try_map(list)),
        _ => ValueParser::new(move |text: &str| field.list(text).map_err(|error| error.to_string())),
    }
}

/// The flag of one value of a field, for commands that are about one thing, where something other than the field's default
/// stands for it when it is not given.
pub(super) fn one(name: &'static str) -> impl TypedValueParser<Value = Value> {
    let words = crate::spec::field(name).map(Field::words).unwrap_or_default();
    PossibleValuesParser::new(words).map(|word| Value::Word(word.into()))
}

impl SpecFlags {
    /// The lists as a grid, with the networks that they name; `seeds` counts on from each given seed.
    fn grid(&self, global: &Global, seeds: u64) -> Result<Grid, Failure> {
        let catalogue = super::machine::catalogue(global);
        let named = self.grid.list("model").iter().map(|name| catalogue.find(&name.to_string()));
        let named: Result<Vec<Model>, _> = named.collect();
        let named = named.map_err(|error| Failure::usage(error.to_string()))?;
        Ok(self.grid.clone().naming(named).counting_on(seeds))
    }

    /// The specs that the flags describe, one for every fold, group or subject that they leave open, checked against the data
    /// that they are about.
    pub fn many(&self, global: &Global, seeds: u64) -> Result<(Vec<Spec>, DataSet), Failure> {
        let Looked { data, findings } = dataset::look(self.data_set.as_deref(), &global.data)?;
        let grid = self.grid(global, seeds)?.at(data.sfreq);
        if grid.leaves_bands_out() {
            eprintln!(
                "the data set does not say its sampling rate, so nothing is enqueued on 8-30 Hz; 'sfreq' in its files says it"
            );
        }
        let specs = grid.specs(&data.source).map_err(refused)?;
        let specs = plan::complete(specs, &data).map_err(refused)?;
        plan::check(&specs, &data).map_err(refused)?;
        self.accept.heed(&findings, &specs)?;
        Ok((specs, data))
    }

    /// The one spec that the flags describe.
    pub fn one(&self, global: &Global) -> Result<(Spec, DataSet), Failure> {
        let Looked { data, findings } = dataset::look(self.data_set.as_deref(), &global.data)?;
        let mut specs = self.grid(global, 1)?.specs(&data.source).map_err(refused)?;
        if specs.len() != 1 {
            let sentence = "'train' takes one value for each option, these make";
            let count = specs.len();
            return Err(Failure::usage(format!("{sentence} {count} runs; 'eeg-tui add' enqueues them")));
        }
        plan::check(&specs, &data).map_err(refused)?;
        self.accept.heed(&findings, &specs)?;
        Ok((specs.remove(0), data))
    }
}

/// Values that no run can have are bad usage; data that don't fit are not.
fn refused(error: GridError) -> Failure {
    match error {
        GridError::Model(_) | GridError::Activation(_) | GridError::Spec(_) => {
            Failure::usage(error.to_string())
        }
        GridError::Data(
            DataError::OpenFold { .. }
            | DataError::OpenGroup { .. }
            | DataError::EachSubject
            | DataError::UnknownGroup { .. }
            | DataError::UnknownSubject { .. },
        ) => Failure::usage(error.to_string()),
        GridError::Data(_) => Failure::work(error.to_string()),
    }
}
