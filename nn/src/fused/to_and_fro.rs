//! The order in which the passes of a step go over a batch's chunks. What a pass wrote last is still in the third cache when
//! the next one begins, and what it wrote first is not: so each goes the other way.

use rayon::prelude::*;

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
    pub fn over<Chunks, R>(self, chunks: Chunks, work: impl Fn(Chunks::Item) -> R + Send + Sync) -> Vec<R>
    where
        Chunks: IndexedParallelIterator,
        R: Send,
    {
        // A thread takes single chunks, so that none waits at the end for another's several.
        let chunks = chunks.with_max_len(1);
        match self {
            Way::To => chunks.map(work).collect(),
            Way::Fro => {
                let mut results: Vec<R> = chunks.rev().map(work).collect();
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
            assert_eq!(way.over((0..5).into_par_iter(), |i| 2 * i), [0, 2, 4, 6, 8]);
        }
    }
}
