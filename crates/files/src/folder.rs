//! The folder that is served: a handle of the root, beneath which the kernel resolves every path.
//!
//! A path is never checked first and opened later. Every operation goes through the handle, which was opened once, and
//! the system itself (`openat2` with `RESOLVE_BENEATH` on Linux, one component at a time elsewhere) refuses what would
//! lead out, also when a link is swapped in while the call runs. What a file is, is asked of the handle that is read.
//!
//! A hard link inside the root to a file that also has a name outside cannot be told from any other file: it is one.
//! Who can create it there could read the file anyhow.

use super::failure::{failure, is_escape, leads_out, not_a};
use super::limits::{Deadline, LINK_STEPS, Limits};
use super::place::Place;
use super::private;
use base::{Code, Error, Result};
use cap_std::fs::{Dir, File, FileType, Metadata, OpenOptions, ReadDir};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// The root and the limits of what is done below it.
pub(super) struct Folder {
    root: Dir,
    /// The absolute spellings of the root: as it was given, and without links.
    spellings: Vec<PathBuf>,
    limits: Limits,
}

impl Folder {
    /// Opens the folder at `path`.
    pub(super) fn open(path: &Path, limits: Limits) -> Result<Folder> {
        let fail = |error: io::Error| {
            let code = if error.kind() == io::ErrorKind::NotFound { Code::FilesNotFound } else { Code::FilesFailed };
            let message = format!("cannot serve the folder {}: {error}", path.display());
            Error::new(code, message, "give the path of a folder that exists and may be read")
        };
        let root = Dir::open_ambient_dir(path, cap_std::ambient_authority()).map_err(fail)?;
        let real = std::fs::canonicalize(path).map_err(fail)?;
        let given = std::path::absolute(path).map_err(fail)?;
        let mut spellings = vec![given];
        if !spellings.contains(&real) {
            spellings.push(real);
        }
        Ok(Folder { root, spellings, limits })
    }

    /// The root as it was given, for a person to read.
    pub(super) fn shown(&self) -> String {
        self.spellings.first().map(|path| path.display().to_string()).unwrap_or_default()
    }

    /// The limits of walks and searches.
    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// When a call that starts now must stop.
    pub(super) fn deadline(&self) -> Deadline {
        Deadline::after(self.limits.time)
    }

    /// The place that an argument names.
    pub(super) fn place(&self, text: &str) -> Result<Place> {
        let place = Place::parse(text, &self.spellings)?;
        let target = self.resolve(&place).ok();
        if private::holds(&place) || target.as_ref().is_some_and(private::holds) {
            return Err(private::refused(&place));
        }
        Ok(place)
    }

    /// Whether the folder was deleted under us, as far as the system tells.
    pub(super) fn is_gone(&self) -> bool {
        #[cfg(unix)]
        {
            use cap_std::fs::MetadataExt;
            self.root.dir_metadata().is_ok_and(|metadata| metadata.nlink() == 0)
        }
        #[cfg(not(unix))]
        false
    }

    /// Opens a file to read. Anything but a plain file is refused, by what its handle says.
    pub(super) fn file(&self, place: &Place) -> Result<(File, Metadata)> {
        let open = |path: &Path| {
            // Asked before so that a device is not woken by being opened. It is the handle that decides, below.
            let metadata = self.root.metadata(path)?;
            if !metadata.is_file() {
                return Ok((None, metadata));
            }
            let file = self.root.open_with(path, without_waiting().read(true))?;
            let metadata = file.metadata()?;
            Ok((metadata.is_file().then_some(file), metadata))
        };
        match self.at("read", place, open)? {
            (Some(file), metadata) => Ok((file, metadata)),
            (None, metadata) => Err(not_a_file(place, &metadata)),
        }
    }

    /// What stands at a place, through links.
    pub(super) fn metadata(&self, place: &Place) -> Result<Metadata> {
        self.at("look at", place, |path| self.root.metadata(path))
    }

    /// What stands at a place, which may be a link.
    pub(super) fn link_metadata(&self, place: &Place) -> Result<Metadata> {
        self.beside("look at", place, |path| self.root.symlink_metadata(path))
    }

    /// Where the link at a place points to, by its text.
    pub(super) fn link_target(&self, place: &Place) -> Result<PathBuf> {
        self.beside("read the link", place, |path| self.root.read_link_contents(path))
    }

    /// What is in a folder.
    pub(super) fn entries(&self, place: &Place) -> Result<ReadDir> {
        self.at("list", place, |path| self.root.read_dir(path))
    }

