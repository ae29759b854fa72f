//! Values of which not everything is known yet.

use serde_json::{Number, Value};

/// A value, as far as it is known.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// It is one of these kinds.
    Any(Kinds),
    /// Null.
    Null,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// An object.
    Object(Vec<(String, Node)>),
}

/// Kinds of values, in the words of JSON Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kinds(u8);

/// The words, and what each means. A number may be a whole one.
const WORDS: [(&str, u8, &str); 7] = [
    ("null", 1, "null"),
    ("boolean", 2, "true or false"),
    ("integer", 4, "a whole number"),
    ("number", 4 | 8, "a number"),
    ("string", 16, "a text"),
    ("array", 32, "a list"),
    ("object", 64, "an object"),
];

impl Kinds {
    /// Whatever there is.
    pub const ALL: Self = Self(127);
    /// A text.
    pub const TEXT: Self = Self(16);
    /// A whole number.
    pub const INTEGER: Self = Self(4);
    /// A list.
    pub const LIST: Self = Self(32);

    /// What `type` of a schema says.
    pub fn of(said: &Value) -> Option<Self> {
        let one = |word: &Value| {
            let word = word.as_str()?;
            WORDS.iter().find(|(known, ..)| *known == word).map(|(_, bits, _)| *bits)
        };
        match said {
            Value::Array(words) => words.iter().map(one).try_fold(0, |all, bits| Some(all | bits?)).map(Self),
            word => one(word).map(Self),
        }
    }

    /// Whether a value of these kinds may be one of `other`.
    pub fn may_be(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether a value of these kinds must be one of `other`.
    pub fn must_be(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// The kinds in words.
    pub fn words(self) -> String {
        let mut left = self.0;
        let mut words = Vec::new();
        for (_, bits, word) in WORDS.iter().rev() {
            if left & bits == *bits {
                words.insert(0, *word);
                left &= !bits;
            }
        }
        words.join(" or ")
    }
}

impl Node {
    /// A value that is known as a whole.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Node::Null,
            Value::Bool(value) => Node::Bool(*value),
            Value::Number(value) => Node::Number(value.clone()),
            Value::String(value) => Node::Text(value.clone()),
            Value::Array(items) => Node::List(items.iter().map(Node::of).collect()),
            Value::Object(members) => {
                Node::Object(members.iter().map(|(key, value)| (key.clone(), Node::of(value))).collect())
            }
        }
    }

    /// What kinds it may be of.
    pub fn kinds(&self) -> Kinds {
        match self {
            Node::Any(kinds) => *kinds,
            Node::Null => Kinds(1),
            Node::Bool(_) => Kinds(2),
            Node::Number(number) => {
                let whole = !number.is_f64() || number.as_f64().is_some_and(|number| number.fract() == 0.0);
                if whole { Kinds::INTEGER } else { Kinds(8) }
            }
            Node::Text(_) => Kinds::TEXT,
            Node::List(_) => Kinds::LIST,
            Node::Object(_) => Kinds(64),
        }
    }

    /// Whether all of it is known.
    pub fn is_known(&self) -> bool {
        match self {
            Node::Any(_) => false,
            Node::List(items) => items.iter().all(Node::is_known),
            Node::Object(members) => members.iter().all(|(_, value)| value.is_known()),
            _ => true,
        }
    }

    /// Whether it is the same value; only for what is known.
    pub fn equals(&self, value: &Value) -> bool {
        match (self, value) {
            (Node::Null, Value::Null) => true,
            (Node::Bool(one), Value::Bool(other)) => one == other,
            (Node::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
            (Node::Text(one), Value::String(other)) => one == other,
            (Node::List(one), Value::Array(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.equals(other))
            }
            (Node::Object(one), Value::Object(other)) => {
                let same = |(key, value): &(String, Node)| other.get(key).is_some_and(|other| value.equals(other));
                one.len() == other.len() && one.iter().all(same)
            }
            _ => false,
        }
    }
}
