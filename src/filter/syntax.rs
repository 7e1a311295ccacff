//! How a filter is written: words, comparisons, `or`, `not`, brackets.

use super::Context;
use super::field::{self, Comparison, Field, Wanted};
use crate::notebook::RunSummary;
use crate::printable::printable;
use regex::{Regex, RegexBuilder};

/// What must hold of a run.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    /// Every part; without parts, nothing.
    All(Vec<Expression>),
    /// One part at least.
    Any(Vec<Expression>),
    /// The opposite.
    Not(Box<Expression>),
    /// Found anywhere in what describes the run.
    Word(String),
    /// Likewise.
    Pattern(Regex),
    /// A field compared with one of several values.
    Compare(&'static Field, Comparison, Vec<Wanted>),
}

impl Default for Expression {
    fn default() -> Self {
        Expression::All(Vec::new())
    }
}

/// Why a filter is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// No such field.
    #[error("no field '{0}': there are {names}", names = field::names())]
    Field(String),
    /// Not a number.
    #[error("{field} wants a number, not '{value}'")]
    Number {
        /// The field.
        field: String,
        /// What stands there.
        value: String,
    },
    /// `state<failed`.
    #[error("{0} is no number: compare it with =, != or ~")]
    Order(String),
    /// `acc~8`.
    #[error("{0} is a number: compare it with = != < <= > or >=")]
    Part(String),
    /// `(elu`, or `elu)`.
    #[error("a bracket is missing: every ( needs its )")]
    Bracket,
    /// `elu or`, `not`.
    #[error("something is missing after '{0}'")]
    Missing(&'static str),
    /// `/[/`.
    #[error("/{0}/ is no regular expression")]
    Pattern(String),
}

impl Expression {
    pub(super) fn holds(&self, run: &RunSummary, context: Context) -> bool {
        match self {
            Expression::All(parts) => parts.iter().all(|part| part.holds(run, context)),
            Expression::Any(parts) => parts.iter().any(|part| part.holds(run, context)),
            Expression::Not(part) => !part.holds(run, context),
            Expression::Word(word) => field::describes(run, word),
            Expression::Pattern(pattern) => field::description(run).iter().any(|text| pattern.is_match(text)),
            Expression::Compare(field, comparison, wanted) => {
                // A field while it is typed (`state=`) hides nothing.
                wanted.is_empty() || field.holds(*comparison, wanted, run, context)
            }
        }
    }

    /// Of a comparison that must hold and holds of no run, what stands there instead.
    pub(super) fn unmet(&self, runs: &[RunSummary], context: Context) -> Option<String> {
        match self {
            Expression::All(parts) => parts.iter().find_map(|part| part.unmet(runs, context)),
            Expression::Compare(field, Comparison::Equal, wanted) if !wanted.is_empty() => {
                let met = runs.iter().any(|run| field.holds(Comparison::Equal, wanted, run, context));
                if met { None } else { field.found(runs, context) }
            }
            _ => None,
        }
    }

    /// Whether a field of this name occurs.
    pub(super) fn names(&self, name: &str) -> bool {
        match self {
            Expression::All(parts) | Expression::Any(parts) => parts.iter().any(|part| part.names(name)),
            Expression::Not(part) => part.names(name),
            Expression::Compare(field, ..) => field.name == name,
            Expression::Word(_) | Expression::Pattern(_) => false,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Or,
    Not,
    /// A word or a comparison, as it was typed.
    Term(String),
}

/// Understands a whole filter.
pub(super) fn parse(text: &str) -> Result<Expression, FilterError> {
    let tokens = tokens(text);
    let mut reader = Reader { tokens: &tokens };
    let expression = reader.any()?;
    if reader.tokens.is_empty() { Ok(expression) } else { Err(FilterError::Bracket) }
}

struct Reader<'t> {
    tokens: &'t [Token],
}

impl Reader<'_> {
    fn take(&mut self) -> Option<Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first.clone())
    }

    /// Parts joined by `or`.
    fn any(&mut self) -> Result<Expression, FilterError> {
        let mut parts = vec![self.all()?];
        while self.tokens.first() == Some(&Token::Or) {
            self.take();
            match self.all()? {
                Expression::All(nothing) if nothing.is_empty() => return Err(FilterError::Missing("or")),
                part => parts.push(part),
            }
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::Any(parts) })
    }

    /// Parts side by side.
    fn all(&mut self) -> Result<Expression, FilterError> {
        let mut parts = Vec::new();
        while !matches!(self.tokens.first(), None | Some(Token::Or | Token::Close)) {
            parts.push(self.one()?);
        }
        Ok(Expression::All(parts))
    }

    fn one(&mut self) -> Result<Expression, FilterError> {
        match self.take() {
            Some(Token::Not) => match self.tokens.first() {
                None | Some(Token::Or | Token::Close) => Err(FilterError::Missing("not")),
                Some(_) => Ok(Expression::Not(Box::new(self.one()?))),
            },
            Some(Token::Open) => {
                let inside = self.any()?;
                match self.take() {
                    Some(Token::Close) => Ok(inside),
                    _ => Err(FilterError::Bracket),
                }
            }
            Some(Token::Term(term)) => self::term(&term),
            _ => Err(FilterError::Bracket),
        }
    }
}

