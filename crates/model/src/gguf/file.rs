//! All that a model file says: its header with the arrays, and where each tensor lies.

use super::{Form, Kind, MAGIC, Reader, Stop, broken};
use conversation::Fault;
use std::collections::{BTreeMap, HashSet};

/// The most tensors. The largest files have some thousand.
const MOST_TENSORS: u64 = 100_000;
/// The most dimensions of a tensor, as the form has it.
const MOST_DIMENSIONS: u32 = 4;
/// Where nothing is said tensors begin at multiples of this.
const ALIGNMENT: u64 = 32;

/// A model file, all of whose bytes are there. Its texts stay where they are.
#[derive(Debug, Clone, PartialEq)]
pub struct File<'bytes> {
    /// What [`super::read`] gives.
    pub header: super::Header,
    /// The arrays of the header by their keys. Arrays of arrays are left out.
    pub arrays: BTreeMap<String, Array<'bytes>>,
    /// The tensors in the order of the file, each with a name of its own.
    pub tensors: Vec<Tensor>,
}

/// An array of the header.
#[derive(Debug, Clone, PartialEq)]
pub enum Array<'bytes> {
    /// Whole numbers and booleans.
    Integers(Vec<i64>),
    /// Floating numbers.
    Numbers(Vec<f32>),
    /// Texts, which need not be UTF-8: pieces of vocabularies may be parts of characters.
    Texts(Vec<&'bytes [u8]>),
}

/// Where a tensor lies, and how long its rows are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor {
    /// Such as `blk.0.attn_q.weight`.
    pub name: String,
    /// Numbers in each dimension, the innermost first. Their product fits 64 bits.
    pub dimensions: Vec<u64>,
    /// The number of its type (`ggml_type`).
    pub kind: u32,
    /// Where its data begins in the file, in bytes. It lies within the file; where it ends is for who knows its type.
    pub start: usize,
}

impl<'bytes> File<'bytes> {
    /// Reads a whole file.
    ///
    /// # Errors
    /// The bytes are no such file, are cut off, or say what no program would write.
    pub fn read(bytes: &'bytes [u8]) -> Result<Self, Fault> {
        let header = super::read(bytes)?;
        if !header.is_complete {
            return Err(Fault::new("is cut off in its header"));
        }
        match Self::rest(bytes, header) {
            Ok(file) => Ok(file),
            Err(Stop::Cut) => Err(Fault::new("is cut off")),
            Err(Stop::Broken(fault)) => Err(fault),
        }
    }

    fn rest(bytes: &'bytes [u8], header: super::Header) -> Result<Self, Stop> {
        let mut reader = Reader { rest: bytes };
        reader.take(MAGIC.len() as u64 + 4)?;
        let (count, pairs) = (reader.long()?, reader.long()?);
        let mut arrays = BTreeMap::new();
        for _ in 0..pairs {
            let length = reader.long()?;
            let key = reader.take(length)?;
            if let Some(array) = reader.value()? {
                arrays.insert(String::from_utf8_lossy(key).into_owned(), array);
            }
        }
        if count > MOST_TENSORS {
            return broken(format!("says that it has {count} tensors: {MOST_TENSORS} are the most"));
        }
        let mut tensors = Vec::new();
        let mut names = HashSet::new();
        for _ in 0..count {
            let (tensor, offset) = reader.tensor()?;
            if !names.insert(tensor.name.clone()) {
                return broken(format!("has the tensor `{}` twice", shown(&tensor.name)));
            }
            tensors.push((tensor, offset));
        }
        let alignment = header.values.get("general.alignment").map_or(Some(ALIGNMENT), serde_json::Value::as_u64);
        let Some(alignment) = alignment.filter(|alignment| alignment.is_power_of_two() && *alignment <= 1 << 20) else {
            return broken("says an alignment that is no power of two");
        };
        let data = ((bytes.len() - reader.rest.len()) as u64).next_multiple_of(alignment);
        let tensors = tensors
            .into_iter()
            .map(|(tensor, offset)| placed(tensor, data, offset, bytes.len()))
            .collect::<Result<_, _>>()?;
        Ok(Self { header, arrays, tensors })
    }
}

