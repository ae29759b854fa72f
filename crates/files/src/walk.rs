//! A walk through folders: in a stable order, without following links, and within limits.

use super::folder::{Folder, kind_of};
use super::limits::{DEPTH, Deadline, PATH_BYTES, Stop};
use super::place::Place;
use super::private;
use base::Result;
use std::ffi::OsString;

/// Folders that a walk names but does not enter: what is in them was not written by hand.
const IGNORED: [&str; 3] = [".git", "node_modules", "target"];

/// What a walk is to see.
pub(super) struct Plan {
    /// Whether to enter the folders in the folder.
    pub(super) recursive: bool,
    /// Whether to enter the ignored folders too.
    pub(super) ignored: bool,
    /// The names of the entry after which to begin.
    pub(super) after: Option<Vec<String>>,
}

/// Something that a walk came upon.
pub(super) struct Entry {
    pub(super) place: Place,
    pub(super) kind: &'static str,
    /// A folder that was not entered, because it is ignored or too deep.
    pub(super) skipped: bool,
}

/// A walk under way. Entries come in the order of their names, a folder before what is in it.
pub(super) struct Walk<'a> {
    folder: &'a Folder,
    frames: Vec<Frame>,
    plan: Plan,
    entries_left: u64,
    deadline: Deadline,
    stopped: Option<Stop>,
    unreadable: u64,
}

/// A folder that the walk is in, and what it has yet to see there.
struct Frame {
    place: Place,
    entries: std::vec::IntoIter<(OsString, &'static str)>,
}

impl<'a> Walk<'a> {
    /// Begins in the folder at `place`, which must be readable.
    pub(super) fn start(folder: &'a Folder, place: &Place, plan: Plan, deadline: Deadline) -> Result<Self> {
        let entries_left = folder.limits().entries;
        let mut walk = Walk { folder, frames: Vec::new(), plan, entries_left, deadline, stopped: None, unreadable: 0 };
        walk.enter(place)?;
        Ok(walk)
    }

    /// Why the walk ended early, if it did.
    pub(super) fn stopped(&self) -> Option<Stop> {
        self.stopped
    }

    /// How many folders could not be read.
    pub(super) fn unreadable(&self) -> u64 {
        self.unreadable
    }

    fn enter(&mut self, place: &Place) -> Result<()> {
        let mut entries = Vec::new();
        for entry in self.folder.entries(place)? {
            if self.entries_left == 0 || self.deadline.passed() {
                self.stopped = Some(if self.entries_left == 0 { Stop::Entries } else { Stop::Time });
                break;
            }
            self.entries_left -= 1;
            let Ok(entry) = entry else {
                self.unreadable += 1;
                continue;
            };
            if private::is_private(&entry.file_name().to_string_lossy()) {
                continue;
            }
            let mut kind = entry.file_type().map_or("other", kind_of);
            // Some file systems do not say in the listing what an entry is.
            if kind == "other" {
                kind = entry.metadata().map_or("other", |metadata| kind_of(metadata.file_type()));
            }
            entries.push((entry.file_name(), kind));
        }
        // By what is shown, because a cursor is made of that.
        entries.sort_by(|left, right| left.0.to_string_lossy().cmp(&right.0.to_string_lossy()));
        self.frames.push(Frame { place: place.clone(), entries: entries.into_iter() });
        Ok(())
    }

    /// Whether the folder `place` has anything after the cursor.
    fn reaches_past_cursor(&self, names: &[String]) -> bool {
        self.plan.after.as_deref().is_none_or(|after| names > after || after.starts_with(names))
    }

    /// Whether the entry comes after the cursor.
    fn is_past_cursor(&self, names: &[String]) -> bool {
        self.plan.after.as_deref().is_none_or(|after| names > after)
    }
}

impl Iterator for Walk<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        loop {
            if self.deadline.passed() {
                self.stopped = Some(Stop::Time);
                return None;
            }
            let frame = self.frames.last_mut()?;
            let Some((name, kind)) = frame.entries.next() else {
                self.frames.pop();
                continue;
            };
            let place = frame.place.child(&name);
            let names = place.names();
            let mut skipped = false;
            if kind == "directory" && self.plan.recursive {
                let ignored = !self.plan.ignored && IGNORED.iter().any(|ignored| name == *ignored);
                skipped = ignored || self.frames.len() >= DEPTH || place.length() > PATH_BYTES;
                // Once the names are used up, what was read is finished, but nothing new is begun.
                let enters = !skipped && self.stopped.is_none() && self.reaches_past_cursor(&names);
                if enters && self.enter(&place).is_err() {
                    self.unreadable += 1;
                }
            }
            if self.is_past_cursor(&names) {
                return Some(Entry { place, kind, skipped });
            }
        }
    }
}

#[cfg(test)]
mod tests;
