//! The operator's secrets, as the API needs them. Whoever builds the server gives them: what uses a secret stands in the
//! configuration, which this room does not know.

use base::ports::Wait;
use base::{Error, Secret, clock};
use serde_json::{Value, json};
use std::time::Duration;

/// The operator's secrets. Their values go in and never come out.
pub trait Secrets: Send + Sync {
    /// All that are set, and all that the configuration uses.
    fn list(&self) -> Wait<'_, Listed>;

    /// Sets one, and starts the servers anew that use it.
    fn set(&self, name: String, value: Secret<String>) -> Wait<'_, Changed>;

    /// Removes one. The servers that use it are refused from then on.
    ///
    /// # Errors
    /// [`base::Code::SecretInUse`] where there are such, unless `force` says that this is meant.
    fn remove(&self, name: String, force: bool) -> Wait<'_, Changed>;
}

/// The secrets, by their names.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Listed {
    /// Those that are set.
    pub set: Vec<Kept>,
    /// Those that the configuration uses and nobody has set, each with the servers that use it.
    pub missing: Vec<(String, Vec<String>)>,
}

/// A secret that is set.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Its name.
    pub name: String,
    /// When it was set, since 1970.
    pub set_at: Duration,
    /// The servers that use it.
    pub used_by: Vec<String>,
    /// Why it cannot be used, if so.
    pub error: Option<Error>,
}

/// A secret that was set or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its name.
    pub name: String,
    /// Whether there was one of this name before.
    pub before: bool,
    /// The servers that use it.
    pub used_by: Vec<String>,
}

impl Listed {
    /// As the API and commands tell it.
    pub fn to_json(&self) -> Value {
        let set = self.set.iter().map(|kept| {
            json!({
                "name": kept.name,
                "set_at": clock::rfc3339(kept.set_at),
                "used_by": kept.used_by,
                "error": kept.error.as_ref().map(Error::to_json),
            })
        });
        let missing = self.missing.iter().map(|(name, used_by)| json!({"name": name, "used_by": used_by}));
        json!({"secrets": set.collect::<Vec<_>>(), "missing": missing.collect::<Vec<_>>()})
    }
}

impl Changed {
    /// As the API and commands tell that it was set.
    pub fn set_to_json(&self) -> Value {
        json!({"name": self.name, "replaced": self.before, "used_by": self.used_by})
    }

    /// As the API and commands tell that it was removed.
    pub fn removed_to_json(&self) -> Value {
        json!({"name": self.name, "removed": self.before, "used_by": self.used_by})
    }
}
