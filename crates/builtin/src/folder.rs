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

/// The longest name of a model, in bytes.
const LONGEST_NAME: usize = 200;

/// The most bytes of a header: those with vocabularies of a quarter of a million words have about ten million.
const LARGEST_HEADER: u64 = 64 << 20;

/// For models that are only looked at.
const ANY: Limits = Limits { memory: u64::MAX, context: usize::MAX, sessions: 1, kept: 0 };

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
    /// How large the file is, in bytes.
    pub bytes: u64,
}

/// The models in `folder`, in order of their names. A folder that is not there has none.
pub fn files(folder: &Path) -> Vec<File> {
    let file = |name: String| {
        let path = folder.join(format!("{name}.gguf"));
        let (beginning, bytes) = base::disk::read_beginning(&path, BEGINNING).unwrap_or_default();
        File { context: context(&beginning, bytes), bytes, name }
    };
    names(folder).into_iter().map(file).collect()
}

fn context(beginning: &[u8], bytes: u64) -> Option<usize> {
    Some(engine::estimate(beginning, bytes, &ANY).ok()??.context)
}

/// The first bytes of the file of the model `name` in `folder`, or of the model in the binary, and the size of the whole.
///
/// # Errors
/// [`Code::ModelUnknown`]: there is no such file, or no model can be called so. [`Code::Disk`]: it cannot be read.
pub fn beginning(folder: &Path, name: &str, most: u64) -> Result<(Vec<u8>, u64)> {
    match find(folder, name)? {
        Some(path) => base::disk::read_beginning(&path, most),
        None => Ok((crate::worker::TINY.to_vec(), crate::worker::TINY.len() as u64)),
    }
}

/// Whether the file at `path`, as far as its header tells, is a model that can be run here.
///
/// # Errors
/// [`Code::ModelFile`]: it is none. [`Code::Disk`]: it cannot be read.
pub fn check(path: &Path) -> Result<()> {
    let (beginning, bytes) = base::disk::read_beginning(path, LARGEST_HEADER)?;
    match engine::estimate(&beginning, bytes, &ANY) {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(unfit("the header of the model file does not end")),
        Err(failure) => Err(unfit(&failure.cause)),
    }
}

fn unfit(cause: &str) -> Error {
    Error::new(
        Code::ModelFile,
        cause,
        "take a model of a kind that is run here, as one GGUF file (docs/guide/models.md)",
    )
}

/// The name that a model is given whose file is called `file`: what cannot stand in one becomes `-`. Nothing where nothing is left.
pub fn name_of(file: &str) -> Option<String> {
    let stem = file.strip_suffix(".gguf").unwrap_or(file);
    let plain = |character: char| if is_plain(character) { character } else { '-' };
    let name: String = stem.chars().take(LONGEST_NAME).map(plain).collect();
    Some(name.trim_start_matches('.').to_owned()).filter(|name| is_name(name))
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
    !name.is_empty() && name.len() <= LONGEST_NAME && !name.starts_with('.') && name.chars().all(is_plain)
}

fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-_.+@:".contains(character)
}

/// The file of the model `name` in `folder`, whether or not it is there.
///
/// # Errors
/// [`Code::ModelUnknown`]: no model can be called so.
pub fn path(folder: &Path, name: &str) -> Result<PathBuf> {
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
