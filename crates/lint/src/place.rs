//! Where in a definition something stands.

use std::fmt;

/// A place, by the way to it.
pub(super) struct Place<'p> {
    outer: Option<&'p Place<'p>>,
    step: Step<'p>,
}

enum Step<'p> {
    Root,
    Member(&'p str),
    Element(usize),
}

impl<'p> Place<'p> {
    /// The definition itself.
    pub(super) fn root() -> Self {
        Self { outer: None, step: Step::Root }
    }

    /// A member of the object here.
    pub(super) fn member(&'p self, key: &'p str) -> Self {
        Self { outer: Some(self), step: Step::Member(key) }
    }

    /// An element of the array here.
    pub(super) fn element(&'p self, number: usize) -> Self {
        Self { outer: Some(self), step: Step::Element(number) }
    }

    /// Whether it is a member of the definition itself.
    pub(super) fn is_top(&self) -> bool {
        self.outer.is_some_and(|outer| matches!(outer.step, Step::Root))
    }

    /// Whether the members of the object here have names that the server chose: those of its arguments and types.
    pub(super) fn is_list_of_arguments(&self) -> bool {
        let named = |wanted: &[&str]| matches!(self.step, Step::Member(key) if wanted.contains(&key));
        // An argument may be called `properties` itself; its schema is no list of arguments.
        named(&["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"])
            && !self.outer.is_some_and(Place::is_list_of_arguments)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(outer) = self.outer {
            outer.fmt(formatter)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Member(key) => write!(formatter, "/{}", key.replace('~', "~0").replace('/', "~1")),
            Step::Element(number) => write!(formatter, "/{number}"),
        }
    }
}
