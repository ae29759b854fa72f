//! Reading and adding to the journal of a run.

use super::Carry;
use crate::runner::unfit;
use base::Code;
use journal::limits::{BATCH, LARGEST_BATCH};
use journal::{Append, Author, Entry, JournalError, Kind, Payload, Recorded, Results, Status, StepPath};
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
        let taken = self.fitting(commands, now, &[])?;
        if !taken.entries.is_empty() {
            self.append(taken.entries.clone()).await?;
        }
        self.begin(taken)
    }

    /// As many of the commands as go into the journal behind `before` at once.
    fn fitting(&self, commands: Vec<Command>, now: u64, before: &[Entry]) -> Result<Taken, JournalError> {
        let (mut taken, mut entries) = (Vec::new(), Vec::new());
        let (count, mut bytes) = (before.len(), size(before));
        for command in commands {
            let (command, of_command) = match command.entries(now) {
                Ok(entries) => (command, entries),
                Err(error) => {
                    let command = too_large(command, &error)?;
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
    fn begin(&mut self, taken: Taken) -> Result<(), JournalError> {
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

    /// Gives whether nobody else added something meanwhile; otherwise nothing was added.
    async fn record_and_go_on(&mut self, batch: &[Entry]) -> Result<bool, JournalError> {
        let mut entries = self.results.admit(batch.to_vec());
        // What comes next is asked of the state as it will be. Nothing is begun before it is written down.
        entries.iter().try_for_each(|entry| self.note(entry))?;
        let now = self.shared.now();
        let next = self.fitting(self.decide(now), now, &entries)?;
        entries.extend(next.entries.iter().cloned());
        match self.append(entries).await {
            Err(JournalError::Conflict { .. }) => {
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
        loop {
            let admitted = self.results.admit(batch.to_vec());
            match self.append(admitted.clone()).await {
                Err(JournalError::Conflict { .. }) => self.catch_up().await?,
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
struct Taken {
    commands: Vec<Command>,
    entries: Vec<Entry>,
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

/// What is done in place of a command of which the journal cannot take what it says: the step fails.
fn too_large(command: Command, error: &JournalError) -> Result<Command, JournalError> {
    match command {
        Command::OpenGate { path, .. } => Ok(fails(path, error)),
        _ => Err(error.clone()),
    }
}

fn fails(path: StepPath, error: &JournalError) -> Command {
    Command::Fail { path, attempt: 1, fault: Fault::new(Code::RunEntryInvalid, error.to_string()) }
}
