//! Numbers of two bytes.

/// The number that `bits` mean as IEEE 754 binary16. Infinities become large numbers, and so does what is no number.
#[inline(always)]
pub(crate) fn from_half(bits: u16) -> f32 {
    const STEP: f32 = 5.960_464_5e-8;
    let bits = u32::from(bits);
    let usual = ((bits & 0x7fff) << 13) + (112 << 23);
    // The smallest are counted in steps: as numbers of 32 bits of the same kind they would take a hundred times as long.
    let small = ((bits & 0x3ff) as f32 * STEP).to_bits();
    let size = if bits & 0x7c00 == 0 { small } else { usual };
    f32::from_bits(size | (bits & 0x8000) << 16)
}

/// The nearest binary16, the even one of two; the largest stands for what is beyond it.
#[inline(always)]
pub(crate) fn to_half(number: f32) -> u16 {
    let sign = (number.to_bits() >> 16) & 0x8000;
    let size = number.abs().min(65_504.0);
    // Adding a number of the right size rounds in place: what is below 2^-14 has steps of 2^-24, else 10 bits are kept.
    let rounded = if size < 6.103_515_6e-5 {
        (size + 0.5).to_bits() - 0.5_f32.to_bits()
    } else {
        let bits = size.to_bits();
        ((bits + 0xfff + ((bits >> 13) & 1)) >> 13) - (112 << 10)
    };
    (sign | rounded) as u16
}

/// The half at the beginning of `bytes`, which are two or more.
#[inline(always)]
pub(crate) fn half_at(bytes: &[u8], at: usize) -> f32 {
    from_half(u16::from_le_bytes([bytes[at], bytes[at + 1]]))
}

#[cfg(test)]
mod tests {
    use super::{from_half, to_half};

    #[test]
    fn every_finite_half_comes_back() {
        for bits in (0..0x7c00_u16).chain(0x8000..0xfc00) {
            assert_eq!(to_half(from_half(bits)), bits, "{bits:x}");
        }
    }

    #[test]
    fn halves_are_the_nearest() {
        let cases = [(1.0 + 1.0 / 2048.0, 1.0), (1.0 + 3.0 / 2048.0, 1.0 + 2.0 / 1024.0), (1e9, 65_504.0), (1e-9, 0.0)];
        for (number, expected) in cases {
            assert_eq!(from_half(to_half(number)), expected);
            assert_eq!(from_half(to_half(-number)), -expected);
        }
        assert_eq!(from_half(0x3555), 0.333_251_95);
    }
}
