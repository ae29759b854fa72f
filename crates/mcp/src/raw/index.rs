//! An object that is read once: whether it is JSON, and where its members stand.

use super::{Member, range_of, text};
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
pub struct Index(Vec<(Range<usize>, Range<usize>)>);

impl Index {
    /// Reads `object`, which may have white space around it.
    ///
    /// # Errors
    /// It is no JSON, or no object.
    pub fn read(object: &str) -> serde_json::Result<Self> {
        let mut reader = serde_json::Deserializer::from_str(object);
        let index = reader.deserialize_map(Reading(object))?;
        reader.end()?;
        Ok(index)
    }

    /// The members, as [`super::members`] gives them of the same text.
    pub fn members<'a>(&self, object: &'a str) -> impl Iterator<Item = Member<'a>> + use<'a, '_> {
        self.0.iter().map(|(key, value)| Member {
            key: object.get(key.clone()).unwrap_or_default(),
            value: object.get(value.clone()).unwrap_or_default(),
        })
    }

    /// The value of the first member `name`, as [`super::get`] gives it of the same text.
    pub fn get<'a>(&self, object: &'a str, name: &str) -> Option<&'a str> {
        self.members(object).find(|member| member.is(name)).map(|member| member.value)
    }

    /// The first key that stands there twice, or that cannot be read and so could be any.
    pub fn duplicate<'a>(&self, object: &'a str) -> Option<&'a str> {
        let mut names: [Cow<'_, str>; FEW] = Default::default();
        let mut more = HashSet::new();
        for (place, member) in self.members(object).enumerate() {
            let Some(name) = text(member.key) else { return Some(member.key) };
            if names.get(..place).unwrap_or(&names).contains(&name) || more.contains(&name) {
                return Some(member.key);
            }
            if let Some(free) = names.get_mut(place) {
                *free = name;
            } else {
                more.insert(name);
            }
        }
        None
    }
}

struct Reading<'a>(&'a str);

impl<'a> Visitor<'a> for Reading<'a> {
    type Value = Index;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Index, A::Error> {
        let mut places = Vec::with_capacity(FEW);
        while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            let place = range_of(self.0, key.get()).zip(range_of(self.0, value.get()));
            places.push(place.ok_or_else(|| A::Error::custom("a member stands elsewhere"))?);
        }
        Ok(Index(places))
    }
}

#[cfg(test)]
mod tests;
