//! The section `redis` of the configuration.

use super::address::{self, Address};
use base::config::{Node, Problems, Section};
use base::{Code, Secret};
use std::time::Duration;

/// How the Redis that replicas share is reached.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    pub(super) address: Address,
    /// What every name there begins with.
    pub(super) prefix: String,
    /// How long anything waits for an answer.
    pub(super) patience: Duration,
}

impl Settings {
    /// Reads the section. Faults are pushed to `problems`; none of them repeats the address, which may hold a password.
    pub fn read(problems: &Problems, typed: Option<(&Node, &str)>) -> Option<Self> {
        let (node, file) = typed?;
        let mut section = Section::new(problems, file, "redis", node)?;
        let url = section.required_text("url").map(Secret::new);
        let prefix = section.text("prefix").unwrap_or_else(|| "tutti".to_owned());
        let millisecond = Duration::from_millis(1);
        let patience = section.duration("timeout", millisecond..=millisecond * 5000).unwrap_or(millisecond * 100);
        let address = url.and_then(|url| match address::read(url.expose()) {
            Ok(address) => Some(address),
            Err(why) => {
                let message = format!("`redis.url` is no address of a Redis: {why}");
                let next =
                    "write for example `url: redis://127.0.0.1:6379/0`, or `rediss://:${REDIS_PASSWORD}@host:6379/0`";
                section.problem("url", Code::ConfigInvalidValue, message, next.to_owned());
                None
            }
        });
        let named = (1..=64).contains(&prefix.len())
            && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte));
        if !named {
            let message = "`redis.prefix` must have 1 to 64 letters, digits, `_`, `.`, `:` and `-`".to_owned();
            section.problem(
                "prefix",
                Code::ConfigInvalidValue,
                message,
                "write for example `prefix: tutti`".to_owned(),
            );
        }
        section.finish();
        address.filter(|_| named).map(|address| Self { address, prefix, patience })
    }
}
