//! What a legacy client sets in its session.

/// The most resources that one client watches.
pub(crate) const RESOURCES: usize = 1000;

/// Something that a client sets in its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// The lowest level of log messages, as a place in the list of levels.
    Level(usize),
    /// It wants to be told of this resource …
    Watched(String),
    /// … or not any more.
    Unwatched(String),
}

/// What is kept of one session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    /// The lowest level of log messages that the client wants, as a place in the list of levels.
    pub(crate) level: Option<usize>,
    /// The resources that it is told of.
    pub(crate) watched: Vec<String>,
}

impl Kept {
    /// What a client would have to set to have this.
    pub(crate) fn changes(&self) -> Vec<Change> {
        let watched = self.watched.iter().cloned().map(Change::Watched);
        self.level.map(Change::Level).into_iter().chain(watched).collect()
    }

    /// Whether anything is set.
    pub(crate) fn is_any(&self) -> bool {
        self.level.is_some() || !self.watched.is_empty()
    }
}
