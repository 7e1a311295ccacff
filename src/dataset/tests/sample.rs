//! Npz files made by the tests themselves.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// An array as an npy file: its type in NumPy's notation, its shape, its values' bytes.
pub fn npy(descr: &str, fortran: bool, shape: &[usize], values: &[u8]) -> Vec<u8> {
    let sizes: String = shape.iter().map(|size| format!("{size}, ")).collect();
    let fortran = if fortran { "True" } else { "False" };
    let text = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': ({sizes}), }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes.extend(values);
    bytes
}

/// An f64 array in C order.
pub fn doubles(shape: &[usize], values: &[f64]) -> Vec<u8> {
    npy("<f8", false, shape, &values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>())
}

/// An archive of arrays.
pub fn npz(arrays: &[(&str, Vec<u8>)], method: CompressionMethod) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in arrays {
        let options = SimpleFileOptions::default().compression_method(method);
        archive.start_file(format!("{name}.npy"), options).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A stored archive with a signal and labels.
pub fn recording(shape: &[usize], signal: &[f64], labels: &[f64]) -> Vec<u8> {
    let arrays = [("signal", doubles(shape, signal)), ("label", doubles(&[labels.len()], labels))];
    npz(&arrays, CompressionMethod::Stored)
}

/// A sound recording of 8 trials (40 samples, 2 electrodes) whose values tell trial, sample and electrode; labels 1 and 2.
pub fn sound(labels: [f64; 8]) -> Vec<u8> {
    recording(&[8, 40, 2], &ramp(8 * 40 * 2), &labels)
}

/// 0, 1, 2 …
pub fn ramp(len: usize) -> Vec<f64> {
    (0..len).map(|value| value as f64).collect()
}

/// The labels of most tests.
pub const LABELS: [f64; 8] = [1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0];

/// Writes both files of a subject.
pub fn write_subject(folder: &Path, subject: &str, train: &[u8], test: &[u8]) {
    fs::write(folder.join(format!("{subject}_train.npz")), train).unwrap();
    fs::write(folder.join(format!("{subject}_test.npz")), test).unwrap();
}
