//! NumPy's array format (npy 1.0 to 3.0), read so that no file can make it allocate more than it is told to or recurse:
//! the header is a dictionary of three known keys, and nothing else is accepted. The format is described at
//! <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>.

use super::dtype::Dtype;
use std::io::{self, Read};

/// NumPy's own limit for a header it would trust.
const LONGEST_HEADER: usize = 10_000;

/// What an array holds and how it is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The type of a value.
    pub dtype: Dtype,
    /// Whether the first index varies fastest.
    pub fortran: bool,
    /// The size of each dimension.
    pub shape: Vec<usize>,
    /// Bytes of the header, up to the first value.
    pub len: usize,
}

impl Header {
    /// Reads a header. The text of an error completes "it is no array that can be read: …".
    pub fn read(reader: &mut impl Read) -> io::Result<Header> {
        let mut start = [0; 8];
        reader.read_exact(&mut start)?;
        let length_bytes = match start {
            [0x93, b'N', b'U', b'M', b'P', b'Y', 1, 0] => 2,
            [0x93, b'N', b'U', b'M', b'P', b'Y', 2 | 3, 0] => 4,
            [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => return Err(invalid("its format version is unknown")),
            _ => return Err(invalid("it does not begin as NumPy's arrays do")),
        };
        let mut length = [0; 4];
        reader.read_exact(&mut length[..length_bytes])?;
        let length = u32::from_le_bytes(length) as usize;
        if length > LONGEST_HEADER {
            return Err(invalid("its header is too long to be true"));
        }
        let mut text = vec![0; length];
        reader.read_exact(&mut text)?;
        let text = std::str::from_utf8(&text).map_err(|_| invalid("its header is no text"))?;
        if text.contains("'|O'") {
            return Err(invalid(
                "it holds Python objects, and nothing pickled is ever run; save plain values, such as \
                 numpy.array(names, dtype=str)",
            ));
        }
        let (dtype, fortran, shape) = Parser(text).dictionary().ok_or_else(|| {
            invalid("its header does not describe plain numbers or text of one fixed size (no objects, no records)")
        })?;
        Ok(Header { dtype, fortran, shape, len: start.len() + length_bytes + length })
    }

    /// Number of values, if it fits.
    pub fn count(&self) -> Option<usize> {
        self.shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size))
    }

    /// Bytes of the values, if they fit.
    pub fn bytes(&self) -> Option<usize> {
        self.count()?.checked_mul(self.dtype.size)
    }
}

/// Values from first-index-fastest to last-index-fastest order.
pub fn to_c_order<T: Copy>(values: &[T], shape: &[usize]) -> Vec<T> {
    let mut index = vec![0; shape.len()];
    (0..values.len())
        .map(|_| {
            let place = index.iter().zip(shape).rev().fold(0, |place, (&i, &size)| place * size + i);
            for (i, &size) in index.iter_mut().zip(shape).rev() {
                *i += 1;
                if *i < size {
                    break;
                }
                *i = 0;
            }
            values[place]
        })
        .collect()
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// What is left of a header's text.
struct Parser<'a>(&'a str);

impl<'a> Parser<'a> {
    /// `{'descr': '<f8', 'fortran_order': False, 'shape': (540, 750, 2), }`, keys in any order.
    fn dictionary(&mut self) -> Option<(Dtype, bool, Vec<usize>)> {
        let (mut dtype, mut fortran, mut shape) = (None, None, None);
        self.take("{")?;
        while self.take("}").is_none() {
            let key = self.quoted()?;
            self.take(":")?;
            match key {
                "descr" => dtype = Some(Dtype::parse(self.quoted()?)?),
                "fortran_order" => {
                    fortran = Some(self.take("True").is_some() || self.take("False").map(|()| false)?);
                }
                "shape" => shape = Some(self.shape()?),
                _ => return None,
            }
            if self.take(",").is_none() {
                self.take("}")?;
                break;
            }
        }
        Some((dtype?, fortran?, shape?))
    }

    /// `(540, 750, 2)`, `(540,)` or `()`. Python 2 put an `L` behind each number.
    fn shape(&mut self) -> Option<Vec<usize>> {
        let mut sizes = Vec::new();
        self.take("(")?;
        while self.take(")").is_none() {
            sizes.push(self.integer()?);
            if self.take(",").is_none() {
                self.take(")")?;
                break;
            }
        }
        Some(sizes)
    }

    fn integer(&mut self) -> Option<usize> {
        self.0 = self.0.trim_start();
        let end = self.0.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest.strip_prefix('L').unwrap_or(rest);
        digits.parse().ok()
    }

    fn quoted(&mut self) -> Option<&'a str> {
        let text = self.0.trim_start();
        let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let (inside, rest) = text[1..].split_once(quote)?;
        self.0 = rest;
        Some(inside)
    }

    fn take(&mut self, token: &str) -> Option<()> {
        self.0 = self.0.trim_start().strip_prefix(token)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::dtype::Kind;
    use super::*;

    #[test]
    fn headers_of_every_numpy_are_read() {
        let parse = |text| Parser(text).dictionary();
        let f8 = Dtype { kind: Kind::Float, size: 8, big_endian: false };
        let text = "{'descr': '<f8', 'fortran_order': False, 'shape': (540, 750, 2), }   \n";
        assert_eq!(parse(text), Some((f8, false, vec![540, 750, 2])));
        assert_eq!(
            parse("{\"shape\": (3L,), \"fortran_order\": True, \"descr\": \">i4\"}"),
            Some((Dtype { kind: Kind::Int, size: 4, big_endian: true }, true, vec![3]))
        );
        assert!(parse("{'descr': '|u1', 'fortran_order': False, 'shape': ()}").unwrap().2.is_empty());
        for refused in [
            "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
            "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }",
            "{'descr': '<f8', 'shape': (1,), }",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }",
            "((((((((",
        ] {
            assert_eq!(parse(refused), None, "{refused}");
        }
    }

    #[test]
    fn fortran_order_is_undone() {
        // Shape (2, 3): columns first in the file.
        assert_eq!(to_c_order(&[0, 3, 1, 4, 2, 5], &[2, 3]), [0, 1, 2, 3, 4, 5]);
        // Value = 100 i + 10 j + k, the first index fastest.
        let values: Vec<i32> = (0..4)
            .flat_map(|k| (0..3).flat_map(move |j| (0..2).map(move |i| 100 * i + 10 * j + k)))
            .collect();
        let expected: Vec<i32> = (0..2)
            .flat_map(|i| (0..3).flat_map(move |j| (0..4).map(move |k| 100 * i + 10 * j + k)))
            .collect();
        assert_eq!(to_c_order(&values, &[2, 3, 4]), expected);
    }
}
