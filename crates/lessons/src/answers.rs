//! The last answers, so that clients can say how good they were.

use super::Lesson;
use std::collections::VecDeque;
use std::sync::Arc;

/// How many answers are remembered.
const MOST: usize = 4_096;

/// An answer.
pub(super) struct Given {
    /// Under which the client can name it.
    pub(super) id: String,
    /// Whose request it was.
    pub(super) principal: Arc<str>,
    /// The run that it is part of, as the client names it.
    pub(super) run: Option<Arc<str>>,
    /// `provider/model`.
    pub(super) deployment: Arc<str>,
    /// What a score of it teaches; nothing where it has one.
    pub(super) lesson: Option<Lesson>,
}

/// The last answers of all routes that learn, the oldest first.
#[derive(Default)]
pub(super) struct Answers(VecDeque<Given>);

impl Answers {
    pub(super) fn keep(&mut self, given: Given) {
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back(given);
    }

    /// The lessons of the answers of this id or run that have none yet, each with its deployment. Nothing where none of them
    /// was given to `principal`.
    pub(super) fn take(&mut self, principal: &str, id: &str) -> Option<Vec<(Arc<str>, Lesson)>> {
        let mut named = false;
        let mut lessons = Vec::new();
        for given in &mut self.0 {
            if &*given.principal == principal && (given.id == id || given.run.as_deref() == Some(id)) {
                named = true;
                lessons.extend(given.lesson.take().map(|lesson| (Arc::clone(&given.deployment), lesson)));
            }
        }
        named.then_some(lessons)
    }
}
