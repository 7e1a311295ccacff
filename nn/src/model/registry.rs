//! The models that come with the program: networks, each a text of its own in the folder `networks`, and the classical
//! baselines. To add a network is to add its text to this list.

use super::{Baseline, Design, Model, text};
use std::sync::{Arc, LazyLock};

/// The lab's two come first: their names alone stand in a run's files and in its hash, so that theirs never change.
const TEXTS: [&str; 7] = [
    include_str!("../../networks/eegnet.toml"),
    include_str!("../../networks/deepconvnet.toml"),
    include_str!("../../networks/eegnet-8-2.toml"),
    include_str!("../../networks/shallowconvnet.toml"),
    include_str!("../../networks/deep4net.toml"),
    include_str!("../../networks/arl-shallowconvnet.toml"),
    include_str!("../../networks/arl-deepconvnet.toml"),
];

static BUILT_IN: LazyLock<[Model; TEXTS.len()]> = LazyLock::new(|| {
    // A test reads each of them, so that the empty design is never seen.
    TEXTS.map(|text| Model(Arc::new(text::read(text).unwrap_or_else(|_| Design::default()))))
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
