//! A field's value, as files, flags and people write it.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// One value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A whole number from 0 on.
    Whole(u64),
    /// Any number.
    Real(f64),
    /// A word.
    Word(Cow<'static, str>),
}

impl Value {
    /// A word that the program knows.
    pub const fn word(word: &'static str) -> Self {
        Value::Word(Cow::Borrowed(word))
    }

    /// The number, where it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Whole(whole) => Some(*whole as f64),
            Value::Real(real) => Some(*real),
            Value::Word(_) => None,
        }
    }

    /// The whole number, where it is one.
    pub fn whole(&self) -> Option<u64> {
        match self {
            Value::Whole(whole) => Some(*whole),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Value::Word(word) => Some(word),
            _ => None,
        }
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Whole(whole) => write!(f, "{whole}"),
            Value::Real(real) => write!(f, "{real}"),
            Value::Word(word) => write!(f, "{word}"),
        }
    }
}
