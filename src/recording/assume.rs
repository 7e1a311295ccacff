//! What a person says of a recording where its file is silent. Knows no format.

use std::path::PathBuf;

/// What a person says of a file that doesn't say it itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assume {
    /// Samples a second; counts before what a file of arrays says.
    pub rate: Option<f64>,
    /// The name of the array that holds the trials.
    pub signal: Option<String>,
    /// The name of the array, or the npy file, that holds their labels.
    pub labels: Option<String>,
    /// The places of (trial, time, electrode) among an array's axes.
    pub axes: Option<[usize; 3]>,
    /// A file with the classes of all trials: numbers in a text, or the labels of a MAT-file.
    pub true_labels: Option<PathBuf>,
}
