//! The types of tensors (`ggml_type` in <https://github.com/ggml-org/ggml/blob/master/include/ggml.h>).

/// A type of tensor that can be multiplied with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// IEEE 754 numbers of 32 bits.
    F32,
    /// IEEE 754 numbers of 16 bits.
    F16,
    /// The upper halves of numbers of 32 bits.
    Bf16,
    /// Four bits a number, with a scale for each 32.
    Q4_0,
    /// Four bits, with a scale and an offset for each 32.
    Q4_1,
    /// Five bits, with a scale for each 32.
    Q5_0,
    /// Five bits, with a scale and an offset for each 32.
    Q5_1,
    /// Eight bits, with a scale for each 32.
    Q8_0,
    /// Two bits, in blocks of 256.
    Q2K,
    /// Three bits, in blocks of 256.
    Q3K,
    /// Four bits, in blocks of 256.
    Q4K,
    /// Five bits, in blocks of 256.
    Q5K,
    /// Six bits, in blocks of 256.
    Q6K,
}

impl Kind {
    /// The type of this number, if it is one of these.
    #[inline]
    pub fn of(number: u32) -> Option<Self> {
        Some(match number {
            0 => Self::F32,
            1 => Self::F16,
            2 => Self::Q4_0,
            3 => Self::Q4_1,
            6 => Self::Q5_0,
            7 => Self::Q5_1,
            8 => Self::Q8_0,
            10 => Self::Q2K,
            11 => Self::Q3K,
            12 => Self::Q4K,
            13 => Self::Q5K,
            14 => Self::Q6K,
            30 => Self::Bf16,
            _ => return None,
        })
    }

    /// How many numbers are packed together.
    #[inline]
    pub const fn block(self) -> usize {
        match self {
            Self::F32 | Self::F16 | Self::Bf16 => 1,
            Self::Q4_0 | Self::Q4_1 | Self::Q5_0 | Self::Q5_1 | Self::Q8_0 => 32,
            Self::Q2K | Self::Q3K | Self::Q4K | Self::Q5K | Self::Q6K => 256,
        }
    }

    /// How many bytes a block takes.
    #[inline]
    pub const fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
            Self::Q4_0 => 18,
            Self::Q4_1 => 20,
            Self::Q5_0 => 22,
            Self::Q5_1 => 24,
            Self::Q8_0 => 34,
            Self::Q2K => 84,
            Self::Q3K => 110,
            Self::Q4K => 144,
            Self::Q5K => 176,
            Self::Q6K => 210,
        }
    }

    /// Whether numbers are small integers with scales, and not floating numbers.
    #[inline]
    pub const fn is_packed(self) -> bool {
        self.block() > 1
    }

    /// Whether all numbers of a block of 256 have one scale, once the small ones are multiplied in.
    #[inline]
    pub const fn is_wide(self) -> bool {
        self.block() == 256
    }

    /// Whether something is taken away from each number of a group.
    #[inline]
    pub const fn has_offsets(self) -> bool {
        matches!(self, Self::Q4_1 | Self::Q5_1 | Self::Q2K | Self::Q4K | Self::Q5K)
    }
}
