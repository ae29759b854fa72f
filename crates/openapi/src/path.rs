//! Paths with parameters in them, such as `/pets/{petId}`.

use crate::encode;
use crate::fault::{self, Fault, shown};
use base::Result;

/// A piece of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Stands as it is, encoded already.
    Fixed(String),
    /// A parameter by its name.
    Parameter(String),
}

/// Reads a path as the document writes it.
pub(crate) fn read(path: &str) -> Result<Vec<Piece>, Fault> {
    if !path.starts_with('/') {
        return Err("its path does not begin with `/`".to_owned());
    }
    if path.contains(['?', '#']) {
        return Err("its path holds a query, which belongs into parameters".to_owned());
    }
    let mut pieces = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('{') {
            let (name, after) = inner.split_once('}').ok_or_else(|| "its path has a `{` without `}`".to_owned())?;
            pieces.push(Piece::Parameter(name.to_owned()));
            rest = after;
        } else {
            let end = rest.find('{').unwrap_or(rest.len());
            // A document may write a path encoded or not.
            let stays: fn(u8) -> bool = |byte| encode::is_unreserved(byte) || b"/:@!$&'()*+,;=%".contains(&byte);
            pieces.push(Piece::Fixed(encode::percent(&rest[..end], stays)));
            rest = &rest[end..];
        }
    }
    Ok(pieces)
}

/// Checks what an argument in a path says, before it is encoded. A server may take `%2F` for a slash before it looks
/// for the route, and a path that ends where a value is empty is that of another operation.
pub(crate) fn check(name: &str, value: &str, slashes: bool) -> Result<()> {
    if value.is_empty() {
        return Err(fault::argument(name, "is empty, and it is a part of the path", "give it a value"));
    }
    // A server behind a proxy may take the encoding away twice.
    let said = encode::fully_decoded(value);
    if said.split(['/', '\\']).any(|segment| segment == "." || segment == "..") {
        return Err(fault::argument(
            name,
            "has `.` or `..` as a part of the path, which would lead to another path",
            "give it the name or number of one thing",
        ));
    }
    if !slashes && said.contains(['/', '\\']) {
        let next = "give it a value without slashes; for an API whose names have slashes the operator sets \
                    `encoded_slashes: true`";
        return Err(fault::argument(name, "has a slash, and it is one segment of the path", next));
    }
    Ok(())
}

/// Checks a whole path: values that are harmless one by one may stand side by side in one segment.
pub(crate) fn check_whole(path: &str) -> Result<()> {
    let lost = path.split('/').map(encode::fully_decoded).any(|segment| segment == "." || segment == "..");
    if lost {
        let why = format!("make the path `{}`, in which a segment is `.` or `..`", shown(path));
        return Err(base::Error::new(
            base::Code::OpenApiArgument,
            format!("the arguments {why}"),
            "give the names or numbers of things",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
