//! What stands here where no card can be used: nothing that could be made, so that whoever has one has it for nothing.

use crate::{Device, Failure, FailureKind, Kind};
use std::convert::Infallible;
use std::sync::Arc;

/// A card at work. There is none.
#[derive(Debug)]
pub struct Card(Infallible);

/// A matrix in the memory of a card. There is none.
#[derive(Debug)]
pub struct Matrix(Infallible);

/// The devices of this machine.
///
/// # Errors
/// [`FailureKind::Unavailable`]: this was built without the feature `opencl`.
pub fn devices() -> Result<Vec<Device>, Failure> {
    Err(Failure::new(FailureKind::Unavailable, "this was built without support of graphics cards"))
}

impl Card {
    /// Takes a device.
    ///
    /// # Errors
    /// [`FailureKind::Unavailable`]: this was built without the feature `opencl`.
    pub fn open(_: &Device) -> Result<Self, Failure> {
        devices().and(Err(Failure::new(FailureKind::Unavailable, "there is no card")))
    }

    /// What its driver calls it.
    pub fn name(&self) -> &str {
        match self.0 {}
    }

    /// Brings a matrix to the card.
    ///
    /// # Errors
    /// None, since there is no card.
    pub fn upload(self: &Arc<Self>, _: Kind, _: &[u8], _: usize, _: usize) -> Result<Matrix, Failure> {
        match self.0 {}
    }

    /// Multiplies with matrices.
    ///
    /// # Errors
    /// None, since there is no card.
    pub fn multiply(&self, _: &[&Matrix], _: &[f32]) -> Result<Vec<Vec<f32>>, Failure> {
        match self.0 {}
    }
}

impl Matrix {
    /// Whose memory it is in.
    pub fn card(&self) -> &Arc<Card> {
        match self.0 {}
    }
}
