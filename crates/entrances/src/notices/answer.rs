//! What somebody who was told of a gate answers.

use crate::Runs;
use crate::notice::Notice;
use crate::signature::{HEADERS, TIMESTAMP, is_signature, is_signed, stamped};
use base::{Code, Error, Result, Secret, clock};
use journal::RunId;
use runner::{Approval, By};

/// How far the time of an answer may be from the hub's, in seconds: what is older may be a repeat.
const APART: u64 = 300;

/// The most letters of who decides, and of why.
const ACTOR: usize = 100;
const REASON: usize = 2_000;

/// What is signed, and what it is signed with.
pub(crate) struct Answer<'a> {
    /// The headers, their names in lower case.
    pub(crate) headers: &'a [(String, String)],
    /// The body.
    pub(crate) body: &'a [u8],
}

impl Answer<'_> {
    /// Whether it says when and with what it was signed, and was a moment ago: all that can be seen without the secret.
    pub(crate) fn may_be_signed(&self) -> bool {
        let recent = |text: &str| text.parse::<u64>().is_ok_and(|at| at.abs_diff(clock::wall().as_secs()) <= APART);
        self.one(HEADERS[0]).is_some_and(is_signature) && self.one(TIMESTAMP).is_some_and(recent)
    }

    fn one(&self, wanted: &str) -> Option<&str> {
        let mut given = self.headers.iter().filter(|(name, _)| name == wanted);
        match (given.next(), given.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    /// Whether it is signed with `secret`, and was a moment ago.
    pub(crate) fn is_signed(&self, secret: &Secret<String>) -> bool {
        let (Some(signature), Some(timestamp)) = (self.one(HEADERS[0]), self.one(TIMESTAMP)) else { return false };
        self.may_be_signed() && is_signed(secret, &stamped(timestamp, self.body), signature)
    }
}

/// Decides at a gate as the answer says. Gives the run and the step.
///
/// # Errors
/// [`Code::WebhookBody`]: it says nothing that can be done; those of [`runner::Runner::approve`].
pub(crate) async fn decided(runs: &dyn Runs, notice: &Notice, body: &[u8]) -> Result<(RunId, String)> {
    let said = base::json::from_bytes(body).map_err(|error| wrong(&format!("is no JSON: {error}")))?;
    let text = |member: &str| said[member].as_str().filter(|text| !text.is_empty());
    let must = |member: &str| text(member).ok_or_else(|| wrong(&format!("has no text `{member}`")));
    let run = RunId::parse(must("run")?).ok_or_else(|| wrong("names no run as `run`"))?;
    let actor: String = must("actor")?.chars().filter(|one| !one.is_control()).take(ACTOR).collect();
    let approval = Approval {
        step: Some(must("step")?.to_owned()),
        // What was seen must be said: whoever does not say it could mean something else.
        arguments: Some(must("arguments")?.to_owned()),
        edited: Some(said["edited"].clone()).filter(|edited| !edited.is_null()),
    };
    let runner = runs.runner();
    let gates = runner.inspect(run).await?.gates;
    let names_nobody = gates.iter().any(|gate| Some(&gate.path) == approval.step.as_ref() && gate.approvers.is_empty());
    let by = By {
        actor: format!("{}:{actor}", notice.name),
        roles: vec![actor],
        // Whoever runs the hub has given it the secret, and so the right to decide where nobody is named.
        everywhere: names_nobody,
        reason: text("reason").map(|reason| reason.chars().take(REASON).collect()),
    };
    let step = match must("decision")? {
        "approve" => runner.approve(run, &approval, &by).await?,
        "reject" => runner.reject(run, &approval, &by).await?,
        _ => return Err(wrong("has a `decision` that is neither `approve` nor `reject`")),
    };
    tracing::info!(run = %run, step, notice = notice.name, actor = by.actor, "somebody decided by an answer to a notice");
    Ok((run, step))
}

fn wrong(why: &str) -> Error {
    let next = "send `run`, `step`, `arguments`, `decision`, `actor`, and `reason` or `edited` if there is one";
    Error::new(Code::WebhookBody, format!("the body {why}"), next)
}

#[cfg(test)]
mod tests;
