//! Stratified folds, of labels alone. In order they are scikit-learn's `StratifiedKFold(shuffle=False)`; the shuffle is one of
//! its own, defined by SplitMix64 and Fisher–Yates, so that any program can make the same folds.

/// In which of `folds` folds each trial is judged on. A fold has the same share of every class, in blocks of neighbouring
/// trials. `None` if no class has a trial for each fold. `folds` must not be 0.
pub fn stratified(labels: &[u32], folds: usize) -> Option<Vec<usize>> {
    lay(&by_class(labels), labels.len(), folds)
}

/// The same over trials whose order within each class is mixed first; `stream` goes on from one call to the next.
pub fn shuffled(labels: &[u32], folds: usize, stream: &mut SplitMix64) -> Option<Vec<usize>> {
    let mut classes = by_class(labels);
    for trials in &mut classes {
        for last in (1..trials.len()).rev() {
            let other = stream.next() % (last as u64 + 1);
            trials.swap(last, other as usize);
        }
    }
    lay(&classes, labels.len(), folds)
}

/// The trials of each class; classes in the order in which they first appear.
fn by_class(labels: &[u32]) -> Vec<Vec<usize>> {
    let mut seen: Vec<u32> = Vec::new();
    let mut classes: Vec<Vec<usize>> = Vec::new();
    for (trial, &label) in labels.iter().enumerate() {
        match seen.iter().position(|&known| known == label) {
            Some(class) => classes[class].push(trial),
            None => {
                seen.push(label);
                classes.push(vec![trial]);
            }
        }
    }
    classes
}

/// Gives the trials of each class to the folds, one after another. How many of a class a fold gets: as many as there are
/// among every `folds`-th of all classes' trials, sorted by class.
fn lay(classes: &[Vec<usize>], trials: usize, folds: usize) -> Option<Vec<usize>> {
    if classes.iter().all(|class| class.len() < folds) {
        return None;
    }
    let mut fold_of = vec![0; trials];
    let mut before = 0;
    for class in classes {
        let (begin, end) = (before, before + class.len());
        before = end;
        // How many of begin..end are `fold` modulo `folds`.
        let below = |end: usize, fold: usize| (end + folds - 1 - fold) / folds;
        let shares =
            (0..folds).flat_map(|fold| std::iter::repeat_n(fold, below(end, fold) - below(begin, fold)));
        for (&trial, fold) in class.iter().zip(shares) {
            fold_of[trial] = fold;
        }
    }
    Some(fold_of)
}

/// Steele, Lea and Flood's generator (2014), as a stream of 64-bit numbers.
#[derive(Clone, Debug)]
pub struct SplitMix64(u64);

impl SplitMix64 {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        SplitMix64(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_published_one() {
        let mut stream = SplitMix64::new(42);
        assert_eq!(stream.next(), 13_679_457_532_755_275_413);
        assert_eq!(stream.next(), 2_949_826_092_126_892_291);
    }

    #[test]
    fn folds_are_blocks_with_equal_shares_of_every_class() {
        assert_eq!(stratified(&[0, 0, 1, 1, 0, 0, 1, 1], 2).unwrap(), [0, 0, 0, 0, 1, 1, 1, 1]);
        assert_eq!(stratified(&[1, 0, 0, 1, 1], 2).unwrap(), [0, 0, 1, 0, 1]);
        assert_eq!(stratified(&[0, 1, 0, 1], 3), None);
    }

    #[test]
    fn a_shuffle_keeps_the_shares_and_follows_its_seed() {
        let labels: Vec<u32> = (0..40).map(|trial| trial % 2).collect();
        let of = |seed| shuffled(&labels, 4, &mut SplitMix64::new(seed)).unwrap();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        for fold in 0..4 {
            let class =
                |class| (0..40).filter(|&trial| of(3)[trial] == fold && labels[trial] == class).count();
            assert_eq!((class(0), class(1)), (5, 5));
        }
    }
}
