//! The folder of models.

use base::visible::escaped;
use base::{Code, Error, Result};
use engine::Limits;
use std::path::{Path, PathBuf};

/// The model in the binary.
pub const TINY: &str = "tiny";

/// How many tokens it was made for.
pub const TINY_CONTEXT: usize = 256;

/// The most models that are listed.
const MOST: usize = 1_000;

/// How much of a file is read for its context, which mostly stands before all that is long.
const BEGINNING: u64 = 256 << 10;

/// Where models are, below the home folder.
pub fn folder(home: &Path) -> PathBuf {
    home.join("models")
}

/// A model of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// How many tokens the model was made for, where the beginning of its file says it.
    pub context: Option<usize>,
}

/// The models in `folder`, in order of their names. A folder that is not there has none.
pub fn files(folder: &Path) -> Vec<File> {
    let file = |name: String| File { context: context(&folder.join(format!("{name}.gguf"))), name };
    names(folder).into_iter().map(file).collect()
}

fn context(path: &Path) -> Option<usize> {
    let (beginning, length) = base::disk::read_beginning(path, BEGINNING).ok()?;
    let limits = Limits { memory: u64::MAX, context: usize::MAX, ..Limits::default() };
    Some(engine::estimate(&beginning, length, &limits).ok()??.context)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let stems = entries.filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".gguf")?.to_owned()));
    let mut names: Vec<String> = stems.filter(|name| is_name(name)).take(MOST).collect();
    names.sort();
    names
}

/// Whether a model may be called so: one segment of a path, and not hidden.
fn is_name(name: &str) -> bool {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_.+@:".contains(character);
    !name.is_empty() && name.len() <= 200 && !name.starts_with('.') && name.chars().all(plain)
}

/// The file of the model `name` in `folder`, whether or not it is there.
///
/// # Errors
/// [`Code::ModelUnknown`]: no model can be called so.
fn path(folder: &Path, name: &str) -> Result<PathBuf> {
    if !is_name(name) {
        return Err(unknown(folder, name));
    }
    Ok(folder.join(format!("{name}.gguf")))
}

/// The file of the model `name` in `folder`; nothing for the model in the binary, which one of a file can stand in for.
pub(crate) fn find(folder: &Path, name: &str) -> Result<Option<PathBuf>> {
    let path = path(folder, name)?;
    match path.is_file() {
        true => Ok(Some(path)),
        false if name == TINY => Ok(None),
        false => Err(unknown(folder, name)),
    }
}

fn unknown(folder: &Path, name: &str) -> Error {
    let shown = escaped(&name.chars().take(100).collect::<String>());
    let next = format!("put a file `NAME.gguf` into {}, and ask for `builtin/NAME`", folder.display());
    Error::new(Code::ModelUnknown, format!("there is no model file `{shown}.gguf`"), next)
}

#[cfg(test)]
mod tests;
