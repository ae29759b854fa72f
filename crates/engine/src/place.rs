//! Where the weights of a model are: in memory, or layer by layer on a graphics card as well.

use crate::failure::{Failure, FailureKind, shown};
use crate::matrix::Matrix;
use crate::model::Model;
use ::cards::Card;
use std::sync::Arc;

/// What multiplies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Device {
    /// The graphics card with the most memory, or the processor where there is none that can.
    Auto,
    /// The processor.
    #[default]
    Processor,
    /// The first device whose name contains this, whatever the case of its letters.
    Named(String),
}

/// Where the weights of a model are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placement {
    /// The name of the card; nothing where the processor multiplies.
    pub card: Option<String>,
    /// How many layers are on it; the matrix that makes tokens of states is one more, behind all others.
    pub layers: usize,
    /// Why not all are there, where a card was wanted.
    pub why: Option<String>,
}

impl Device {
    /// The device that a word of a configuration means: `auto`, `cpu`, or a part of a name.
    pub fn of(word: &str) -> Self {
        match word {
            "auto" => Self::Auto,
            "cpu" => Self::Processor,
            name => Self::Named(name.to_owned()),
        }
    }
}

/// The devices of this machine that weights can be placed on, as their drivers call them: nothing where this was built without.
///
/// # Errors
/// [`FailureKind::NoCard`]: the machine has no OpenCL.
pub fn cards() -> Result<Vec<String>, Failure> {
    if !::cards::IS_BUILT {
        return Ok(Vec::new());
    }
    Ok(::cards::devices()?.into_iter().map(|device| device.name).collect())
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
