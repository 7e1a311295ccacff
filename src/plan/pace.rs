//! How long runs take: from past runs of the same kind on this machine, else a rough figure from the size of the network.

use crate::model::{Geometry, ModelError};
use crate::notebook::RunSummary;
use crate::spec::Spec;
use std::collections::HashMap;

/// Multiply-adds of the network as it is written that one thread is assumed to do in a second where nothing was measured: a
/// cautious half of what a 2020s core with AVX2 was measured to, whose kernels get by with fewer.
const ROUGH_MULTIPLY_ADDS_PER_SECOND: f64 = 3e10;

/// The same of a baseline's arithmetic, in double precision.
const PLAIN_MULTIPLY_ADDS_PER_SECOND: f64 = 5e8;

/// Seconds per epoch, learnt from runs.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    seconds: HashMap<String, f64>,
}

impl Pace {
    /// Learns from runs, newest first, that were trained on this host.
    pub fn learn<'a>(runs: impl IntoIterator<Item = &'a RunSummary>, host: &str) -> Self {
        let mut seconds = HashMap::new();
        for run in runs {
            let here = run.started.as_ref().is_some_and(|started| started.host == host);
            if let Some(last) = run.last.as_ref().filter(|last| here && last.seconds > 0.0) {
                let mean = if run.epoch > 0 && run.seconds > 0.0 {
                    run.seconds / f64::from(run.epoch)
                } else {
                    last.seconds
                };
                seconds.entry(kind(&run.spec)).or_insert(mean);
            }
        }
        Pace { seconds }
    }

    /// Seconds of one epoch of a run of this kind, if one was trained here before.
    pub fn epoch_seconds(&self, spec: &Spec) -> Option<f64> {
        self.seconds.get(&kind(spec)).copied()
    }

    /// Seconds until a run is done, once it is trained.
    pub fn remaining(&self, run: &RunSummary) -> Option<f64> {
        Some(self.epoch_seconds(&run.spec)? * f64::from(run.remaining()))
    }
}

/// Runs of one kind take equally long: same network, same trials, same share held out.
fn kind(spec: &Spec) -> String {
    format!("{} {} {} {} {}", spec.model, spec.data.fingerprint, spec.split, spec.subjects, spec.validation)
}

/// Seconds of an epoch from the network's multiply-adds alone: forwards and twice that backwards on the training trials,
/// forwards on the others.
pub fn rough_epoch_seconds(
    spec: &Spec,
    geometry: Geometry,
    train_trials: usize,
    test_trials: usize,
    threads: usize,
) -> Result<f64, ModelError> {
    if spec.model.baseline().is_some() {
        // Covariances, all in all; what is fitted to them costs little beside that.
        let trial = (geometry.channels * geometry.channels * geometry.samples) as f64;
        return Ok(trial * (train_trials + test_trials) as f64 / PLAIN_MULTIPLY_ADDS_PER_SECOND);
    }
    let network = spec.model.network(geometry, spec.activation, spec.dropout)?;
    let per_trial: usize = network.rows().iter().map(|row| row.multiply_adds).sum();
    let trained = train_trials as f64 * (1.0 - spec.validation);
    let passes = 3.0 * trained + train_trials as f64 * spec.validation + test_trials as f64;
    Ok(per_trial as f64 * passes / (ROUGH_MULTIPLY_ADDS_PER_SECOND * threads.max(1) as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Activation, Model};
    use crate::spec::DataSource;

    #[test]
    fn the_rough_figure_is_of_the_right_order() {
        let data = DataSource { name: "simulated".into(), path: None, fingerprint: "ab".into() };
        let seconds = |model| {
            let spec = Spec::recipe(model, Activation::Relu, data.clone());
            rough_epoch_seconds(&spec, Geometry::LAB, 1080, 1080, 2).unwrap()
        };
        assert!((0.2..5.0).contains(&seconds(Model::eegnet())), "{}", seconds(Model::eegnet()));
        assert!((1.0..20.0).contains(&seconds(Model::deepconvnet())), "{}", seconds(Model::deepconvnet()));
    }
}
