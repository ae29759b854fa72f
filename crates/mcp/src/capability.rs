//! What clients say that servers may ask of them.

use crate::{Method, raw};
use serde_json::{Value, json};

/// What a server may ask of the clients behind the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offers {
    /// Forms and addresses for the user.
    pub elicitation: bool,
    /// The folders that the client works in.
    pub roots: bool,
    /// The client's model.
    pub sampling: bool,
}

impl Offers {
    /// Nothing may be asked.
    pub const NONE: Offers = Offers { elicitation: false, roots: false, sampling: false };

    /// The capabilities that stand in `initialize`, as raw JSON.
    pub fn to_json(self) -> String {
        let elicitation = self.elicitation.then_some(r#""elicitation":{"form":{},"url":{}}"#);
        let roots = self.roots.then_some(r#""roots":{}"#);
        let sampling = self.sampling.then_some(r#""sampling":{"tools":{},"context":{}}"#);
        let all: Vec<&str> = [elicitation, roots, sampling].into_iter().flatten().collect();
        format!("{{{}}}", all.join(","))
    }

    /// Whether a request with this method may be asked.
    pub fn cover(self, method: &Method) -> bool {
        match method {
            Method::Elicit => self.elicitation,
            Method::RootsList => self.roots,
            Method::CreateMessage => self.sampling,
            _ => false,
        }
    }

    /// A client's `capabilities` without what is not offered.
    pub fn narrow(self, capabilities: &str) -> std::borrow::Cow<'_, str> {
        raw::without(capabilities, |member| {
            (member.is("elicitation") && !self.elicitation)
                || (member.is("roots") && !self.roots)
                || (member.is("sampling") && !self.sampling)
        })
    }
}

/// Whether a client with these `capabilities` (raw JSON) takes the request `method` with `params` from a server. An
/// `elicitation` that names no mode means forms (specification 2025-11-25, client/elicitation).
pub fn takes(capabilities: &str, method: &Method, params: &str) -> bool {
    let has = |path: &[&str]| raw::at(capabilities, path).is_some_and(raw::is_object);
    match method {
        Method::CreateMessage => has(&["sampling"]) && (!wants_tools(params) || has(&["sampling", "tools"])),
        Method::RootsList => has(&["roots"]),
        Method::Elicit => {
            let url = has(&["elicitation", "url"]);
            if by_address(params) { url } else { has(&["elicitation", "form"]) || (has(&["elicitation"]) && !url) }
        }
        _ => false,
    }
}

/// The capabilities that a client needs for the request `method` with `params` from a server: those that [`takes`] looks
/// for.
pub fn needed(method: &Method, params: &str) -> Value {
    match method {
        Method::CreateMessage if wants_tools(params) => json!({"sampling": {"tools": {}}}),
        Method::CreateMessage => json!({"sampling": {}}),
        Method::RootsList => json!({"roots": {}}),
        Method::Elicit if by_address(params) => json!({"elicitation": {"url": {}}}),
        Method::Elicit => json!({"elicitation": {"form": {}}}),
        _ => json!({}),
    }
}

fn wants_tools(params: &str) -> bool {
    raw::get(params, "tools").is_some() || raw::get(params, "toolChoice").is_some()
}

fn by_address(params: &str) -> bool {
    raw::get(params, "mode").and_then(raw::text).as_deref() == Some("url")
}

/// Whether an elicitation sends the user, if anywhere, to an address that a browser may open: `javascript:` and the like
/// would run in it, other schemes start programs.
pub fn is_safe(params: &str) -> bool {
    let address = raw::get(params, "url").and_then(raw::text).unwrap_or_default();
    let begins = |scheme: &str| address.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme));
    !by_address(params) || begins("https://") || begins("http://")
}

#[cfg(test)]
mod tests;
