//! Names of files that hold secrets. They are served to nobody: a model that reads a folder must not read its keys, and
//! the `.env` beside the configuration is where Tutti itself puts credentials.

use super::place::Place;
use base::{Code, Error};

/// Names that are private as they stand, in lower case.
const NAMES: [&str; 10] = [
    ".netrc",
    ".pgpass",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".htpasswd",
    "id_rsa",
    "id_ecdsa",
    "id_ed25519",
    "id_dsa",
];

/// Folders whose whole content is private.
const FOLDERS: [&str; 3] = [".ssh", ".gnupg", ".aws"];

/// Endings of `.env.…` files that are made to be shown.
const SHOWN: [&str; 5] = [".example", ".sample", ".template", ".dist", ".defaults"];

/// Whether a file or folder of this name is private.
pub(super) fn is_private(name: &str) -> bool {
    // Some file systems do not tell case apart, and end names with dots or spaces that do not count.
    let name = name.to_lowercase();
    let name = name.trim_end_matches(['.', ' ']);
    let environment = name == ".env" || (name.starts_with(".env.") && !SHOWN.iter().any(|end| name.ends_with(end)));
    let key = name.ends_with(".pem") || name.ends_with(".key");
    environment || key || NAMES.contains(&name) || FOLDERS.contains(&name)
}

/// Whether any name on the way to `place` is private.
pub(super) fn holds(place: &Place) -> bool {
    place.parts().any(|part| is_private(&part.to_string_lossy()))
}

/// The error for a private file.
pub(super) fn refused(place: &Place) -> Error {
    Error::new(
        Code::FilesPrivate,
        format!("{} is a file of secrets by its name, and such files are not served", place.quoted()),
        "do without it; a value that a tool needs belongs under `env` of that tool's server",
    )
}

#[cfg(test)]
mod tests;
