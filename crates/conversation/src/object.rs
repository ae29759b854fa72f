//! Reading objects: members are taken by name, and what nobody takes is what nobody knows.

use crate::dialect::Dialect;
use crate::extra::Extra;
use crate::fault::{Fault, Within};
use crate::json::{Number, Raw, elements, text};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::fmt::{Formatter, Result as Written};

/// An object of which members are taken by name.
///
/// Members whose value is `null` count as absent for whoever takes them, and are written again in the dialect that they
/// came from. A member of the wrong type is a fault, or, in what [`Object::read_leniently`] reads, left for [`Extra`]:
/// a client is told what is wrong with its request, and an answer is not refused for a field that nobody needs.
#[derive(Debug)]
pub struct Object<'a> {
    members: Vec<Member<'a>>,
    lenient: bool,
}

#[derive(Debug)]
struct Member<'a> {
    name: String,
    value: &'a str,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Left,
    Taken,
    /// Asked for, and `null`.
    Null,
}

impl<'a> Object<'a> {
    /// The object that `text` is.
    ///
    /// # Errors
    /// `text` is no JSON object, or has a member twice.
    pub fn read(text: &'a str) -> Result<Self, Fault> {
        Self::read_as(text, false)
    }

    /// As [`Object::read`]; members of the wrong type, here and in objects taken from it, are as if unknown, and of members
    /// with one name the first counts.
    ///
    /// # Errors
    /// `text` is no JSON object.
    pub fn read_leniently(text: &'a str) -> Result<Self, Fault> {
        Self::read_as(text, true)
    }

    fn read_as(text: &'a str, lenient: bool) -> Result<Self, Fault> {
        let wrong = |error: serde_json::Error| Fault::new(format!("is no JSON object: {error}"));
        let mut reader = serde_json::Deserializer::from_str(text);
        let mut members = reader.deserialize_any(Members).map_err(wrong)?;
        reader.end().map_err(wrong)?;
        let mut names = HashSet::with_capacity(members.len());
        let mut twice = None;
        members.retain(|(name, _)| {
            let first = names.insert(name.clone());
            twice = twice.take().or_else(|| (!first).then(|| name.clone()));
            first
        });
        if let Some(name) = twice.filter(|_| !lenient) {
            return Err(Fault::new(format!("has the member {name:.100} twice")));
        }
        let left = |(name, value): (String, &'a RawValue)| Member { name, value: value.get(), state: State::Left };
        Ok(Self { members: members.into_iter().map(left).collect(), lenient })
    }

    /// All members that nobody has taken, with their values, in their order.
    pub fn members(&self) -> impl Iterator<Item = (&str, &'a str)> {
        let left = self.members.iter().filter(|member| member.state == State::Left);
        left.map(|member| (member.name.as_str(), member.value))
    }

    /// The value of a member without taking it. `null` counts as absent.
    pub fn peek(&self, name: &str) -> Option<&'a str> {
        let member = self.members.iter().find(|member| member.name == name && member.state == State::Left)?;
        (member.value != "null").then_some(member.value)
    }

    /// The name of the first member that nobody has taken and whose name `matches`. `null` counts as absent.
    pub fn find(&self, matches: impl Fn(&str) -> bool) -> Option<&str> {
        let left = |member: &&Member| member.state == State::Left && member.value != "null" && matches(&member.name);
        self.members.iter().find(left).map(|member| member.name.as_str())
    }

    /// What a member says without taking it, if it is a string.
    pub fn peek_text(&self, name: &str) -> Option<String> {
        self.peek(name).and_then(text)
    }

