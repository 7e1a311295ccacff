//! The figures of an epoch, in one table: what each is called in long tables and in the trees of names that tracking tools
//! draw, and how it is read. And the results of a finished run, by name.

use crate::event::{Epoch, Finished};

/// A figure of an epoch.
pub struct Figure {
    /// Its column in a table of epochs.
    pub column: &'static str,
    /// Its name where a slash makes groups of charts.
    pub tag: &'static str,
    /// Its value, where the epoch has it.
    pub of: fn(&Epoch) -> Option<f64>,
}

/// All of them, in the order of a table's columns.
pub const FIGURES: [Figure; 7] = [
    Figure { column: "train_loss", tag: "loss/train", of: |epoch| Some(epoch.train_loss) },
    Figure { column: "train_accuracy", tag: "accuracy/train", of: |epoch| Some(epoch.train_acc) },
    Figure { column: "validation_loss", tag: "loss/validation", of: |epoch| epoch.val_loss },
    Figure { column: "validation_accuracy", tag: "accuracy/validation", of: |epoch| epoch.val_acc },
    Figure { column: "test_loss", tag: "loss/test", of: |epoch| Some(epoch.test_loss) },
    Figure { column: "test_accuracy", tag: "accuracy/test", of: |epoch| Some(epoch.test_acc) },
    Figure { column: "seconds", tag: "seconds/epoch", of: |epoch| Some(epoch.seconds) },
];

/// An epoch's figures by their tags.
pub fn of_epoch(epoch: &Epoch) -> Vec<(String, f64)> {
    FIGURES.iter().filter_map(|figure| Some((figure.tag.to_owned(), (figure.of)(epoch)?))).collect()
}

/// A finished run's test accuracy under each rule that applies.
pub fn of_finished(finished: &Finished) -> Vec<(String, f64)> {
    let known = finished.test_acc.iter().filter_map(|(rule, accuracy)| Some((rule, (*accuracy)?)));
    known.map(|(rule, accuracy)| (format!("test_accuracy/{}", rule.name()), accuracy)).collect()
}
