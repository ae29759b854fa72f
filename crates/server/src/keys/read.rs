//! The section `keys` of the configuration.

use super::{Key, Keys, LOCAL, check};
use base::config::{Entry, Node, Problems, Section, Value, entries, nearest};
use base::secret::Digest;
use base::{Code, Error, Secret};

/// The longest name of a key, in bytes.
const NAME: usize = 64;

/// The most keys. Each request is held against all of them.
const MOST: usize = 1000;

/// Reads the section. `operator` is the key of whoever runs the hub, `views` the views that there are. Faults are pushed
/// to `problems`.
pub fn read(
    problems: &Problems,
    typed: Option<(&Node, &str)>,
    operator: Option<Secret<String>>,
    views: &[&str],
) -> Keys {
    let mut keys = Keys::of_operator(operator);
    let Some((node, file)) = typed else { return keys };
    let all = entries(problems, file, "keys", node);
    if all.len() > MOST {
        let message = format!("`keys` has {} keys; the most are {MOST}", all.len());
        let error = Error::new(Code::ConfigInvalidValue, message, "let programs that belong together share one");
        problems.push(error.at(node.place.in_file(file)));
        return keys;
    }
    let operators = keys.operator.iter().map(|key| ("key".to_owned(), Digest::of(key.expose().as_bytes())));
    let mut digests: Vec<(String, Digest)> = operators.collect();
    for entry in all {
        let path = format!("keys.{}", entry.key);
        let problem = |error: Error| problems.push(error.at(entry.key_place.in_file(file)));
        if let Some(why) = fault(&entry.key) {
            let next = "choose a name of letters, digits, `-`, `_`, `.` and `@`";
            problem(Error::new(Code::ConfigNameInvalid, format!("the name of the key `{}` {why}", entry.key), next));
        }
        let Some(key) = one(problems, file, &path, entry, views) else { continue };
        if let Err(error) = check(&key.key, &format!("`{path}`")) {
            problem(error);
        }
        let digest = Digest::of(key.key.expose().as_bytes());
        if let Some((other, _)) = digests.iter().find(|(_, other)| other.is(&digest)) {
            let message = format!("`{path}` is the same key as `{other}`, and a key says who somebody is");
            problem(Error::new(Code::ConfigInvalidValue, message, "give each a key of its own"));
        }
        digests.push((path, digest));
        keys.clients.push(key);
    }
    keys
}

/// Reads the section `teams`: what each may spend. Faults are pushed to `problems`.
pub fn read_teams(problems: &Problems, typed: Option<(&Node, &str)>, keys: &mut Keys) {
    let Some((node, file)) = typed else { return };
    for entry in entries(problems, file, "teams", node) {
        let path = format!("teams.{}", entry.key);
        let Some(mut section) = Section::new(problems, file, &path, &entry.node) else { continue };
        let budget = llm::config::money::budget(&mut section, format!("team:{}", entry.key));
        section.finish();
        keys.teams.extend(budget);
    }
}

/// Why this cannot be the name of a key; nothing when it can.
fn fault(name: &str) -> Option<&'static str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.@".contains(&byte);
    if name.is_empty() {
        Some("is empty")
    } else if name == LOCAL {
        Some("is that of whoever runs the hub, whose key is `key`")
    } else if name.len() > NAME {
        Some("is longer than 64 characters")
    } else if !name.bytes().all(plain) {
        Some("has other characters than A-Z, a-z, 0-9, `-`, `_`, `.` and `@`")
    } else {
        None
    }
}

/// One entry: the key alone, or a section.
fn one(problems: &Problems, file: &str, path: &str, entry: &Entry, views: &[&str]) -> Option<Key> {
    let name = entry.key.clone();
    if !matches!(entry.node.value, Value::Map(_)) {
        let Some(text) = entry.node.scalar_text() else {
            let next = format!("write `{name}: ${{NAME_OF_A_VARIABLE}}`, or `{name}: {{ key: …, views: [ … ] }}`");
            let error = Error::new(Code::ConfigInvalidValue, format!("`{path}` is no key"), next);
            problems.push(error.at(entry.node.place.in_file(file)));
            return None;
        };
        return Some(Key::plain(name, Secret::new(text)));
    }
    let mut section = Section::new(problems, file, path, &entry.node)?;
    let key = section.required_text("key").map(Secret::new);
    let own = section.texts("views");
    for view in own.iter().flatten().filter(|view| !views.contains(&view.as_str())) {
        let next = match nearest(view, views.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("views: {}", views.join(", ")),
        };
        section.problem(
            "views",
            Code::ConfigInvalidValue,
            format!("`{path}.views` names `{view}`, which is no view"),
            next,
        );
    }
    if own.as_ref().is_some_and(Vec::is_empty) {
        let next = "name a view, or leave `views` out to open all of them";
        let message = format!("`{path}.views` is empty, so the key would open nothing");
        section.problem("views", Code::ConfigInvalidValue, message, next.to_owned());
    }
    let models = section.texts("models");
    let rate = protection::settings::rate(&mut section, "rate");
    let tokens = protection::settings::rate(&mut section, "tokens");
    let team = section.text("team");
    let budget = llm::config::money::budget(&mut section, format!("key:{name}"));
    section.finish();
    Some(Key { name, key: key?, views: own, models, rate, tokens, team, budget })
}
