//! Bringing the weights of a model to a graphics card, layer by layer.

use crate::failure::{Failure, FailureKind, shown};
use crate::matrix::Matrix;
use crate::model::Model;
use crate::placement::{Device, Placement};
use ::cards::Card;
use std::sync::Arc;

/// Whether this was built with the feature `cards`.
pub const USES_CARDS: bool = ::cards::IS_BUILT;

/// The devices of this machine that weights can be placed on, as their drivers call them, or why there are none. Nothing where this was
/// built without cards.
pub fn cards() -> Vec<String> {
    if !USES_CARDS {
        return Vec::new();
    }
    match ::cards::devices() {
        Ok(devices) if devices.is_empty() => vec!["OpenCL knows none".to_owned()],
        Ok(devices) => devices.into_iter().map(|device| device.name).collect(),
        Err(failure) => vec![failure.cause],
    }
}

impl Model {
    /// Brings as many layers to `device` as fit, the first before the others. Called once, before the model is worked with.
    ///
    /// # Errors
    /// - [`FailureKind::NoCard`]: a device was named that is not there or cannot be used. With [`Device::Auto`] the model stays on
    ///   the processor, and [`Placement::why`] says it.
    /// - [`FailureKind::CardLost`]: the card failed meanwhile.
    pub fn place(&mut self, device: &Device) -> Result<&Placement, Failure> {
        let card = match device {
            Device::Processor => return Ok(&self.placement),
            Device::Auto => match automatic() {
                Ok(card) => card,
                Err(failure) => {
                    self.placement.why = Some(failure.cause);
                    return Ok(&self.placement);
                }
            },
            Device::Named(name) => named(name)?,
        };
        self.place_on(&Arc::new(card))?;
        Ok(&self.placement)
    }

    pub(crate) fn place_on(&mut self, card: &Arc<Card>) -> Result<(), Failure> {
        let weights = &mut self.weights;
        let layers = weights.layers.iter_mut().map(|layer| layer.matrices().into());
        for matrices in layers.chain([vec![&mut weights.head]]) {
            match upload(matrices, card) {
                Ok(()) => self.placement.layers += 1,
                Err(failure) if failure.kind == ::cards::FailureKind::Lost => return Err(failure.into()),
                Err(failure) => {
                    self.placement.why = Some(failure.cause);
                    break;
                }
            }
        }
        self.placement.card = (self.placement.layers > 0).then(|| card.name().to_owned());
        Ok(())
    }
}

/// Brings all of them, or none.
fn upload(mut matrices: Vec<&mut Matrix>, card: &Arc<Card>) -> Result<(), ::cards::Failure> {
    let uploaded = matrices.iter_mut().try_for_each(|matrix| matrix.upload(card));
    if uploaded.is_err() {
        matrices.into_iter().for_each(Matrix::stay);
    }
    uploaded
}

fn automatic() -> Result<Card, Failure> {
    let devices = ::cards::devices()?.into_iter().filter(|device| device.is_accelerator);
    let none = || Failure::new(FailureKind::NoCard, "there is no graphics card, as far as OpenCL knows");
    Ok(Card::open(&devices.max_by_key(|device| device.memory).ok_or_else(none)?)?)
}

fn named(name: &str) -> Result<Card, Failure> {
    let devices = ::cards::devices()?;
    let wanted = name.to_lowercase();
    let found = devices.iter().find(|device| device.name.to_lowercase().contains(&wanted));
    let missing = || {
        let names: Vec<&str> = devices.iter().map(|device| device.name.as_str()).collect();
        let there = if names.is_empty() { "none is".to_owned() } else { format!("there are {}", names.join(", ")) };
        Failure::new(FailureKind::NoCard, format!("no device is called `{}`: {there}", shown(name)))
    };
    Ok(Card::open(found.ok_or_else(missing)?)?)
}

#[cfg(test)]
pub(crate) mod tests;
