//! Graphics cards by OpenCL, which the drivers of their makers bring: which there are, matrices in their memory, and products
//! with them.
//!
//! [`devices`] tells what can be used, [`Card::open`] takes one of them, [`Card::upload`] brings a matrix there as the blocks of its
//! file, and [`Card::multiply`] multiplies with it. Without the feature `opencl` no library is compiled in and no card is known:
//! [`devices`] says so.
//!
//! This is the one crate with `unsafe`: all of it stands in `driver.rs`, and everything that a kernel touches is held against the
//! lengths of its buffers before it begins.

#[cfg(not(feature = "opencl"))]
mod absent;
#[cfg(feature = "opencl")]
mod card;
#[cfg(feature = "opencl")]
mod driver;
mod failure;
mod kind;

#[cfg(not(feature = "opencl"))]
pub use absent::{Card, Matrix, devices};
#[cfg(feature = "opencl")]
pub use card::{Card, Matrix, devices};
pub use failure::{Failure, FailureKind};
pub use kind::Kind;

/// Whether this was built with the feature `opencl`.
pub const IS_BUILT: bool = cfg!(feature = "opencl");

/// A device that kernels can run on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// What its driver calls it, without control characters.
    pub name: String,
    /// Whether it is a graphics card or another accelerator with memory of its own, and not a processor or a part of one.
    pub is_card: bool,
    /// Bytes of its memory.
    pub memory: u64,
    /// Which of the devices that drivers name it is, in their order.
    place: usize,
}
