//! How much of the machine a server's processes may use.
//!
//! These are the limits that the system itself keeps for a process and all that it starts (`setrlimit`). The launcher sets
//! them just before it becomes the server, so that nothing of the server runs without them.

/// The limits of a server. Nothing where it has those of the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of memory that one process may have for itself. What is only reserved does not count: virtual machines
    /// reserve many times what they use.
    pub memory: Option<u64>,
    /// Files, sockets and pipes that one process may have open.
    pub files: Option<u64>,
    /// Bytes of one file that a process writes.
    pub file_size: Option<u64>,
    /// Processes and threads of the whole user, of which root has any number.
    pub processes: Option<u64>,
    /// Bytes of the image that is written when a process crashes. It holds all that the process knew, so that there is
    /// none unless it is asked for.
    pub core: Option<u64>,
}

impl Default for Bounds {
    /// Far above what servers need, and below what harms a machine.
    fn default() -> Self {
        Self { memory: Some(16 << 30), files: Some(16_384), file_size: Some(16 << 30), processes: None, core: Some(0) }
    }
}

impl Bounds {
    /// The limits as one argument of a command line.
    pub fn to_text(self) -> String {
        let all = [self.memory, self.files, self.file_size, self.processes, self.core];
        all.map(|bound| bound.map(|bound| bound.to_string()).unwrap_or_default()).join(",")
    }

    /// The limits of [`Bounds::to_text`].
    pub fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split(',').map(|part| match part {
            "" => Some(None),
            number => number.parse().ok().map(Some),
        });
        let mut next = || parts.next().flatten();
        let bounds = Self { memory: next()?, files: next()?, file_size: next()?, processes: next()?, core: next()? };
        parts.next().is_none().then_some(bounds)
    }

    /// Sets them for this process and all that it starts. What the system grants less of stays as it is.
    #[cfg(target_os = "linux")]
    pub fn apply(self) -> rustix::io::Result<()> {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let all = [
            (Resource::Data, self.memory),
            (Resource::Nofile, self.files),
            (Resource::Fsize, self.file_size),
            (Resource::Nproc, self.processes),
        ];
        let least = |had: Option<u64>, bound: u64| Some(had.map_or(bound, |had| had.min(bound)));
        for (resource, bound) in all {
            let Some(bound) = bound else { continue };
            let had = getrlimit(resource);
            setrlimit(resource, Rlimit { current: least(had.current, bound), maximum: least(had.maximum, bound) })?;
        }
        if let Some(bound) = self.core {
            // The hub itself writes none, so that what was had counts only as far as it may be raised.
            let most = least(getrlimit(Resource::Core).maximum, bound);
            setrlimit(Resource::Core, Rlimit { current: most, maximum: most })?;
        }
        Ok(())
    }
}

/// Shuts other processes of the same user out of this one's memory and environment: they cannot attach to it, read its
/// `/proc/<pid>/environ` or `mem`, and a crash writes no image of it. What this process starts is not concerned; root
/// never is.
#[cfg(target_os = "linux")]
pub fn shut_in() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};
    // Neither can fail but where the system lacks it, and then there is nothing to be done.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let maximum = getrlimit(Resource::Core).maximum;
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum });
}

/// Shuts other processes out of this one's memory where the system can.
#[cfg(not(target_os = "linux"))]
pub fn shut_in() {}

#[cfg(test)]
mod tests;