/// Cuts a text at blanks and brackets, but not within quotes or a regular expression.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' => {
                tokens.push(Token::Open);
                1
            }
            ')' => {
                tokens.push(Token::Close);
                1
            }
            '-' if rest.chars().nth(1).is_some_and(|next| !next.is_whitespace()) => {
                tokens.push(Token::Not);
                1
            }
            _ => {
                let length = term_length(rest);
                tokens.push(match rest[..length].to_lowercase().as_str() {
                    "or" => Token::Or,
                    "not" => Token::Not,
                    _ => Token::Term(rest[..length].into()),
                });
                length
            }
        };
        rest = rest[length..].trim_start();
    }
    // "and" says what stands side by side anyway.
    tokens.retain(|token| !matches!(token, Token::Term(word) if word.eq_ignore_ascii_case("and")));
    tokens
}

/// Bytes up to the end of a term.
fn term_length(text: &str) -> usize {
    let mut within = None;
    let mut before = None;
    for (place, letter) in text.char_indices() {
        match within {
            Some(end) if letter == end && before != Some('\\') => within = None,
            Some(_) => {}
            None if letter == '"' => within = Some('"'),
            // A slash begins a pattern where a word or a value begins.
            None if letter == '/' && matches!(before, None | Some('~' | ',')) => within = Some('/'),
            None if letter.is_whitespace() || letter == '(' || letter == ')' => return place,
            None => {}
        }
        before = Some(letter);
    }
    text.len()
}

/// Longer ones first, so that `<=` is not read as `<`. A colon is how other programs write it.
const COMPARISONS: [(&str, Comparison); 9] = [
    ("!=", Comparison::Unequal),
    ("!~", Comparison::Without),
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("=", Comparison::Equal),
    ("~", Comparison::Contains),
    ("<", Comparison::Less),
    (">", Comparison::More),
    (":", Comparison::Equal),
];

fn term(term: &str) -> Result<Expression, FilterError> {
    if let Some(pattern) = pattern(term) {
        return pattern.map(Expression::Pattern);
    }
    let found = COMPARISONS
        .iter()
        .filter_map(|(sign, comparison)| term.find(sign).map(|place| (place, *sign, *comparison)))
        .min_by_key(|(place, sign, _)| (*place, std::cmp::Reverse(sign.len())));
    match found {
        Some((place, sign, comparison)) if place > 0 && !term.starts_with('"') => {
            compare(&term[..place], comparison, &term[place + sign.len()..])
        }
        _ => Ok(Expression::Word(unquoted(term).to_lowercase())),
    }
}

/// A regular expression between slashes; the second slash may still be missing.
fn pattern(text: &str) -> Option<Result<Regex, FilterError>> {
    let inside = text.strip_prefix('/')?;
    let inside = inside.strip_suffix('/').unwrap_or(inside);
    let built = RegexBuilder::new(inside).case_insensitive(true).size_limit(1 << 20).build();
    Some(built.map_err(|_| FilterError::Pattern(printable(inside).into_owned())))
}

fn unquoted(text: &str) -> &str {
    let text = text.strip_prefix('"').unwrap_or(text);
    text.strip_suffix('"').unwrap_or(text)
}

fn compare(name: &str, comparison: Comparison, values: &str) -> Result<Expression, FilterError> {
    let field = field::find(name).ok_or_else(|| FilterError::Field(printable(name).into_owned()))?;
    let values = pieces(values);
    let orders =
        matches!(comparison, Comparison::Less | Comparison::AtMost | Comparison::More | Comparison::AtLeast);
    let part = matches!(comparison, Comparison::Contains | Comparison::Without);
    if field.is_number() && part {
        return Err(FilterError::Part(field.name.into()));
    }
    if !field.is_number() && orders {
        return Err(FilterError::Order(field.name.into()));
    }
    if field.is_number() && values.is_empty() {
        return Err(FilterError::Number { field: field.name.into(), value: String::new() });
    }
    let wanted = |value: &str| {
        if field.is_number() {
            let number =
                || FilterError::Number { field: field.name.into(), value: printable(value).into_owned() };
            return field.number_of(value).ok_or_else(number);
        }
        match pattern(value).filter(|_| part) {
            Some(pattern) => pattern.map(Wanted::Pattern),
            None => Ok(Wanted::Text(unquoted(value).to_lowercase())),
        }
    };
    let wanted = values.into_iter().map(wanted).collect::<Result<Vec<_>, _>>()?;
    Ok(Expression::Compare(field, comparison, wanted))
}

/// What stands between commas; commas within quotes and patterns are letters.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut within, mut before) = (0, None, None);
    for (place, letter) in text.char_indices() {
        match within {
            Some(end) if letter == end && before != Some('\\') => within = None,
            Some(_) => {}
            None if letter == '"' => within = Some('"'),
            None if letter == '/' && place == start => within = Some('/'),
            None if letter == ',' => {
                pieces.push(&text[start..place]);
                start = place + 1;
            }
            None => {}
        }
        before = Some(letter);
    }
    pieces.push(&text[start..]);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}
