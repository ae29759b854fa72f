//! What was shown for a key on a connection before.

use base::Secret;
use base::secret::Digest;
use std::sync::{Mutex, OnceLock, PoisonError};

/// The longest text that is remembered, in bytes.
const LONGEST: usize = 512;

/// A text, and its digest.
type Known = (Secret<Box<[u8]>>, Digest);

/// The text that was shown last on a connection, and its digest: those who ask again need not have it computed again. It says
/// nothing of whether it is a key, or still one.
#[derive(Default)]
pub(crate) struct Shown(Mutex<Option<Known>>, OnceLock<Box<str>>);

impl Shown {
    /// Whether `check` passes for this host, which is not asked again where it was so for the first host of the connection.
    ///
    /// # Errors
    /// Those of `check`.
    pub(crate) fn host<E>(&self, host: &str, check: impl FnOnce(&str) -> Result<(), E>) -> Result<(), E> {
        if self.1.get().is_some_and(|first| **first == *host) {
            return Ok(());
        }
        check(host)?;
        if host.len() <= LONGEST {
            self.1.get_or_init(|| host.into());
        }
        Ok(())
    }

    /// The digest of `text`, which is shown now.
    pub(crate) fn digest(&self, text: &[u8]) -> Digest {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // What one connection carries may be of several clients, so the time tells nothing of what was shown before.
        if let Some((before, digest)) = &*last
            && same(before.expose(), text)
        {
            return *digest;
        }
        let digest = Digest::of(text);
        *last = (text.len() <= LONGEST).then(|| (Secret::new(text.into()), digest));
        digest
    }
}

/// Whether both are the same, in a time that tells no more than whether they are as long.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).fold(0, |difference, (one, other)| difference | (one ^ other)) == 0
}

#[cfg(test)]
mod tests;
