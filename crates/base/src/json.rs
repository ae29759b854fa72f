//! Reading JSON of strangers into a value.
//!
//! `serde_json` keeps one member name for itself: read into its [`Value`], an object whose first member is called
//! [`RESERVED`] becomes what the text of that member says. Whoever checks such a value has then seen something else
//! than whoever is sent the text. What is read here has every object as it stands.

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Error as Wrong, Map, Number, Value};
use std::fmt::{Formatter, Result as Written};

/// The member name that `serde_json` (feature `raw_value`) does not read as a name.
pub const RESERVED: &str = "$serde_json::private::RawValue";

/// The value that `text` stands for. Of members with one name the last counts.
///
/// # Errors
///
/// `text` is not JSON, or nested deeper than 128 levels.
pub fn from_text(text: &str) -> Result<Value, Wrong> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Plain.deserialize(&mut reader)?;
    reader.end().map(|()| value)
}

/// The value that `bytes` stand for, as [`from_text`] has it.
///
/// # Errors
///
/// `bytes` are not JSON in UTF-8, or nested deeper than 128 levels.
pub fn from_bytes(bytes: &[u8]) -> Result<Value, Wrong> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Plain.deserialize(&mut reader)?;
    reader.end().map(|()| value)
}

/// Builds a value without a reserved name.
struct Plain;

impl<'de> DeserializeSeed<'de> for Plain {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Plain {
    type Value = Value;

    fn expecting(&self, out: &mut Formatter<'_>) -> Written {
        out.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element_seed(Plain)? {
            list.push(element);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            object.insert(name, members.next_value_seed(Plain)?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests;
