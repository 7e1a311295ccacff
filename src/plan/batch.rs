//! What is said of a batch that is larger than what is trained on.

use crate::dataset::{DataSet, training_trials};
use crate::spec::Spec;

/// What a person should know who asks for batches of `batch` trials of `trials` training trials; `None` where it goes without
/// saying. PyTorch's loader does the same: the last batch of an epoch may be smaller, and here it is the first too.
pub fn smaller_batch(batch: usize, trials: usize) -> Option<String> {
    (batch > trials).then(|| {
        format!(
            "a batch of {batch} is more than the {trials} training trials: each epoch is one smaller batch"
        )
    })
}

/// The same of specs that are about these data, each sentence once.
pub fn smaller_batches(specs: &[Spec], data: &DataSet) -> Vec<String> {
    let mut said = Vec::new();
    for spec in specs.iter().filter(|spec| spec.data.fingerprint == data.source.fingerprint) {
        let sentence = smaller_batch(spec.batch, training_trials(data, spec));
        said.extend(sentence.filter(|sentence| !said.contains(sentence)));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{load, prepare};
    use crate::model::{Activation, Model};
    use std::path::Path;

    #[test]
    fn only_a_batch_that_is_larger_than_the_set_is_said() {
        assert_eq!(smaller_batch(256, 256), None);
        assert!(smaller_batch(256, 200).is_some_and(|said| said.contains("one smaller batch")));
    }

    #[test]
    fn what_is_held_out_is_not_trained_on() {
        let data = load(Some("simulated"), Path::new("nowhere")).unwrap();
        let recipe = Spec::recipe(Model::eegnet(), Activation::Relu, data.source.clone());
        let of = |batch, validation| Spec { batch, validation, ..recipe.clone() };
        let specs = [of(1080, 0.0), of(1080, 0.2), of(1080, 0.2), of(64, 0.2)];
        let said = smaller_batches(&specs, &data);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(
            said[0].contains(&format!("the {} training", prepare(&data, &specs[1]).unwrap().train.len()))
        );
    }
}
