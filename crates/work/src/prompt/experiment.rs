//! `tutti prompt experiment`: which of several versions is better.

use super::shelf::Shelf;
use super::show::short;
use super::{key, name, named, text};
use base::{Code, Error, Result};
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use console::output::{Style, Table, one_line};
use hubs::{Context, Failures};
use prompts::requests::Change;
use serde_json::{Value, json};

pub(super) fn arguments() -> clap::Command {
    clap::Command::new("experiment")
        .about("Find out which of several versions of a prompt is better")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .after_help(
            "Examples:\n  tutti prompt experiment start summary --arm control=production --arm new=latest:2\n  \
             tutti prompt render summary --key user-7 --arg text=hi\n  \
             tutti prompt experiment feedback summary --key user-7 --score 1\n  tutti prompt experiment status summary",
        )
        .subcommand(start())
        .subcommand(clap::Command::new("status").about("Tell how the experiments with a prompt stand").arg(name()))
        .subcommand(
            clap::Command::new("stop").about("End the running experiment").arg(name()).arg(
                Arg::new("promote").long("promote").action(ArgAction::SetTrue).help("Put the winner into production"),
            ),
        )
        .subcommand(
            clap::Command::new("feedback")
                .about("Tell how good an answer was to what a key was given")
                .arg(name())
                .arg(key())
                .arg(
                    Arg::new("score")
                        .long("score")
                        .value_name("0..1")
                        .required(true)
                        .value_parser(value_parser!(f64))
                        .help("1 for good, 0 for bad"),
                )
                .arg(
                    Arg::new("cost")
                        .long("cost")
                        .value_name("DOLLARS")
                        .value_parser(value_parser!(f64))
                        .help("What the answer cost"),
                )
                .arg(
                    Arg::new("latency")
                        .long("latency-ms")
                        .value_name("MS")
                        .value_parser(value_parser!(u64))
                        .help("How long it took"),
                ),
        )
}

fn start() -> clap::Command {
    clap::Command::new("start")
        .about("Begin an experiment")
        .arg(name())
        .arg(
            Arg::new("arm")
                .long("arm")
                .value_name("NAME=VERSION[:WEIGHT]")
                .required(true)
                .action(ArgAction::Append)
                .help("A version to compare; the first is served without a key"),
        )
        .arg(
            Arg::new("metric")
                .long("metric")
                .value_name("METRIC")
                .value_parser(["score", "cost", "latency"])
                .default_value("score")
                .help("By what versions are compared: what you tell, or what the gateway books"),
        )
        .arg(
            Arg::new("confidence")
                .long("confidence")
                .value_parser(value_parser!(f64))
                .default_value("0.95")
                .help("How sure a claim must be"),
        )
        .arg(
            Arg::new("most")
                .long("most")
                .value_parser(value_parser!(u64))
                .default_value("2000")
                .help("After so many scores, or answers, of each arm it ends without a claim"),
        )
}

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let (change, matches, body) = match matches.subcommand() {
        Some(("status", matches)) => {
            let found = Shelf::with(context, async |shelf| shelf.experiments(named(matches)).await);
            let found = context.block_on(found)?;
            if context.output.json {
                context.output.value(&found);
            } else {
                status(context, &found);
            }
            return Ok(0);
        }
        Some(("start", matches)) => {
            let arms = matches.get_many::<String>("arm").into_iter().flatten();
            let arms = arms.map(|arm| self::arm(arm)).collect::<Result<Vec<_>>>()?;
            let body = json!({
                "arms": arms, "metric": text(matches, "metric"), "confidence": matches.get_one::<f64>("confidence"), "most": matches.get_one::<u64>("most"),
            });
            (Change::Start, matches, body)
        }
        Some(("stop", matches)) => (Change::Stop, matches, json!({"promote": matches.get_flag("promote")})),
        Some(("feedback", matches)) => {
            let body = json!({
                "key": text(matches, "key"), "score": matches.get_one::<f64>("score"), "cost": matches.get_one::<f64>("cost"),
                "latency_ms": matches.get_one::<u64>("latency"),
            });
            (Change::Feedback, matches, body)
        }
        _ => return Err(Error::internal("a subcommand of `prompt experiment` is not in its table").into()),
    };
    let done =
        context.block_on(Shelf::with(context, async |shelf| shelf.change(named(matches), change, &body).await))?;
    if context.output.json {
        context.output.value(&done);
    } else if change == Change::Feedback {
        counted(context, &done);
    } else {
        one(context, &done);
    }
    Ok(0)
}

