//! What came into a prompt, what did not, and what that saved.

use crate::{Place, Trust};
use serde::{Deserialize, Serialize};

/// What a step was given, piece by piece. It holds no text, so that it can be kept and shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Whose tokens are counted.
    pub family: String,
    /// The most tokens; nothing where no budget is set.
    pub budget: Option<usize>,
    /// The tokens that the step was given.
    pub total: usize,
    /// The tokens of all that the step could have been given: every declared piece whole, and all that nobody declared.
    pub full_context: usize,
    /// Every piece that was found for a need, in the order of the needs.
    pub pieces: Vec<Line>,
    /// Needs that the step can do without, and that had nothing behind them.
    pub nothing_for: Vec<String>,
    /// What the run has and no need names. It never reaches the prompt.
    pub undeclared: Vec<Undeclared>,
    /// How many more of these there are.
    pub undeclared_more: usize,
}

/// A piece that was found for a need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What templates call the need: `memory.<name>`.
    pub name: String,
    /// What it is: `steps.search`, `memory(project/conventions)@3`.
    pub source: String,
    /// The SHA-256 of the whole, by which it can be read again.
    pub handle: String,
    /// Where in a prompt it belongs.
    pub place: Place,
    /// Whether it can be trusted.
    pub trust: Trust,
    /// The tokens of the whole.
    pub whole: usize,
    /// The tokens of the part that `select` takes, with the marks around what cannot be trusted.
    pub selected: usize,
    /// The tokens that the step was given.
    pub given: usize,
    /// What was done with it.
    pub how: How,
}

/// What was done with a piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// All of it came in.
    Whole,
    /// Its beginning was cut off.
    CutHead,
    /// Its end was cut off.
    CutTail,
    /// Members and items of it were left out.
    Pruned,
    /// A model made it shorter.
    Summary {
        /// Which; empty for the step's own.
        model: String,
        /// Whether what the model gave was cut in turn.
        cut: bool,
    },
    /// It did not come in: the budget, or the most tokens of its need, had no room for it.
    LeftOut,
}

/// Something that no need names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undeclared {
    /// What it is.
    pub source: String,
    /// The SHA-256 of it.
    pub handle: String,
    /// How many tokens it is.
    pub tokens: usize,
}

impl Receipt {
    /// The tokens that the step was spared.
    pub fn saved(&self) -> usize {
        self.full_context.saturating_sub(self.total)
    }

    /// Whether anything of what the step was given cannot be trusted: an unsafe step should then ask a person.
    pub fn is_tainted(&self) -> bool {
        self.pieces.iter().any(|line| line.trust == Trust::Untrusted && line.how != How::LeftOut)
    }
}
