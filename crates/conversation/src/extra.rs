//! What a dialect says and the model does not know.

use crate::dialect::Dialect;
use crate::json::Raw;
use crate::json::write::ObjectWriter;
use crate::loss::Losses;

/// The most unknown members that streams can add one by one.
const MOST_ADDED: usize = 256;

/// Members of an object that nobody knows, kept for the dialect that they came from, and notes of how something that is
/// understood was written there.
///
/// Written into the same dialect they come back as they were. Into another each unknown member is a loss; notes are not,
/// for what they spell is in the model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extra {
    /// None where nothing was read.
    dialect: Option<Dialect>,
    unknown: Vec<(String, Raw)>,
    notes: Vec<(String, String)>,
    /// What objects inside keep that have no counterpart in the model.
    inner: Vec<(&'static str, Extra)>,
}

impl Extra {
    /// Nothing yet, of something that was read in this dialect.
    pub fn new(dialect: Dialect) -> Self {
        Self { dialect: Some(dialect), ..Self::default() }
    }

    /// Whether what holds it was read in this dialect.
    pub fn is_from(&self, dialect: Dialect) -> bool {
        self.dialect == Some(dialect)
    }

    /// The dialect in which what holds it was read; none where it was made here.
    pub fn dialect(&self) -> Option<Dialect> {
        self.dialect
    }

    /// Keeps an unknown member.
    pub fn keep(&mut self, name: &str, value: Raw) {
        self.unknown.push((name.to_owned(), value));
    }

    /// Keeps an unknown member in place of the one that there was.
    pub fn replace(&mut self, name: &str, value: Raw) {
        self.unknown.retain(|(known, _)| known != name);
        self.keep(name, value);
    }

    /// Notes how `name`, which is understood, was written: its raw value, or a word that the dialect's own writer knows.
    /// A writer takes the note before what it would make of the model, so whoever changes what is noted must
    /// [`Extra::forget`] the note.
    pub fn note(&mut self, name: &str, how: &str) {
        self.notes.push((name.to_owned(), how.to_owned()));
    }

    /// The note on `name`, for the dialect that made it.
    pub fn noted(&self, dialect: Dialect, name: &str) -> Option<&str> {
        self.notes
            .iter()
            .filter(|_| self.is_from(dialect))
            .find(|(noted, _)| noted == name)
            .map(|(_, how)| how.as_str())
    }

    /// Drops the note on `name`, because what it spells has changed.
    pub fn forget(&mut self, name: &str) {
        self.notes.retain(|(noted, _)| noted != name);
    }

    /// Notes how `name` was written, if it was not as usual: see [`crate::object::Object::fixed`].
    pub fn note_fixed(&mut self, name: &str, how: Option<String>) {
        how.into_iter().for_each(|how| self.note(name, &how));
    }

    /// Keeps what an object inside says that has no counterpart in the model, such as `choices[0]` under `choice`. Nothing
    /// to keep leaves no trace.
    pub fn keep_inner(&mut self, name: &'static str, inner: Extra) {
        if !inner.is_empty() {
            self.inner.push((name, inner));
        }
    }

    /// What the object inside kept, for the dialect that it came from.
    pub fn inner(&self, dialect: Dialect, name: &str) -> Option<&Extra> {
        self.inner.iter().filter(|_| self.is_from(dialect)).find(|(kept, _)| *kept == name).map(|(_, inner)| inner)
    }

    /// The unknown members, in their order.
    pub fn unknown(&self) -> impl Iterator<Item = (&str, &Raw)> {
        self.unknown.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The notes, in their order.
    pub fn notes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.notes.iter().map(|(name, how)| (name.as_str(), how.as_str()))
    }

    /// The value of an unknown member, whatever the dialect.
    pub fn get(&self, name: &str) -> Option<&Raw> {
        self.unknown().find(|(kept, _)| *kept == name).map(|(_, value)| value)
    }

