//! What a request says to the gateway alone: the object `provider` and the list `models`, as at OpenRouter. Pure.

use super::members;
use base::Result;
use mcp::raw::{self, Index, Member};
use routing::Preferences;
use std::sync::Arc;

/// Whom a client wants to be asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Wishes {
    /// What it wants of the choice between deployments.
    pub(super) preferences: Option<Arc<Preferences>>,
    /// The models that may answer where the first does not.
    pub(super) others: Vec<String>,
}

impl Wishes {
    /// What the body `text` says, and the body without it where it says something. `is_named` is whether the path names a model.
    ///
    /// # Errors
    /// It cannot be meant.
    pub(super) fn take(text: &str, index: &Index, is_named: bool) -> Result<(Self, Option<String>)> {
        if !index.members(text).any(|member| is_for_gateway(&member)) {
            return Ok((Self::default(), None));
        }
        let preferences = index.get(text, "provider").filter(|value| raw::is_object(value));
        let preferences = preferences.map(|text| Preferences::read(text).map(Arc::new)).transpose()?;
        let others = index.get(text, "models").filter(|value| value.starts_with('['));
        let mut others = others.map_or(Ok(Vec::new()), Preferences::models)?;
        let mut own = raw::without(text, is_for_gateway).into_owned();
        if !is_named && index.get(text, "model").is_none() && !others.is_empty() {
            // Whoever names several need not name the first of them twice.
            own = members::with_model(&own, &others.remove(0));
        }
        Ok((Self { preferences, others }, Some(own)))
    }
}

/// Whether a member says how the gateway is to choose.
fn is_for_gateway(member: &Member<'_>) -> bool {
    (member.is("provider") && raw::is_object(member.value)) || (member.is("models") && member.value.starts_with('['))
}
