//! The header of a model file of llama.cpp (GGUF, versions 2 and 3): what it says of the model, and none of its tensors.
//!
//! The form is that of <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>: `GGUF`, a version, how many tensors and pairs,
//! and then the pairs of a key and a value. Of arrays, which hold the vocabulary, [`read`] keeps only the length; [`File`] is what
//! a whole file has: arrays and tensors too.

mod file;

pub use file::{Array, File, Tensor};

use conversation::Fault;
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;

const MAGIC: &[u8] = b"GGUF";
/// Version 1 counts with 32 bits, and files that are written big end first have another number here.
const VERSIONS: [u32; 2] = [2, 3];
/// The most pairs. Files have some dozens.
const MOST_PAIRS: u64 = 10_000;
/// The longest key, in bytes, as the form has it.
const LONGEST_KEY: u64 = 65_535;
/// The longest text that is kept, in bytes: templates of chats have some ten thousand.
const LONGEST_TEXT: usize = 1 << 20;
/// The longest text and the longest array that are passed over: past this the file is broken, not merely cut.
const LONGEST: u64 = 1 << 32;
/// How deep arrays may stand in arrays.
const DEEPEST: usize = 4;

/// What a header says.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The version of the form.
    pub version: u32,
    /// How many tensors the file has.
    pub tensors: u64,
    /// Its keys and their values: numbers, booleans and texts.
    pub values: Map<String, Value>,
    /// The keys of arrays, and how many elements these have.
    pub lengths: BTreeMap<String, u64>,
    /// Whether all pairs were there. Vocabularies make headers of many megabytes, and what comes before them is mostly enough.
    pub is_complete: bool,
}

/// Reads the header that the first bytes of a file are, as far as they go.
///
/// # Errors
/// The bytes are not the beginning of such a file, or one that no program would write.
pub fn read(bytes: &[u8]) -> Result<Header, Fault> {
    let mut reader = Reader { rest: bytes };
    let (version, tensors, pairs) = match reader.beginning() {
        Ok(beginning) => beginning,
        Err(Stop::Cut) => return Err(Fault::new("is cut off before its header begins")),
        Err(Stop::Broken(fault)) => return Err(fault),
    };
    let mut header = Header { version, tensors, values: Map::new(), lengths: BTreeMap::new(), is_complete: true };
    for _ in 0..pairs {
        match reader.pair(&mut header) {
            Ok(()) => {}
            Err(Stop::Cut) => {
                header.is_complete = false;
                break;
            }
            Err(Stop::Broken(fault)) => return Err(fault),
        }
    }
    Ok(header)
}

/// Why reading ends.
enum Stop {
    /// The bytes end before the header does.
    Cut,
    /// It is no header.
    Broken(Fault),
}

fn broken<T>(cause: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Broken(Fault::new(cause)))
}

struct Reader<'bytes> {
    rest: &'bytes [u8],
}

impl<'bytes> Reader<'bytes> {
    fn beginning(&mut self) -> Result<(u32, u64, u64), Stop> {
        if !self.rest.starts_with(MAGIC.get(..self.rest.len()).unwrap_or(MAGIC)) {
            return broken("is no GGUF file");
        }
        self.take(MAGIC.len() as u64)?;
        let version = u32::from_le_bytes(self.array()?);
        if !VERSIONS.contains(&version) {
            return broken(format!("is a GGUF file of version {version}: 2 and 3 are read, with the low byte first"));
        }
        let (tensors, pairs) = (self.long()?, self.long()?);
        if pairs > MOST_PAIRS {
            return broken(format!("says that it has {pairs} pairs: {MOST_PAIRS} are the most"));
        }
        Ok((version, tensors, pairs))
    }

