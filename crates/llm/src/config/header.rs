//! Files of models that a provider of this machine runs: what their headers say.

use super::Settings;
use base::{Code, Error, disk};
use model::{Context, gguf};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How much of a file is read: a header has the whole vocabulary in it.
const BEGINNING: u64 = 64 << 20;

/// The file of a model, in the form of llama.cpp (GGUF).
#[derive(Debug, Clone, PartialEq)]
pub struct ModelFile {
    path: PathBuf,
    /// What its header says.
    pub(crate) said: Option<Arc<Context>>,
    /// Why it says nothing.
    pub(crate) fault: Option<Unread>,
}

/// Why a file was not read.
#[derive(Debug, Clone)]
pub(crate) struct Unread(pub(crate) Error);

impl PartialEq for Unread {
    fn eq(&self, other: &Self) -> bool {
        self.0.message() == other.0.message()
    }
}

impl ModelFile {
    pub(super) fn new(path: String) -> Self {
        Self { path: PathBuf::from(path), said: None, fault: None }
    }

    fn read(&mut self, folder: &Path) {
        self.path = folder.join(&self.path);
        match said(&self.path) {
            Ok(said) => self.said = Some(Arc::new(said)),
            Err(error) => self.fault = Some(Unread(error)),
        }
    }
}

fn said(path: &Path) -> Result<Context, Error> {
    let (bytes, size) = disk::read_beginning(path, BEGINNING)?;
    let header = gguf::read(&bytes).map_err(|fault| {
        let next = "name a model's file of llama.cpp (GGUF, version 2 or 3)";
        Error::new(Code::ModelFile, format!("{} {fault}", path.display()), next)
    })?;
    Ok(Context::from_gguf(&header).with_file_size(size))
}

impl Settings {
    /// Reads the headers of files that deployments name. A relative path counts from `folder`. A file that cannot be read is
    /// no reason not to ask for its model: it is told where models are described.
    pub fn read_files(&mut self, folder: &Path) {
        self.deployments.values_mut().filter_map(|said| said.file.as_mut()).for_each(|file| file.read(folder));
    }
}
