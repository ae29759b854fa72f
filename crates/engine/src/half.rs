//! Numbers of two bytes, as they stand in files.

pub(crate) use numbers::{from_half, to_half};

/// The half at the beginning of `bytes`, which are two or more.
#[inline(always)]
pub(crate) fn half_at(bytes: &[u8], at: usize) -> f32 {
    from_half(u16::from_le_bytes([bytes[at], bytes[at + 1]]))
}
