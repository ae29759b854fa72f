//! Reading and adding to the journal of a run.

use super::Carry;
use crate::runner::unfit;
use base::Code;
use journal::limits::{BATCH, LARGEST_BATCH};
use journal::{Append, Author, Entry, JournalError, Kind, Payload, Status, StepPath};
use machine::{Command, Fault};
use serde_json::Value;

impl Carry {
    /// Takes note of what others added to the journal.
    pub(super) async fn catch_up(&mut self) -> Result<(), JournalError> {
        for recorded in self.shared.entries(self.held.run, self.last + 1).await? {
            self.last = recorded.sequence;
            self.note(&recorded.entry)?;
        }
        self.behind = false;
        Ok(())
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
        let (mut taken, mut entries, mut bytes) = (Vec::new(), Vec::new(), 0);
        for command in commands {
            let (command, of_command) = match command.entries(now) {
                Ok(entries) => (command, entries),
                Err(error) => {
                    let command = too_large(command, &error)?;
                    let entries = command.entries(now)?;
                    (command, entries)
                }
            };
            let more: u64 = of_command.iter().filter_map(|entry| entry.payload.as_ref()).map(Payload::size).sum();
            if !taken.is_empty() && (entries.len() + of_command.len() > BATCH || bytes + more > LARGEST_BATCH) {
                break;
            }
            bytes += more;
            entries.extend(of_command);
            taken.push(command);
        }
        let entries = self.results.admit(entries);
        if !entries.is_empty() {
            self.append(entries.clone()).await?;
        }
        taken.iter().for_each(|command| self.state.begin(command));
        entries.iter().try_for_each(|entry| self.note(entry))?;
        taken.into_iter().for_each(|command| self.carry_out(command));
        Ok(())
    }

    /// Adds what came of calls, whatever others add meanwhile.
    pub(super) async fn record(&mut self, entries: Vec<Entry>) -> Result<(), JournalError> {
        let mut rest = entries.as_slice();
        while !rest.is_empty() {
            let (batch, more) = rest.split_at(fitting(rest));
            loop {
                let admitted = self.results.admit(batch.to_vec());
                match self.append(admitted.clone()).await {
                    Err(JournalError::Conflict { .. }) => self.catch_up().await?,
                    other => {
                        other?;
                        admitted.iter().try_for_each(|entry| self.note(entry))?;
                        break;
                    }
                }
            }
            rest = more;
        }
        Ok(())
    }
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
