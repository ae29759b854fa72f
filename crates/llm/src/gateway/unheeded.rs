//! What a client wants of the choice between deployments that nothing is done about.

use crate::provider::headers::is_strict;
use crate::request::Asked;
use base::{Code, Error, Result};
use dialects::Losses;
use http::HeaderMap;

/// The parts of the request's `provider` that nothing is done about, if there are any.
///
/// # Errors
/// [`Code::ModelLoss`] where the client wants nothing left out.
pub(super) fn of(asked: &Asked, given: &HeaderMap) -> Result<Option<Losses>> {
    let Some(preferences) = asked.preferences().filter(|preferences| !preferences.unheeded.is_empty()) else {
        return Ok(None);
    };
    let mut unheeded = Losses::new();
    preferences.unheeded.iter().for_each(|path| unheeded.add(path));
    if is_strict(given) {
        let message = format!("the hub can do nothing about parts of what the request wants of providers: {unheeded}");
        let next = "leave these out, or leave `x-tutti-strict` out";
        return Err(Error::new(Code::ModelLoss, message, next));
    }
    Ok(Some(unheeded))
}
