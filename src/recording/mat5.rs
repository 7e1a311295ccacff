//! MATLAB's MAT-files, level 5: numbers, texts, cells and structs, stored or compressed. Functions, objects, sparse and
//! complex arrays are named but not read. <https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf>

use super::ReadError;
use super::bytes::{Bytes, Number, decode};
use crate::dataset::most_values;
use flate2::read::ZlibDecoder;
use std::io::Read;
use std::path::Path;

/// Bytes of a file's header.
const HEADER: usize = 128;
/// Structs within structs that are followed.
const DEEPEST: usize = 24;

/// A variable's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Real numbers, the first index fastest.
    Numbers {
        /// The size of each dimension.
        shape: Vec<usize>,
        /// All values.
        values: Vec<f64>,
    },
    /// Text: the rows of a character array.
    Text(Vec<String>),
    /// An array of values.
    Cell(Vec<Value>),
    /// An array of structs: for each of them its fields in one order.
    Struct {
        /// Their names.
        names: Vec<String>,
        /// The fields of all elements, one element after another.
        fields: Vec<Value>,
    },
    /// Something that is not read: what it is.
    Unread(&'static str),
}

impl Value {
    /// A field of a struct that is alone.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.elements().next()?.field(name)
    }

    /// The elements of a struct array.
    pub fn elements(&self) -> impl Iterator<Item = Element<'_>> {
        let (names, fields): (&[String], &[Value]) = match self {
            Value::Struct { names, fields } => (names, fields),
            _ => (&[], &[]),
        };
        fields.chunks_exact(names.len().max(1)).map(move |fields| Element { names, fields })
    }

    /// The numbers of an array.
    pub fn numbers(&self) -> Option<&[f64]> {
        match self {
            Value::Numbers { values, .. } => Some(values),
            _ => None,
        }
    }

    /// The number that stands alone.
    pub fn number(&self) -> Option<f64> {
        match self.numbers()? {
            &[value] => Some(value),
            _ => None,
        }
    }

    /// The text that stands alone.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(rows) if rows.len() == 1 => rows.first().map(|row| row.trim_end()),
            Value::Cell(items) if items.len() == 1 => items.first()?.text(),
            _ => None,
        }
    }

    /// The texts of a cell array or of a character array's rows.
    pub fn texts(&self) -> Option<Vec<String>> {
        match self {
            Value::Text(rows) => Some(rows.iter().map(|row| row.trim_end().to_owned()).collect()),
            Value::Cell(items) => items.iter().map(|item| item.text().map(str::to_owned)).collect(),
            _ => None,
        }
    }
}

/// One struct of an array.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    names: &'a [String],
    fields: &'a [Value],
}

impl<'a> Element<'a> {
    /// A field, its name compared without case where it isn't there as it is.
    pub fn field(self, name: &str) -> Option<&'a Value> {
        let place = self.names.iter().position(|it| it == name);
        let place = place.or_else(|| self.names.iter().position(|it| it.eq_ignore_ascii_case(name)))?;
        self.fields.get(place)
    }

    /// All fields by name.
    pub fn all(self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.names.iter().map(String::as_str).zip(self.fields)
    }
}

/// Whether a file begins as one of this level does.
pub fn begins(start: &[u8]) -> bool {
    start.len() >= HEADER && matches!(&start[124..128], [0, 1, b'I', b'M'] | [1, 0, b'M', b'I'])
}

/// All variables of a file by name.
pub fn read(path: &Path) -> Result<Vec<(String, Value)>, ReadError> {
    let mut file = Bytes::open(path)?;
    let header = file.start(HEADER)?;
    if !begins(&header) {
        return Err(ReadError::header("it does not begin as a MAT-file of level 5 does"));
    }
    let big = header[126] == b'M';
    let mut left = Budget(most_values());
    let mut variables = Vec::new();
    let mut at = HEADER as u64;
    while at + 8 <= file.len {
        let tag = file.at(at, 8)?;
        let (kind, size) = (word(&tag, big), word(&tag[4..], big) as u64);
        if size > file.len - at - 8 {
            return Err(ReadError::cut_off(format!("a variable of {size} bytes reaches beyond its end")));
        }
        if kind == COMPRESSED {
            let packed = file.at(at + 8, size as usize)?;
            let bytes = inflate(&packed, left.0)?;
            let mut reader = Reader { bytes: &bytes, big };
            if let Some(part) = reader.part()? {
                variables.extend(variable(part, big, &mut left)?);
            }
        } else {
            left.check(size as usize / 8)?;
            let bytes = file.at(at + 8, size as usize)?;
            variables.extend(variable(Part { kind, bytes: &bytes }, big, &mut left)?);
        }
        at += 8 + size;
    }
    match variables.is_empty() {
        true => Err(ReadError::cut_off("it holds not one variable")),
        false => Ok(variables),
    }
}

