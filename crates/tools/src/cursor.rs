//! Cursors that only this hub can make: opaque to clients, refused when changed.

use base::{Code, Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

/// Makes and reads cursors. The key lives as long as the process, so a cursor does not outlive a restart.
pub struct Cursors {
    key: hmac::Key,
}

/// How many bytes of the code are kept: enough that nobody guesses one.
const CODE: usize = 16;

impl Cursors {
    /// Cursors under a fresh key.
    pub fn new() -> Result<Self> {
        Ok(Self { key: hmac::Key::new(hmac::HMAC_SHA256, &base::random::bytes::<32>()?) })
    }

    /// A cursor behind the item `key`, the `index`-th of the list `list`.
    pub fn seal(&self, list: &str, index: usize, key: &str) -> String {
        let place = format!("{index} {key}");
        let mut bytes = self.code(list, &place)[..CODE].to_vec();
        bytes.extend_from_slice(place.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The index and key that a cursor of the list `list` holds.
    pub fn open(&self, list: &str, cursor: &str) -> Result<(usize, String)> {
        self.read(list, cursor).ok_or_else(|| {
            Error::new(
                Code::InvalidCursor,
                "the cursor was not given out by this hub for this list, or the hub was restarted since",
                "ask for the list again without a cursor",
            )
        })
    }

    fn read(&self, list: &str, cursor: &str) -> Option<(usize, String)> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (code, place) = bytes.split_at_checked(CODE)?;
        let place = std::str::from_utf8(place).ok()?;
        if !base::secret::equal(code, &self.code(list, place)[..CODE]) {
            return None;
        }
        let (index, key) = place.split_once(' ')?;
        Some((index.parse().ok()?, key.to_owned()))
    }

    fn code(&self, list: &str, place: &str) -> [u8; 32] {
        let tag = hmac::sign(&self.key, format!("{list}\n{place}").as_bytes());
        let mut out = [0; 32];
        out.copy_from_slice(tag.as_ref());
        out
    }
}

#[cfg(test)]
mod tests;
