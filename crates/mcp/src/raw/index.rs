//! An object that is read once: whether it is JSON, and where its members stand.

use super::{Member, range_of, scan, text};
use serde::de::{Deserializer as _, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::ops::Range;

/// So many names are held against each other; of more a set is made.
const FEW: usize = 16;

/// Where the members of one object stand. It is of the text that it was read of, and of no other.
#[derive(Debug, Clone, Default)]
pub struct Index(Vec<Place>);

/// Where a member stands.
#[derive(Debug, Clone)]
struct Place {
    /// The key with its quotes.
    key: Range<usize>,
    /// Whether the key has escapes.
    escapes: bool,
    value: Range<usize>,
}

impl Place {
    fn member<'a>(&self, object: &'a str) -> Member<'a> {
        Member {
            key: object.get(self.key.clone()).unwrap_or_default(),
            value: object.get(self.value.clone()).unwrap_or_default(),
        }
    }

    /// The name without its quotes, as it is written.
    fn name<'a>(&self, object: &'a [u8]) -> &'a [u8] {
        object.get(self.key.start + 1..self.key.end.saturating_sub(1)).unwrap_or_default()
    }
}

impl Index {
    /// Reads `object`, which may have white space around it.
    ///
    /// # Errors
    /// It is no JSON, or no object.
    pub fn read(object: &str) -> serde_json::Result<Self> {
        let mut places = Vec::with_capacity(FEW);
        if scan::object(object, |key, escapes, value| places.push(Place { key, escapes, value })) {
            return Ok(Self(places));
        }
        // Why it is none is said by a reader that knows more, which also follows what is nested deeper.
        let mut reader = serde_json::Deserializer::from_str(object);
        let index = reader.deserialize_map(Reading(object))?;
        reader.end()?;
        Ok(index)
    }

    /// The members, as [`super::members`] gives them of the same text.
    pub fn members<'a>(&self, object: &'a str) -> impl Iterator<Item = Member<'a>> + use<'a, '_> {
        self.0.iter().map(|place| place.member(object))
    }

    /// The value of the first member `name`, as [`super::get`] gives it of the same text.
    pub fn get<'a>(&self, object: &'a str, name: &str) -> Option<&'a str> {
        object.get(self.range_of(object.as_bytes(), name)?)
    }

    /// Where the value of the first member `name` stands in the bytes of the same text.
    pub fn range_of(&self, object: &[u8], name: &str) -> Option<Range<usize>> {
        let is = |place: &&Place| {
            if place.escapes {
                let key = object.get(place.key.clone()).and_then(|key| std::str::from_utf8(key).ok());
                return key.is_some_and(|key| Member { key, value: "" }.is(name));
            }
            place.key.len() == name.len() + 2 && place.name(object) == name.as_bytes()
        };
        Some(self.0.iter().find(is)?.value.clone())
    }

    /// The first key that stands there twice, or that cannot be read and so could be any.
    pub fn duplicate<'a>(&self, object: &'a str) -> Option<&'a str> {
        let bytes = object.as_bytes();
        if self.0.len() <= FEW && !self.0.iter().any(|place| place.escapes) {
            let twice = self.0.iter().enumerate().find(|(at, place)| {
                let same = |other: &Place| other.key.len() == place.key.len() && other.name(bytes) == place.name(bytes);
                self.0.iter().take(*at).any(same)
            });
            return twice.map(|(_, place)| place.member(object).key);
        }
        let mut seen: HashSet<Cow<'_, str>> = HashSet::new();
        let mut members = self.members(object);
        members.find(|member| text(member.key).is_none_or(|name| !seen.insert(name))).map(|member| member.key)
    }
}

/// The text of a value, and where its members stand if it is an object.
#[derive(Debug, Clone)]
pub struct Object<'a> {
    text: &'a str,
    index: Index,
}

impl<'a> Object<'a> {
    /// Reads `text`; nothing where it is no JSON. What is no object has no members.
    pub fn read(text: &'a str) -> Option<Self> {
        let index = Index::read(text).or_else(|_| serde_json::from_str::<&RawValue>(text).map(|_| Index::default()));
        index.ok().map(|index| Self { text, index })
    }

    /// `text`, of which `index` was read.
    pub fn of(text: &'a str, index: Index) -> Self {
        Self { text, index }
    }

    /// The text that was read.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The value of the first member `name`.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.index.get(self.text, name)
    }

    /// The value at a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&'a str> {
        let (first, rest) = path.split_first()?;
        super::at(self.get(first)?, rest)
    }
}

struct Reading<'a>(&'a str);

impl<'a> Visitor<'a> for Reading<'a> {
    type Value = Index;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Index, A::Error> {
        let mut places = Vec::new();
        while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            let escapes = key.get().contains('\\');
            let place = range_of(self.0, key.get()).zip(range_of(self.0, value.get()));
            let (key, value) = place.ok_or_else(|| A::Error::custom("a member stands elsewhere"))?;
            places.push(Place { key, escapes, value });
        }
        Ok(Index(places))
    }
}

#[cfg(test)]
mod tests;
