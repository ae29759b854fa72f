//! The numbers of JSON-RPC errors that mean something else, or nothing, in another version of the protocol.

use crate::{Era, Method, raw, version};
use base::Code;
use std::borrow::Cow;

/// A resource is not there, in the legacy era.
const RESOURCE_NOT_FOUND: &str = "-32002";

/// The params are wrong; in the modern era also: a resource is not there.
const INVALID_PARAMS: &str = "-32602";

/// Something failed: the number that all versions know.
const INTERNAL: &str = "-32603";

/// The user has to visit addresses first; known in 2025-11-25 alone.
pub const ADDRESSES_FIRST: &str = "-32042";

/// The server does not take the headers of a request; modern.
pub const HEADER_MISMATCH: &str = "-32020";

/// The client cannot do what the request needs; modern.
const MISSING_CAPABILITY: &str = "-32021";

/// The version is not spoken; modern.
const UNSUPPORTED_VERSION: &str = "-32022";

/// The error object `error` of a server of era `upstream` for a client of the protocol version `client`, which asked for
/// `method`. Only the number may become another. [`ADDRESSES_FIRST`] stays for modern clients: it is to be made input
/// that they are asked for, or else [`address_needed`].
pub fn for_client<'a>(error: &'a str, method: &Method, upstream: Era, client: &str) -> Cow<'a, str> {
    let Some(number) = raw::get(error, "code") else { return Cow::Borrowed(error) };
    let legacy = version::era_of(client) != Some(Era::Modern);
    let reads = method == &Method::ResourcesRead;
    let new = match (number, legacy) {
        (RESOURCE_NOT_FOUND, false) if reads => INVALID_PARAMS,
        (INVALID_PARAMS, true) if reads && upstream == Era::Modern => RESOURCE_NOT_FOUND,
        (UNSUPPORTED_VERSION | HEADER_MISMATCH | MISSING_CAPABILITY, true) if upstream == Era::Modern => INTERNAL,
        // A legacy server means something of its own by these, which a modern client would take for something else.
        (UNSUPPORTED_VERSION | HEADER_MISMATCH | MISSING_CAPABILITY, false) if upstream == Era::Legacy => INTERNAL,
        (ADDRESSES_FIRST, true) if client != version::LATEST_LEGACY => INTERNAL,
        _ => return Cow::Borrowed(error),
    };
    let mut splice = raw::Splice::new(error);
    splice.replace(number, new);
    splice.finish()
}

/// The error [`ADDRESSES_FIRST`] for a modern client that cannot be sent to addresses: it lacks that capability.
pub fn address_needed(error: &str) -> Cow<'_, str> {
    const NEEDED: &str = r#"{"elicitation":{"url":{}}}"#;
    let mut splice = raw::Splice::new(error);
    if let Some(number) = raw::get(error, "code") {
        splice.replace(number, MISSING_CAPABILITY);
    }
    match raw::get(error, "data").filter(|data| raw::is_object(data)) {
        Some(data) => drop(splice.insert(data, "requiredCapabilities", NEEDED)),
        None => drop(splice.insert(error, "data", &format!("{{\"requiredCapabilities\":{NEEDED}}}"))),
    }
    splice.finish()
}

/// The number of one of the hub's own errors for a client of this era.
pub fn own(code: Code, client: Era) -> i32 {
    match (code, client) {
        (Code::UnknownResource, Era::Legacy) => -32002,
        (Code::UnsupportedVersion, Era::Legacy) => -32602,
        (Code::HeaderMismatch | Code::ClientLacksCapability | Code::TaskNeeded, Era::Legacy) => -32603,
        _ => code.json_rpc(),
    }
}

#[cfg(test)]
mod tests;
