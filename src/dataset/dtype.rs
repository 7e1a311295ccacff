//! NumPy's types of values, and how their bytes are read.

/// The type of an array's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dtype {
    /// What a value is.
    pub kind: Kind,
    /// Bytes of a value.
    pub size: usize,
    /// Whether its most significant byte comes first.
    pub big_endian: bool,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// False or true.
    Bool,
    /// Signed integer.
    Int,
    /// Unsigned integer.
    Uint,
    /// IEEE 754 number.
    Float,
    /// Text of one byte a character.
    Bytes,
    /// Text of four bytes a character.
    Unicode,
}

impl Dtype {
    /// From NumPy's notation, such as `<f8`; `None` for objects, records and other types that are no number or text.
    pub fn parse(text: &str) -> Option<Dtype> {
        let (order, rest) = text.split_at_checked(1)?;
        let (kind, size) = rest.split_at_checked(1)?;
        let size: usize = size.parse().ok()?;
        let (kind, size) = match (kind, size) {
            ("b", 1) => (Kind::Bool, 1),
            ("i", 1 | 2 | 4 | 8) => (Kind::Int, size),
            ("u", 1 | 2 | 4 | 8) => (Kind::Uint, size),
            ("f", 2 | 4 | 8) => (Kind::Float, size),
            ("S", 1..=1024) => (Kind::Bytes, size),
            ("U", 1..=1024) => (Kind::Unicode, 4 * size),
            _ => return None,
        };
        let big_endian = match order {
            "<" => false,
            ">" => true,
            "|" if size == 1 || kind == Kind::Bytes => false,
            "=" => cfg!(target_endian = "big"),
            _ => return None,
        };
        Some(Dtype { kind, size, big_endian })
    }

    /// Whether values are numbers.
    pub fn is_number(self) -> bool {
        !matches!(self.kind, Kind::Bytes | Kind::Unicode)
    }

    /// One number from its bytes, which must be [`Dtype::size`] many. Integers beyond 2⁵³ are rounded.
    pub fn number(self, bytes: &[u8]) -> f64 {
        let mut wide = [0; 8];
        let wide = &mut wide[..self.size.min(8)];
        wide.copy_from_slice(bytes);
        if self.big_endian {
            wide.reverse();
        }
        let mut little = [0; 8];
        little[..wide.len()].copy_from_slice(wide);
        let bits = u64::from_le_bytes(little);
        let unused = 64 - 8 * wide.len() as u32;
        match (self.kind, self.size) {
            (Kind::Float, 2) => half_to_f64(bits as u16),
            (Kind::Float, 4) => f64::from(f32::from_bits(bits as u32)),
            (Kind::Float, _) => f64::from_bits(bits),
            (Kind::Int, _) => ((bits << unused) as i64 >> unused) as f64,
            _ => bits as f64,
        }
    }

    /// One text from its bytes, without the zeros that pad it.
    pub fn text(self, bytes: &[u8]) -> String {
        let characters: Vec<char> = match self.kind {
            Kind::Unicode => bytes
                .chunks_exact(4)
                .map(|bytes| {
                    let bytes = [bytes[0], bytes[1], bytes[2], bytes[3]];
                    let code =
                        if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
                    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
                })
                .collect(),
            _ => bytes.iter().map(|&byte| char::from(byte)).collect(),
        };
        characters.into_iter().collect::<String>().trim_end_matches('\0').to_owned()
    }
}

/// IEEE 754 binary16.
fn half_to_f64(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    sign * match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_type_are_read() {
        let number = |notation, bytes: &[u8]| Dtype::parse(notation).unwrap().number(bytes);
        assert_eq!(number("<f4", &1.5f32.to_le_bytes()), 1.5);
        assert_eq!(number(">f8", &(-2.25f64).to_be_bytes()), -2.25);
        assert_eq!(number("<i2", &(-7i16).to_le_bytes()), -7.0);
        assert_eq!(number(">i8", &(-7i64).to_be_bytes()), -7.0);
        assert_eq!(number("|u1", &[200]), 200.0);
        assert_eq!(number("|b1", &[1]), 1.0);
        // Half precision: 1.5, the largest, the smallest subnormal, -inf (Wikipedia's table of examples).
        assert_eq!(number("<f2", &0x3e00u16.to_le_bytes()), 1.5);
        assert_eq!(number("<f2", &0x7bffu16.to_le_bytes()), 65504.0);
        assert_eq!(number("<f2", &0x0001u16.to_le_bytes()), 2f64.powi(-24));
        assert_eq!(number(">f2", &0xfc00u16.to_be_bytes()), f64::NEG_INFINITY);
    }

    #[test]
    fn text_loses_its_padding() {
        let utf32: Vec<u8> = ['C', '3', '\0'].iter().flat_map(|&c| u32::from(c).to_le_bytes()).collect();
        assert_eq!(Dtype::parse("<U3").unwrap().text(&utf32), "C3");
        assert_eq!(Dtype::parse("|S4").unwrap().text(b"C4\0\0"), "C4");
    }
}