    fn pair(&mut self, header: &mut Header) -> Result<(), Stop> {
        let length = self.long()?;
        if length > LONGEST_KEY {
            return broken(format!("has a key of {length} bytes: {LONGEST_KEY} are the most"));
        }
        let Ok(key) = std::str::from_utf8(self.take(length)?) else { return broken("has a key that is no text") };
        let kind = Kind::of(u32::from_le_bytes(self.array()?))?;
        if header.values.contains_key(key) || header.lengths.contains_key(key) {
            return broken("says something twice");
        }
        match kind {
            Kind::Array => {
                let length = self.pass_array(1)?;
                header.lengths.insert(key.to_owned(), length);
            }
            Kind::Text => {
                let length = self.length()?;
                let text = std::str::from_utf8(self.take(length)?).ok().filter(|text| text.len() <= LONGEST_TEXT);
                header.values.extend(text.map(|text| (key.to_owned(), text.into())));
            }
            Kind::Scalar(size, form) => {
                let number = number(self.take(size)?, form);
                header.values.extend(number.map(|number| (key.to_owned(), number)));
            }
        }
        Ok(())
    }

    /// Goes past an array and gives its length. Each round takes bytes away, so that none is longer than what was read.
    fn pass_array(&mut self, depth: usize) -> Result<u64, Stop> {
        if depth > DEEPEST {
            return broken("has arrays in arrays, too deep");
        }
        let kind = Kind::of(u32::from_le_bytes(self.array()?))?;
        let length = self.length()?;
        if let Kind::Scalar(size, _) = kind {
            self.take(length.saturating_mul(size))?;
            return Ok(length);
        }
        for _ in 0..length {
            if matches!(kind, Kind::Text) {
                let length = self.length()?;
                self.take(length)?;
            } else {
                self.pass_array(depth + 1)?;
            }
        }
        Ok(length)
    }

    fn length(&mut self) -> Result<u64, Stop> {
        let length = self.long()?;
        if length > LONGEST { broken(format!("has a text or an array of length {length}")) } else { Ok(length) }
    }

    fn long(&mut self) -> Result<u64, Stop> {
        self.array().map(u64::from_le_bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(Stop::Cut)?;
        self.rest = rest;
        Ok(*array)
    }

    fn take(&mut self, length: u64) -> Result<&'bytes [u8], Stop> {
        let length = usize::try_from(length).map_err(|_| Stop::Cut)?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Stop::Cut)?;
        self.rest = rest;
        Ok(taken)
    }
}

/// What a value is.
#[derive(Clone, Copy)]
enum Kind {
    /// Of this many bytes.
    Scalar(u64, Form),
    Text,
    Array,
}

#[derive(Clone, Copy)]
enum Form {
    Unsigned,
    Signed,
    Float,
    Bool,
}

impl Kind {
    fn of(number: u32) -> Result<Self, Stop> {
        Ok(match number {
            0 => Self::Scalar(1, Form::Unsigned),
            1 => Self::Scalar(1, Form::Signed),
            2 => Self::Scalar(2, Form::Unsigned),
            3 => Self::Scalar(2, Form::Signed),
            4 => Self::Scalar(4, Form::Unsigned),
            5 => Self::Scalar(4, Form::Signed),
            6 => Self::Scalar(4, Form::Float),
            7 => Self::Scalar(1, Form::Bool),
            8 => Self::Text,
            9 => Self::Array,
            10 => Self::Scalar(8, Form::Unsigned),
            11 => Self::Scalar(8, Form::Signed),
            12 => Self::Scalar(8, Form::Float),
            _ => return broken(format!("has a value of the unknown kind {number}")),
        })
    }
}

/// None of floating numbers that are none.
fn number(bytes: &[u8], form: Form) -> Option<Value> {
    let mut wide = [0; 8];
    wide.get_mut(..bytes.len())?.copy_from_slice(bytes);
    let number = u64::from_le_bytes(wide);
    // The sign of a shorter number, carried through to the whole.
    let unused = 64_u32.saturating_sub(u32::try_from(bytes.len()).ok()?.saturating_mul(8));
    Some(match form {
        Form::Unsigned => number.into(),
        Form::Signed => (number.cast_signed().wrapping_shl(unused) >> unused.min(63)).into(),
        Form::Bool => (number != 0).into(),
        Form::Float => {
            let single = <[u8; 4]>::try_from(bytes).map(|bytes| f64::from(f32::from_le_bytes(bytes)));
            Value::Number(Number::from_f64(single.unwrap_or_else(|_| f64::from_le_bytes(wide)))?)
        }
    })
}

#[cfg(test)]
mod tests;