    /// Creates a folder and those above it.
    pub(super) fn create_folder(&self, place: &Place) -> Result<()> {
        let resolved = self.resolve(place)?;
        self.root.create_dir_all(resolved.as_path()).map_err(|error| match error.kind() {
            // It is not the folder that exists, or that would be fine.
            io::ErrorKind::AlreadyExists => failure("create", place, &io::ErrorKind::NotADirectory.into()),
            _ => failure("create the folder", place, &error),
        })
    }

    /// The folder in which a place stands, opened, and the name there. Links are followed up to the folder.
    pub(super) fn parent(&self, place: &Place) -> Result<(Dir, OsString)> {
        let (folder, name) = place.split().ok_or_else(|| is_root("changed"))?;
        Ok((self.at("open the folder of", &folder, |path| self.root.open_dir(path))?, name))
    }

    /// The place with every link on it followed, the last one too. Where nothing is yet, the rest stays as it is.
    ///
    /// This reads links one after the other and so may be overtaken; its result is only a path like any other, and
    /// whatever is done with it goes through the handle again. It is what makes absolute links inside the root work,
    /// which the kernel does not follow, and what lets a file be replaced that a link points to.
    pub(super) fn resolve(&self, place: &Place) -> Result<Place> {
        let mut done = Place::root();
        let mut waiting: Vec<OsString> = place.parts().rev().map(OsString::from).collect();
        for _ in 0..LINK_STEPS {
            let Some(name) = waiting.pop() else { return Ok(done) };
            let next = done.child(&name);
            match self.root.read_link_contents(next.as_path()) {
                Ok(target) => {
                    let target = done.follow(&target, &self.spellings).ok_or_else(|| leads_out(place))?;
                    waiting.extend(target.parts().rev().map(OsString::from));
                    done = Place::root();
                }
                // Not a link, or nothing there yet: the operation itself will say what is wrong.
                Err(_) => done = next,
            }
        }
        let message = format!("the symbolic links on the way to {} do not end", place.quoted());
        Err(Error::new(Code::FilesFailed, message, "use a path without links that point at each other"))
    }

    /// Does something with a place, following all links; those that are absolute and inside as well.
    fn at<T>(&self, what: &str, place: &Place, operation: impl Fn(&Path) -> io::Result<T>) -> Result<T> {
        match operation(place.as_path()) {
            Err(error) if is_escape(&error) => {
                let resolved = self.resolve(place)?;
                operation(resolved.as_path()).map_err(|error| failure(what, place, &error))
            }
            result => result.map_err(|error| failure(what, place, &error)),
        }
    }

    /// Does something with the entry at a place, which may be a link that is not followed.
    fn beside<T>(&self, what: &str, place: &Place, operation: impl Fn(&Path) -> io::Result<T>) -> Result<T> {
        match (operation(place.as_path()), place.split()) {
            (Err(error), Some((folder, name))) if is_escape(&error) => {
                let resolved = self.resolve(&folder)?.child(&name);
                operation(resolved.as_path()).map_err(|error| failure(what, place, &error))
            }
            (result, _) => result.map_err(|error| failure(what, place, &error)),
        }
    }
}

/// Options to open a file that never wait, as a pipe without another end would, and never take a terminal.
pub(super) fn without_waiting() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "there are no flags to set"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use cap_std::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        options.custom_flags(flags.bits().cast_signed());
    }
    options
}

/// The word for what something is.
pub(super) fn kind_of(file_type: FileType) -> &'static str {
    match file_type {
        kind if kind.is_file() => "file",
        kind if kind.is_dir() => "directory",
        kind if kind.is_symlink() => "link",
        _ => "other",
    }
}

/// When a file was changed last, as RFC 3339.
pub(super) fn modified(metadata: &Metadata) -> Option<String> {
    metadata.modified().ok().map(|time| written(time.into_std()))
}

/// A time as RFC 3339.
pub(super) fn written(time: std::time::SystemTime) -> String {
    base::clock::rfc3339(time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default())
}

/// The error for something that is done to the root itself.
pub(super) fn is_root(done: &str) -> Error {
    let message = format!("the folder that is served cannot itself be {done}");
    Error::new(Code::FilesFailed, message, "give the path of something in it")
}

/// The error for something that is no plain file.
pub(super) fn not_a_file(place: &Place, metadata: &Metadata) -> Error {
    match kind_of(metadata.file_type()) {
        "directory" => not_a("a file", place, "a folder", "look with list_directory at what is in it"),
        "link" => not_a("a file", place, "a symbolic link", "use the path that the link points to"),
        _ => not_a("a file", place, "a device, pipe or socket", "use another path"),
    }
}
