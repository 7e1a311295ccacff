//! A `state_dict` that `torch.save` wrote: a zip archive with a pickle that names the tensors and a file of values for each.
//! candle's reader takes the pickle apart; no Python object is ever made of it. What is no `state_dict` is answered with
//! the line of Python that makes one of it.

use crate::nn::StateDict;
use candle_core::pickle::{Object, Stack};
use std::collections::BTreeMap;
use std::io::{BufReader, Cursor, Read};
use zip::ZipArchive;

/// Why a file of `torch.save` can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PytorchError {
    /// The archive is damaged or is no archive of PyTorch's.
    #[error("the file is a zip archive, but not one of torch.save ({0}); save the weights again")]
    Archive(String),
    /// Something else than a `state_dict` was saved.
    #[error(
        "the file holds {0}, not a state_dict; in Python: torch.save(torch.load('FILE', weights_only=False).state_dict(), 'weights.pth')"
    )]
    NotAStateDict(String),
    /// Nothing to load.
    #[error(
        "the file holds no tensors; in Python: torch.save(model.state_dict(), 'weights.pth') saves a network's"
    )]
    NoTensors,
    /// One tensor can't be taken.
    #[error(
        "the tensor '{name}' {what}; in Python: torch.save({{k: v.float().contiguous() for k, v in model.state_dict().items()}}, 'weights.pth')"
    )]
    Tensor {
        /// Its name.
        name: String,
        /// What is wrong with it.
        what: String,
    },
    /// Written by PyTorch before 1.6.
    #[error(
        "the file is of a PyTorch before 1.6; in Python: torch.save(torch.load('FILE'), 'weights.pth') saves it anew"
    )]
    Old,
}

/// How files of `torch.save` begin: zip archives since PyTorch 1.6, a pickled number before.
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// See [`is_archive`].
pub(super) fn is_old(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19")
}

/// One tensor as the pickle describes it.
struct Described {
    storage: String,
    kind: Kind,
    offset: usize,
    shape: Vec<usize>,
    stride: Vec<usize>,
}

/// Number types, by the names of PyTorch's storages.
#[derive(Clone, Copy)]
enum Kind {
    F32,
    F64,
    F16,
    BF16,
    I64,
}

const KINDS: [(&str, Kind); 5] = [
    ("FloatStorage", Kind::F32),
    ("DoubleStorage", Kind::F64),
    ("HalfStorage", Kind::F16),
    ("BFloat16Storage", Kind::BF16),
    ("LongStorage", Kind::I64),
];

/// Reads an archive's tensors, as f32. The prefix `module.` of `DataParallel` is taken off.
pub(super) fn read(bytes: &[u8]) -> Result<StateDict, PytorchError> {
    let damaged = |error: zip::result::ZipError| PytorchError::Archive(error.to_string());
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let names: Vec<String> =
        archive.file_names().filter_map(Result::ok).map(|name| name.into_owned()).collect();
    let pickle = names.iter().find(|name| name.ends_with("/data.pkl"));
    let pickle = pickle.ok_or_else(|| PytorchError::Archive("it has no data.pkl".into()))?;
    let folder = pickle.trim_end_matches("data.pkl").to_owned();
    let mut stack = Stack::empty();
    let mut reader = BufReader::new(archive.by_name(pickle).map_err(damaged)?);
    let whole = stack.read_loop(&mut reader).and_then(|()| stack.finalize());
    drop(reader);
    let whole = whole.map_err(|_| PytorchError::NotAStateDict("Python objects".into()))?;
    let tensors = state_dict(&whole)?;
    let mut found = StateDict::new();
    for (name, described) in tensors {
        let wrong = |what: String| PytorchError::Tensor { name: name.clone(), what };
        let described = described.map_err(wrong)?;
        let file = format!("{folder}data/{}", described.storage);
        let mut stored = Vec::new();
        let entry = archive.by_name(&file).map_err(|_| wrong("has no values in the file".into()))?;
        // No more than the archive itself holds: torch.save does not compress.
        entry.take(bytes.len() as u64).read_to_end(&mut stored).map_err(|error| wrong(error.to_string()))?;
        let values = described.values(&stored).map_err(wrong)?;
        found.insert(name, (described.shape, values));
    }
    Ok(without_prefix(found))
}

