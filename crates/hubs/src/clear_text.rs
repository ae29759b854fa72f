//! What a secret looks like that stands in clear.

/// Words that mark the name of a secret, as the whole of a part of the name or its end (`GITHUB_TOKEN`, `X-ApiKey`).
const WORDS: [&str; 9] =
    ["TOKEN", "KEY", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIALS", "AUTHORIZATION", "COOKIE"];

/// Last parts of names whose values are no secrets, whatever comes before.
const PLACES: [&str; 5] = ["PATH", "FILE", "DIR", "URL", "VAR"];

/// How values begin that are secrets under any name: those of model services, GitHub, GitLab, Slack, AWS, Google, npm.
const BEGINNINGS: [&str; 12] =
    ["sk-", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "AKIA", "AIza", "npm_", "-----BEGIN"];

/// The literal value where it is a secret; nothing where it is none, or where it is a reference already.
pub fn secret_value(name: &str, text: &str) -> Option<String> {
    let literal = text.replace("$${", "");
    let trivial = matches!(text.trim(), "" | "true" | "false");
    let secret = is_secret_name(name) || BEGINNINGS.iter().any(|start| text.starts_with(start)) || has_password(text);
    (secret && !trivial && !literal.contains("${")).then(|| text.replace("$${", "${"))
}

/// Whether a name says that its value is a secret.
fn is_secret_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let parts: Vec<&str> = upper.split(|character: char| !character.is_ascii_alphanumeric()).collect();
    let place = parts.last().is_some_and(|last| PLACES.contains(last));
    // A personal access token; too short to be looked for at the end of a longer word.
    !place && parts.iter().any(|part| *part == "PAT" || WORDS.iter().any(|word| part.ends_with(word)))
}

/// Whether a text is an address with a password in it.
fn has_password(text: &str) -> bool {
    let authority = text.split_once("://").map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let user = authority.and_then(|authority| authority.rsplit_once('@')).map(|(user, _)| user);
    user.and_then(|user| user.split_once(':')).is_some_and(|(_, password)| !password.is_empty())
}

#[cfg(test)]
mod tests;
