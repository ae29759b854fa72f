//! Ids of tasks.
//!
//! The hub keeps no tasks of its own. What a client sees as the id of a task is sealed: it holds the upstream and the
//! upstream's id, and is good for the principal that it was given to. So it survives a restart, and nobody can guess one.

use base::seal::Sealer;
use base::{Code, Error, Result, clock};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Makes and reads ids of tasks, and remembers whose they are.
pub struct Tasks {
    sealer: Sealer,
    owners: Mutex<HashMap<Task, Owner>>,
}

/// A task of an upstream, by the upstream's own id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Task {
    /// The upstream's name.
    pub upstream: String,
    /// The upstream's own id.
    pub id: String,
}

/// Whose a task is.
struct Owner {
    principal: Arc<str>,
    /// The session that asked for it last, for news of it.
    session: Option<String>,
    at: Instant,
}

/// The most tasks whose owners are remembered; of more the oldest are forgotten. Their ids stay good.
const OWNERS: usize = 10_000;

/// The longest id of an upstream's task that is taken, in bytes.
const ID_LIMIT: usize = 512;

impl Tasks {
    /// Those that are sealed by `sealer`.
    pub fn new(sealer: Sealer) -> Arc<Self> {
        Arc::new(Self { sealer, owners: Mutex::default() })
    }

    /// What `principal` knows the task by: always the same.
    ///
    /// # Errors
    /// [`Code::UpstreamProtocol`]: the upstream's own id is too long.
    pub fn seal(&self, task: &Task, principal: &str) -> Result<String> {
        if task.id.len() > ID_LIMIT {
            let name = &task.upstream;
            let message = format!("`{name}` gave a task an id of more than {ID_LIMIT} bytes");
            let next = format!("the fault is in `{name}`");
            return Err(Error::new(Code::UpstreamProtocol, message, next).of_upstream(name));
        }
        self.sealer.seal_stable(format!("{}\n{}", task.upstream, task.id).as_bytes(), principal.as_bytes())
    }

    /// The task that `principal` knows by `sealed`.
    pub fn open(&self, sealed: &str, principal: &str) -> Option<Task> {
        let plain = String::from_utf8(self.sealer.open(sealed, principal.as_bytes())?).ok()?;
        let (upstream, id) = plain.split_once('\n')?;
        Some(Task { upstream: upstream.to_owned(), id: id.to_owned() })
    }

    /// Remembers whose a task is.
    pub fn own(&self, task: Task, principal: &Arc<str>, session: Option<String>) {
        let mut owners = self.lock();
        if owners.len() >= OWNERS
            && let Some(oldest) = owners.iter().min_by_key(|(_, owner)| owner.at).map(|(task, _)| task.clone())
        {
            owners.remove(&oldest);
        }
        owners.insert(task, Owner { principal: Arc::clone(principal), session, at: clock::now() });
    }

    /// Whether a task is known to be this principal's.
    pub fn is_of(&self, task: &Task, principal: &str) -> bool {
        self.lock().get(task).is_some_and(|owner| &*owner.principal == principal)
    }

    /// Tasks of an upstream that are known to be this principal's: the `most` that were asked about last, in an order that
    /// stays.
    pub fn owned(&self, upstream: &str, principal: &str, most: usize) -> Vec<Task> {
        let mut found: Vec<(Instant, Task)> = {
            let owners = self.lock();
            let own = |(task, owner): (&Task, &Owner)| {
                (task.upstream == upstream && &*owner.principal == principal).then(|| (owner.at, task.clone()))
            };
            owners.iter().filter_map(own).collect()
        };
        found.sort_unstable_by(|(one, _), (other, _)| other.cmp(one));
        found.truncate(most);
        let mut tasks: Vec<Task> = found.into_iter().map(|(_, task)| task).collect();
        tasks.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        tasks
    }

    /// The principal and the session that hear of a task, if anybody does.
    pub fn listener(&self, task: &Task) -> Option<(Arc<str>, String)> {
        let owners = self.lock();
        let owner = owners.get(task)?;
        Some((Arc::clone(&owner.principal), owner.session.clone()?))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Task, Owner>> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
