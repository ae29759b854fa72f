//! A file that is to be written: the folder it stands in, opened, and its name there.
//!
//! Links on the way are followed once, to find out which file is meant. From then on there is only the handle of its
//! folder and a plain name in it, so that nothing that is renamed meanwhile can lead the writing elsewhere.

use super::failure::{failure, not_found};
use super::folder::{Folder, not_a_file, without_waiting};
use super::limits::GROW_BYTES;
use super::place::Place;
use base::{Code, Error, Result};
use cap_std::fs::{Dir, File, Metadata, OpenOptions};
use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind, Read, Write};

/// A file that is to be written.
pub(super) struct Target {
    folder: Dir,
    name: OsString,
    /// As it was asked for, to name it in errors.
    place: Place,
}

impl Target {
    /// The file that `place` means. With `create_folders` the folders on the way are created.
    pub(super) fn open(folder: &Folder, place: &Place, create_folders: bool) -> Result<Target> {
        let resolved = folder.resolve(place)?;
        if create_folders && let Some((above, _)) = resolved.split() {
            folder.create_folder(&above)?;
        }
        let (folder, name) = folder.parent(&resolved)?;
        Ok(Target { folder, name, place: place.clone() })
    }

    /// What stands there now: a plain file, or nothing.
    pub(super) fn existing(&self) -> Result<Option<Metadata>> {
        match self.folder.symlink_metadata(&self.name) {
            Ok(metadata) if metadata.is_file() => Ok(Some(metadata)),
            Ok(metadata) => Err(not_a_file(&self.place, &metadata)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failure("look at", &self.place, &error)),
        }
    }

    /// The bytes of the file, which may be `most`, and what it was when they were read.
    pub(super) fn read(&self, most: u64) -> Result<(Vec<u8>, Metadata)> {
        if self.existing()?.is_none() {
            return Err(not_found(&self.place));
        }
        let file = self.open_plain(without_waiting().read(true))?;
        let fail = |error: io::Error| failure("read", &self.place, &error);
        let metadata = file.metadata().map_err(fail)?;
        let mut bytes = Vec::new();
        file.take(most + 1).read_to_end(&mut bytes).map_err(fail)?;
        if bytes.len() as u64 > most {
            let message = format!("{} is larger than {most} bytes", self.place.quoted());
            return Err(Error::new(Code::FilesTooLarge, message, "change it in another way, such as a command"));
        }
        Ok((bytes, metadata))
    }

    /// Puts a new file in the place of `old`, or of nothing, so that a reader sees the one or the other and no half.
    /// Fails when what stands there is no longer `old`.
    pub(super) fn replace(&self, bytes: &[u8], old: Option<&Metadata>) -> Result<()> {
        if old.is_some_and(|old| old.permissions().readonly()) {
            let message = format!("{} is write-protected", self.place.quoted());
            return Err(Error::new(
                Code::FilesFailed,
                message,
                "let the user remove the protection, or use another path",
            ));
        }
        let write = || -> io::Result<bool> {
            let temporary = Temporary::create(&self.folder, bytes, old)?;
            match old {
                Some(old) if !same(old, &self.folder.symlink_metadata(&self.name)?) => return Ok(false),
                Some(_) => self.folder.rename(&temporary.name, &self.folder, &self.name)?,
                None => rename_new(&self.folder, OsStr::new(&temporary.name), &self.folder, &self.name)?,
            }
            temporary.keep();
            Ok(true)
        };
        if write().map_err(|error| failure("write", &self.place, &error))? {
            return Ok(());
        }
        let message = format!("{} was changed by somebody else meanwhile", self.place.quoted());
        Err(Error::new(Code::FilesFailed, message, "read the file again and repeat the change"))
    }

    /// Adds to the end of the file, which is created when there is none. Answers the size that it has then.
    pub(super) fn append(&self, bytes: &[u8]) -> Result<u64> {
        let exists = self.existing()?.is_some();
        let mut options = without_waiting();
        let mut file = self.open_plain(options.append(true).create_new(!exists))?;
        let fail = |error: io::Error| failure("append to", &self.place, &error);
        let metadata = file.metadata().map_err(fail)?;
        if has_other_names(&metadata) {
            let message = format!("{} has several names (hard links), which may be anywhere", self.place.quoted());
            let next = "use the mode overwrite, which leaves the other names as they are";
            return Err(Error::new(Code::FilesFailed, message, next));
        }
        if metadata.len() + bytes.len() as u64 > GROW_BYTES {
            let message = format!("{} would grow above {GROW_BYTES} bytes", self.place.quoted());
            return Err(Error::new(Code::FilesTooLarge, message, "begin another file"));
        }
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(fail)?;
        file.metadata().map(|metadata| metadata.len()).map_err(fail)
    }

    fn open_plain(&self, options: &OpenOptions) -> Result<File> {
        let fail = |error: io::Error| failure("open", &self.place, &error);
        let file = self.folder.open_with(&self.name, options).map_err(fail)?;
        let metadata = file.metadata().map_err(fail)?;
        if metadata.is_file() { Ok(file) } else { Err(not_a_file(&self.place, &metadata)) }
    }
}

/// A file with the new content, in the folder where it will be renamed; removed unless it is kept.
struct Temporary<'a> {
    folder: &'a Dir,
    name: String,
    keep: bool,
}

impl<'a> Temporary<'a> {
    fn create(folder: &'a Dir, bytes: &[u8], old: Option<&Metadata>) -> io::Result<Self> {
        let random = base::random::hex::<8>().map_err(io::Error::other)?;
        let name = format!(".tutti-{random}.tmp");
        let mut file = folder.open_with(&name, OpenOptions::new().write(true).create_new(true))?;
        let temporary = Temporary { folder, name, keep: false };
        if let Some(old) = old {
            set_permissions(&file, old)?;
        }
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(temporary)
    }

    fn keep(mut self) {
        self.keep = true;
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if !self.keep {
            // There is nobody left to tell, and the file is of no use to anyone.
            let _ = self.folder.remove_file(&self.name);
        }
    }
}

/// Renames, but never over something that is there.
pub(super) fn rename_new(from: &Dir, name: &OsStr, to: &Dir, new: &OsStr) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    {
        use rustix::fs::{RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(from, name, to, new, RenameFlags::NOREPLACE) {
            // Not every file system and kernel can do it.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            result => return result.map_err(io::Error::from),
        }
    }
    match to.symlink_metadata(new) {
        Ok(_) => Err(ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == ErrorKind::NotFound => from.rename(name, to, new),
        Err(error) => Err(error),
    }
}

/// The new file may be used by those who might use the old one. A set-user-id bit was given to the old content only.
#[cfg(unix)]
fn set_permissions(file: &File, old: &Metadata) -> io::Result<()> {
    use cap_std::fs::{MetadataExt, Permissions, PermissionsExt};
    file.set_permissions(Permissions::from_mode(old.mode() & 0o777))
}

#[cfg(not(unix))]
fn set_permissions(_file: &File, _old: &Metadata) -> io::Result<()> {
    Ok(())
}

fn same(old: &Metadata, now: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use cap_std::fs::MetadataExt;
        if (old.dev(), old.ino()) != (now.dev(), now.ino()) {
            return false;
        }
    }
    now.is_file() && old.len() == now.len() && old.modified().ok() == now.modified().ok()
}

fn has_other_names(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use cap_std::fs::MetadataExt;
        metadata.nlink() > 1
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        false
    }
}