/// Types of data elements.
const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;

fn variable(part: Part, big: bool, left: &mut Budget) -> Result<Option<(String, Value)>, ReadError> {
    match part.kind {
        MATRIX => matrix(part.bytes, big, left, 0).map(Some),
        _ => Ok(None),
    }
}

fn inflate(packed: &[u8], most_values: usize) -> Result<Vec<u8>, ReadError> {
    let most = (most_values as u64).saturating_mul(8);
    let mut bytes = Vec::new();
    ZlibDecoder::new(packed)
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| ReadError::cut_off(format!("a compressed variable can't be unpacked ({error})")))?;
    match bytes.len() as u64 > most {
        true => Err(ReadError::TooLarge("a variable that unpacks to too much".into())),
        false => Ok(bytes),
    }
}

/// How many values may still be made.
struct Budget(usize);

impl Budget {
    fn check(&self, values: usize) -> Result<(), ReadError> {
        match values <= self.0 {
            true => Ok(()),
            false => Err(ReadError::TooLarge(format!("{values} values"))),
        }
    }

    fn spend(&mut self, values: usize) -> Result<(), ReadError> {
        self.check(values)?;
        self.0 -= values;
        Ok(())
    }
}

/// A data element: its type and its bytes.
#[derive(Clone, Copy)]
struct Part<'a> {
    kind: u32,
    bytes: &'a [u8],
}

impl Part<'_> {
    /// How its numbers lie.
    fn number(self) -> Result<Number, ReadError> {
        Ok(match self.kind {
            1 => Number::Signed(1),
            2 | 16 => Number::Unsigned(1),
            3 => Number::Signed(2),
            4 | 17 => Number::Unsigned(2),
            5 => Number::Signed(4),
            6 | 18 => Number::Unsigned(4),
            7 => Number::Float(4),
            9 => Number::Float(8),
            12 => Number::Signed(8),
            13 => Number::Unsigned(8),
            kind => return Err(ReadError::header(format!("it has numbers of an unknown type ({kind})"))),
        })
    }
}

/// Data elements one after another.
struct Reader<'a> {
    bytes: &'a [u8],
    big: bool,
}

impl<'a> Reader<'a> {
    /// The next data element; `None` at the end. Short ones keep their bytes within the tag.
    fn part(&mut self) -> Result<Option<Part<'a>>, ReadError> {
        if self.bytes.is_empty() {
            return Ok(None);
        }
        let cut = || ReadError::cut_off("a variable ends within its parts");
        let tag = self.bytes.get(..8).ok_or_else(cut)?;
        let first = word(tag, self.big);
        if first >> 16 != 0 {
            let size = (first >> 16) as usize;
            let bytes = tag[4..].get(..size).ok_or_else(cut)?;
            self.bytes = &self.bytes[8..];
            return Ok(Some(Part { kind: first & 0xffff, bytes }));
        }
        let size = word(&tag[4..], self.big) as usize;
        let end = size.checked_add(8).ok_or_else(cut)?;
        let bytes = self.bytes.get(8..end).ok_or_else(cut)?;
        // Elements begin at multiples of eight bytes, but for compressed ones; the last may lack its padding.
        let padded = if first == COMPRESSED { end } else { end.next_multiple_of(8) };
        self.bytes = self.bytes.get(padded..).unwrap_or(&[]);
        Ok(Some(Part { kind: first, bytes }))
    }

    fn must(&mut self) -> Result<Part<'a>, ReadError> {
        self.part()?.ok_or_else(|| ReadError::cut_off("a variable ends within its parts"))
    }
}

