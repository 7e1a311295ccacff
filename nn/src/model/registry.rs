//! The models that come with the program: networks, each a text of its own in the folder `networks`, and the classical
//! baselines. To add a network is to put its text into that folder.

use super::{Baseline, Design, Model, text};
use std::sync::{Arc, LazyLock};

// TEXTS, made by build.rs of what is in the folder.
include!(concat!(env!("OUT_DIR"), "/networks.rs"));

/// The lab's two. They come first, in the order of its tables, and the others by their titles. Their names alone stand in a run's
/// files and in its hash, so that theirs never change.
const LAB: [&str; 2] = ["eegnet", "deepconvnet"];

static BUILT_IN: LazyLock<Vec<Model>> = LazyLock::new(|| {
    // A test reads each of them, so that the empty design is never seen.
    let read = |text: &&str| Model(Arc::new(text::read(text).unwrap_or_else(|_| Design::default())));
    let mut models: Vec<Model> = TEXTS.iter().map(read).collect();
    let place = |model: &Model| LAB.iter().position(|name| *name == model.name()).unwrap_or(LAB.len());
    models.sort_by_cached_key(|model| (place(model), model.title().to_owned()));
    models
});

static BASELINES: LazyLock<[Model; Baseline::ALL.len()]> =
    LazyLock::new(|| Baseline::ALL.map(|baseline| Model(Arc::new(Design::of_baseline(baseline)))));

pub(super) fn baselines() -> &'static [Model] {
    BASELINES.as_slice()
}

pub(super) fn built_in() -> &'static [Model] {
    BUILT_IN.as_slice()
}

/// EEGNet or DeepConvNet as the lab had them.
pub(super) fn lab(which: usize) -> Model {
    BUILT_IN[which].clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_in_the_folder_is_a_network() {
        for text in TEXTS {
            assert_eq!(text::read(text).map(|design| design.text), Ok((*text).to_owned()));
        }
    }
}
