//! A piece of context, and what is known of it.

use crate::limits;
use base::{Code, Error, Result};
use journal::Digest;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// For whom a step or an agent works: what scopes belong to follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Owner {
    /// The tenant. Nothing of one is ever read by another.
    pub tenant: String,
    /// The person or program.
    pub user: String,
    /// The workflow.
    pub workflow: String,
    /// The run.
    pub run: String,
}

/// Whose memory a fragment is in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    pub(crate) tenant: String,
    pub(crate) name: String,
    pub(crate) of: String,
}

impl Scope {
    /// The scope that `owner` calls `name`: `run`, `workflow` and `user` are those of the owner's own, any other, such as
    /// `project`, is one of the whole tenant.
    ///
    /// # Errors
    /// [`Code::MemoryInvalid`]: it is no name of a scope.
    pub fn new(name: &str, owner: &Owner) -> Result<Self> {
        let of = match name {
            "run" => &owner.run,
            "workflow" => &owner.workflow,
            "user" => &owner.user,
            _ => "",
        };
        let known = [owner.tenant.as_str(), of].iter().all(|part| limits::is_identity(part));
        let missing = of.is_empty() && matches!(name, "run" | "workflow" | "user");
        if !limits::is_word(name) || !known || missing || owner.tenant.is_empty() {
            let next = "a scope is letters, digits, `_`, `-` and `.`; `run`, `workflow` and `user` are only within one";
            return Err(invalid(format!("`{}` is no scope that can be used here", short(name)), next));
        }
        Ok(Self { tenant: owner.tenant.clone(), name: name.to_owned(), of: of.to_owned() })
    }

    /// The scope of an address: `project`, or `run:ID`, `workflow:NAME`, `user:NAME` for one that belongs to somebody.
    ///
    /// # Errors
    /// [`Code::MemoryInvalid`]: it is no address of a scope.
    pub fn at(tenant: &str, address: &str) -> Result<Self> {
        let (name, of) = address.split_once(':').unwrap_or((address, ""));
        let is_owned = matches!(name, "run" | "workflow" | "user");
        if is_owned != address.contains(':') || is_owned == of.is_empty() {
            let next = "write `project`, `run:ID`, `workflow:NAME` or `user:NAME`, as `tutti memory list` shows them";
            return Err(invalid(format!("`{}` is no scope of the memory", short(address)), next));
        }
        let owner = |part: &str| part.to_owned();
        let owner = Owner { tenant: owner(tenant), user: owner(of), workflow: owner(of), run: owner(of) };
        Self::new(name, &owner)
    }

    /// The address, which [`Scope::at`] reads.
    pub fn address(&self) -> String {
        if self.of.is_empty() { self.name.clone() } else { format!("{}:{}", self.name, self.of) }
    }

    /// What workflows call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The tenant.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The run, workflow or user that it belongs to; empty where it is the tenant's.
    pub fn of(&self) -> &str {
        &self.of
    }
}

/// Whether what a text says may be taken for what whoever runs the hub wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// It comes from people of the house, or from nothing but such texts.
    Trusted,
    /// A tool gave it, or something was made of what a tool gave.
    Untrusted,
}

impl Trust {
    /// As one word.
    pub const fn word(self) -> &'static str {
        match self {
            Trust::Trusted => "trusted",
            Trust::Untrusted => "untrusted",
        }
    }

    /// What is made of a text of `self` and another of `other`.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        self.max(other)
    }

    /// What the store says; whatever it does not know is untrusted.
    pub(crate) fn read(word: &str) -> Self {
        if word == "trusted" { Trust::Trusted } else { Trust::Untrusted }
    }
}

/// Where a fragment comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The run; empty where a person wrote it.
    pub run: String,
    /// The step of the run.
    pub step: String,
    /// The attempt of the step, from 1; 0 where there is none.
    pub attempt: u32,
    /// Whether it can be trusted.
    pub trust: Trust,
}

