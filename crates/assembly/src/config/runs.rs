//! The section `runs`.

use base::Code;
use base::config::{Entry, Node, Problems, Section, entries, is_secret_name};
use entrances::Notice;
use std::time::Duration;
use workflow::Effect;
use workflow::approval::Approvals;

/// How long runs that ended are kept unless it is said.
const KEEP: Duration = Duration::from_secs(30 * DAY);
/// How long a call waits for the approval that the configuration wants, unless it is said.
const EXPIRES: Duration = Duration::from_secs(7 * DAY);
/// A day, in seconds.
const DAY: u64 = 86_400;

/// The words for effects of calls.
const EFFECTS: [(&str, Effect); 3] =
    [("read", Effect::Read), ("idempotent", Effect::Idempotent), ("unsafe", Effect::Unsafe)];

/// The word for calls that may destroy something, whether they can be repeated or not.
const DESTRUCTIVE: &str = "destructive";

/// How runs are kept, and when people decide in them.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSettings {
    /// For how long after their end.
    pub keep: Duration,
    /// Which calls wait for a person, whatever a workflow says.
    pub approval: Option<Approvals>,
    /// Whether whoever starts a run decides at its gates that name nobody.
    pub own_gates: bool,
    /// Who is told of gates.
    pub notices: Vec<Notice>,
}

impl RunSettings {
    /// Reads the section `runs`.
    pub fn read(problems: &Problems, typed: Option<(&Node, &str)>) -> Self {
        let section = typed.and_then(|(node, file)| Section::new(problems, file, "runs", node));
        let Some(mut section) = section else {
            return Self { keep: KEEP, approval: None, own_gates: false, notices: Vec::new() };
        };
        let most = Duration::from_secs(3_650 * DAY);
        let keep = section.duration("keep", Duration::from_secs(60)..=most).unwrap_or(KEEP);
        let approval = section.section("approval").and_then(approval);
        let own_gates = section.boolean("own_gates").unwrap_or(false);
        let file = section.file();
        let notices = section.node("notices").map(|node| notices(problems, file, node)).unwrap_or_default();
        section.finish();
        Self { keep, approval, own_gates, notices }
    }
}

fn approval(mut section: Section<'_>) -> Option<Approvals> {
    let (mut effects, mut destructive) = (Vec::new(), false);
    for word in section.texts("effects").unwrap_or_default() {
        match EFFECTS.iter().find(|(known, _)| *known == word) {
            Some((_, effect)) => effects.push(*effect),
            None if word == DESTRUCTIVE => destructive = true,
            None => {
                let message = format!("`{}` is no effect of a call", console::output::one_line(&word, 40));
                let next = "write `destructive`, `unsafe`, `idempotent` or `read`".to_owned();
                section.problem("effects", Code::ConfigInvalidValue, message, next);
            }
        }
    }
    let tools = section.texts("tools").unwrap_or_default();
    if let Some(wrong) = tools.iter().find(|tool| !tool.starts_with("mcp://") && !tool.starts_with('*')) {
        let message = format!("`{}` is no address of tools", console::output::one_line(wrong, 100));
        let next = "write for example `mcp://shop/*` or `mcp://*/delete_*`".to_owned();
        section.problem("tools", Code::ConfigInvalidValue, message, next);
    }
    if effects.is_empty() && tools.is_empty() && !destructive {
        let next = "write for example `effects: [unsafe]` or `tools: [\"mcp://shop/*\"]`".to_owned();
        section.problem("effects", Code::ConfigInvalidValue, "`approval` names no calls".to_owned(), next);
    }
    let range = Duration::from_secs(1)..=Duration::from_secs(365 * DAY);
    let expires = section.duration("expires", range).unwrap_or(EXPIRES);
    let read = Approvals {
        effects,
        destructive,
        tools,
        approvers: section.texts("approvers").unwrap_or_default(),
        expires: Some(u64::try_from(expires.as_millis()).unwrap_or(u64::MAX)),
        edit: section.boolean("edit").unwrap_or(false),
    };
    section.finish();
    Some(read)
}

/// Those who are told of gates, by their names.
fn notices(problems: &Problems, file: &str, node: &Node) -> Vec<Notice> {
    let all = entries(problems, file, "runs.notices", node);
    all.into_iter().filter_map(|entry| notice(problems, file, entry)).collect()
}

fn notice(problems: &Problems, file: &str, entry: &Entry) -> Option<Notice> {
    let name = entry.key.clone();
    let mut section = Section::new(problems, file, &format!("runs.notices.{name}"), &entry.node)?;
    let url = section.required_text("url");
    let secret = section.required_text("secret");
    let answers = section.boolean("answers").unwrap_or(false);
    let private_hosts = section.texts("private_hosts").unwrap_or_default();
    let wrong = |key: &str, message: String, next: &str| {
        section.problem(key, Code::ConfigInvalidValue, message, next.to_owned());
    };
    if !is_secret_name(&name) {
        let next = "use at most 64 letters, digits, `_`, `-` and `.`: it is a part of an address";
        wrong("url", "a notice cannot have this name".to_owned(), next);
    }
    if let Some(secret) = secret.as_ref().filter(|secret| !is_secret_name(secret)) {
        let message = format!("`{}` is no name of a secret", console::output::one_line(secret, 40));
        wrong("secret", message, "keep the secret with `tutti secret set NAME`, and write the name");
    }
    let made = url.zip(secret).map(|(url, secret)| Notice::new(&name, &url, &secret, &private_hosts));
    if let Some(Err(why)) = &made {
        let next = "write for example `https://chat.example.com/gates`";
        wrong("url", format!("the address of the notice {why}"), next);
    }
    section.finish();
    made?.ok().map(|notice| notice.that_answers(answers))
}

#[cfg(test)]
mod tests;
