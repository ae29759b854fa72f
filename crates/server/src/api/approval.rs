//! What is in quarantine: what it was and is, and its approval. Everybody who may ask may look. To approve takes a text that
//! only the hub's own user can make, see [`tools::pins::Approval`].

use super::find;
use super::input::Name;
use super::login::member;
use crate::Shared;
use crate::answer::{Refusal, plain_json};
use axum::extract::{Request, State};
use axum::response::Response;
use base::{Code, Error, clock, random};
use lint::{Finding, Looked};
use serde_json::{Value, json as value};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tools::catalogue::{Kind, Quarantined};
use tools::pins::{Approval, Definition};
use tools::upstream::Upstream;

/// What waits for an approval, with what was approved before.
pub(crate) async fn waiting(State(shared): State<Arc<Shared>>, Name(name): Name) -> Result<Response, Refusal> {
    let upstream = find(&shared, &name)?;
    let mut pinned = HashMap::new();
    for kind in Kind::ALL {
        pinned.insert(kind, shared.hub.pinned(&upstream, kind).await?);
    }
    let catalogue = upstream.catalogue();
    let findings = shared.hub.findings(&name);
    let looked = catalogue.looked.iter().map(|looked| ((looked.kind, looked.tool.as_str()), looked));
    let looked: HashMap<(Kind, &str), &Looked> = looked.collect();
    let tools = catalogue.waiting().map(|waits| {
        // Of all that is told of a server there is a limit; what is found in one definition is shown with it in any case.
        let own = looked.get(&(waits.kind, waits.item.key.as_str()));
        let mut found: Vec<&Finding> = own.into_iter().flat_map(|looked| &looked.findings).collect();
        let more: Vec<&Finding> = findings.iter().filter(|it| is_in(it, waits) && !found.contains(it)).collect();
        found.extend(more);
        let before = pinned[&waits.kind].get(waits.formerly.as_ref().unwrap_or(&waits.item.key));
        value!({
            "kind": waits.kind.word(),
            "tool": waits.item.key,
            "why": waits.why.word(),
            "renamed_from": waits.formerly,
            "digest": random::to_hex(&waits.digest),
            "before": before.map(|before| &before.definition),
            "after": Definition::of_kind(waits.kind, &waits.item.json).text(),
            "pinned_at": before.map(|before| clock::rfc3339(Duration::from_secs(before.at))),
            "warnings": found.iter().map(|finding| finding.warning()).collect::<Vec<_>>(),
            "findings": found.iter().map(|finding| described(finding)).collect::<Vec<_>>(),
        })
    });
    let tools: Vec<Value> = tools.collect();
    Ok(plain_json(value!({"name": name, "pins": upstream.settings.pins.word(), "tools": tools}).to_string()))
}

fn is_in(finding: &Finding, waits: &Quarantined) -> bool {
    finding.kind == waits.kind && finding.tool == waits.item.key
}

/// Approves: `{"approval": "…"}`.
pub(crate) async fn approve(
    State(shared): State<Arc<Shared>>,
    Name(name): Name,
    request: Request,
) -> Result<Response, Refusal> {
    let upstream = find(&shared, &name)?;
    let sealed = member(&shared, request, "approval").await?;
    let approval = Approval::open(&shared.approvals, &name, &sealed).ok_or_else(|| refused(&name))?;
    let tools: Vec<String> = approval.0.iter().map(|approved| approved.name.clone()).collect();
    upstream.approve(approval).await?;
    Ok(plain_json(value!({"name": name, "approved": tools}).to_string()))
}

fn refused(name: &str) -> Error {
    Error::new(
        Code::ApprovalRefused,
        format!("the approval for `{name}` was not made with this hub's master secret, or is too old"),
        format!("run `tutti server approve {name}` on the hub's machine, as the hub's user, with its TUTTI_HOME"),
    )
    .of_upstream(name)
}

/// What waits of an upstream for an approval.
pub(super) fn quarantined(upstream: &Upstream) -> Vec<Value> {
    let (name, catalogue) = (&upstream.settings.name, upstream.catalogue());
    catalogue
        .waiting()
        .map(|waits| {
            let error = waits.to_error(name).to_json();
            value!({"kind": waits.kind.word(), "tool": waits.item.key, "why": waits.why.word(), "error": error})
        })
        .collect()
}

/// What was found in the definitions of an upstream.
pub(super) fn flagged(shared: &Shared, upstream: &Upstream) -> Vec<Value> {
    shared.hub.findings(&upstream.settings.name).iter().map(described).collect()
}

fn described(finding: &Finding) -> Value {
    value!({
        "kind": finding.kind.word(),
        "tool": finding.tool,
        "rule": finding.rule.word(),
        "severity": finding.rule.severity().word(),
        "place": finding.place,
        "excerpt": finding.excerpt,
        "warning": finding.warning(),
    })
}
