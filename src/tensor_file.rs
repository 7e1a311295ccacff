//! Safetensors documents of which the same content is the same bytes: the crate takes what the header says from a hash map,
//! whose order is another one in every process.

use safetensors::tensor::{SafeTensorError, View};
use serde_json::Value;
use std::collections::HashMap;
use std::fmt::Display;

/// The document of these tensors, its header's words in alphabetical order.
pub fn serialize<N: AsRef<str> + Ord + Display, T: View>(
    tensors: impl IntoIterator<Item = (N, T)>,
    says: HashMap<String, String>,
) -> Result<Vec<u8>, SafeTensorError> {
    let mut document = safetensors::serialize(tensors, Some(says))?;
    order(&mut document);
    Ok(document)
}

/// Puts the header's words in order, in their place; a document that has none stays as it is.
fn order(document: &mut [u8]) -> Option<()> {
    let (length, rest) = document.split_first_chunk_mut::<8>()?;
    let header = rest.get_mut(..usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    let mut entries: Value = serde_json::from_slice(header).ok()?;
    entries.get_mut("__metadata__")?.as_object_mut()?.sort_keys();
    let text = serde_json::to_vec(&entries).ok()?;
    // The same words are as long in any order; the rest is the padding's blanks.
    let (to, padding) = header.split_at_mut_checked(text.len())?;
    to.copy_from_slice(&text);
    padding.fill(b' ');
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use safetensors::tensor::{Dtype, SafeTensors, TensorView};

    #[test]
    fn the_same_content_is_the_same_bytes() {
        let values = [1u8, 2, 3, 4, 5, 6, 7, 8];
        let document = || {
            // Every hash map has an order of its own.
            let says: HashMap<String, String> =
                (0..20).map(|i| (format!("word {i}"), format!("\"ö\" {i}\n"))).collect();
            let view = |shape: Vec<usize>| TensorView::new(Dtype::F32, shape, &values).unwrap();
            serialize([("b", view(vec![2])), ("a", view(vec![1, 2]))], says).unwrap()
        };
        let first = document();
        assert!((0..8).all(|_| document() == first));
        let read = SafeTensors::deserialize(&first).unwrap();
        assert_eq!(read.tensor("a").unwrap().shape(), [1, 2]);
        let (_, header) = SafeTensors::read_metadata(&first).unwrap();
        assert_eq!(header.metadata().as_ref().unwrap()["word 7"], "\"ö\" 7\n");
    }
}
