//! Where the fused executor's time goes, for `bench --breakdown`. Counting is process-wide, so that the executor need not
//! know whether somebody asks; it is off unless somebody does, and then a call costs two looks at the clock.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The first batch normalisation's statistics from the signal's autocorrelation.
    Front,
    /// Normalise, activate, pool, drop; forwards in training.
    Activate,
    /// Convolve; forwards in training.
    Convolve,
    /// Mean and variance of a convolution's output.
    Moments,
    /// Normalisation's two sums, backwards.
    Sums,
    /// Pool, activation and normalisation, backwards.
    Normalise,
    /// Winograd's transforms, backwards.
    Transform,
    /// Gradients of filters and inputs.
    Product,
    /// The classifier, both ways.
    Classify,
    /// Filters put in order, and their gradients put back.
    Weights,
    /// Normalise, activate, pool; in evaluation.
    EvaluateActivate,
    /// Convolve; in evaluation.
    EvaluateConvolve,
}

impl Part {
    /// Every kind, in the order of a step.
    pub const ALL: [Part; 12] = [
        Part::Front,
        Part::Weights,
        Part::Activate,
        Part::Convolve,
        Part::Moments,
        Part::Classify,
        Part::Sums,
        Part::Normalise,
        Part::Transform,
        Part::Product,
        Part::EvaluateActivate,
        Part::EvaluateConvolve,
    ];

    /// Its name in tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Part::Front => "front_statistics",
            Part::Activate => "forward_activation",
            Part::Convolve => "forward_convolution",
            Part::Moments => "forward_statistics",
            Part::Sums => "backward_statistics",
            Part::Normalise => "backward_activation",
            Part::Transform => "backward_transforms",
            Part::Product => "backward_products",
            Part::Classify => "classifier",
            Part::Weights => "weights",
            Part::EvaluateActivate => "evaluation_activation",
            Part::EvaluateConvolve => "evaluation_convolution",
        }
    }
}

static COUNTING: AtomicBool = AtomicBool::new(false);
static NANOSECONDS: [AtomicU64; Part::ALL.len()] = [const { AtomicU64::new(0) }; Part::ALL.len()];

/// Starts counting from zero, or stops.
pub fn count(on: bool) {
    COUNTING.store(on, Relaxed);
    if on {
        NANOSECONDS.iter().for_each(|total| total.store(0, Relaxed));
    }
}

/// Time spent on each kind of work since counting started, all threads together.
pub fn counted() -> Vec<(Part, Duration)> {
    let time = |part: Part| Duration::from_nanos(NANOSECONDS[part as usize].load(Relaxed));
    Part::ALL.into_iter().map(|part| (part, time(part))).collect()
}

/// Does some work; counts its time if somebody asks.
pub(crate) fn timed<T>(part: Part, work: impl FnOnce() -> T) -> T {
    if !COUNTING.load(Relaxed) {
        return work();
    }
    let began = Instant::now();
    let result = work();
    NANOSECONDS[part as usize].fetch_add(began.elapsed().as_nanos() as u64, Relaxed);
    result
}