fn matrix(bytes: &[u8], big: bool, left: &mut Budget, depth: usize) -> Result<(String, Value), ReadError> {
    if depth > DEEPEST {
        return Err(ReadError::header("its structs lie too deep in one another"));
    }
    let mut reader = Reader { bytes, big };
    // An empty cell has no parts at all.
    let Some(flags) = reader.part()? else {
        return Ok((String::new(), Value::Numbers { shape: vec![0, 0], values: Vec::new() }));
    };
    if flags.bytes.len() < 4 {
        return Err(ReadError::cut_off("a variable has no flags"));
    }
    let flags = word(flags.bytes, big);
    let (class, complex) = (flags & 0xff, flags & 0x800 != 0);
    if class == 17 {
        return Ok((String::new(), Value::Unread("an object")));
    }
    let shape = shape(reader.must()?, big)?;
    let count = shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
    let count = count.ok_or_else(|| ReadError::header("a variable has absurd dimensions"))?;
    let name = decode(reader.must()?.bytes);
    let value = match class {
        1 => {
            left.spend(count.min(bytes.len()))?;
            Value::Cell(inner(&mut reader, count, left, depth)?)
        }
        2 => structs(&mut reader, count, left, depth)?,
        3 => Value::Unread("an object"),
        4 => text(reader.must()?, &shape, big)?,
        5 => Value::Unread("a sparse array"),
        6..=15 if complex => Value::Unread("an array of complex numbers"),
        6..=15 => numbers(reader.must()?, shape, count, big, left)?,
        16 => Value::Unread("a function"),
        _ => Value::Unread("something unknown"),
    };
    Ok((name, value))
}

fn shape(part: Part, big: bool) -> Result<Vec<usize>, ReadError> {
    let sizes: Vec<usize> = part.bytes.chunks_exact(4).map(|bytes| word(bytes, big) as usize).collect();
    match sizes.len() {
        2..=16 => Ok(sizes),
        count => Err(ReadError::header(format!("a variable has {count} dimensions"))),
    }
}

fn numbers(
    part: Part,
    shape: Vec<usize>,
    count: usize,
    big: bool,
    left: &mut Budget,
) -> Result<Value, ReadError> {
    let number = part.number()?;
    if part.bytes.len() / number.size() < count {
        return Err(ReadError::cut_off(format!(
            "an array of {count} numbers has {} bytes",
            part.bytes.len()
        )));
    }
    left.spend(count)?;
    let values =
        part.bytes.chunks_exact(number.size()).take(count).map(|bytes| number.value(bytes, big)).collect();
    Ok(Value::Numbers { shape, values })
}

/// A character array's rows; its first index is the row's.
fn text(part: Part, shape: &[usize], big: bool) -> Result<Value, ReadError> {
    let characters: Vec<char> = match part.kind {
        // UTF-8, however many bytes a character has.
        1 | 2 | 16 => decode(part.bytes).chars().collect(),
        4 | 17 => {
            let units = part.bytes.chunks_exact(2).map(|bytes| Number::Unsigned(2).value(bytes, big) as u16);
            char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        _ => part.bytes.chunks_exact(part.number()?.size()).map(|bytes| char::from(bytes[0])).collect(),
    };
    let rows = shape.first().copied().unwrap_or(0);
    if characters.is_empty() || rows == 0 {
        return Ok(Value::Text(vec![String::new()]));
    }
    let rows = rows.min(characters.len());
    Ok(Value::Text((0..rows).map(|row| characters.iter().skip(row).step_by(rows).collect()).collect()))
}

fn inner(
    reader: &mut Reader,
    count: usize,
    left: &mut Budget,
    depth: usize,
) -> Result<Vec<Value>, ReadError> {
    let mut items = Vec::new();
    for _ in 0..count {
        let part = reader.must()?;
        items.push(match part.kind {
            MATRIX => matrix(part.bytes, reader.big, left, depth + 1)?.1,
            kind => return Err(ReadError::header(format!("an element of a cell is of the type {kind}"))),
        });
    }
    Ok(items)
}

fn structs(reader: &mut Reader, count: usize, left: &mut Budget, depth: usize) -> Result<Value, ReadError> {
    let big = reader.big;
    let length = reader.must()?;
    let length = if length.bytes.len() >= 4 { word(length.bytes, big) as usize } else { 0 };
    let names = reader.must()?;
    if length == 0 || length > 4096 {
        return Err(ReadError::header(format!("a struct has field names of {length} letters")));
    }
    let names: Vec<String> = names
        .bytes
        .chunks_exact(length)
        .map(|name| decode(name.split(|&byte| byte == 0).next().unwrap_or_default()))
        .collect();
    let all =
        count.checked_mul(names.len()).ok_or_else(|| ReadError::header("a struct has absurd dimensions"))?;
    left.spend(all.min(reader.bytes.len()))?;
    let fields = inner(reader, all, left, depth)?;
    Ok(Value::Struct { names, fields })
}

fn word(bytes: &[u8], big: bool) -> u32 {
    Number::Unsigned(4).value(&bytes[..4], big) as u32
}
