//! Tools, and what else is in quarantine: what is different in them, and their approval. Behind `tutti server approve`,
//! `tutti tool approve` and `tutti tool diff`.

mod show;

pub use show::{Waiting, address_of};

use crate::change::Consent;
use crate::client::{HubClient, path_segment};
use crate::context::Context;
use assembly::wiring;
use base::visible::escaped;
use base::{Code, Error, Result};
use console::output::Style;
use serde_json::{Value, json};
use tools::catalogue::Kind;
use tools::pins::{Approval, Approved};

/// What waits for an approval at one server.
pub async fn waiting(client: &HubClient, server: &str) -> Result<Vec<Waiting>> {
    let answer = client.get(&format!("/api/v1/servers/{}/quarantine", path_segment(server))).await?;
    Ok(answer["tools"].as_array().into_iter().flatten().filter_map(|said| Waiting::of(server, said)).collect())
}

/// Shows what waits, and asks if that is wanted. `whose` ends the question: `of mail`, say.
pub fn agreed(context: &Context, whose: &str, waiting: &[Waiting], consent: Consent) -> Result<bool> {
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
            let count = count(waiting);
            let message = format!("{count} would be approved, and nobody can be asked: standard input is no terminal");
            Err(Error::new(Code::Usage, message, "look at the change with --dry-run, then say --yes"))
        }
        Consent::Ask => {
            lines(waiting).for_each(|(style, line)| output.say(&output.paint_message(style, &line)));
            let agreed = output.ask(&format!("Approve {}{whose}?", count(waiting)));
            if !agreed {
                output.message("nothing was approved");
            }
            Ok(agreed)
        }
    }
}

/// Prints what is different.
pub fn print(context: &Context, waiting: &[Waiting]) {
    let output = &context.output;
    lines(waiting).for_each(|(style, line)| output.line(&output.paint(style, &line)));
}

/// What is different in one definition, by what the hub says of it.
pub fn difference(said: &Value) -> Option<Vec<String>> {
    let waiting = Waiting::of("server", said)?;
    Some(lines(&[waiting]).map(|(_, line)| line).collect())
}

fn lines(waiting: &[Waiting]) -> impl Iterator<Item = (Style, String)> {
    let width = show::width();
    waiting.iter().flat_map(move |waiting| waiting.lines(width))
}

/// How many there are, in words.
pub fn count(waiting: &[Waiting]) -> String {
    let first = waiting.first().map(|waiting| waiting.kind);
    let word = match first.filter(|kind| waiting.iter().all(|waiting| waiting.kind == *kind)) {
        Some(Kind::Instructions) if waiting.len() == 1 => return "the instructions".to_owned(),
        Some(kind) if kind != Kind::Instructions => kind.word(),
        _ => "definition",
    };
    if waiting.len() == 1 { format!("1 {word}") } else { format!("{} {word}s", waiting.len()) }
}

/// How something is named to a person by what the hub says of it: a tool by its name, all else with what it is.
pub fn named(said: &Value) -> Option<String> {
    let name = said["tool"].as_str()?;
    Some(match said["kind"].as_str().and_then(Kind::of_word) {
        Some(Kind::Tool) | None => name.to_owned(),
        Some(Kind::Instructions) => "the instructions".to_owned(),
        Some(kind) => format!("the {} {name}", kind.word()),
    })
}

/// Tells the hub. What is approved is what was shown: when a tool has changed again meanwhile, the hub says so.
pub async fn approve(context: &Context, client: &HubClient, server: &str, tools: &[&Waiting]) -> Result<()> {
    let one = |waiting: &&Waiting| Approved {
        kind: waiting.kind,
        name: waiting.tool.clone(),
        digest: waiting.digest.clone(),
    };
    let sealer = Approval::sealer(&wiring::sealer(&context.environment)?)?;
    let approval = Approval(tools.iter().map(one).collect()).seal(&sealer, server)?;
    let path = format!("/api/v1/servers/{}/approve", path_segment(server));
    client.post_json(&path, &json!({"approval": approval})).await?;
    Ok(())
}

/// Says that something is approved, by the name that the person used for it.
pub fn tell_approved(context: &Context, kind: Kind, name: &str) {
    let output = &context.output;
    let done = if kind == Kind::Instructions { "are approved" } else { "is approved" };
    output.line(&format!("{} {}", output.paint(Style::Strong, &escaped(name)), output.paint(Style::Good, done)));
}

/// What waits, for a program.
pub fn to_json(waiting: &[Waiting]) -> Value {
    waiting.iter().map(Waiting::to_json).collect()
}
