//! Which step of a run.

use std::fmt::{Display, Formatter, Result as Written};
use std::sync::Arc;

/// The most bytes of a step's name.
const LONGEST: usize = 200;

/// A step of a run: its name, and which of its repetitions it is where it has several. Written `name`, `name[3]` for the item
/// with the index 3 of a `for_each`, `name#2` for the iteration 2 of a `repeat`, and `name[3]#2` for both.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepPath {
    name: Arc<str>,
    item: Option<u32>,
    iteration: Option<u32>,
}

impl StepPath {
    /// The step of this name, without repetitions. Nothing if the name is empty, longer than 200 bytes, or has control
    /// characters or one of `[`, `]` and `#`.
    pub fn new(name: &str) -> Option<Self> {
        let sound = !name.is_empty() && name.len() <= LONGEST;
        let plain = !name.contains(|character: char| character.is_control() || "[]#".contains(character));
        (sound && plain).then(|| Self { name: name.into(), item: None, iteration: None })
    }

    /// The step for the item with this index, from 0.
    #[must_use]
    pub const fn item(mut self, index: u32) -> Self {
        self.item = Some(index);
        self
    }

    /// The step in this iteration, from 0.
    #[must_use]
    pub const fn iteration(mut self, number: u32) -> Self {
        self.iteration = Some(number);
        self
    }

    /// The step that `text` is written for.
    pub fn parse(text: &str) -> Option<Self> {
        let (rest, iteration) = match text.split_once('#') {
            Some((rest, number)) => (rest, Some(whole(number)?)),
            None => (text, None),
        };
        let (name, item) = match rest.split_once('[') {
            Some((name, index)) => (name, Some(whole(index.strip_suffix(']')?)?)),
            None => (rest, None),
        };
        Some(Self { item, iteration, ..Self::new(name)? })
    }

    /// The name of the step in the definition.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The index of its item, from 0.
    pub const fn index(&self) -> Option<u32> {
        self.item
    }

    /// The number of its iteration, from 0.
    pub const fn round(&self) -> Option<u32> {
        self.iteration
    }
}

/// A number in the one way in which it is written.
fn whole(text: &str) -> Option<u32> {
    let number: u32 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

impl Display for StepPath {
    fn fmt(&self, out: &mut Formatter<'_>) -> Written {
        out.write_str(&self.name)?;
        if let Some(index) = self.item {
            write!(out, "[{index}]")?;
        }
        if let Some(number) = self.iteration {
            write!(out, "#{number}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
