//! A request that is answered by what a text got that means the same.

use super::recall::Keeping;
use super::{Forward, Step};
use crate::results::{Kept, Looked};
use mcp::{Method, raw};
use protection::settings::Semantic;
use resilience::retry::Effect;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// The member of `_meta` with which a client asks for no kept answer, and is told that it got one for another text.
const META: &str = "tutti/cache";

/// With this under [`META`] a request gets a real answer.
const BYPASS: &str = "bypass";

impl Forward {
    /// Whether the client takes no answer that is kept.
    pub(super) fn wants_real(&self) -> bool {
        raw::at(&self.params, &["_meta", META]).and_then(raw::text).as_deref() == Some(BYPASS)
    }

    /// What the operator says of texts that mean the same.
    pub(super) fn semantic(&self) -> Option<Arc<Semantic>> {
        let has_rules = !self.upstream.guard.protection().rules.is_empty();
        let is_fine = has_rules && self.is_plain_call() && !self.upstream.is_for_each();
        if is_fine { self.upstream.guard.says(&self.original).semantic } else { None }
    }

    /// Looks whether there is an answer for a text that means the same.
    pub(super) async fn look_alike(&mut self) -> Option<Step> {
        let settings = self.semantic()?;
        let alike = &self.upstream.results.alike;
        match alike.look(&self.question(), &settings, &self.caller.principal).await? {
            Looked::Ask(pending) => {
                self.held.alike = Some(pending);
                None
            }
            Looked::Given { kept, likeness, age } => {
                // Those who wait for the same answer look for themselves: theirs may be compared.
                if let Keeping::Lead(lead) = std::mem::replace(&mut self.keeping, Keeping::No) {
                    lead.landed(None);
                }
                let step = self.recalled(&kept, None);
                Some(match step {
                    Step::Result(body) => Step::Result(labelled(&body, likeness, age)),
                    other => other,
                })
            }
        }
    }

    /// Takes what the upstream answered, and what of it is kept.
    pub(super) fn learn(&mut self, body: &str, is_answer: bool, kept: Option<&Arc<Kept>>) {
        let Some(pending) = self.held.alike.take().filter(|_| is_answer) else { return };
        let ttl = self.upstream.guard.says(&self.original).cache.map(|keep| keep.ttl);
        let kept = kept.cloned().zip(ttl);
        self.upstream.results.alike.landed(*pending, body, kept);
    }

    /// Where the request may have changed something, results are asked for anew.
    pub(super) fn may_have_changed(&self) {
        let knows_alike = self.upstream.guard.protection().rules.iter().any(|rule| rule.says.semantic.is_some());
        if knows_alike && self.method == Method::ToolsCall && self.effect() != Effect::Read {
            self.upstream.results.alike.changed();
        }
    }
}

/// The result, saying that it is what another text got.
fn labelled(result: &str, likeness: f64, age: Duration) -> String {
    let rounded = |number: f64| (number * 1000.0).round() / 1000.0;
    let label = json!({"likeness": rounded(likeness), "age": rounded(age.as_secs_f64())}).to_string();
    let meta = raw::get(result, "_meta").filter(|meta| raw::is_object(meta));
    // What the server says under this name is not the hub's.
    let others = raw::without(meta.unwrap_or("{}"), |member| member.is(META));
    let mut with = raw::Splice::new(&others);
    with.insert(&others, META, &label);
    let with = with.finish();
    let rest = raw::without(result, |member| member.is("_meta"));
    let mut all = raw::Splice::new(&rest);
    all.insert(&rest, "_meta", &with);
    all.finish().into_owned()
}
