//! A path below the root, by its text alone.
//!
//! Nothing here is what keeps a call inside: that is the kernel, which resolves every path beneath the handle of the
//! root. This module refuses early what is plainly outside, and says so in words.

use super::limits::{NAME_BYTES, PATH_BYTES, PATH_NAMES};
use super::words::{one_line, wrong};
use base::{Code, Error, Result};
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

/// A path relative to the root, of plain names only: no `.`, no `..`, no separator before or after. Empty is the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place(PathBuf);

impl Place {
    /// The place that the text of an argument names. `roots` are the absolute spellings of the root, which are cut
    /// off: models send absolute paths.
    pub(super) fn parse(text: &str, roots: &[PathBuf]) -> Result<Place> {
        if text.contains('\0') {
            return Err(wrong("the path has a NUL byte, which no name has", "give the path without it"));
        }
        if text.len() > PATH_BYTES {
            let message = format!("the path has {} bytes, which is more than {PATH_BYTES}", text.len());
            return Err(wrong(message, "give a shorter path"));
        }
        let place = Place::inside(Path::new(text), roots).ok_or_else(|| outside(text))?;
        place.check_names()?;
        Ok(place)
    }

    /// The root itself.
    pub(super) fn root() -> Place {
        Place(PathBuf::new())
    }

    /// The place of `path`, which may be absolute or have `..`, when it is inside by its text.
    pub(super) fn inside(path: &Path, roots: &[PathBuf]) -> Option<Place> {
        if !path.has_root() && !path.is_absolute() {
            return plain(path).map(Place);
        }
        let mut absolute: PathBuf = path.components().take_while(|part| !is_name(part)).collect();
        absolute.push(plain(&path.components().skip_while(|part| !is_name(part)).collect::<PathBuf>())?);
        roots.iter().find_map(|root| absolute.strip_prefix(root).ok()).map(|rest| Place(rest.to_owned()))
    }

    /// What `target`, the text of a link that stands in this folder, points to, when that is inside.
    pub(super) fn follow(&self, target: &Path, roots: &[PathBuf]) -> Option<Place> {
        Place::inside(&self.0.join(target), roots)
    }

    /// The path to hand to the system; the root is `.`.
    pub(super) fn as_path(&self) -> &Path {
        if self.is_root() { Path::new(".") } else { &self.0 }
    }

    /// The path to show: with `/` on every system, `.` for the root.
    pub(super) fn shown(&self) -> String {
        if self.is_root() { ".".to_owned() } else { self.names().join("/") }
    }

    /// The path on one line, between backticks.
    pub(super) fn quoted(&self) -> String {
        format!("`{}`", one_line(&self.shown()))
    }

    /// The names from the root on, with what is no Unicode replaced.
    pub(super) fn names(&self) -> Vec<String> {
        self.0.iter().map(|name| name.to_string_lossy().into_owned()).collect()
    }

    /// The names from the root on, as the system has them.
    pub(super) fn parts(&self) -> impl DoubleEndedIterator<Item = &OsStr> {
        self.0.iter()
    }

    /// What is called `name` in this folder.
    pub(super) fn child(&self, name: &OsStr) -> Place {
        Place(self.0.join(name))
    }

    /// The folder that this stands in and its name there. The root has neither.
    pub(super) fn split(&self) -> Option<(Place, OsString)> {
        let name = self.0.file_name()?.to_owned();
        Some((Place(self.0.parent()?.to_owned()), name))
    }

    /// The rest of the path below `folder`.
    pub(super) fn below(&self, folder: &Place) -> Option<&Path> {
        self.0.strip_prefix(&folder.0).ok()
    }

    /// How many bytes the path has.
    pub(super) fn length(&self) -> usize {
        self.0.as_os_str().len()
    }

    pub(super) fn is_root(&self) -> bool {
        self.0.as_os_str().is_empty()
    }

    fn check_names(&self) -> Result<()> {
        if self.parts().count() > PATH_NAMES {
            let message = format!("the path goes through more than {PATH_NAMES} folders");
            return Err(wrong(message, "give a shorter path"));
        }
        for name in self.parts() {
            if name.len() > NAME_BYTES {
                let message = format!("a name in the path has {} bytes, which is more than {NAME_BYTES}", name.len());
                return Err(wrong(message, "give a shorter name"));
            }
            if cfg!(windows) && is_special_on_windows(&name.to_string_lossy()) {
                let message = format!("Windows takes the name `{}` for something else", name.to_string_lossy());
                return Err(wrong(message, "use a name without a colon, a dot or space at its end, or a device"));
            }
        }
        Ok(())
    }
}

/// The error for a path that is outside by its text.
pub(super) fn outside(text: &str) -> Error {
    let shown: String = one_line(text).chars().take(200).collect();
    Error::new(
        Code::FilesOutsideRoot,
        format!("`{shown}` leads out of the folder that is served"),
        "use a path relative to that folder, such as `.` or `docs/readme.md`",
    )
}

fn is_name(part: &Component<'_>) -> bool {
    matches!(part, Component::Normal(_) | Component::ParentDir | Component::CurDir)
}

/// `path` without `.` and `..`, or nothing where `..` would go above its start.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => out.push(name),
            Component::CurDir => {}
            Component::ParentDir if out.pop() => {}
            _ => return None,
        }
    }
    Some(out)
}

/// Names that Windows does not take as they stand: streams (`a:b`), devices (`NUL.txt`), and a dot or space at the end.
fn is_special_on_windows(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let device = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&stem.as_str())
        || ["COM", "LPT"].iter().any(|prefix| {
            stem.strip_prefix(prefix)
                .is_some_and(|rest| rest.chars().count() == 1 && !rest.starts_with(char::is_alphabetic))
        });
    device || name.contains([':', '<', '>', '"', '|', '?', '*']) || name.ends_with(['.', ' '])
}

#[cfg(test)]
mod tests;
