//! The order in which the passes of a step go over a batch's chunks. What a pass wrote last is still in the third cache when
//! the next one begins, and what it wrote first is not: so each goes the other way.

use crate::threads;

/// The way from the first chunk to the last, or back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// From the first chunk on.
    To,
    /// From the last one on.
    Fro,
}

impl Way {
    /// Of the pass forwards through stage `s`; the classifier comes behind the last stage.
    pub fn forward(s: usize) -> Self {
        if s.is_multiple_of(2) { Way::To } else { Way::Fro }
    }

    /// Of the pass backwards through stage `s`; the classifier's comes first.
    pub fn backward(s: usize) -> Self {
        Self::forward(s + 1)
    }

    /// What `work` makes of each chunk, in the order of the chunks whichever way it goes.
    pub fn over<I: Send, R: Send>(
        self,
        chunks: impl Iterator<Item = I>,
        work: impl Fn(I) -> R + Sync,
    ) -> Vec<R> {
        let mut chunks: Vec<I> = chunks.collect();
        match self {
            Way::To => threads::map(chunks, work),
            Way::Fro => {
                chunks.reverse();
                let mut results = threads::map(chunks, work);
                results.reverse();
                results
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pass_goes_the_other_way_than_the_one_before() {
        for stages in 1..5 {
            let forwards = (0..=stages).map(Way::forward);
            let ways: Vec<Way> = forwards.chain((0..=stages).rev().map(Way::backward)).collect();
            assert!(ways.windows(2).all(|ways| ways[0] != ways[1]), "{stages} stages: {ways:?}");
        }
    }

    #[test]
    fn results_are_in_order_on_both_ways() {
        for way in [Way::To, Way::Fro] {
            assert_eq!(way.over(0..5, |i| 2 * i), [0, 2, 4, 6, 8]);
        }
    }
}
