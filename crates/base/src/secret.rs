//! A value that must not be seen.

/// Holds a secret. It has no `Debug` that shows it, no `Display` and no serialisation: whoever needs the value says so
/// by calling [`Secret::expose`], which is easy to search for.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Wraps `value`.
    pub const fn new(value: T) -> Self {
        Secret(value)
    }

    /// The value itself. Never log it, never put it into an error.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> std::fmt::Debug for Secret<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// The digest of a secret: enough to know it again, and nothing to show.
///
/// Comparing digests makes the time independent of the lengths too.
#[derive(Clone, Copy)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `secret`.
    pub fn of(secret: &[u8]) -> Self {
        let mut digest = [0; 32];
        digest.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, secret).as_ref());
        Self(digest)
    }

    /// Whether both are of the same secret, in a time that does not tell where they differ.
    pub fn is(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).fold(0u8, |difference, (a, b)| difference | (a ^ b)) == 0
    }
}

/// Whether two secrets are the same, in a time that does not tell where they differ.
pub fn equal(left: &[u8], right: &[u8]) -> bool {
    Digest::of(left).is(&Digest::of(right))
}
