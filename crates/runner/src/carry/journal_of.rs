//! Reading and adding to the journal of a run.

use super::{Carry, summaries};
use crate::runner::unfit;
use base::Code;
use journal::limits::{BATCH, LARGEST_BATCH};
use journal::{Append, Author, Entry, JournalError, Kind, Payload, Recorded, Results, Status};
use machine::{Command, Fault, State};
use serde_json::Value;

impl Carry {
    /// Takes note of what others added to the journal.
    pub(super) async fn catch_up(&mut self) -> Result<(), JournalError> {
        let entries = self.shared.entries(self.held.run, self.last + 1).await?;
        self.take_note(entries)?;
        self.behind = false;
        Ok(())
    }

    /// Takes note of the entries that come next.
    pub(super) fn take_note(&mut self, entries: Vec<Recorded>) -> Result<(), JournalError> {
        entries.into_iter().try_for_each(|recorded| {
            self.last = recorded.sequence;
            self.note(&recorded.entry)
        })
    }

    fn note(&mut self, entry: &Entry) -> Result<(), JournalError> {
        self.state.apply(entry).map_err(unfit).map_err(JournalError::Store)?;
        self.results.note(entry);
        if let (Kind::Scheduled, Some(path)) = (&entry.kind, &entry.step)
            && let Some(Value::Object(memory)) = crate::about::value(entry).map(|mut value| value["memory"].take())
        {
            self.contexts.insert(path.clone(), memory);
            self.summaries.remove(path);
        }
        if let (Kind::Settled { .. }, Some(path)) = (&entry.kind, &entry.step)
            && let Some((key, text)) = summaries::kept(entry)
        {
            self.summaries.entry(path.clone()).or_default().insert(key, text);
        }
        Ok(())
    }

    /// Adds entries behind those that are known. They are not applied yet.
    async fn append(&mut self, entries: Vec<Entry>) -> Result<(), JournalError> {
        let status = (self.status != Status::Running).then_some(Status::Running);
        let author = Author::Lease(self.held.fence);
        let append = Append { run: self.held.run, expected: self.last, author, entries, status };
        self.last = self.shared.store.append(append).await?;
        self.status = Status::Running;
        Ok(())
    }

    /// Writes down commands, as many as go into the journal at once, and begins them. The others are asked for again.
    pub(super) async fn take(&mut self, commands: Vec<Command>, now: u64) -> Result<(), JournalError> {
        let taken = self.fitting(commands.clone(), now, &[])?;
        let outcome = self.add(&taken.entries).await;
        if !matches!(outcome, Err(JournalError::Invalid(_))) {
            return outcome.and_then(|()| self.begin(taken));
        }
        let fitting = self.fitting(commands.into_iter().map(|command| kept(command, now)).collect(), now, &[])?;
        self.add(&fitting.entries).await?;
        self.begin(fitting)
    }

    async fn add(&mut self, entries: &[Entry]) -> Result<(), JournalError> {
        if entries.is_empty() { Ok(()) } else { self.append(entries.to_vec()).await }
    }

    /// Ends a run of which the journal does not take what happens: it would do so again and again.
    pub(super) async fn give_up(&mut self, error: JournalError) -> Result<(), JournalError> {
        self.read_anew().await?;
        if self.state.is_failing() {
            return Err(error);
        }
        tracing::warn!(run = %self.held.run, "a run fails, for its journal does not take what happens: {error}");
        let fault = Fault::new(Code::RunEntryInvalid, error.to_string());
        self.take(vec![Command::FailRun { fault }], self.shared.now()).await
    }

    /// As many of the commands as go into the journal behind `before` at once.
    pub(super) fn fitting(&self, commands: Vec<Command>, now: u64, before: &[Entry]) -> Result<Taken, JournalError> {
        let (mut taken, mut entries) = (Vec::new(), Vec::new());
        let (count, mut bytes) = (before.len(), size(before));
        for command in commands {
            let (command, of_command) = match command.entries(now) {
                Ok(entries) => (command, entries),
                Err(error) => {
                    let command = instead(command, &error);
                    let entries = command.entries(now)?;
                    (command, entries)
                }
            };
            bytes += size(&of_command);
            let is_too_much = count + entries.len() + of_command.len() > BATCH || bytes > LARGEST_BATCH;
            if is_too_much && (count > 0 || !taken.is_empty()) {
                break;
            }
            entries.extend(of_command);
            taken.push(command);
        }
        Ok(Taken { commands: taken, entries: self.results.admit(entries) })
    }

