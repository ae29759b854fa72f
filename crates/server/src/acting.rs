//! What somebody may whose key is known, when the hub does something for them while they are not there.

use crate::rate::Rates;
use crate::{Handle, Shared};
use base::{Code, Error, Result};
use mcp::Era;
use mcp::parameter::Headers;
use mcp::version::LATEST_LEGACY;
use std::sync::Arc;
use tools::Caller;
use tools::hub::DEFAULT_VIEW;
use tools::results::Owner;

/// Somebody, with all that they may.
pub struct Acting {
    /// The views that they may use, the one of everything first.
    pub views: Vec<String>,
    /// Whether they run the hub.
    pub operator: bool,
    /// As the hub knows them.
    pub client: Caller,
    /// As the gateway of models knows them.
    pub models: llm::Caller,
}

impl Handle {
    /// What the principal of this name may at this moment.
    ///
    /// # Errors
    /// [`Code::KeyWrong`]: there is no such key any more.
    pub fn acting(&self, principal: &str) -> Result<Acting> {
        acting(&self.0, principal)
    }
}

fn acting(shared: &Arc<Shared>, principal: &str) -> Result<Acting> {
    let visitor = match principal == &*shared.local.principal {
        true => Arc::clone(&shared.local),
        false => shared.guard.ring().named(principal).ok_or_else(|| {
            let shown: String = principal.chars().filter(|one| !one.is_control()).take(64).collect();
            let message = format!("the key `{shown}` is not there any more, and nothing is done for it");
            Error::new(Code::KeyWrong, message, "put the key back, or start the run with another")
        })?,
    };
    let mut views = shared.hub.view_names();
    views.retain(|view| visitor.may_see(view));
    views.sort_by_key(|view| view != DEFAULT_VIEW);
    let client = Caller {
        era: Era::Legacy,
        version: LATEST_LEGACY,
        number: shared.sessions.number(),
        capabilities: "{}".into(),
        level: None,
        headers: Headers::default(),
        principal: Arc::clone(&visitor.principal),
        owner: Owner::Principal(Arc::clone(&visitor.principal)),
        session: None,
        toll: Rates::toll(&shared.rates, &visitor, None),
    };
    Ok(Acting { views, operator: visitor.is_operator(), client, models: visitor.caller().clone() })
}