fn placed(mut tensor: Tensor, data: u64, offset: u64, length: usize) -> Result<Tensor, Stop> {
    let start = data.checked_add(offset).and_then(|start| usize::try_from(start).ok());
    match start.filter(|start| *start <= length) {
        Some(start) => {
            tensor.start = start;
            Ok(tensor)
        }
        None => broken(format!("ends before its tensor `{}`", shown(&tensor.name))),
    }
}

impl<'bytes> Reader<'bytes> {
    /// The next value if it is an array that is kept.
    fn value(&mut self) -> Result<Option<Array<'bytes>>, Stop> {
        match Kind::of(u32::from_le_bytes(self.array()?))? {
            Kind::Array => {
                let before = self.rest;
                if matches!(Kind::of(u32::from_le_bytes(self.array()?))?, Kind::Array) {
                    self.rest = before;
                    self.pass_array(1)?;
                    return Ok(None);
                }
                self.rest = before;
                self.elements().map(Some)
            }
            Kind::Text => {
                let length = self.length()?;
                self.take(length)?;
                Ok(None)
            }
            Kind::Scalar(size, _) => {
                self.take(size)?;
                Ok(None)
            }
        }
    }

    fn elements(&mut self) -> Result<Array<'bytes>, Stop> {
        let kind = Kind::of(u32::from_le_bytes(self.array()?))?;
        let length = self.length()?;
        match kind {
            Kind::Scalar(size, form) => {
                let bytes = self.take(length.saturating_mul(size))?;
                let elements = bytes.chunks_exact(usize::try_from(size).unwrap_or(1));
                Ok(match form {
                    Form::Float => Array::Numbers(elements.map(float).collect()),
                    Form::Signed | Form::Unsigned | Form::Bool => {
                        Array::Integers(elements.map(|bytes| integer(bytes, form)).collect())
                    }
                })
            }
            // Each text takes bytes away, so that there are no more of them than the file can hold.
            Kind::Text | Kind::Array => {
                let mut texts = Vec::new();
                for _ in 0..length {
                    let length = self.length()?;
                    texts.push(self.take(length)?);
                }
                Ok(Array::Texts(texts))
            }
        }
    }

    /// The next tensor, and where it begins behind the header.
    fn tensor(&mut self) -> Result<(Tensor, u64), Stop> {
        let length = self.length()?;
        let name = String::from_utf8_lossy(self.take(length)?).into_owned();
        let count = u32::from_le_bytes(self.array()?);
        if count > MOST_DIMENSIONS {
            return broken(format!("has the tensor `{}` of {count} dimensions", shown(&name)));
        }
        let dimensions = (0..count).map(|_| self.long()).collect::<Result<Vec<_>, _>>()?;
        if dimensions.iter().try_fold(1_u64, |product, length| product.checked_mul(*length)).is_none() {
            return broken(format!("has the tensor `{}` of a size that is none", shown(&name)));
        }
        let kind = u32::from_le_bytes(self.array()?);
        Ok((Tensor { name, dimensions, kind, start: 0 }, self.long()?))
    }
}

fn integer(bytes: &[u8], form: Form) -> i64 {
    super::number(bytes, form)
        .and_then(|number| number.as_i64().or_else(|| number.as_bool().map(i64::from)))
        .unwrap_or(i64::MAX)
}

fn float(bytes: &[u8]) -> f32 {
    super::number(bytes, Form::Float).and_then(|number| number.as_f64()).map_or(f32::NAN, |number| number as f32)
}

/// A name as it may stand in an error.
fn shown(name: &str) -> String {
    name.chars().filter(|character| !character.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests;