fn without_prefix(tensors: StateDict) -> StateDict {
    const PREFIX: &str = "module.";
    if !tensors.keys().all(|name| name.starts_with(PREFIX)) {
        return tensors;
    }
    tensors.into_iter().map(|(name, tensor)| (name[PREFIX.len()..].to_owned(), tensor)).collect()
}

type Tensors = BTreeMap<String, Result<Described, String>>;

/// The tensors of the saved dictionary, or of the one within it, as checkpoints have it.
fn state_dict(whole: &Object) -> Result<Tensors, PytorchError> {
    let Object::Dict(entries) = whole else {
        return Err(PytorchError::NotAStateDict(what_it_is(whole)));
    };
    let own = tensors(entries);
    if !own.is_empty() {
        return Ok(own);
    }
    let within = entries.iter().filter_map(|(_, value)| match value {
        Object::Dict(entries) => Some(tensors(entries)).filter(|tensors| !tensors.is_empty()),
        _ => None,
    });
    if let Some(tensors) = within.max_by_key(BTreeMap::len) {
        return Ok(tensors);
    }
    match entries.iter().find(|(_, value)| matches!(value, Object::Build { .. })) {
        Some((_, module)) => Err(PytorchError::NotAStateDict(what_it_is(module))),
        None => Err(PytorchError::NoTensors),
    }
}

fn tensors(entries: &[(Object, Object)]) -> Tensors {
    let named = entries.iter().filter_map(|(name, value)| match name {
        Object::Unicode(name) => Some((name.clone(), described(value)?)),
        _ => None,
    });
    named.collect()
}

/// What was saved instead of a `state_dict`, for a sentence.
fn what_it_is(object: &Object) -> String {
    match object {
        Object::Build { callable, .. } | Object::Reduce { callable, .. } => match &**callable {
            Object::Class { class_name, .. } => format!("a whole module ({class_name})"),
            other => what_it_is(other),
        },
        Object::List(_) | Object::Tuple(_) => "a list".into(),
        _ => "Python objects".into(),
    }
}

/// The tensor that a call in the pickle would rebuild; `None` if it is no tensor.
fn described(value: &Object) -> Option<Result<Described, String>> {
    let Object::Reduce { callable, args } = value else { return None };
    let (Object::Class { class_name, .. }, Object::Tuple(args)) = (&**callable, &**args) else { return None };
    match (class_name.as_str(), args.as_slice()) {
        ("_rebuild_parameter", [tensor, ..]) => described(tensor),
        ("_rebuild_tensor_v2", [Object::PersistentLoad(storage), offset, shape, stride, ..]) => {
            let Object::Tuple(storage) = &**storage else { return None };
            let [_, Object::Class { class_name, .. }, Object::Unicode(key), ..] = storage.as_slice() else {
                return None;
            };
            let Some((_, kind)) = KINDS.iter().find(|(name, _)| name == class_name) else {
                return Some(Err(format!("is stored as {}", class_name.trim_end_matches("Storage"))));
            };
            let (offset, shape, stride) = (whole(offset)?, wholes(shape)?, wholes(stride)?);
            Some(Ok(Described { storage: key.clone(), kind: *kind, offset, shape, stride }))
        }
        _ => None,
    }
}

fn whole(value: &Object) -> Option<usize> {
    match value {
        Object::Int(number) => usize::try_from(*number).ok(),
        Object::Long(number) => usize::try_from(*number).ok(),
        _ => None,
    }
}

fn wholes(value: &Object) -> Option<Vec<usize>> {
    match value {
        Object::Tuple(values) => values.iter().map(whole).collect(),
        _ => None,
    }
}

impl Described {
    /// The values in the order of the shape, as f32.
    fn values(&self, stored: &[u8]) -> Result<Vec<f32>, String> {
        let count = self.shape.iter().try_fold(1usize, |count, &size| count.checked_mul(size));
        let contiguous =
            self.shape.iter().zip(&self.stride).rev().try_fold(1usize, |step, (&size, &stride)| {
                (size <= 1 || stride == step).then(|| step.saturating_mul(size.max(1)))
            });
        if contiguous.is_none() || self.stride.len() != self.shape.len() {
            return Err("is not contiguous".into());
        }
        let width = self.kind.width();
        let range = count.and_then(|count| {
            let from = self.offset.checked_mul(width)?;
            stored.get(from..from.checked_add(count.checked_mul(width)?)?)
        });
        let bytes = range.ok_or("has fewer values in the file than its shape says")?;
        Ok(bytes.chunks_exact(width).map(|bytes| self.kind.number(bytes)).collect())
    }
}