impl Provenance {
    /// Of a person of the house.
    pub fn person() -> Self {
        Self { run: String::new(), step: String::new(), attempt: 0, trust: Trust::Trusted }
    }
}

/// Something to remember.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFragment {
    /// Whose memory.
    pub scope: Scope,
    /// Under which key: words with `/` between them.
    pub key: String,
    /// What it says.
    pub text: String,
    /// The media type of the text, such as `text/plain` or `application/json`.
    pub mime: String,
    /// The class of the note, by which a need finds it.
    pub classification: Option<String>,
    /// Where it comes from.
    pub provenance: Provenance,
    /// When it is written, in milliseconds since 1970.
    pub at: u64,
    /// How long it is remembered, in milliseconds; without it until it is pruned.
    pub ttl: Option<u64>,
}

impl NewFragment {
    /// Whether it may be kept.
    ///
    /// # Errors
    /// [`Code::MemoryInvalid`].
    pub(crate) fn check(&self) -> Result<()> {
        let names = "keys are letters, digits, `_`, `-` and `.`, with `/` between them; classes have no `/`";
        if !limits::is_key(&self.key) {
            return Err(invalid(format!("`{}` is no key of the memory", short(&self.key)), names));
        }
        if let Some(class) = self.classification.as_deref().filter(|class| !limits::is_word(class)) {
            return Err(invalid(format!("`{}` is no class of notes", short(class)), names));
        }
        if self.text.len() > limits::FRAGMENT {
            let (bytes, most) = (self.text.len(), limits::FRAGMENT);
            let message = format!("`{}` would be {bytes} bytes, and the most is {most}", self.key);
            return Err(invalid(message, "keep the part of it that matters, or write it to a file and keep its name"));
        }
        let Provenance { run, step, .. } = &self.provenance;
        if ![&self.mime, run, step].into_iter().all(|text| limits::is_identity(text)) || self.mime.is_empty() {
            let message = format!("the media type or the origin of `{}` is malformed", self.key);
            return Err(invalid(message, "give each in one short line"));
        }
        if self.ttl == Some(0) {
            return Err(invalid(format!("`{}` would be forgotten at once", self.key), "give a longer `ttl`, or none"));
        }
        Ok(())
    }
}

/// What is kept of a piece of context, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// Whose memory it is in.
    pub scope: Scope,
    /// Its key.
    pub key: String,
    /// From 1, in the order in which they were written under this key.
    pub version: u64,
    /// The SHA-256 of the text: its handle.
    pub sha256: Digest,
    /// How long the text is.
    pub bytes: u64,
    /// The media type of the text.
    pub mime: String,
    /// The class of the note.
    pub classification: Option<String>,
    /// Where it comes from.
    pub provenance: Provenance,
    /// When it was written, in milliseconds since 1970.
    pub created: u64,
    /// When it is forgotten, in milliseconds since 1970.
    pub expires: Option<u64>,
}

impl Fragment {
    /// As programs are told of it.
    pub fn to_json(&self) -> Value {
        let Provenance { run, step, attempt, trust } = &self.provenance;
        json!({
            "scope": self.scope.address(), "key": self.key, "version": self.version, "sha256": self.sha256.to_string(),
            "bytes": self.bytes, "mime": self.mime, "classification": self.classification,
            "provenance": {"run": run, "step": step, "attempt": attempt, "trust": trust.word()},
            "created_at": self.created, "expires_at": self.expires,
        })
    }
}

/// What became of something to remember.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// It is a new version, the one of this number.
    New(u64),
    /// The version of this number says the same, by the same step: it was written before.
    Known(u64),
}

impl Written {
    /// The version that says it.
    pub const fn version(&self) -> u64 {
        match self {
            Written::New(version) | Written::Known(version) => *version,
        }
    }
}

pub(crate) fn invalid(message: String, next: &str) -> Error {
    Error::new(Code::MemoryInvalid, message, next)
}

/// What of a stranger's text an error repeats: one line, and not much of it.
pub(crate) fn short(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(60).collect()
}
