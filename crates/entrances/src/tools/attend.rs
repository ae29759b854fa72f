//! Waiting for the end of a run on behalf of a client, which hears how it goes on and is asked at gates.

use super::question::{self, Said};
use crate::Runs;
use crate::standing::{Stuck, waits};
use base::{Code, Error, Result, clock};
use journal::{Run, RunId, Status};
use mcp::client::local::Line;
use mcp::version::meta;
use mcp::{Method, raw};
use runner::{Approval, Asking, By, Event, GateShown, Runner};
use serde_json::Value;
use std::collections::HashSet;
use std::future::pending;
use std::time::Duration;
use tokio::time::Instant;
use tools::builtin::Asked;

/// After which silence the client hears that the run goes on.
const BEAT: Duration = Duration::from_secs(10);

/// A run that a client waits for.
pub(super) struct Attend<'a> {
    runner: &'a dyn Runner,
    run: RunId,
    /// Who asks, and what else they are.
    by: By,
    line: Line,
    /// What the client knows the progress by, raw JSON.
    token: String,
    /// How much was told, and the last entry that was.
    told: u64,
    until: Option<Instant>,
    /// What the client is asked now.
    asked: Option<(u64, GateShown)>,
    /// What the client was asked and did not decide, by the digests of what it was shown.
    left: HashSet<String>,
}

/// How waiting ended.
pub(super) enum Attended {
    /// With the run.
    Ended(Run, Value),
    /// Before it.
    Waits(Run, Error),
}

impl<'a> Attend<'a> {
    /// Waits for `run` on behalf of whoever asked.
    pub(super) fn new(runs: &'a dyn Runs, run: RunId, asked: &Asked, line: Line) -> Self {
        let token = raw::at(&asked.params, &["_meta", meta::PROGRESS_TOKEN]).unwrap_or("0").to_owned();
        let by = By {
            actor: asked.principal.to_string(),
            roles: runs.roles(&asked.principal),
            everywhere: *asked.principal == *base::ports::Principal::local().name,
            reason: None,
        };
        let (runner, told, until, asked, left) = (runs.runner(), 0, None, None, HashSet::new());
        Self { runner, run, by, line, token, told, until, asked, left }
    }

    /// Waits so long at most, and for no person who cannot be asked here.
    pub(super) fn at_most(mut self, patience: Duration) -> Self {
        self.until = Some(Instant::from_std(clock::now() + patience));
        self
    }

