//! What a configuration says that is right as it is written, and means nothing.

use super::Resolved;
use base::config::nearest;
use base::visible::escaped;

/// Something that whoever configured the hub should know, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub next: String,
}

impl Resolved {
    /// What keys name that nothing is known of: a team without a budget where others have one, and models that nobody serves.
    /// Neither is an error, for a team may be there for the account alone, and a model may come later.
    pub fn notices(&self) -> Vec<Notice> {
        let teams: Vec<&str> = self.keys.teams.iter().filter_map(|budget| budget.name.strip_prefix("team:")).collect();
        let mut notices = Vec::new();
        for key in &self.keys.clients {
            let path = format!("keys.{}", key.name);
            if let Some(team) = key.team.as_deref().filter(|team| !teams.is_empty() && !teams.contains(team)) {
                let message = format!("`{path}.team` is `{}`, which has no budget under `teams`", escaped(team));
                notices.push(Notice { message, next: meant(team, &teams) });
            }
            for model in key.models.iter().flatten().filter(|model| !self.serves(model)) {
                let message = format!("`{path}.models` has `{}`, which is the name of no model", escaped(model));
                notices.push(Notice { message, next: meant(model, &self.models.names()) });
            }
        }
        notices
    }

    /// Whether a client may find anything by the name `pattern`, which may end in a `*`.
    fn serves(&self, pattern: &str) -> bool {
        let Some(begin) = pattern.strip_suffix('*') else {
            return self.models.deployments_of(pattern).is_some() || pattern.starts_with(entrances::PREFIX);
        };
        let may = |known: &str| known.starts_with(begin) || begin.starts_with(known);
        self.models.names().iter().any(|name| name.starts_with(begin))
            || self.models.providers.keys().any(|provider| may(&format!("{provider}/")))
            || may(entrances::PREFIX)
    }
}

/// What somebody may have meant who wrote `word`.
fn meant(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "take it out, or configure it".to_owned(),
        None => format!("there are: {}", known.iter().take(10).copied().collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use crate::{config, wiring};
    use base::environment::Environment;

    fn notices(yaml: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tutti.yaml");
        let models = "models: { providers: { near: { url: \"http://127.0.0.1:1/v1\", models: [small] } }, \
                      routes: { fast: { use: [near/small] } } }\n";
        base::disk::write_atomic(&path, &format!("{models}{yaml}"), false).unwrap();
        let environment = Environment::from_pairs([("PATH", "/bin")], folder.path());
        let loaded = config::load(&environment, Some(&path)).unwrap_or_else(|errors| panic!("{errors:#?}"));
        let resolved = wiring::resolve(&loaded).unwrap_or_else(|errors| panic!("{errors:#?}"));
        resolved.notices().into_iter().map(|notice| format!("{}: {}", notice.message, notice.next)).collect()
    }

    fn key(more: &str) -> String {
        format!("keys: {{ a: {{ key: Zq5uE1hG7jNx6RbV0pKt2MaS, {more} }} }}\n")
    }

    #[test]
    fn teams_and_models_that_are_not_there_are_told() {
        let teams = "teams: { research: { budget: $1/day } }\n";
        let told = notices(&format!("{teams}{}", key("team: reserch, models: [fats, nope*, elsewhere/x]")));
        assert_eq!(
            told,
            [
                "`keys.a.team` is `reserch`, which has no budget under `teams`: did you mean `research`?",
                "`keys.a.models` has `fats`, which is the name of no model: did you mean `fast`?",
                "`keys.a.models` has `nope*`, which is the name of no model: there are: fast, small",
                "`keys.a.models` has `elsewhere/x`, which is the name of no model: there are: fast, small",
            ]
        );
    }

    #[test]
    fn what_is_there_is_not_told() {
        let teams = "teams: { research: { budget: $1/day } }\n";
        let models = "fast, 'fast:floor', small, near/other, 'near/*', 'ne*', 'sm*', '*', workflow/x, 'workflow/*'";
        assert_eq!(notices(&format!("{teams}{}", key(&format!("team: research, models: [{models}]")))), [""; 0]);
        assert_eq!(notices(&key("team: anybody, models: []")), [""; 0], "a team may be there for the account alone");
    }
}
