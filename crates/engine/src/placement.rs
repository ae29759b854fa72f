//! Where the weights of a model are: in memory, or layer by layer on a graphics card as well.

/// What multiplies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Device {
    /// The graphics card with the most memory of its own, or the processor where there is none that can.
    Auto,
    /// The processor.
    #[default]
    Processor,
    /// The first device whose name contains this, whatever the case of its letters.
    Named(String),
}

/// Where the weights of a model are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placement {
    /// The name of the card; nothing where the processor multiplies.
    pub card: Option<String>,
    /// How many layers are on it; the matrix that makes tokens of states is one more, behind all others.
    pub layers: usize,
    /// Why not all are there, where a card was wanted.
    pub why: Option<String>,
}

impl Device {
    /// The device that a word of a configuration means: `auto`, `cpu`, or a part of a name.
    pub fn of(word: &str) -> Self {
        match word {
            "auto" => Self::Auto,
            "cpu" => Self::Processor,
            name => Self::Named(name.to_owned()),
        }
    }
}