    /// Whether nothing is kept and nothing noted.
    pub fn is_empty(&self) -> bool {
        self.unknown.is_empty() && self.notes.is_empty() && self.inner.is_empty()
    }

    /// Adds what came later, in a stream: of members with one name the later stays. Past a limit new names are left out.
    pub fn merge(&mut self, later: Extra) {
        self.dialect = self.dialect.or(later.dialect);
        let mut room = MOST_ADDED.saturating_sub(self.unknown.len());
        for (name, value) in later.unknown {
            match self.unknown.iter_mut().find(|(kept, _)| *kept == name) {
                Some(kept) => kept.1 = value,
                None if room > 0 => {
                    room -= 1;
                    self.unknown.push((name, value));
                }
                None => {}
            }
        }
        for (name, how) in later.notes {
            self.forget(&name);
            self.notes.push((name, how));
        }
        for (name, inner) in later.inner {
            match self.inner.iter_mut().find(|(kept, _)| *kept == name) {
                Some(kept) => kept.1.merge(inner),
                None => self.inner.push((name, inner)),
            }
        }
    }

    /// Writes a member that always says the same: `usual`, or what was noted of it by the same dialect.
    pub fn write_fixed(&self, dialect: Dialect, name: &'static str, usual: &str, out: &mut ObjectWriter) {
        let written = self.noted(dialect, name).unwrap_or(usual);
        if !written.is_empty() {
            out.raw(name, written);
        }
    }

    /// Writes the members that said what is so without them: see [`crate::object::Object::take_usual`].
    pub fn write_usual(&self, dialect: Dialect, usual: &[(&'static str, &str)], out: &mut ObjectWriter) {
        for (name, _) in usual {
            if let Some(raw) = self.noted(dialect, name) {
                out.raw(name, raw);
            }
        }
    }

    /// Ends an object: writes the unknown members, and `null` where that stood, into the dialect that they came from; in
    /// any other they are losses `<place>.<name>`, those of objects inside too. Objects inside are written by whoever
    /// writes these objects, with [`Extra::inner`].
    pub fn write(&self, dialect: Dialect, place: &str, out: &mut ObjectWriter, losses: &mut Losses) {
        self.write_shared(dialect, (dialect, &[]), place, out, losses);
    }

    /// As [`Extra::write`]; members in `shared` that come from the dialect beside them mean the same in both, and are written
    /// into this one too.
    pub fn write_shared(
        &self,
        dialect: Dialect,
        shared: (Dialect, &[&str]),
        place: &str,
        out: &mut ObjectWriter,
        losses: &mut Losses,
    ) {
        let own = self.is_from(dialect);
        for (name, value) in &self.unknown {
            if own || (self.is_from(shared.0) && shared.1.contains(&name.as_str())) {
                out.foreign(name, value.as_str());
            } else if says(value, place) {
                losses.add(&format!("{place}.{name:.100}"));
            }
        }
        if own {
            let nulls = self.notes.iter().filter(|(_, how)| how == "null");
            nulls.for_each(|(name, _)| out.foreign(name, "null"));
        } else {
            self.lose_inner(place, losses);
        }
    }

    /// Takes note of all unknown members as lost, where there is no object to write them into.
    pub fn lose(&self, place: &str, losses: &mut Losses) {
        let said = self.unknown.iter().filter(|(_, value)| says(value, place));
        said.for_each(|(name, _)| losses.add(&format!("{place}.{name:.100}")));
        self.lose_inner(place, losses);
    }

    fn lose_inner(&self, place: &str, losses: &mut Losses) {
        self.inner.iter().for_each(|(name, inner)| inner.lose(&format!("{place}.{name}"), losses));
    }
}

/// Whether a value at this place says something: an empty list of annotations is no loss. Whoever asks for something with an
/// object asks for it with an empty one too.
fn says(value: &Raw, place: &str) -> bool {
    match value.as_str() {
        "null" | "[]" | "\"\"" => false,
        "{}" => place == "request",
        _ => true,
    }
}

#[cfg(test)]
mod tests;
