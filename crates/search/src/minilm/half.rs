//! Numbers of two bytes.

/// The number that two bytes mean as IEEE 754 binary16. Infinities and what is no number are not in the file.
#[inline(always)]
pub(super) fn half(bytes: [u8; 2]) -> f32 {
    let bits = u32::from(u16::from_le_bytes(bytes));
    // The exponent's range is moved by a product, which also gets the smallest numbers right.
    let size = f32::from_bits((bits & 0x7fff) << 13) * f32::from_bits(0x7780_0000);
    f32::from_bits(size.to_bits() | (bits & 0x8000) << 16)
}
