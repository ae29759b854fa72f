//! The hash by which runs name a definition.

use crate::definition::Workflow;
use base::{Error, Result};

/// SHA-256 of the canonical JSON (RFC 8785) of what a workflow says, in hexadecimal digits. Where it stands in its file, how
/// it is written there, and in which of the two forms, is no part of it.
pub(crate) fn of(workflow: &Workflow) -> Result<String> {
    let canonical = serde_json_canonicalizer::to_string(workflow)
        .map_err(|error| Error::internal(format!("a workflow cannot be written: {error}")))?;
    let digest = base::random::sha256(canonical.as_bytes());
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}
