//! The part of a file that has come, kept beside the models until it is whole.

use base::random::{Sha256, to_hex};
use base::{Code, Error, Result, disk};
use serde_json::{Value, json};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// The most bytes of what is known of a part.
const LARGEST_NOTE: u64 = 64 << 10;

/// What all GGUF files begin with.
const MAGIC: &[u8] = b"GGUF";

/// How much is read at once.
const READ: usize = 256 << 10;

/// A part, held by this process alone.
pub(crate) struct Part {
    file: File,
    path: PathBuf,
    digest: Sha256,
    length: u64,
    /// Its first bytes.
    beginning: Vec<u8>,
    note: Note,
}

/// What a part is of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Note {
    from: String,
    /// The entity tag of the file there: with another it is another file.
    tag: Option<String>,
}

impl Part {
    /// The part of the file for `target` that comes from `from`: what an earlier process left, or an empty one.
    ///
    /// # Errors
    /// Another process fetches the same model, or the disk fails.
    pub(crate) fn open(target: &Path, from: &str) -> Result<Self> {
        let path = beside(target, ".part");
        if let Some(folder) = path.parent() {
            disk::create_folder(folder)?;
        }
        let opened = OpenOptions::new().create(true).read(true).write(true).truncate(false).open(&path);
        let file = opened.map_err(|error| failed(&path, &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let message = format!("another process writes {}", path.display());
                return Err(Error::new(Code::ModelPull, message, "wait until it is done"));
            }
            Err(TryLockError::Error(error)) => return Err(failed(&path, &error)),
        }
        let known = Note::read(&note_path(&path)).filter(|note| note.from == from);
        let mut part = Self {
            file,
            path,
            digest: Sha256::default(),
            length: 0,
            beginning: Vec::new(),
            note: Note { from: from.to_owned(), tag: None },
        };
        match known {
            Some(note) => {
                part.note = note;
                part.read()?;
            }
            None => part.restart()?,
        }
        Ok(part)
    }

    /// Takes in what is there.
    fn read(&mut self) -> Result<()> {
        let mut buffer = vec![0; READ];
        loop {
            let read = self.file.read(&mut buffer).map_err(|error| failed(&self.path, &error))?;
            let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { return Ok(()) };
            self.take(bytes);
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        let missing = MAGIC.len() - self.beginning.len();
        self.beginning.extend(bytes.iter().take(missing));
        self.digest.update(bytes);
        self.length += bytes.len() as u64;
    }

    /// Whether what is there can be the beginning of a model.
    pub(crate) fn may_be_model(&self) -> bool {
        MAGIC.starts_with(&self.beginning)
    }

    /// How many bytes are there.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The entity tag of the file that they are of.
    pub(crate) fn tag(&self) -> Option<&str> {
        self.note.tag.as_deref()
    }

    /// Forgets what is there.
    pub(crate) fn restart(&mut self) -> Result<()> {
        let emptied = self.file.set_len(0).and_then(|()| self.file.seek(SeekFrom::Start(0)));
        emptied.map_err(|error| failed(&self.path, &error))?;
        (self.digest, self.length, self.note.tag) = (Sha256::default(), 0, None);
        self.beginning.clear();
        self.keep_note()
    }

    /// Remembers the entity tag of the file that comes.
    pub(crate) fn set_tag(&mut self, tag: Option<&str>) -> Result<()> {
        self.note.tag = tag.map(str::to_owned);
        self.keep_note()
    }

    fn keep_note(&self) -> Result<()> {
        let note = json!({"from": self.note.from, "tag": self.note.tag});
        disk::write_atomic(&note_path(&self.path), &note.to_string(), false)
    }

    /// Takes the next bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|error| failed(&self.path, &error))?;
        self.take(bytes);
        Ok(())
    }

    /// Makes the part the file `target`, if its bytes have the digest `wanted` and it is a model. What is wrong is thrown away.
    /// Gives the digest.
    ///
    /// # Errors
    /// The digest is another, or the file is no model.
    pub(crate) fn finish(self, target: &Path, wanted: Option<[u8; 32]>) -> Result<String> {
        let Self { file, path, digest, .. } = self;
        let digest = digest.finish();
        let judged = match wanted {
            Some(wanted) if wanted != digest => {
                let message =
                    format!("its bytes have the SHA-256 digest {}, and not {}", to_hex(&digest), to_hex(&wanted));
                let next =
                    "try again; where it stays so, the file is not the one that was meant, and should not be used";
                Err(Error::new(Code::ModelPull, message, next))
            }
            _ => builtin::check(&path),
        };
        if let Err(error) = judged {
            remove(&path)?;
            return Err(error);
        }
        let kept = file.sync_all().and_then(|()| std::fs::rename(&path, target));
        kept.map_err(|error| failed(target, &error))?;
        disk::remove_file(&note_path(&path))?;
        Ok(to_hex(&digest))
    }

    /// Throws the part away.
    pub(crate) fn discard(self) -> Result<()> {
        remove(&self.path)
    }
}

impl Note {
    fn read(path: &Path) -> Option<Self> {
        let text = disk::read_text_if_exists(path, LARGEST_NOTE).ok()??;
        let note: Value = base::json::from_text(&text).ok()?;
        let text = |key: &str| note.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(Self { from: text("from")?, tag: text("tag") })
    }
}

/// Whether an earlier process left a part of the file `target`.
pub fn is_there(target: &Path) -> bool {
    beside(target, ".part").is_file()
}

/// Removes what an earlier process left of the file `target`.
pub fn forget(target: &Path) -> Result<()> {
    remove(&beside(target, ".part"))
}

fn remove(part: &Path) -> Result<()> {
    disk::remove_file(part)?;
    disk::remove_file(&note_path(part))
}

fn note_path(part: &Path) -> PathBuf {
    beside(part, ".json")
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(ending);
    PathBuf::from(beside)
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    let next = match error.kind() {
        std::io::ErrorKind::StorageFull => "make room on the disk",
        _ => "check who may use this path, and the disk",
    };
    Error::new(Code::Disk, format!("{} cannot be written: {error}", path.display()), next)
}

#[cfg(test)]
mod tests;
