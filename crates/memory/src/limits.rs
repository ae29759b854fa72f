//! How large a memory may be. All that a stranger controls has an end.

/// Bytes of one fragment.
pub const FRAGMENT: usize = 4 << 20;
/// Fragments of one scope, versions counted.
pub const OF_SCOPE: u64 = 10_000;
/// Fragments of one tenant, versions counted.
pub const OF_TENANT: u64 = 200_000;
/// Bytes of one tenant.
pub const BYTES: u64 = 4 << 30;
/// Bytes of the name of a scope, of a class, and of one part of a key.
pub const NAME: usize = 64;
/// Bytes of a key.
pub const KEY: usize = 256;
/// Bytes of what names a tenant, a user, a run, a step, or a form of text.
pub const IDENTITY: usize = 200;
/// Fragments of a page, and that are pruned at once.
pub const PAGE: usize = 1_000;
/// Fragments that one need brings.
pub const FOUND: usize = 100;
/// Notes of a tenant that are searched: those written last.
pub const INDEXED: usize = 20_000;
/// Notes whose meaning is read in one search; those that are left are found by their words, and read in the next.
pub const EMBEDDED: usize = 64;
/// Tenants whose notes are kept ready for searches.
pub const TENANTS: usize = 64;
/// Fragments that a receipt names although nobody asked for them; of more it tells the number.
pub const UNDECLARED: usize = 1_000;
/// Turns of a transcript that are looked at.
pub const TURNS: usize = 10_000;

/// Whether it can be the name of a scope or a class.
pub fn is_word(text: &str) -> bool {
    (1..=NAME).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

/// Whether it can be a key: words with `/` between them.
pub fn is_key(text: &str) -> bool {
    text.len() <= KEY && text.split('/').all(is_word)
}

/// Whether it can name somebody or something: not empty where it must be there, and of one line.
pub(crate) fn is_identity(text: &str) -> bool {
    text.len() <= IDENTITY && !text.chars().any(char::is_control)
}
