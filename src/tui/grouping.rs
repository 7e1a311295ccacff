//! Which runs Compare lays together as one curve.

/// What the curves of a comparison are of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grouping {
    /// All but the seed: repetitions of one experiment are one curve with a band.
    #[default]
    Seeds,
    /// Each run by itself.
    Single,
    /// The value of one field: all runs that share it.
    By(&'static str),
}

impl Grouping {
    /// The next of them, round and round, where runs differ in these fields.
    pub fn next(self, differing: &[&'static str]) -> Self {
        let by = differing.iter().filter(|field| **field != "seed").map(|field| Grouping::By(field));
        let all: Vec<Grouping> = [Grouping::Seeds, Grouping::Single].into_iter().chain(by).collect();
        let place = all.iter().position(|known| *known == self).unwrap_or(0);
        all[(place + 1) % all.len()]
    }

    /// What is said of it above the table.
    pub fn title(self) -> String {
        match self {
            Grouping::Seeds => "seeds together".into(),
            Grouping::Single => "each run".into(),
            Grouping::By(field) => format!("by {field}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_then_single_runs_then_each_field_that_differs() {
        let differing = ["seed", "model"];
        let turned = Grouping::Seeds.next(&differing);
        assert_eq!(turned, Grouping::Single);
        assert_eq!(turned.next(&differing), Grouping::By("model"));
        assert_eq!(Grouping::By("model").next(&differing), Grouping::Seeds);
        assert_eq!(Grouping::By("gone").next(&differing), Grouping::Single);
    }
}
