//! Lists of values as people type them: `0.1, 0.3`, and for numbers ranges: `0..4` goes in ones, `0.1..1` in tenths.

use super::field::Accepts;
use super::{Field, SpecError, Value};

/// More values of a range than anyone means to enqueue at once.
const AT_MOST: usize = 200;

impl Field {
    /// The values of a list; blanks and empty pieces count for nothing. Names with commas between them are one value.
    pub fn list(&self, text: &str) -> Result<Vec<Value>, SpecError> {
        if matches!(self.accepts, Accepts::Names(_)) {
            let said = text.trim_matches(|character: char| character == ',' || character.is_whitespace());
            return if said.is_empty() { Ok(Vec::new()) } else { Ok(vec![self.parse(said)?]) };
        }
        let pieces = text.split(',').map(str::trim).filter(|piece| !piece.is_empty());
        let mut values = Vec::new();
        for piece in pieces {
            match (piece.split_once(".."), self.accepts) {
                (Some((from, to)), Accepts::Whole) => values.extend(self.ones(piece, from, to)?),
                (Some((from, to)), Accepts::Real) => values.extend(self.tenths(piece, from, to)?),
                _ => values.push(self.parse(piece)?),
            }
        }
        Ok(values)
    }

    fn ones(&self, piece: &str, from: &str, to: &str) -> Result<Vec<Value>, SpecError> {
        let (from, to) = (self.parse(from)?.whole().unwrap_or(0), self.parse(to)?.whole().unwrap_or(0));
        if to < from || to - from >= AT_MOST as u64 {
            return Err(self.refuse(piece, "a range of at most 200, such as 0..4"));
        }
        Ok((from..=to).map(Value::Whole).collect())
    }

    fn tenths(&self, piece: &str, from: &str, to: &str) -> Result<Vec<Value>, SpecError> {
        let end = |text| self.parse(text).map(|value| value.number().unwrap_or(f64::NAN));
        let (from, to) = (end(from)?, end(to)?);
        let steps = ((to - from).abs() * 10.0).round();
        if steps >= AT_MOST as f64 {
            return Err(self.refuse(piece, "a range of at most 200 steps of 0.1, such as 0.1..1"));
        }
        // Whole tenths, so that 0.3 is 0.3 and not 0.30000000000000004.
        let step = |n: u32| ((from * 10.0 + f64::from(n) * (to - from).signum()) * 1e6).round() / 1e7;
        Ok((0..=steps as u32).map(|n| Value::Real(step(n))).collect())
    }
}

#[cfg(test)]
mod tests {
    use crate::spec::{Value, field};

    fn list(name: &str, text: &str) -> Option<Vec<Value>> {
        field(name)?.list(text).ok()
    }

    fn reals(numbers: &[f64]) -> Option<Vec<Value>> {
        Some(numbers.iter().copied().map(Value::Real).collect())
    }

    #[test]
    fn ranges_of_numbers_go_both_ways_in_tenths() {
        assert_eq!(list("alpha", "0.1..0.4"), reals(&[0.1, 0.2, 0.3, 0.4]));
        assert_eq!(list("alpha", "1..0.7, 2"), reals(&[1.0, 0.9, 0.8, 0.7, 2.0]));
        assert_eq!(list("alpha", " "), reals(&[]));
        for wrong in ["0..inf", "x", "0..1e9", "nan..1"] {
            assert_eq!(list("alpha", wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_list_of_subjects_is_one_value() {
        assert_eq!(list("subjects", "S1, S2"), Some(vec![Value::word("S1, S2")]));
        assert_eq!(list("subjects", " "), Some(vec![]));
    }

    #[test]
    fn ranges_of_seeds_are_whole_numbers() {
        assert_eq!(list("seed", "0..2, 7"), Some([0, 1, 2, 7].map(Value::Whole).into()));
        for wrong in ["-1", "1.5", "4..2", "0..18446744073709551615", "0.5..1"] {
            assert_eq!(list("seed", wrong), None, "{wrong}");
        }
    }
}
