//! By what an API recognises a call that is sent once more. Pure.

use base::random;

/// The key of a call as an API is told it: what one principal chooses is never another's, whatever it is. All attempts of a call have
/// the same, also those after a restart. It has 64 characters, which is what APIs take that check its length. Nothing where none was chosen.
pub fn bound(principal: &str, key: &str) -> Option<String> {
    let bound = format!("tutti call 1\n{}:{principal}\n{key}", principal.len());
    (!key.is_empty()).then(|| random::to_hex(&random::sha256(bound.as_bytes())))
}

#[cfg(test)]
mod tests;
