//! Which lines of two lists are the same: a longest common subsequence.

/// One line of either list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// In both.
    Same,
    /// In the first alone.
    Gone(&'a str),
    /// In the second alone.
    New(&'a str),
}

/// The lines of both lists in order, each told apart.
pub fn of<'a>(before: &'a [String], after: &'a [String]) -> Vec<Change<'a>> {
    // common[i][j]: the longest common subsequence of what follows i and j.
    let mut common = vec![vec![0usize; after.len() + 1]; before.len() + 1];
    for i in (0..before.len()).rev() {
        for j in (0..after.len()).rev() {
            common[i][j] = match before[i] == after[j] {
                true => common[i + 1][j + 1] + 1,
                false => common[i + 1][j].max(common[i][j + 1]),
            };
        }
    }
    let (mut i, mut j, mut changes) = (0, 0, Vec::new());
    while i < before.len() || j < after.len() {
        let (old, new) = (before.get(i), after.get(j));
        match (old, new) {
            (Some(old), Some(new)) if old == new => {
                changes.push(Change::Same);
                (i, j) = (i + 1, j + 1);
            }
            (Some(old), new) if new.is_none() || common[i + 1][j] >= common[i][j + 1] => {
                changes.push(Change::Gone(old));
                i += 1;
            }
            (_, Some(new)) => {
                changes.push(Change::New(new));
                j += 1;
            }
            _ => break,
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told_apart() {
        let lines = |text: &str| text.split(' ').map(String::from).collect::<Vec<_>>();
        let (before, after) = (lines("a b c d"), lines("a x c d e"));
        use Change::{Gone, New, Same};
        assert_eq!(of(&before, &after), [Same, Gone("b"), New("x"), Same, Same, New("e")]);
        assert_eq!(of(&before, &before), [Same; 4]);
        assert_eq!(of(&[], &before[..1]), [New("a")]);
    }
}