    pub(super) async fn carry_on(mut self) -> Result<Attended> {
        let listed = self.runner.run(self.run).await?;
        let mut following = self.runner.follow(self.run, listed.last + 1).await?;
        if let Some(waits) = self.look().await? {
            return Ok(waits);
        }
        loop {
            let question = self.asked.as_ref().map(|(question, _)| *question);
            let reply = async {
                match question {
                    Some(question) => self.line.reply(question).await,
                    None => pending().await,
                }
            };
            let late = async {
                match self.until {
                    Some(until) => tokio::time::sleep_until(until).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                event = following.next() => match event? {
                    None => break,
                    Some(event) => {
                        if let Some(waits) = self.heard(&event).await? {
                            return Ok(waits);
                        }
                        if event.last {
                            break;
                        }
                    }
                },
                reply = reply => {
                    self.decide(reply?).await?;
                    if let Some(waits) = self.look().await? {
                        return Ok(waits);
                    }
                }
                () = tokio::time::sleep(BEAT) => self.tell("it goes on"),
                () = late => {
                    let run = self.runner.run(self.run).await?;
                    let error = waits(&run, None);
                    return Ok(Attended::Waits(run, error));
                }
            }
        }
        let (run, value) = self.runner.ended(self.run).await?;
        Ok(Attended::Ended(run, value))
    }

    /// Tells the client of an entry of the journal, and looks for what there is to decide after one that changes that.
    async fn heard(&mut self, event: &Event) -> Result<Option<Attended>> {
        let kind = raw::get(&event.json, "kind").and_then(raw::text).unwrap_or_default();
        let step = raw::get(&event.json, "step").and_then(raw::text);
        if let (Some(step), Some(does)) = (step, word(&kind)) {
            self.tell(&format!("`{step}` {does}"));
        }
        match kind.starts_with("gate_") || kind == "in_doubt" || kind == "resolved" {
            true => self.look().await,
            false => Ok(None),
        }
    }

    fn tell(&mut self, message: &str) {
        self.told += 1;
        let (token, progress, message) = (&self.token, self.told, raw::quote(message));
        let params = format!(r#"{{"progressToken":{token},"progress":{progress},"message":{message}}}"#);
        self.line.tell(&Method::Progress, &params);
    }

    /// Asks the client what there is to decide. Gives that nobody waits longer, where the client cannot decide.
    async fn look(&mut self) -> Result<Option<Attended>> {
        let Asking { run, gates, doubts } = self.runner.asking(self.run).await?;
        if run.status.is_final() {
            return Ok(None);
        }
        if let Some((question, gate)) = &self.asked {
            if gates.iter().any(|open| open.arguments == gate.arguments && open.path == gate.path) {
                return Ok(None);
            }
            self.line.withdraw(*question);
            self.asked = None;
        }
        // Who may not decide is not asked, and nobody is asked to approve what they are not shown whole.
        let mine = |gate: &&GateShown| {
            !self.left.contains(&left(gate)) && self.runner.may_decide((&run.principal, &gate.approvers), &self.by)
        };
        let next = gates.iter().filter(mine).find_map(|gate| Some((gate, question::params(gate)?)));
        if let Some((gate, params)) = next {
            let question = self.line.ask(&Method::Elicit, &params).await?;
            self.asked = Some((question, gate.clone()));
            return Ok(None);
        }
        let stuck = match (gates.is_empty(), doubts.is_empty()) {
            (false, _) => Stuck::Gates(gates),
            (true, false) => Stuck::Doubts(doubts),
            (true, true) if run.status == Status::Paused => Stuck::Paused,
            (true, true) => return Ok(None),
        };
        // For the result of a task it is waited until the task has one.
        Ok(self.until.is_some().then(|| {
            let error = waits(&run, Some(&stuck));
            Attended::Waits(run, error)
        }))
    }

    /// Takes what the client answered to the question that it was asked.
    async fn decide(&mut self, reply: Result<String, String>) -> Result<()> {
        let Some((_, gate)) = self.asked.take() else { return Ok(()) };
        let said = reply.map_or(Said::Nothing, |answer| question::said(&answer));
        let step = Some(gate.path.clone());
        let mut approval = Approval { step, arguments: Some(gate.arguments.clone()), edited: None };
        let by = |reason| By { reason, ..self.by.clone() };
        let decided = match said {
            Said::Approved(reason, edited) => {
                approval.edited = edited;
                self.runner.approve(self.run, &approval, &by(reason)).await
            }
            Said::Rejected(reason) => self.runner.reject(self.run, &approval, &by(reason)).await,
            Said::Unreadable(why) => {
                let message = format!("what `{}` was changed to is no JSON: {why}", gate.path);
                Err(Error::new(Code::InvalidParams, message, "correct it, or approve it as it is"))
            }
            Said::Nothing => {
                self.left.insert(left(&gate));
                return Ok(());
            }
        };
        if let Err(error) = decided {
            self.tell(error.message());
            // What was only written wrongly is asked again.
            if error.code() == Code::InvalidParams {
                return Ok(());
            }
            // Another is to decide, or has: the gate stays as it is.
            self.left.insert(left(&gate));
        }
        Ok(())
    }
}

/// What tells what a person was shown apart from what they are shown elsewhere.
fn left(gate: &GateShown) -> String {
    format!("{}\n{}", gate.path, gate.arguments)
}

/// What an entry says of its step, in words, if a client is told of it.
fn word(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "attempted" => "begins",
        "scheduled" => "has its context",
        "succeeded" => "succeeded",
        "failed" => "failed",
        "gate_opened" => "waits for a decision",
        "gate_approved" => "was approved",
        "gate_rejected" => "was rejected",
        "gate_expired" => "was not decided in time",
        "in_doubt" => "is in doubt",
        "compensated" => "was undone",
        _ => return None,
    })
}
