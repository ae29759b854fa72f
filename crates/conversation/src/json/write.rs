//! Writing objects and arrays.

use super::{Number, Raw};

/// An object that is being written.
#[derive(Debug, Default)]
pub struct ObjectWriter {
    text: String,
    /// The names that code of ours wrote; what strangers name is held against them.
    names: Vec<&'static str>,
}

impl ObjectWriter {
    /// An object without members.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a member whose value is `value`, valid JSON. The first of a name stays, others are left out.
    pub fn raw(&mut self, name: &'static str, value: &str) -> &mut Self {
        if !self.has(name) {
            self.names.push(name);
            self.push(name, value);
        }
        self
    }

    /// Adds a string.
    pub fn text(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.raw(name, &quote(value))
    }

    /// Adds a string, if there is one.
    pub fn text_if(&mut self, name: &'static str, value: Option<&str>) -> &mut Self {
        value.into_iter().for_each(|value| {
            self.text(name, value);
        });
        self
    }

    /// Adds a value, if there is one.
    pub fn raw_if(&mut self, name: &'static str, value: Option<&Raw>) -> &mut Self {
        value.into_iter().for_each(|value| {
            self.raw(name, value.as_str());
        });
        self
    }

    /// Adds a number, if there is one.
    pub fn number_if(&mut self, name: &'static str, value: Option<&Number>) -> &mut Self {
        value.into_iter().for_each(|value| {
            self.raw(name, value.as_str());
        });
        self
    }

    /// Adds a whole number.
    pub fn whole(&mut self, name: &'static str, value: u64) -> &mut Self {
        self.raw(name, &value.to_string())
    }

    /// Adds `true` or `false`.
    pub fn flag(&mut self, name: &'static str, value: bool) -> &mut Self {
        self.raw(name, if value { "true" } else { "false" })
    }

    /// Adds `true` or `false`, if it is known.
    pub fn flag_if(&mut self, name: &'static str, value: Option<bool>) -> &mut Self {
        value.into_iter().for_each(|value| {
            self.flag(name, value);
        });
        self
    }

    /// Adds an object.
    pub fn object(&mut self, name: &'static str, value: ObjectWriter) -> &mut Self {
        self.raw(name, &value.finish())
    }

    /// Adds an array.
    pub fn array(&mut self, name: &'static str, value: ArrayWriter) -> &mut Self {
        self.raw(name, &value.finish())
    }

    /// Adds what a stranger named. A name that is there already is left out.
    pub fn foreign(&mut self, name: &str, value: &str) {
        if !self.has(name) {
            self.push(name, value);
        }
    }

    /// Whether a member of this name was written by a call with a fixed name.
    pub fn has(&self, name: &str) -> bool {
        self.names.contains(&name)
    }

    /// Whether it has no members.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Its text.
    pub fn finish(self) -> String {
        format!("{{{}}}", self.text)
    }

    fn push(&mut self, name: &str, value: &str) {
        if !self.text.is_empty() {
            self.text.push(',');
        }
        self.text.push_str(&quote(name));
        self.text.push(':');
        self.text.push_str(value);
    }
}

/// An array that is being written.
#[derive(Debug, Default)]
pub struct ArrayWriter {
    text: String,
}

impl ArrayWriter {
    /// An array without elements.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `value`, valid JSON.
    pub fn raw(&mut self, value: &str) -> &mut Self {
        if !self.text.is_empty() {
            self.text.push(',');
        }
        self.text.push_str(value);
        self
    }

    /// Adds a string.
    pub fn text(&mut self, value: &str) -> &mut Self {
        self.raw(&quote(value))
    }

    /// Adds an object.
    pub fn object(&mut self, value: ObjectWriter) -> &mut Self {
        self.raw(&value.finish())
    }

    /// Whether it has no elements.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Its text.
    pub fn finish(self) -> String {
        format!("[{}]", self.text)
    }
}

/// `text` as a JSON string, with quotes.
pub fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Valid JSON on one line. A raw line end can stand between tokens only.
pub fn one_line(json: &str) -> String {
    if json.contains(['\n', '\r']) { json.replace(['\n', '\r'], " ") } else { json.to_owned() }
}