    /// Takes a member, whatever it is.
    pub fn raw(&mut self, name: &str) -> Option<&'a str> {
        let member = self.members.iter_mut().find(|member| member.name == name && member.state == State::Left)?;
        member.state = if member.value == "null" { State::Null } else { State::Taken };
        (member.state == State::Taken).then_some(member.value)
    }

    /// Takes a member that always says the same, `usual`, and says nothing to anybody. Where it is something else this is
    /// how it was written, or an empty text where it is not there: for [`Extra::note`] and [`Extra::write_fixed`].
    pub fn fixed(&mut self, name: &str, usual: &str) -> Option<String> {
        let Some(member) = self.members.iter_mut().find(|member| member.name == name) else {
            return Some(String::new());
        };
        member.state = State::Taken;
        (member.value != usual).then(|| member.value.to_owned())
    }

    /// Takes the members that say what is so without them, and notes them for [`Extra::write_usual`]: whom they are not told
    /// does the same.
    pub fn take_usual(&mut self, usual: &[(&'static str, &str)], extra: &mut Extra) {
        for (name, value) in usual {
            if self.peek(name) == Some(*value)
                && let Some(raw) = self.raw(name)
            {
                extra.note(name, raw);
            }
        }
    }

    /// Takes a member as a value that is kept as it is.
    pub fn value(&mut self, name: &str) -> Option<Raw> {
        self.raw(name).map(Raw::of_valid)
    }

    /// Takes a string.
    ///
    /// # Errors
    /// It is something else.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, Fault> {
        self.typed(name, "is no string", text)
    }

    /// Takes a string that must be there.
    ///
    /// # Errors
    /// It is missing or something else.
    pub fn needed_text(&mut self, name: &str) -> Result<String, Fault> {
        self.text(name)?.ok_or_else(|| Fault::new("is missing").inside(name))
    }

    /// Takes a number.
    ///
    /// # Errors
    /// It is something else.
    pub fn number(&mut self, name: &str) -> Result<Option<Number>, Fault> {
        self.typed(name, "is no number", Number::parse)
    }

    /// Takes a whole number from 0 on.
    ///
    /// # Errors
    /// It is something else.
    pub fn whole(&mut self, name: &str) -> Result<Option<u64>, Fault> {
        self.typed(name, "is no whole number", |value| Number::parse(value).and_then(|number| number.as_u64()))
    }

    /// Takes `true` or `false`.
    ///
    /// # Errors
    /// It is something else.
    pub fn flag(&mut self, name: &str) -> Result<Option<bool>, Fault> {
        self.typed(name, "is neither true nor false", |value| value.parse().ok())
    }

    /// Takes an object, as lenient as this one.
    ///
    /// # Errors
    /// It is something else, or has a member twice.
    pub fn object(&mut self, name: &str) -> Result<Option<Object<'a>>, Fault> {
        let lenient = self.lenient;
        if let Some(text) = self.typed(name, "is no object", |value| value.starts_with('{').then_some(value))? {
            return Object::read_as(text, lenient).map(Some).within(name);
        }
        Ok(None)
    }

    /// Takes an array as the texts of its elements.
    ///
    /// # Errors
    /// It is something else.
    pub fn array(&mut self, name: &str) -> Result<Option<Vec<&'a str>>, Fault> {
        self.typed(name, "is no array", elements)
    }

    /// `text`, an element of what this object holds, read as leniently as this object.
    ///
    /// # Errors
    /// As [`Object::read`].
    pub fn read_like(&self, text: &'a str) -> Result<Object<'a>, Fault> {
        Object::read_as(text, self.lenient)
    }

    /// What nobody took, and which of what was taken was `null`.
    pub fn rest(self, dialect: Dialect) -> Extra {
        let mut extra = Extra::new(dialect);
        for member in self.members {
            match member.state {
                State::Left => extra.keep(&member.name, Raw::of_valid(member.value)),
                State::Null => extra.note(&member.name, "null"),
                State::Taken => {}
            }
        }
        extra
    }

    fn typed<T>(&mut self, name: &str, wrong: &str, read: impl Fn(&'a str) -> Option<T>) -> Result<Option<T>, Fault> {
        let Some(value) = self.peek(name) else {
            self.raw(name);
            return Ok(None);
        };
        match read(value) {
            Some(read) => {
                self.raw(name);
                Ok(Some(read))
            }
            None if self.lenient => Ok(None),
            None => Err(Fault::new(wrong).inside(name)),
        }
    }
}

/// Reads the members of an object with their values as text.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, out: &mut Formatter<'_>) -> Written {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests;
