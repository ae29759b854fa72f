//! Vectors as the index keeps them: a byte a number.

use std::sync::Arc;

/// A vector of length 1 in a quarter of the memory. What is lost is far below what tells two texts apart. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct Vector {
    scale: f32,
    numbers: Arc<[i8]>,
}

impl Vector {
    /// The direction of `numbers`. Numbers that are none count as 0.
    pub fn new(numbers: &[f32]) -> Self {
        let finite = |number: &f32| if number.is_finite() { *number } else { 0.0 };
        let largest = numbers.iter().map(finite).fold(0.0, |largest: f32, number| largest.max(number.abs()));
        let step = if largest > 0.0 { 127.0 / largest } else { 0.0 };
        let numbers: Arc<[i8]> = numbers.iter().map(|number| (finite(number) * step).round() as i8).collect();
        Self { scale: scale(&numbers), numbers }
    }

    /// How many dimensions there are.
    pub fn dimensions(&self) -> usize {
        self.numbers.len()
    }

    /// The bytes to keep it as.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.numbers.iter().map(|number| number.to_le_bytes()[0]).collect()
    }

    /// The vector that [`Vector::to_bytes`] gave `bytes` for.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let numbers: Arc<[i8]> = bytes.iter().map(|&byte| i8::from_le_bytes([byte])).collect();
        Self { scale: scale(&numbers), numbers }
    }

    /// How alike two vectors are: the cosine of the angle between them. Vectors of different dimensions have nothing in
    /// common.
    pub fn likeness(&self, other: &Self) -> f32 {
        if self.dimensions() != other.dimensions() {
            return 0.0;
        }
        dot(&self.numbers, &other.numbers) as f32 * self.scale * other.scale
    }

    pub(crate) fn scale(&self) -> f32 {
        self.scale
    }

    pub(crate) fn numbers(&self) -> &[i8] {
        &self.numbers
    }
}

/// What makes the length of `numbers` 1; 0 where they have none.
fn scale(numbers: &[i8]) -> f32 {
    let length = (dot(numbers, numbers) as f32).sqrt();
    if length > 0.0 { 1.0 / length } else { 0.0 }
}

/// The sum of the products. Written so that a compiler multiplies many at once.
#[inline(always)]
pub(crate) fn dot(left: &[i8], right: &[i8]) -> i32 {
    left.iter().zip(right).map(|(left, right)| i32::from(*left) * i32::from(*right)).sum()
}

#[cfg(test)]
mod tests;