    /// Begins commands whose entries are in the journal.
    pub(super) fn begin(&mut self, taken: Taken) -> Result<(), JournalError> {
        taken.commands.iter().for_each(|command| self.state.begin(command));
        taken.entries.iter().try_for_each(|entry| self.note(entry))?;
        taken.commands.into_iter().for_each(|command| self.carry_out(command));
        Ok(())
    }

    /// Adds what came of calls, whatever others add meanwhile, and in the same append what is to be done next: a chain of steps
    /// waits for the disk once for each of them.
    pub(super) async fn record(&mut self, entries: Vec<Entry>) -> Result<(), JournalError> {
        let mut rest = entries.as_slice();
        while !rest.is_empty() {
            let (batch, more) = rest.split_at(fitting(rest));
            let goes_on = more.is_empty() && !self.orders.end.is_cancelled();
            if !goes_on || !self.record_and_go_on(batch).await? {
                self.record_alone(batch).await?;
            }
            rest = more;
        }
        Ok(())
    }

    /// Gives whether all was added, and nobody else added something meanwhile; otherwise nothing was added.
    async fn record_and_go_on(&mut self, batch: &[Entry]) -> Result<bool, JournalError> {
        let mut entries = self.results.admit(batch.to_vec());
        // What comes next is asked of the state as it will be. Nothing is begun before it is written down.
        entries.iter().try_for_each(|entry| self.note(entry))?;
        let now = self.shared.now();
        let next = self.fitting(self.decide(now), now, &entries)?;
        entries.extend(next.entries.iter().cloned());
        match self.append(entries).await {
            Err(JournalError::Conflict { .. } | JournalError::Invalid(_)) => {
                self.read_anew().await?;
                Ok(false)
            }
            other => {
                other?;
                self.begin(next)?;
                Ok(true)
            }
        }
    }

    async fn record_alone(&mut self, batch: &[Entry]) -> Result<(), JournalError> {
        let (mut batch, mut mended) = (batch.to_vec(), false);
        loop {
            let admitted = self.results.admit(batch.clone());
            match self.append(admitted.clone()).await {
                Err(JournalError::Conflict { .. }) => self.catch_up().await?,
                Err(JournalError::Invalid(_)) if !mended => {
                    batch = batch.into_iter().map(acceptable).collect();
                    mended = true;
                }
                other => {
                    other?;
                    return admitted.iter().try_for_each(|entry| self.note(entry));
                }
            }
        }
    }

    /// Forgets what is not in the journal after all. What is under way stays so.
    async fn read_anew(&mut self) -> Result<(), JournalError> {
        let anew = State::of(self.state.shared_plan(), self.held.run);
        let before = std::mem::replace(&mut self.state, anew);
        (self.results, self.last) = (Results::default(), 0);
        self.catch_up().await?;
        self.state.take_over(&before);
        Ok(())
    }
}

/// Commands that are begun together, and what the journal says of them.
pub(super) struct Taken {
    commands: Vec<Command>,
    pub(super) entries: Vec<Entry>,
}

fn size(entries: &[Entry]) -> u64 {
    entries.iter().filter_map(|entry| entry.payload.as_ref()).map(Payload::size).sum()
}

/// How many of the entries, from the first on, may be added at once.
fn fitting(entries: &[Entry]) -> usize {
    let mut bytes = 0;
    let fits = |entry: &&Entry| {
        bytes += entry.payload.as_ref().map_or(0, Payload::size);
        bytes <= LARGEST_BATCH
    };
    entries.iter().take(BATCH).take_while(fits).count().max(1)
}

/// The command, if the journal takes what it says.
fn kept(command: Command, now: u64) -> Command {
    let checked = command.entries(now).and_then(|entries| entries.iter().try_for_each(Entry::check_whole));
    match checked {
        Ok(()) => command,
        Err(error) => instead(command, &error),
    }
}

/// What is done in place of a command of which the journal does not take what it says: the step fails.
fn instead(command: Command, error: &JournalError) -> Command {
    let fault = Fault::new(Code::RunEntryInvalid, error.to_string());
    match command {
        Command::Run { path, attempt, .. } | Command::Fail { path, attempt, .. } => {
            Command::Fail { path, attempt, fault }
        }
        Command::OpenGate { path, .. } => Command::Fail { path, attempt: 1, fault },
        _ => Command::FailRun { fault },
    }
}

/// The entry, if the journal takes it; else the failure of its attempt, which says why.
fn acceptable(entry: Entry) -> Entry {
    let Err(error) = entry.check_whole() else { return entry };
    let fault = Fault::new(Code::RunEntryInvalid, error.to_string());
    Entry { kind: fault.failed(), payload: None, more: Vec::new(), ..entry }
}
