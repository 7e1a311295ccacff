//! So many of a thing, in words.

/// `1 run`, `3 runs`: a number and the noun that goes with it.
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        assert_eq!([0, 1, 12].map(|count| counted(count, "run")), ["0 runs", "1 run", "12 runs"]);
    }
}
