//! Tools in quarantine: what is different in them, and their approval. Behind `tutti server approve`, `tutti tool approve`
//! and `tutti tool diff`.

mod show;

pub(super) use show::Waiting;

use super::Context;
use super::change::Consent;
use crate::client::{HubClient, path_segment};
use crate::output::Style;
use crate::wiring;
use base::visible::escaped;
use base::{Code, Error, Result};
use serde_json::{Value, json};
use tools::pins::Approval;

/// What waits for an approval at one server.
pub(super) async fn waiting(client: &HubClient, server: &str) -> Result<Vec<Waiting>> {
    let answer = client.get(&format!("/api/v1/servers/{}/quarantine", path_segment(server))).await?;
    Ok(answer["tools"].as_array().into_iter().flatten().filter_map(|said| Waiting::of(server, said)).collect())
}

/// Shows what waits, and asks if that is wanted. `whose` ends the question: `of mail`, say.
pub(super) fn agreed(context: &Context, whose: &str, waiting: &[Waiting], consent: Consent) -> Result<bool> {
    let output = &context.output;
    match consent {
        Consent::DryRun => {
            if !output.json {
                print(context, waiting);
            }
            Ok(false)
        }
        // The difference is in the data then.
        Consent::Given | Consent::Silent if output.json => Ok(true),
        Consent::Given | Consent::Silent => {
            lines(waiting).for_each(|(style, line)| output.message(&output.paint_message(style, &line)));
            Ok(true)
        }
        Consent::Ask if !output.can_ask() => {
            let count = count(waiting.len());
            let message = format!("{count} would be approved, and nobody can be asked: standard input is no terminal");
            Err(Error::new(Code::Usage, message, "look at the change with --dry-run, then say --yes"))
        }
        Consent::Ask => {
            lines(waiting).for_each(|(style, line)| output.say(&output.paint_message(style, &line)));
            let agreed = output.ask(&format!("Approve {}{whose}?", count(waiting.len())));
            if !agreed {
                output.message("nothing was approved");
            }
            Ok(agreed)
        }
    }
}

/// Prints what is different.
pub(super) fn print(context: &Context, waiting: &[Waiting]) {
    let output = &context.output;
    lines(waiting).for_each(|(style, line)| output.line(&output.paint(style, &line)));
}

/// What is different in one tool, by what the hub says of it.
pub(super) fn difference(said: &Value) -> Option<Vec<String>> {
    let waiting = Waiting::of("server", said)?;
    Some(lines(&[waiting]).map(|(_, line)| line).collect())
}

fn lines(waiting: &[Waiting]) -> impl Iterator<Item = (Style, String)> {
    let width = show::width();
    waiting.iter().flat_map(move |waiting| waiting.lines(width))
}

/// How many tools, in words.
pub(super) fn count(tools: usize) -> String {
    if tools == 1 { "1 tool".to_owned() } else { format!("{tools} tools") }
}

/// Tells the hub. What is approved is what was shown: when a tool has changed again meanwhile, the hub says so.
pub(super) async fn approve(context: &Context, client: &HubClient, server: &str, tools: &[&Waiting]) -> Result<()> {
    let of = |is_prompt: bool| {
        let some = tools.iter().filter(|waiting| waiting.is_prompt == is_prompt);
        some.map(|waiting| (waiting.tool.clone(), waiting.digest.clone())).collect()
    };
    let sealer = Approval::sealer(&wiring::sealer(&context.environment)?)?;
    let approval = Approval { tools: of(false), prompts: of(true) }.seal(&sealer, server)?;
    let path = format!("/api/v1/servers/{}/approve", path_segment(server));
    client.post_json(&path, &json!({"approval": approval})).await?;
    Ok(())
}

/// Says that a tool is approved, by the name that the person used for it.
pub(super) fn tell_approved(context: &Context, name: &str) {
    let output = &context.output;
    output.line(&format!(
        "{} {}",
        output.paint(Style::Strong, &escaped(name)),
        output.paint(Style::Good, "is approved")
    ));
}

/// The tools for a program.
pub(super) fn to_json(waiting: &[Waiting]) -> Value {
    waiting.iter().map(Waiting::to_json).collect()
}
