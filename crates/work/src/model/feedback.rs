//! `tutti model feedback`: tells the hub how good an answer was.

use base::{Code, Error, Result};
use clap::{Arg, ArgMatches};
use hubs::{Command, Context, Failures};
use serde_json::json;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    clap::Command::new("feedback")
        .about("Tell a route that learns how good an answer was")
        .arg(Arg::new("id").value_name("ID").required(true).help("What x-tutti-answer of the answer says, or a run"))
        .arg(Arg::new("score").value_name("SCORE").required(true).help("From 0 (useless) to 1 (could not be better)"))
        .after_help(
            "Only the key that asked may say so, and each answer counts once. How routes learn: docs/guide/models.md.",
        )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str).unwrap_or_default();
    let body = json!({"id": text("id"), "score": score(text("score"))?});
    let said =
        context.block_on(async { Ok(super::hub(context).await?.post_json("/api/v1/feedback", &body).await?) })?;
    let output = &context.output;
    if output.json {
        output.value(&said);
    } else {
        let count = said["answers"].as_u64().unwrap_or_default();
        output.line(&format!("counted for {count} {}", if count == 1 { "answer" } else { "answers" }));
    }
    Ok(0)
}

fn score(text: &str) -> Result<f64> {
    let score = text.parse::<f64>().ok().filter(|score| (0.0..=1.0).contains(score));
    score.ok_or_else(|| {
        let message = "the score is no number from 0 to 1";
        Error::new(Code::Usage, message, "write a number such as 0.5")
    })
}

#[cfg(test)]
mod tests;
