//! Bringing the weights of a model to a graphics card, layer by layer.

use crate::failure::{Failure, FailureKind, shown};
use crate::matrix::Matrix;
use crate::model::Model;
use crate::placement::{Device, Placement};
use crate::weights::Layer;
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
    /// - [`FailureKind::NoCard`]: a device was named that is not there or cannot be used.
    /// - [`FailureKind::CardLost`]: it failed meanwhile.
    ///
    /// With [`Device::Auto`] the model stays on the processor then, and [`Placement::why`] says it.
    pub fn place(&mut self, device: &Device) -> Result<&Placement, Failure> {
        let placed = match device {
            Device::Processor => return Ok(&self.placement),
            Device::Auto => automatic().and_then(|card| self.place_on(&Arc::new(card))),
            Device::Named(name) => named(name).and_then(|card| self.place_on(&Arc::new(card))),
        };
        match placed {
            Err(failure) if *device == Device::Auto => self.placement.why = Some(failure.cause),
            placed => placed?,
        }
        Ok(&self.placement)
    }

    pub(crate) fn place_on(&mut self, card: &Arc<Card>) -> Result<(), Failure> {
        let filled = self.fill(card);
        if filled.is_err() {
            self.weights.layers.iter_mut().flat_map(Layer::matrices).for_each(Matrix::stay);
            self.weights.head.stay();
            self.placement = Placement::default();
        }
        filled
    }

    fn fill(&mut self, card: &Arc<Card>) -> Result<(), Failure> {
        let weights = &mut self.weights;
        let layers = weights.layers.iter_mut().map(|layer| layer.matrices().into());
        for matrices in layers.chain([vec![&mut weights.head]]) {
            match upload(matrices, card) {
                Ok(()) => self.placement.layers += 1,
                Err(failure) if is_full(&failure) => {
                    self.placement.why = Some(failure.cause);
                    break;
                }
                Err(failure) => return Err(failure.into()),
            }
        }
        self.placement.card = (self.placement.layers > 0).then(|| card.name().to_owned());
        Ok(())
    }
}

/// Whether the card takes no more, be it for its memory or for the shape of a matrix, and keeps what it has.
fn is_full(failure: &::cards::Failure) -> bool {
    matches!(failure.kind, ::cards::FailureKind::Memory | ::cards::FailureKind::Sizes)
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
    let devices = ::cards::devices()?.into_iter().filter(|device| device.is_card);
    let none = || Failure::new(FailureKind::NoCard, "OpenCL knows no graphics card with memory of its own");
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
