//! How many calls run at once, and how many wait for that: what is full costs only its own callers.

/// The limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Calls at once.
    pub running: usize,
    /// Calls that wait.
    pub waiting: usize,
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// It runs.
    Run,
    /// It waits until one that runs has ended.
    Wait,
    /// It is turned away.
    Full,
}

/// What becomes of one more call, when so many run and so many wait already. Nobody overtakes those who wait.
pub fn enter(limits: &Limits, running: usize, waiting: usize) -> Entry {
    if running < limits.running && waiting == 0 {
        Entry::Run
    } else if waiting < limits.waiting {
        Entry::Wait
    } else {
        Entry::Full
    }
}

#[cfg(test)]
mod tests;
