//! How much a model has thought that nobody was told of. Pure.

use std::time::Duration;

/// How many tokens models that think write in a second as a rule, where nothing was seen of one.
const USUAL_SPEED: f64 = 100.0;
/// How many none writes: more was only seen where an answer came all at once.
const FASTEST: f64 = 3_000.0;

/// About how many tokens a model has thought in so much time in which it said nothing. `speed` is how many it was seen to write in
/// a second. All of the time counts, also what the request waited before it was read: rather too much than too little.
pub(super) fn about(silent: Duration, speed: Option<f64>) -> u64 {
    let speed = speed.filter(|speed| speed.is_finite() && *speed > 0.0).unwrap_or(USUAL_SPEED).min(FASTEST);
    // What is too large becomes the largest.
    (silent.as_secs_f64() * speed).ceil() as u64
}

#[cfg(test)]
mod tests;
