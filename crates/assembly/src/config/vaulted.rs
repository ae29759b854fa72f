//! `${secret:NAME}` in the entries of servers and of providers of models: where it may stand, and what it becomes.

use base::config::{Node, Problems, SecretReference, SecretValue, substitute_secrets};
use base::environment::Environment;
use base::{Code, Error, Result, Secret};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// The secrets of the vault, by their names; an error stands for one that cannot be opened.
pub type Opened = BTreeMap<String, Result<Secret<String>>>;

/// What an entry is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// An MCP server.
    Server,
    /// A provider of models.
    Provider,
}

impl Part {
    /// The path of the entry of `name`.
    pub fn path(self, name: &str) -> String {
        match self {
            Part::Server => format!("servers.{name}"),
            Part::Provider => format!("models.providers.{name}"),
        }
    }

    fn places(self) -> &'static [&'static str] {
        match self {
            Part::Server => &PLACES,
            Part::Provider => &PROVIDER_PLACES,
        }
    }
}

/// An entry that uses secrets.
pub struct Vaulted {
    /// What it is of.
    pub part: Part,
    /// The name of the server or provider.
    pub name: String,
    /// The names of the secrets.
    pub names: BTreeSet<String>,
    file: String,
    /// The entry as it was typed.
    typed: Node,
}

/// Where a secret may stand: only there it is shown nowhere, and seen by nobody else on the machine. An argument of a
/// program, for instance, is seen by every user.
const PLACES: [&str; 7] = [
    "env.",
    "headers.",
    "auth.bearer",
    "auth.basic.password",
    "auth.api_key.value",
    "auth.client_secret",
    "auth.private_key",
];

/// The same for providers of models.
const PROVIDER_PLACES: [&str; 5] = ["headers.", "api_key", "access_key_id", "secret_access_key", "session_token"];

/// Keys of addresses, whose query may hold a secret.
const ADDRESSES: [&str; 2] = ["url", "openapi"];

/// Fills in the variables of the entry of `name` and leaves secrets as they are. Gives what is to be filled in later, if
/// there is any.
pub(super) fn read(
    file: &str,
    (part, name): (Part, &str),
    node: &mut Node,
    environment: &Environment,
    problems: &Problems,
) -> Option<Vaulted> {
    let (path, typed) = (part.path(name), node.clone());
    let names = RefCell::new(BTreeSet::new());
    let secrets = |reference: &SecretReference<'_>| {
        if !may_stand(part, &path, reference) {
            return SecretValue::Refused(misplaced(reference));
        }
        names.borrow_mut().insert(reference.name.to_owned());
        SecretValue::Unread
    };
    substitute_secrets(file, &path, node, &lookup(environment), &secrets, problems);
    let names = names.into_inner();
    let vaulted = || Vaulted { part, name: name.to_owned(), names: names.clone(), file: file.to_owned(), typed };
    (!names.is_empty()).then(vaulted)
}

/// Fills in the variables of what is no server's, where no secret may stand.
pub(super) fn read_elsewhere(file: &str, path: &str, node: &mut Node, environment: &Environment, problems: &Problems) {
    let secrets = |reference: &SecretReference<'_>| SecretValue::Refused(misplaced(reference));
    substitute_secrets(file, path, node, &lookup(environment), &secrets, problems);
}

fn lookup(environment: &Environment) -> impl Fn(&str) -> Option<String> {
    |name: &str| environment.get(name).map(str::to_owned)
}

fn may_stand(part: Part, entry: &str, reference: &SecretReference<'_>) -> bool {
    let Some(key) = reference.path.strip_prefix(entry).and_then(|rest| rest.strip_prefix('.')) else { return false };
    let named =
        part.places().iter().any(|place| if place.ends_with('.') { key.starts_with(place) } else { key == *place });
    named || (part == Part::Server && ADDRESSES.contains(&key) && reference.before.contains('?'))
}

fn misplaced(reference: &SecretReference<'_>) -> Error {
    let message = format!("`{}` uses the secret `{}`, and could be seen by others", reference.path, reference.name);
    let next = "use secrets under `env`, `headers` and `auth` of a server, in the query of its `url`, and as `api_key` or a \
                credential of AWS of a provider; elsewhere use a variable, ${NAME}";
    Error::new(Code::ConfigInvalidValue, message, next)
}

impl Vaulted {
    /// The entry with all that is in `opened`, and why that is not all of it.
    pub fn filled(&self, environment: &Environment, opened: &Opened) -> (Node, Option<Error>) {
        let (mut node, problems) = (self.typed.clone(), Problems::new());
        let secrets = |reference: &SecretReference<'_>| match opened.get(reference.name) {
            Some(Ok(value)) => SecretValue::Known(value.expose().clone()),
            Some(Err(error)) => {
                let message = format!("{}, and `{}` uses it", error.message(), reference.path);
                SecretValue::Refused(Error::new(error.code(), message, error.next()))
            }
            None => SecretValue::Missing(missing(reference)),
        };
        let path = self.part.path(&self.name);
        substitute_secrets(&self.file, &path, &mut node, &lookup(environment), &secrets, &problems);
        let errors = problems.into_result().err().unwrap_or_default();
        (node, errors.into_iter().next())
    }
}

fn missing(reference: &SecretReference<'_>) -> Error {
    let SecretReference { name, path, .. } = reference;
    let message = format!("the secret `{name}` is not in the vault, and `{path}` uses it");
    Error::new(Code::SecretMissing, message, format!("run `tutti secret set {name}`"))
}

#[cfg(test)]
mod tests;