/// `name=version`, or `name=version:weight`.
fn arm(text: &str) -> Result<Value> {
    let wrong = || {
        let message = format!("`{}` is no arm", one_line(text, 60));
        Error::new(Code::Usage, message, "write --arm NAME=VERSION or --arm NAME=VERSION:WEIGHT")
    };
    let (name, rest) = text.split_once('=').ok_or_else(wrong)?;
    let (version, weight) = rest.split_once(':').unwrap_or((rest, "1"));
    Ok(json!({"name": name, "version": version, "weight": weight.parse::<u32>().map_err(|_| wrong())?}))
}

fn counted(context: &Context, told: &Value) {
    let arm = one_line(told["arm"].as_str().unwrap_or_default(), 64);
    let output = &context.output;
    output.line(&match told["counted"].as_bool() {
        Some(true) => format!("counted for {arm}"),
        _ => "not counted: the key was not given this prompt, or has told already".to_owned(),
    });
    match (told["over"].as_bool(), told["winner"].as_str()) {
        (Some(true), Some(winner)) => {
            output.line(&format!("the experiment is over: {} is better", one_line(winner, 64)));
        }
        (Some(true), None) => output.line("the experiment is over, without a claim"),
        _ => {}
    }
}

fn status(context: &Context, found: &Value) {
    let all: Vec<&Value> = found["experiments"].as_array().into_iter().flatten().collect();
    if all.is_empty() {
        context.output.message("there are no experiments with this prompt");
    }
    all.into_iter().for_each(|experiment| one(context, experiment));
}

fn one(context: &Context, experiment: &Value) {
    let output = &context.output;
    let word = |value: &Value| one_line(value.as_str().unwrap_or_default(), 64);
    let head = format!("{} {}", word(&experiment["id"]), word(&experiment["state"]));
    output.line(&format!(
        "{}  by {}, confidence {}, at most {} of each arm",
        output.paint(Style::Strong, &head),
        word(&experiment["metric"]),
        experiment["confidence"],
        experiment["most"]
    ));
    let number = |value: &Value, digits: usize| {
        value.as_f64().map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
    };
    let titles = ["arm", "version", "weight", "served", "scored", "score", "requests", "errors", "cost $", "ms"];
    let mut table = Table::new(&titles);
    for arm in experiment["arms"].as_array().into_iter().flatten() {
        let plain = [
            short(&arm["version"]),
            arm["weight"].to_string(),
            arm["served"].to_string(),
            arm["scored"].to_string(),
            number(&arm["score"], 3),
            arm["requests"].to_string(),
            arm["errors"].as_f64().map_or_else(|| "-".to_owned(), |share| format!("{:.1}%", share * 100.0)),
            number(&arm["cost"], 5),
            number(&arm["latency_ms"], 0),
        ];
        let name = [(Style::Strong, word(&arm["name"]))];
        table.row(name.into_iter().chain(plain.into_iter().map(|cell| (Style::Plain, cell))).collect());
    }
    table.print(output);
    for compared in experiment["comparisons"].as_array().into_iter().flatten() {
        let (one, other) = (word(&compared["arm"]), word(&compared["against"]));
        let (unit, digits) = match experiment["metric"].as_str() {
            Some("cost") => (" $", 5),
            Some("latency") => (" ms", 0),
            _ => ("", 3),
        };
        let [difference, low, high] = ["difference", "low", "high"].map(|key| number(&compared[key], digits));
        output.line(&format!(
            "  {one} − {other}: {difference}{unit}, surely within {low} and {high} ({} pairs)",
            compared["pairs"]
        ));
    }
    match experiment["winner"].as_str() {
        Some(winner) => output.line(&format!("  {} is better", one_line(winner, 64))),
        None => output.line("  nothing is sure"),
    }
}
