//! The file of the embedder: what stands where. `xtask/embedder/make.py` writes it and describes it.
//!
//! The matrices and the table of words stay packed where they are, in the binary: only what a text needs is unpacked,
//! and only while it does.

use super::matrix::Matrix;
use base::{Error, Result};
use numbers::from_half;

/// Numbers of a vector between the layers, and of the result.
pub(super) const WIDTH: usize = 384;
/// Numbers in the middle of a layer.
pub(super) const INNER: usize = 1_536;
/// Texts are cut after as many tokens: the model was trained for these.
pub(super) const LONGEST: usize = 256;
const LAYERS: usize = 6;
/// Pieces in the vocabulary.
const PIECES: usize = 30_522;
const MAGIC: &[u8] = b"TUTTI EMBEDDER 1";
/// Numbers that share a scale.
const GROUP: usize = 32;
const ROW_BYTES: usize = WIDTH / GROUP * 2 + WIDTH / 2;

/// The weights, most of them packed.
pub(super) struct Weights {
    /// A piece a line; the number of the line is that of the token.
    pub(super) vocabulary: &'static str,
    pub(super) words: Rows,
    pub(super) positions: Rows,
    /// What is added for the first of two sentences, which is the only one here.
    pub(super) kind: Vec<f32>,
    pub(super) start: Norm,
    pub(super) layers: Vec<Layer>,
}

/// A table of packed vectors.
pub(super) struct Rows(&'static [u8]);

/// What a normalisation multiplies by and adds.
pub(super) struct Norm {
    pub(super) factor: Vec<f32>,
    pub(super) shift: Vec<f32>,
}

/// A layer of the encoder.
pub(super) struct Layer {
    /// Queries, keys and values of the attention, one after the other.
    pub(super) heads: Matrix,
    pub(super) attention: Matrix,
    pub(super) first: Norm,
    pub(super) inward: Matrix,
    pub(super) outward: Matrix,
    pub(super) second: Norm,
}

impl Weights {
    /// Reads `file`.
    pub(super) fn read(file: &'static [u8]) -> Result<Self> {
        let mut reader = Reader(file);
        if reader.take(MAGIC.len())? != MAGIC {
            return Err(broken());
        }
        let length = u32::from_le_bytes(reader.take(4)?.try_into().map_err(|_| broken())?);
        let vocabulary = std::str::from_utf8(reader.take(length as usize)?).map_err(|_| broken())?;
        let weights = Self {
            vocabulary,
            words: Rows(reader.take(PIECES * ROW_BYTES)?),
            positions: Rows(reader.take(LONGEST * ROW_BYTES)?),
            kind: reader.vector(WIDTH)?,
            start: reader.norm()?,
            layers: (0..LAYERS).map(|_| reader.layer()).collect::<Result<_>>()?,
        };
        if reader.0.is_empty() { Ok(weights) } else { Err(broken()) }
    }
}

impl Rows {
    /// Adds row `row` to `vector`; nothing where there is no such row.
    pub(super) fn add(&self, row: usize, vector: &mut [f32]) {
        let Some(bytes) = self.0.get(row * ROW_BYTES..(row + 1) * ROW_BYTES) else { return };
        let (scales, pairs) = bytes.split_at(WIDTH / GROUP * 2);
        for (place, number) in vector.iter_mut().enumerate() {
            let group = place / GROUP * 2;
            let scale = from_half(u16::from_le_bytes([scales[group], scales[group + 1]]));
            let bits = pairs[place / 2] >> (place % 2 * 4) & 15;
            *number += (f32::from(bits) - 8.0) * scale;
        }
    }
}

/// What is left of the file.
struct Reader(&'static [u8]);

impl Reader {
    fn take(&mut self, length: usize) -> Result<&'static [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(broken)?;
        self.0 = rest;
        Ok(taken)
    }

    fn vector(&mut self, length: usize) -> Result<Vec<f32>> {
        Ok(self
            .take(length * 2)?
            .chunks_exact(2)
            .map(|bytes| from_half(u16::from_le_bytes([bytes[0], bytes[1]])))
            .collect())
    }

    fn matrix(&mut self, inputs: usize, outputs: usize) -> Result<Matrix> {
        let packed = self.take(Matrix::bytes(inputs, outputs))?;
        Ok(Matrix::new(packed, inputs, self.vector(outputs)?))
    }

    fn norm(&mut self) -> Result<Norm> {
        Ok(Norm { factor: self.vector(WIDTH)?, shift: self.vector(WIDTH)? })
    }

    fn layer(&mut self) -> Result<Layer> {
        Ok(Layer {
            heads: self.matrix(WIDTH, 3 * WIDTH)?,
            attention: self.matrix(WIDTH, WIDTH)?,
            first: self.norm()?,
            inward: self.matrix(WIDTH, INNER)?,
            outward: self.matrix(INNER, WIDTH)?,
            second: self.norm()?,
        })
    }
}

fn broken() -> Error {
    Error::internal("the weights of the embedder in this binary are not whole")
}

#[cfg(test)]
mod tests;