impl Kind {
    fn width(self) -> usize {
        match self {
            Kind::F16 | Kind::BF16 => 2,
            Kind::F32 => 4,
            Kind::F64 | Kind::I64 => 8,
        }
    }

    /// One number, little-endian as every machine that PyTorch runs on saves it.
    fn number(self, bytes: &[u8]) -> f32 {
        let low = |n: usize| bytes.get(n).copied().unwrap_or_default();
        let four = [low(0), low(1), low(2), low(3)];
        let eight = [low(0), low(1), low(2), low(3), low(4), low(5), low(6), low(7)];
        match self {
            Kind::F32 => f32::from_le_bytes(four),
            Kind::F64 => f64::from_le_bytes(eight) as f32,
            Kind::I64 => i64::from_le_bytes(eight) as f32,
            // The upper half of an f32.
            Kind::BF16 => f32::from_le_bytes([0, 0, low(0), low(1)]),
            Kind::F16 => half(u16::from_le_bytes([low(0), low(1)])),
        }
    }
}

/// An IEEE half-precision number.
fn half(bits: u16) -> f32 {
    let (sign, exponent, fraction) = (bits >> 15, (bits >> 10) & 31, f32::from(bits & 1023));
    let size = match exponent {
        0 => fraction * 2f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f32.powi(i32::from(exponent) - 15),
    };
    if sign == 1 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Saved by PyTorch 2.15: `{'module.' + k: v for k, v in net.state_dict().items()}` of a Linear(2, 1) and a BatchNorm1d(1),
    // the network itself, and `{'a': 1, 'b': [1, 2]}`.
    const STATE_DICT: &[u8] = include_bytes!("fixtures/state_dict.pth");
    const MODULE: &[u8] = include_bytes!("fixtures/module.pth");
    const NO_TENSORS: &[u8] = include_bytes!("fixtures/no_tensors.pth");

    #[test]
    fn a_state_dict_is_read_and_the_prefix_taken_off() {
        let tensors = read(STATE_DICT).unwrap();
        let names: Vec<_> = tensors.keys().map(String::as_str).collect();
        let norm = ["bias", "num_batches_tracked", "running_mean", "running_var", "weight"];
        assert_eq!(names[..2], ["0.bias", "0.weight"]);
        assert_eq!(names[2..], norm.map(|name| format!("1.{name}")));
        assert_eq!(tensors["0.weight"], (vec![1, 2], vec![1.5, -2.0]));
        assert_eq!(tensors["0.bias"], (vec![1], vec![0.25]));
        assert_eq!(tensors["1.running_var"], (vec![1], vec![1.0]));
        assert_eq!(tensors["1.num_batches_tracked"], (vec![], vec![0.0]));
    }

    #[test]
    fn what_is_no_state_dict_is_answered_with_the_line_that_makes_one() {
        let error = read(MODULE).unwrap_err();
        assert!(
            matches!(&error, PytorchError::NotAStateDict(what) if what == "a whole module (Sequential)"),
            "{error}"
        );
        assert!(error.to_string().contains("weights_only=False).state_dict()"), "{error}");
        assert_eq!(read(NO_TENSORS), Err(PytorchError::NoTensors));
    }

    #[test]
    fn whatever_is_cut_off_is_refused() {
        for cut in (4..STATE_DICT.len()).step_by(13) {
            assert!(read(&STATE_DICT[..cut]).is_err(), "{cut}");
        }
    }

    #[test]
    fn half_precision_is_read_as_ieee_has_it() {
        for (bits, value) in
            [(0x3c00, 1.0), (0xc000, -2.0), (0x7bff, 65504.0), (0x0001, 2f32.powi(-24)), (0, 0.0)]
        {
            assert_eq!(half(bits), value);
        }
        assert!(half(0x7e00).is_nan() && half(0xfc00) == f32::NEG_INFINITY);
    }
}
