//! Where readers put what they find wrong, so that a person sees all of it at once.

use crate::{Code, Error};
use std::cell::RefCell;

/// More than this many problems in one file help nobody: the first of them made the others.
const LIMIT: usize = 200;

/// Collects errors.
#[derive(Default)]
pub struct Problems {
    errors: RefCell<Vec<Error>>,
}

impl Problems {
    /// No problems yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one. After the first 200 only one more is kept, which says that there are more.
    pub fn push(&self, error: Error) {
        let mut errors = self.errors.borrow_mut();
        if errors.len() < LIMIT {
            errors.push(error);
        } else if errors.len() == LIMIT {
            let more =
                Error::new(error.code(), "there are more problems than these", "mend the first ones and try again");
            errors.push(match error.location() {
                Some(place) => more.at(place.clone()),
                None => more,
            });
        }
    }

    /// How many there are; after the first 200 that does not grow any more.
    pub fn count(&self) -> usize {
        self.errors.borrow().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.errors.borrow().is_empty()
    }

    /// All of them, or nothing where there are none. Those of one file stand in the order of its lines, and on one line a
    /// key that is not known stands first: what else is wrong there mostly follows from it.
    pub fn into_result(self) -> Result<(), Vec<Error>> {
        let mut errors = self.errors.into_inner();
        if errors.is_empty() {
            return Ok(());
        }
        let mut files: Vec<String> = Vec::new();
        for place in errors.iter().filter_map(Error::location) {
            if !files.contains(&place.file) {
                files.push(place.file.clone());
            }
        }
        errors.sort_by_key(|error| {
            let place = error.location();
            let file = place.and_then(|place| files.iter().position(|file| *file == place.file));
            (file, place.map(|place| place.line), error.code() != Code::ConfigUnknownKey)
        });
        Err(errors)
    }
}
