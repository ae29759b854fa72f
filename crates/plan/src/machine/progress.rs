//! How far one step of a plan is.

use base::Error;
use resilience::Moment;
use std::time::Duration;

/// How a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// It waits for others.
    #[default]
    Waiting,
    /// It may begin.
    Ready,
    /// It was begun.
    Running,
    /// It has a result.
    Done,
    /// It failed.
    Failed,
    /// It was never begun, or not to its end, because something else failed.
    Skipped,
    /// It is another step's call.
    Shared,
}

impl State {
    /// The word for it in answers.
    pub const fn word(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Ready => "ready",
            State::Running => "running",
            State::Done | State::Shared => "done",
            State::Failed => "failed",
            State::Skipped => "skipped",
        }
    }
}

/// How far a step is.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// How it is.
    pub state: State,
    /// Its result, raw JSON.
    pub value: Option<String>,
    /// Why it failed.
    pub error: Option<Error>,
    /// How many of its calls have ended.
    pub calls_ended: usize,
    /// How many of them failed.
    pub calls_failed: usize,
    /// For how many of them no server was asked.
    pub cached: usize,
    /// What it is called for; nothing without `for_each`.
    items: Option<Vec<String>>,
    values: Vec<Option<String>>,
    begun: usize,
    ready_at: Moment,
    started_at: Option<Moment>,
    ended_at: Option<Moment>,
}

impl Progress {
    /// Between the moment when it could begin and the one when it did.
    pub fn waited(&self) -> Duration {
        self.started_at.unwrap_or(self.ready_at).saturating_sub(self.ready_at)
    }

    /// Between its begin and its end.
    pub fn lasted(&self) -> Duration {
        match (self.started_at, self.ended_at) {
            (Some(start), Some(end)) => end.saturating_sub(start),
            _ => Duration::ZERO,
        }
    }

    /// Whether it has a `for_each` whose list is known.
    pub fn has_items(&self) -> bool {
        self.items.is_some()
    }

    pub(super) fn item(&self, index: usize) -> Option<&str> {
        self.items.as_ref()?.get(index).map(String::as_str)
    }

    pub(super) fn become_ready(&mut self, now: Moment) {
        self.state = State::Ready;
        self.ready_at = now;
    }

    pub(super) fn open(&mut self, items: Option<Vec<String>>, now: Moment) {
        self.values = vec![None; items.as_ref().map_or(1, Vec::len)];
        self.items = items;
        self.state = State::Running;
        self.started_at = Some(now);
    }

    /// Whether a call of it could be made.
    pub(super) fn wants_start(&self) -> bool {
        match self.state {
            State::Ready => true,
            State::Running => self.has_unstarted(),
            _ => false,
        }
    }

    pub(super) fn has_unstarted(&self) -> bool {
        self.begun < self.values.len()
    }

    pub(super) fn take_item(&mut self) -> Option<usize> {
        let item = self.begun;
        self.has_unstarted().then(|| self.begun += 1)?;
        Some(item)
    }

    pub(super) fn put(&mut self, item: usize, value: String) {
        if let Some(place) = self.values.get_mut(item) {
            *place = Some(value);
        }
    }

    /// Whether calls of it run, or are still to be made. With `stops` none are made any more.
    pub(super) fn is_under_way(&self, stops: bool) -> bool {
        self.state != State::Running || self.calls_ended < self.begun || (self.has_unstarted() && !stops)
    }

    /// Makes its result of those of its calls: the failed ones of a `for_each` are null.
    pub(super) fn join(&mut self) {
        let values = std::mem::take(&mut self.values);
        self.begun = 0;
        if self.items.is_some() {
            let values: Vec<String> =
                values.into_iter().map(|value| value.unwrap_or_else(|| "null".to_owned())).collect();
            self.value = Some(format!("[{}]", values.join(",")));
        } else {
            self.value = values.into_iter().next().flatten();
        }
    }

    pub(super) fn end(&mut self, state: State, now: Moment) {
        self.state = state;
        self.ended_at = Some(now);
        self.values = Vec::new();
        self.begun = 0;
    }
}
