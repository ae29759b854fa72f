//! `tutti prompt optimize`: better templates, proposed by a model and kept only when better on cases that were held out.

use super::models::Asked;
use super::shelf::Shelf;
use super::show::short;
use super::{test, text, version};
use crate::model;
use base::{Result, disk};
use clap::{Arg, ArgMatches, value_parser};
use console::output::{Style, clean, one_line};
use hubs::signals::Signals;
use hubs::{Context, Failures};
use prompts::optimize::{Search, optimize};
use prompts::requests::Change;
use serde_json::{Value, json};
use std::path::PathBuf;

/// The label of a variant that was kept, unless another is named.
const LABEL: &str = "candidate";

pub(super) fn arguments() -> clap::Command {
    let number = |name: &'static str, usual: &'static str, most: i64, help: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name("NUMBER")
            .default_value(usual)
            .value_parser(value_parser!(u64).range(1..=most as u64))
            .help(help)
    };
    clap::Command::new("optimize")
        .about("Look for a better template, and keep it only when it is better on held-out cases")
        .arg(Arg::new("suite").value_name("SUITE").required(true).help("The file of the suite, YAML, with ten cases or more"))
        .arg(version())
        .arg(Arg::new("model").long("model").value_name("MODEL").default_value("default").help("The model that proposes"))
        .arg(number("rounds", "2", 20, "How often variants are made of the best so far"))
        .arg(number("variants", "4", 20, "How many each time"))
        .arg(number("seed", "1", 1_000_000, "Splits the cases; the same number splits them the same way"))
        .arg(Arg::new("label").long("label").value_name("LABEL").default_value(LABEL).help("The label that a kept variant gets"))
        .arg(Arg::new("evidence").long("evidence").value_name("FILE").value_parser(value_parser!(PathBuf)).help("Write all that was tried, as JSON"))
        .after_help(
            "Example:\n  tutti prompt optimize suite.yaml --model default --evidence tried.json\n\n\
             A kept variant is a version with the label `candidate`. It is served when you say so: tutti prompt label NAME production candidate",
        )
}

pub(super) async fn run(context: &Context, matches: &ArgMatches) -> Result<(), Failures> {
    let suite = test::suite(context, matches)?;
    let prompt = test::prompt(context, &suite, text(matches, "version")).await?;
    let models = Asked::new(model::hub(context).await?)?;
    let number = |name: &str| matches.get_one::<u64>(name).copied().unwrap_or(1);
    let count = |name: &str| usize::try_from(number(name)).unwrap_or(1);
    let search = Search {
        model: text(matches, "model").unwrap_or("default").to_owned(),
        rounds: count("rounds"),
        variants: count("variants"),
        seed: number("seed"),
        alpha: 0.05,
    };
    let mut signals = Signals::take()?;
    let outcome = tokio::select! {
        outcome = optimize(&suite, &prompt, &search, &models) => outcome?,
        () = signals.next() => return Err(hubs::client::interrupted().into()),
    };
    let mut evidence = outcome.evidence;
    evidence["cost"] = models.cost().await;
    if let Some(kept) = &outcome.kept {
        let origin = format!("optimize: {}", evidence["why"].as_str().unwrap_or_default());
        let version = json!({"text": kept.bundle.text, "partials": kept.bundle.partials, "origin": origin});
        let body = json!({"versions": [version], "label": text(matches, "label")});
        Shelf::with(context, async |shelf| shelf.change(&suite.prompt, Change::Keep, &body).await).await?;
    }
    if let Some(path) = matches.get_one::<PathBuf>("evidence") {
        disk::write_atomic(&context.environment.working_directory().join(path), &format!("{evidence:#}\n"), false)?;
    }
    show(context, &evidence, outcome.kept.as_ref().map(prompts::Prompt::body));
    Ok(())
}

fn show(context: &Context, evidence: &Value, kept: Option<&str>) {
    let output = &context.output;
    if output.json {
        return output.value(evidence);
    }
    for variant in evidence["variants"].as_array().into_iter().flatten() {
        let what = match (variant["score"].as_f64(), variant["error"].as_str()) {
            (Some(score), _) => format!(
                "{}  {score:.3} (now {:.3})",
                short(&variant["version"]),
                evidence["present"].as_f64().unwrap_or_default()
            ),
            (None, error) => output.paint(Style::Faint, &one_line(error.unwrap_or_default(), 160)),
        };
        output.line(&format!("variant {}  {what}", variant["variant"]));
    }
    let (style, sign) = if kept.is_some() { (Style::Good, "kept") } else { (Style::Plain, "nothing kept") };
    output.line(&format!(
        "{}: {}",
        output.paint(style, sign),
        one_line(evidence["why"].as_str().unwrap_or_default(), 300)
    ));
    if let Some(body) = kept {
        output.line("");
        body.lines().for_each(|line| output.line(&clean(line)));
    }
}
