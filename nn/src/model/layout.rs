//! Where each tensor of a network lies in its two flat vectors, trainable values and running statistics. Computed here
//! once; weights and executors all go by it.

use super::{Network, Parameter};
use std::collections::HashMap;
use std::ops::Range;

/// The places of all tensors, in the order of the layers.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    trainable: Slots,
    running: Slots,
    limits: Vec<Limit>,
}

/// A weight whose rows, one an output, may not grow longer than `norm`.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// The weight's values in the flat vector of trainable values.
    pub range: Range<usize>,
    /// Its rows.
    pub outputs: usize,
    /// The largest Euclidean norm of a row.
    pub norm: f64,
}

/// One tensor and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// The tensor.
    pub parameter: Parameter,
    /// Its values in the flat vector.
    pub range: Range<usize>,
}

#[derive(Clone, Debug, PartialEq)]
struct Slots {
    slots: Vec<Slot>,
    by_name: HashMap<String, usize>,
}

impl Slots {
    fn new(parameters: Vec<Parameter>) -> Self {
        let slots: Vec<Slot> = parameters
            .into_iter()
            .scan(0, |next, parameter| {
                let start = *next;
                *next += parameter.count();
                Some(Slot { parameter, range: start..*next })
            })
            .collect();
        let by_name =
            slots.iter().enumerate().map(|(place, slot)| (slot.parameter.name.clone(), place)).collect();
        Slots { slots, by_name }
    }

    fn get(&self, name: &str) -> Option<&Slot> {
        self.slots.get(*self.by_name.get(name)?)
    }

    fn len(&self) -> usize {
        self.slots.last().map_or(0, |slot| slot.range.end)
    }
}

impl Layout {
    /// The places of a network's tensors.
    pub fn of(network: &Network) -> Self {
        let trainable = Slots::new(network.parameters());
        let limits = network.shapes().filter_map(|(layer, ..)| {
            let slot = trainable.get(&format!("{}.weight", layer.name()))?;
            let outputs = *slot.parameter.shape.first()?;
            Some(Limit { range: slot.range.clone(), outputs, norm: layer.max_norm()? })
        });
        let limits = limits.collect();
        Layout { trainable, running: Slots::new(network.running_statistics()), limits }
    }

    /// Every trainable tensor.
    pub fn trainable(&self) -> &[Slot] {
        &self.trainable.slots
    }

    /// Every running statistic.
    pub fn running(&self) -> &[Slot] {
        &self.running.slots
    }

    /// The trainable tensor of this name.
    pub fn parameter(&self, name: &str) -> Option<&Slot> {
        self.trainable.get(name)
    }

    /// The running statistic of this name.
    pub fn statistic(&self, name: &str) -> Option<&Slot> {
        self.running.get(name)
    }

    /// The weights whose rows have a largest norm.
    pub fn limits(&self) -> &[Limit] {
        &self.limits
    }

    /// Lengths of the two vectors: trainable values, running statistics.
    pub fn lengths(&self) -> [usize; 2] {
        [self.trainable.len(), self.running.len()]
    }
}
