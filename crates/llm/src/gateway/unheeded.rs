//! What a client wants of the choice between deployments that nothing is done about.

use crate::caller::Caller;
use crate::config::Settings;
use crate::provider::headers::is_strict;
use crate::request::Asked;
use crate::route;
use base::{Code, Error, Result};
use dialects::Losses;
use http::HeaderMap;

/// The parts of the request's `provider` that nothing is done about, and those of several names that nobody answers to,
/// if there are any. A single name that means nothing has an error of its own.
///
/// # Errors
/// [`Code::ModelLoss`] where the client wants nothing left out.
pub(super) fn of(settings: &Settings, asked: &Asked, caller: &Caller, given: &HeaderMap) -> Result<Option<Losses>> {
    if !asked.is_choosy() {
        return Ok(None);
    }
    let mut unheeded = Losses::new();
    if let Some(preferences) = asked.preferences() {
        preferences.unheeded.iter().for_each(|path| unheeded.add(path));
    }
    if !asked.others().is_empty() {
        let means_nothing = |name: &str| route::find(settings, name, asked.endpoint, caller).is_err();
        unheeded.add_if(means_nothing(&asked.model), "model");
        for name in asked.others().iter().filter(|name| means_nothing(name)) {
            unheeded.add(&format!("models.{name}"));
        }
    }
    if unheeded.is_empty() {
        return Ok(None);
    }
    if is_strict(given) {
        let message = format!("the hub can do nothing about parts of what the request wants of providers: {unheeded}");
        let next = "leave these out, or leave `x-tutti-strict` out";
        return Err(Error::new(Code::ModelLoss, message, next));
    }
    Ok(Some(unheeded))
}
