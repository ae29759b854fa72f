//! Files, with a size limit and a coded error.

use crate::{Code, Error, Result};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

/// The text of the file at `path`, which may have at most `limit` bytes.
pub fn read_text(path: &Path, limit: u64) -> Result<String> {
    read_text_if_exists(path, limit)?.ok_or_else(|| {
        Error::new(Code::Disk, format!("there is no file {}", path.display()), "check the path, or create the file")
    })
}

/// The text of the file at `path`, or nothing where there is none.
pub fn read_text_if_exists(path: &Path, limit: u64) -> Result<Option<String>> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("read", path, &error)),
    };
    let mut bytes = Vec::new();
    // One byte more than allowed tells a file at the limit from one above it, also where the size is not known before.
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| failed("read", path, &error))?;
    if bytes.len() as u64 > limit {
        let message = format!("{} is larger than {limit} bytes", path.display());
        return Err(Error::new(Code::ConfigTooLarge, message, "make the file smaller or split it"));
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        Error::new(Code::Disk, format!("{} is not UTF-8 text", path.display()), "save the file as UTF-8")
    })?;
    Ok(Some(text))
}

/// The first bytes of the file at `path`, at most `limit`, and the size of the whole.
pub fn read_beginning(path: &Path, limit: u64) -> Result<(Vec<u8>, u64)> {
    let read = || -> std::io::Result<(Vec<u8>, u64)> {
        let file = std::fs::File::open(path)?;
        let size = file.metadata()?.len();
        let mut bytes = Vec::new();
        file.take(limit).read_to_end(&mut bytes)?;
        Ok((bytes, size))
    };
    read().map_err(|error| failed("read", path, &error))
}

/// Writes `text` to `path` so that a reader sees the old file or the new one and never half of it. Folders on the way
/// are created. With `private` nobody but the owner may read it.
pub fn write_atomic(path: &Path, text: &str, private: bool) -> Result<()> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    create_folder(folder)?;
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        set_mode(file.as_file(), path, private)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|error| failed("write", path, &error))
}

/// Changes the text of the file at `path`, of which nobody but the owner may read, as [`write_atomic`] does; a file that is not
/// there has none. Programs that change it so at once wait for each other, so that no change is lost. They lock a file beside it,
/// which stays: another could take its place between the lock and the change.
pub fn change_private(path: &Path, limit: u64, change: impl FnOnce(&str) -> String) -> Result<()> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    create_folder(folder)?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let lock = || -> std::io::Result<std::fs::File> {
        let file = std::fs::OpenOptions::new().create(true).write(true).truncate(false).open(&beside)?;
        file.lock()?;
        Ok(file)
    };
    // Held until the change is done.
    let _lock = lock().map_err(|error| failed("lock", path, &error))?;
    let text = read_text_if_exists(path, limit)?.unwrap_or_default();
    write_atomic(path, &change(&text), true)
}

/// Creates the file `path` with `text`, whole or not at all, for its owner alone. One that is there already stays as it
/// is. Folders on the way are created.
pub fn create_private(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    create_folder(folder)?;
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        set_mode(file.as_file(), path, true)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        match file.persist_noclobber(path) {
            Err(error) if error.error.kind() != ErrorKind::AlreadyExists => Err(error.error),
            _ => Ok(()),
        }
    };
    write().map_err(|error| failed("write", path, &error))
}

/// Creates a folder and those above it.
pub fn create_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|error| failed("create the folder", path, &error))
}

/// Removes a file; one that is not there is fine.
pub fn remove_file(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("remove", path, &error)),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn set_mode(file: &std::fs::File, path: &Path, private: bool) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    // A file that was there keeps its mode: it may have been narrowed on purpose.
    let old = std::fs::metadata(path).ok().map(|metadata| metadata.permissions());
    let mode = if private { 0o600 } else { old.map_or(0o644, |permissions| permissions.mode() & 0o7777) };
    file.set_permissions(std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_file: &std::fs::File, _path: &Path, _private: bool) -> std::io::Result<()> {
    Ok(())
}

fn failed(what: &str, path: &Path, error: &std::io::Error) -> Error {
    let next = match error.kind() {
        ErrorKind::PermissionDenied => "check who may use this path",
        ErrorKind::StorageFull => "make room on the disk",
        _ => "check the path and the disk",
    };
    Error::new(Code::Disk, format!("cannot {what} {}: {error}", path.display()), next)
}
