//! Tools and prompts in quarantine: what they were and are, and their approval. Everybody who may ask may look. To approve
//! takes a text that only the hub's own user can make, see [`tools::pins::Approval`].

use super::find;
use super::input::Name;
use super::login::member;
use crate::Shared;
use crate::answer::{Refusal, plain_json};
use axum::extract::{Request, State};
use axum::response::Response;
use base::{Code, Error, clock, random};
use lint::Finding;
use serde_json::{Value, json as value};
use std::sync::Arc;
use std::time::Duration;
use tools::catalogue::Kind;
use tools::pins::{Approval, Definition};
use tools::upstream::Upstream;

/// What waits for an approval, with what was approved before.
pub(crate) async fn waiting(State(shared): State<Arc<Shared>>, Name(name): Name) -> Result<Response, Refusal> {
    let upstream = find(&shared, &name)?;
    let pinned = shared.hub.pinned(&upstream, Kind::Tool).await?;
    let pinned_prompts = shared.hub.pinned(&upstream, Kind::Prompt).await?;
    let catalogue = upstream.catalogue();
    let findings = shared.hub.findings(&name);
    let in_prompts: Vec<Finding> = catalogue.looked_prompts.iter().flat_map(|looked| looked.findings.clone()).collect();
    let tools = catalogue.waiting().map(|waits| {
        let (pinned, findings) = match waits.kind {
            Kind::Tool => (&pinned, &findings[..]),
            Kind::Prompt => (&pinned_prompts, &in_prompts[..]),
        };
        let found: Vec<&Finding> = findings.iter().filter(|finding| finding.tool == waits.item.key).collect();
        let before = pinned.get(waits.formerly.as_ref().unwrap_or(&waits.item.key));
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

/// Approves: `{"approval": "…"}`.
pub(crate) async fn approve(
    State(shared): State<Arc<Shared>>,
    Name(name): Name,
    request: Request,
) -> Result<Response, Refusal> {
    let upstream = find(&shared, &name)?;
    let sealed = member(&shared, request, "approval").await?;
    let approval = Approval::open(&shared.approvals, &name, &sealed).ok_or_else(|| refused(&name))?;
    let tools: Vec<String> = approval.tools.iter().chain(&approval.prompts).map(|(name, _)| name.clone()).collect();
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

/// The tools and prompts of an upstream that wait for an approval.
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

/// What was found in the tools of an upstream.
pub(super) fn flagged(shared: &Shared, upstream: &Upstream) -> Vec<Value> {
    shared.hub.findings(&upstream.settings.name).iter().map(described).collect()
}

fn described(finding: &Finding) -> Value {
    value!({
        "tool": finding.tool,
        "rule": finding.rule.word(),
        "severity": finding.rule.severity().word(),
        "place": finding.place,
        "excerpt": finding.excerpt,
        "warning": finding.warning(),
    })
}
