//! `tutti model test`: whether a model answers, how fast, and what that costs.

use super::turn::{self, Turn, Way, seconds};
use super::{name, named};
use base::random;
use clap::ArgMatches;
use console::output::{Output, Style, one_line};
use hubs::signals::Signals;
use hubs::{Command, Context, Failures};
use serde_json::{Value, json};

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

/// What is asked: short, and with an answer that is long enough to tell how fast it comes.
const QUESTION: &str = "Count from 1 to 20 with spaces between the numbers, and say nothing else.";

fn arguments() -> clap::Command {
    clap::Command::new("test")
        .about("Ask a model a short question, and tell who answered, how fast, and what it cost")
        .arg(name())
        .after_help(
            "Examples:\n  tutti model test default\n  tutti model test local/qwen3 --json\n\n\
             The question goes through the running hub like any other, is paid for, and counts against budgets.",
        )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let model = named(matches);
    context.block_on(async {
        let client = super::hub(context).await?;
        let mut signals = Signals::take()?;
        let run = format!("tutti-model-test-{}", random::hex::<6>()?);
        let body = json!({
            "model": model,
            "messages": [{"role": "user", "content": QUESTION}],
            "stream": true,
            "stream_options": {"include_usage": true},
        });
        let (mut turn, mut nothing) = (Turn::default(), |_: &str| {});
        tokio::select! {
            () = turn::ask(&client, &body, Way { run: Some(&run), fresh: true, ..Way::default() }, &mut turn, &mut nothing) => {}
            () = signals.next() => return Err(hubs::client::interrupted().into()),
        }
        let cost = turn::cost(&client, &run, "1h").await;
        show(&context.output, &model, &turn, &cost);
        Ok(turn.error.map_or(0, |error| error.code().exit()))
    })
}

fn show(output: &Output, model: &str, turn: &Turn, cost: &Value) {
    if output.json {
        return output.value(&turn.to_json(model, cost));
    }
    let (sign, style) = if turn.error.is_none() { ("ok", Style::Good) } else { ("failed", Style::Bad) };
    output.line(&format!("{} {}", output.paint(style, sign), output.paint(Style::Strong, &one_line(model, 100))));
    let count = |count: Option<u64>| count.map(|count| count.to_string());
    let rows = [
        ("deployment", turn.deployment.as_deref().map(|name| one_line(name, 100))),
        ("first token", turn.first.map(|first| format!("{} s", seconds(first)))),
        ("all of it", Some(format!("{} s", seconds(turn.lasted)))),
        ("speed", turn.per_second().map(|speed| format!("{speed} tokens/s"))),
        ("read", count(turn.input).map(|count| format!("{count} tokens"))),
        ("written", count(turn.output).map(|count| format!("{count} tokens"))),
        ("cost", cost["text"].as_str().map(|text| one_line(text, 40))),
        ("answer", Some(one_line(&turn.text, 200)).filter(|text| !text.is_empty())),
    ];
    for (name, value) in rows {
        if let Some(value) = value {
            output.line(&format!("  {:<12} {value}", name));
        }
    }
    for (name, what) in turn.attempts.iter().filter(|(_, what)| what != "answered") {
        let what = output.paint(Style::Bad, &one_line(what, 40));
        output.line(&format!("  {:<12} {} {what}", "not from", one_line(name, 100)));
    }
    output.complaints(turn.error.as_slice());
}
