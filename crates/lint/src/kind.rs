//! What a definition is of.

/// What a definition is of. Each kind has names of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Kind {
    /// What a server tells models of itself. There is one of it, or none.
    Instructions,
    /// A tool.
    #[default]
    Tool,
    /// A prompt.
    Prompt,
    /// A resource, known by its address.
    Resource,
    /// A template of addresses of resources.
    Template,
}

impl Kind {
    /// All of them. The order is that of what people are shown.
    pub const ALL: [Kind; 5] = [Kind::Instructions, Kind::Tool, Kind::Prompt, Kind::Resource, Kind::Template];

    /// One word.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Instructions => "instructions",
            Kind::Tool => "tool",
            Kind::Prompt => "prompt",
            Kind::Resource => "resource",
            Kind::Template => "template",
        }
    }

    /// The kind with this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether what is called `name` in definitions is what calls are made by, and not a title.
    pub(crate) fn is_called_by_name(self) -> bool {
        matches!(self, Kind::Tool | Kind::Prompt)
    }
}
