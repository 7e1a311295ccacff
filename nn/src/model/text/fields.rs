//! The fields of one table, each asked for as what it must be. Every refusal says the place, the value and what fits.

use super::{TextError, line_at};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A table of a network's text.
pub(super) struct Fields<'a> {
    text: &'a str,
    table: &'a DeTable<'a>,
    /// Where the table begins.
    line: usize,
    /// What stands ahead of every sentence: `layer 3 (avg_pool)`, or nothing.
    place: String,
}

const WHOLE: &str = "a whole number, 1 or more";

/// Seconds of the longest kernel. More would only overflow a shape later on.
const LONGEST: f64 = 3600.0;

/// What eps and maximum norms are.
pub(super) fn number_above_zero(x: f64) -> bool {
    x > 0.0
}

impl<'a> Fields<'a> {
    pub(super) fn new(text: &'a str, table: &'a DeTable<'a>, line: usize, place: String) -> Self {
        Fields { text, table, line, place }
    }

    /// An error at a field, or at the table where the field is missing.
    pub(super) fn error(&self, field: Option<&str>, sentence: String) -> TextError {
        let at = field.and_then(|field| self.value(field));
        let line = at.map_or(self.line, |value| line_at(self.text, value.span().start));
        let sentence = if self.place.is_empty() { sentence } else { format!("{}: {sentence}", self.place) };
        TextError { line, sentence }
    }

    /// Refuses every field but these.
    pub(super) fn refuse_others(
        &self,
        known: &[&str],
        sentence: impl Fn(&str) -> String,
    ) -> Result<(), TextError> {
        let unknown = self.table.keys().find(|key| !known.contains(&key.get_ref().as_ref()));
        match unknown {
            Some(key) => Err(self.error(Some(key.get_ref()), sentence(key.get_ref()))),
            None => Ok(()),
        }
    }

    /// The field as it stands there.
    pub(super) fn value(&self, field: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.get(field)
    }

    /// The value in a sentence: a text in quotes, anything else as it is written.
    pub(super) fn shown(&self, field: &str) -> String {
        match self.value(field).map(|value| (value.get_ref(), value.span())) {
            Some((DeValue::String(text), _)) => format!("'{text}'"),
            Some((_, span)) => self.text.get(span).unwrap_or("?").trim().to_owned(),
            None => "missing".into(),
        }
    }

    fn wrong<T>(&self, field: &str, wanted: &str) -> Result<Option<T>, TextError> {
        let sentence = format!("{field} is {}; it must be {wanted}", self.shown(field));
        Err(self.error(Some(field), sentence))
    }

    /// A text, if the field is there.
    pub(super) fn string(&self, field: &str) -> Result<Option<String>, TextError> {
        match self.value(field).map(Spanned::get_ref) {
            None => Ok(None),
            Some(DeValue::String(text)) => Ok(Some(text.clone().into_owned())),
            Some(_) => self.wrong(field, "a text in quotes"),
        }
    }

    /// `true` or `false`, if the field is there.
    pub(super) fn flag(&self, field: &str) -> Result<Option<bool>, TextError> {
        match self.value(field).map(Spanned::get_ref) {
            None => Ok(None),
            Some(DeValue::Boolean(flag)) => Ok(Some(*flag)),
            Some(_) => self.wrong(field, "true or false"),
        }
    }

    /// The whole number that stands there, if it is one.
    pub(super) fn whole(&self, field: &str) -> Option<usize> {
        let integer = self.value(field)?.get_ref().as_integer()?;
        // Larger numbers would only overflow a shape later on.
        let small = |number: &usize| *number <= 1 << 20;
        usize::from_str_radix(integer.as_str(), integer.radix()).ok().filter(small)
    }

    /// A whole number from 1, if the field is there.
    pub(super) fn count(&self, field: &str) -> Result<Option<usize>, TextError> {
        match (self.value(field), self.whole(field)) {
            (None, _) => Ok(None),
            (_, Some(number)) if number > 0 => Ok(Some(number)),
            _ => self.wrong(field, WHOLE),
        }
    }

    /// A whole number from 1.
    pub(super) fn needed_count(&self, field: &str) -> Result<usize, TextError> {
        self.count(field)?.ok_or_else(|| self.error(None, format!("needs '{field}'")))
    }

    /// A finite number that is as wanted, if the field is there.
    pub(super) fn number(
        &self,
        field: &str,
        wanted: &str,
        fits: impl Fn(f64) -> bool,
    ) -> Result<Option<f64>, TextError> {
        let Some(value) = self.value(field) else { return Ok(None) };
        let number: Option<f64> = match value.get_ref() {
            DeValue::Integer(integer) => {
                i64::from_str_radix(integer.as_str(), integer.radix()).ok().map(|whole| whole as f64)
            }
            DeValue::Float(float) => float.as_str().parse().ok(),
            _ => None,
        };
        match number {
            Some(number) if number.is_finite() && fits(number) => Ok(Some(number)),
            _ => self.wrong(field, wanted),
        }
    }

    /// A probability below 1, if the field is there.
    pub(super) fn probability(&self, field: &str) -> Result<Option<f64>, TextError> {
        self.number(field, "from 0 up to, but not including, 1", |p| (0.0..1.0).contains(&p))
    }

    /// A time in seconds, `"0.5s"` or `"500ms"`, if a text stands there.
    pub(super) fn seconds(&self, field: &str) -> Result<Option<f64>, TextError> {
        let Some(DeValue::String(text)) = self.value(field).map(Spanned::get_ref) else { return Ok(None) };
        let digits = |text: &str| text.bytes().all(|c| c.is_ascii_digit() || c == b'.');
        let (number, unit) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
            (Some(number), _) => (number.trim_end(), 1e-3),
            (None, Some(number)) => (number.trim_end(), 1.0),
            (None, None) => ("", 1.0),
        };
        match number.parse::<f64>() {
            Ok(number_of) if digits(number) && number_of > 0.0 && number_of * unit <= LONGEST => {
                Ok(Some(number_of * unit))
            }
            _ => self.wrong(field, &format!("{WHOLE}, or a time such as \"0.5s\" or \"500ms\"")),
        }
    }
}
