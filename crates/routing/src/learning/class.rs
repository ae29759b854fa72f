//! Kinds of requests that models may be differently good at.

use crate::candidate::Need;
use crate::capability::Capability;

/// Up to how many tokens a request is short, and up to how many it is of middle length.
const SHORT: u64 = 500;
const MIDDLE: u64 = 8_000;

/// How long a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Size {
    /// At most 500 tokens.
    Short,
    /// At most 8,000 tokens.
    Middle,
    /// More.
    Long,
}

/// A class of requests: few, so that each is soon known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Class {
    /// How long they are.
    pub size: Size,
    /// Whether they have tools.
    pub tools: bool,
    /// Whether they have pictures, sound or documents.
    pub media: bool,
    /// Whether the answer is to be of a schema.
    pub structured: bool,
}

impl Class {
    /// The class of a request that needs this.
    pub fn of(need: &Need) -> Self {
        let uses = |capability| need.uses.has(capability);
        Self {
            size: if need.input_tokens <= SHORT {
                Size::Short
            } else if need.input_tokens <= MIDDLE {
                Size::Middle
            } else {
                Size::Long
            },
            tools: uses(Capability::Tools),
            media: uses(Capability::Vision) || uses(Capability::Audio) || uses(Capability::Documents),
            structured: uses(Capability::JsonSchema),
        }
    }

    /// Its name, such as `short+tools`, in printable ASCII.
    pub fn name(self) -> String {
        let mut name = match self.size {
            Size::Short => "short",
            Size::Middle => "middle",
            Size::Long => "long",
        }
        .to_owned();
        for (has, part) in [(self.tools, "+tools"), (self.media, "+media"), (self.structured, "+schema")] {
            if has {
                name.push_str(part);
            }
        }
        name
    }

    /// The class of this name.
    pub fn named(name: &str) -> Option<Self> {
        let flags = [false, true];
        let sizes = [Size::Short, Size::Middle, Size::Long];
        let all = sizes.into_iter().flat_map(|size| flags.map(|tools| (size, tools)));
        let all = all.flat_map(|(size, tools)| flags.map(|media| (size, tools, media)));
        let mut all =
            all.flat_map(|(size, tools, media)| flags.map(|structured| Self { size, tools, media, structured }));
        all.find(|class| class.name() == name)
    }
}
