//! What is searched: documents of named, weighted fields.

/// A field of a [`Schema`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldId(pub(crate) u8);

/// The fields that documents have, and how much each counts.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    pub(crate) fields: Vec<Field>,
    pub(crate) boilerplate: Option<Boilerplate>,
}

/// A field: its name, and how it counts.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// How many times a word in this field counts.
    pub(crate) weight: f32,
    /// From 0 to 1: how much a word counts less where the field is longer than usual.
    pub(crate) balance: f32,
}

/// What many documents of one group have in common says little about any of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Boilerplate {
    /// Topics that more than this share of a group's documents have are boiler-plate.
    pub share: f32,
    /// As many documents must have a topic at least: in a small group any topic is in a large share of it.
    pub least: usize,
    /// What is left of the weight of a part with such a topic, from 0 to 1.
    pub left: f32,
}

impl Schema {
    /// Adds a field and gives its id. A word in it counts `weight` times, and less by `balance` (from 0, not at all, to
    /// 1, in proportion) where the field is longer than usual. There may be 255 fields; later ones are the 255th.
    pub fn field(&mut self, name: &str, weight: f32, balance: f32) -> FieldId {
        if self.fields.len() < usize::from(u8::MAX) {
            self.fields.push(Field { name: name.to_owned(), weight, balance });
        }
        FieldId(u8::try_from(self.fields.len() - 1).unwrap_or(u8::MAX))
    }

    /// Lets parts count less whose topic most documents of the group have.
    pub fn damp(&mut self, boilerplate: Boilerplate) {
        self.boilerplate = Some(boilerplate);
    }

    /// The names of the fields with their weights, in the order in which they were added.
    pub fn fields(&self) -> impl Iterator<Item = (&str, f32)> {
        self.fields.iter().map(|field| (field.name.as_str(), field.weight))
    }
}

/// Something that can be found.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// What a [`crate::Hit`] names. One that comes a second time takes the place of the first.
    pub id: String,
    /// Documents that belong together, such as those of one source.
    pub group: String,
    /// What is looked up by words.
    pub parts: Vec<Part>,
    /// What an embedder reads to make the document's vector; empty where it shall have none.
    pub meaning: String,
}

/// Some text of a document.
#[derive(Debug, Clone)]
pub struct Part {
    /// The field that it stands in.
    pub field: FieldId,
    /// What it is about, where several documents may have a part about the same: see [`Boilerplate`].
    pub topic: Option<String>,
    /// The text.
    pub text: String,
}

impl Part {
    /// Text of a field.
    pub fn new(field: FieldId, text: impl Into<String>) -> Self {
        Self { field, topic: None, text: text.into() }
    }

    /// Text of a field about `topic`.
    pub fn about(topic: impl Into<String>, field: FieldId, text: impl Into<String>) -> Self {
        Self { field, topic: Some(topic.into()), text: text.into() }
    }
}
