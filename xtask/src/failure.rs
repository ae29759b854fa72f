//! What went wrong, and what to do next.

/// A failure that a developer meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What happened and why.
    pub(crate) message: String,
    /// What to do now.
    pub(crate) next: String,
}

/// The result of anything that can fail.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    /// `message` is a sentence without a full stop; `next` is an instruction.
    pub(crate) fn new(message: impl Into<String>, next: impl Into<String>) -> Self {
        Self { message: message.into(), next: next.into() }
    }

    /// All of `failures` as one, or none.
    pub(crate) fn all(failures: &[Failure]) -> Result<()> {
        let join = |part: fn(&Failure) -> &str| failures.iter().map(part).collect::<Vec<_>>().join("\n");
        if failures.is_empty() { Ok(()) } else { Err(Self::new(join(|one| &one.message), join(|one| &one.next))) }
    }
}

#[cfg(test)]
mod tests;
