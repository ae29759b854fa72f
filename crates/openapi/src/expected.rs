//! What the document promises of answers.

/// What the document says of the answers of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// Nothing that could be promised.
    Nothing,
    /// A JSON object.
    Object,
    /// Some other JSON, promised as `{"result": …}`.
    Wrapped,
}
