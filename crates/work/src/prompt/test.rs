//! `tutti prompt test`: a suite of cases, asked of a model through the hub that runs.

use super::models::Asked;
use super::shelf::Shelf;
use super::{text, version};
use crate::model;
use base::{Code, Error, Result, disk};
use clap::{Arg, ArgMatches, value_parser};
use console::output::{Style, one_line};
use hubs::signals::Signals;
use hubs::{Context, Failures};
use prompts::suite::{Case, Suite};
use prompts::trial::report::Report;
use prompts::{Bundle, Prompt, trial};
use serde_json::Value;
use std::path::PathBuf;

/// The largest suite that is read, in bytes.
const LIMIT: u64 = 4 << 20;

pub(super) fn arguments() -> clap::Command {
    clap::Command::new("test")
        .about("Try a prompt on a suite of cases")
        .arg(Arg::new("suite").value_name("SUITE").required(true).help("The file of the suite, YAML"))
        .arg(version())
        .arg(Arg::new("model").long("model").value_name("MODEL").help("The model, in place of what suite and prompt say"))
        .arg(Arg::new("threshold").long("threshold").value_name("0..1").value_parser(value_parser!(f64)).help("The share of cases that must pass"))
        .arg(Arg::new("junit").long("junit").value_name("FILE").value_parser(value_parser!(PathBuf)).help("Write a report for test reporters"))
        .after_help(
            "Examples:\n  tutti prompt test suite.yaml\n  tutti prompt test suite.yaml --version v1 --junit report.xml\n\n\
             The exit code is 10 where fewer cases pass than must. The questions are paid for, and count against budgets.",
        )
}

/// The suite that was named, with what the command line says otherwise.
pub(super) fn suite(context: &Context, matches: &ArgMatches) -> Result<Suite, Failures> {
    let name = text(matches, "suite").unwrap_or_default();
    let source = disk::read_text(&context.environment.working_directory().join(name), LIMIT)?;
    Ok(Suite::read(name, &source)?)
}

/// The version of the prompt that a suite tries.
pub(super) async fn prompt(context: &Context, suite: &Suite, version: Option<&str>) -> Result<Prompt, Failures> {
    let shown = Shelf::with(context, async |shelf| shelf.show(&suite.prompt, version).await).await?;
    let partials = shown["partials"].as_object().into_iter().flatten();
    let partials = partials.filter_map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned()))).collect();
    let bundle = Bundle { text: shown["text"].as_str().unwrap_or_default().to_owned(), partials };
    Ok(Prompt::read(&suite.prompt, &suite.prompt, bundle)?)
}

pub(super) async fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let mut suite = suite(context, matches)?;
    suite.threshold = matches.get_one::<f64>("threshold").copied().unwrap_or(suite.threshold);
    suite.model = text(matches, "model").map(str::to_owned).or(suite.model);
    let prompt = prompt(context, &suite, text(matches, "version")).await?;
    let models = Asked::new(model::hub(context).await?)?;
    let cases: Vec<&Case> = suite.cases.iter().collect();
    let mut signals = Signals::take()?;
    let report = tokio::select! {
        report = trial::run(&suite, &cases, &prompt, &models) => report,
        () = signals.next() => return Err(hubs::client::interrupted().into()),
    };
    if let Some(path) = matches.get_one::<PathBuf>("junit") {
        disk::write_atomic(&context.environment.working_directory().join(path), &report.to_junit(), false)?;
    }
    show(context, &report, &models.cost().await);
    if report.holds() {
        return Ok(0);
    }
    let message =
        format!("{} of {} cases passed, and {} of them must", report.passed(), report.tried.len(), report.threshold);
    let error = Error::new(Code::PromptBelow, message, "see the cases that failed; `tutti prompt rollback` goes back");
    context.output.complaints(std::slice::from_ref(&error));
    Ok(Code::PromptBelow.exit())
}

fn show(context: &Context, report: &Report, cost: &Value) {
    let output = &context.output;
    let told = report.to_json(cost);
    if output.json {
        return output.value(&told);
    }
    for tried in &report.tried {
        let (style, sign) = if tried.passed() { (Style::Good, "ok    ") } else { (Style::Bad, "failed") };
        output.line(&format!("{} {}  {:.2}", output.paint(style, sign), one_line(&tried.name, 80), tried.score()));
        tried.reasons().iter().for_each(|reason| output.line(&format!("         {}", one_line(reason, 200))));
    }
    let cost = cost["text"].as_str().map(|text| format!(", {}", one_line(text, 40))).unwrap_or_default();
    let tokens = &told["tokens"];
    output.line(&format!(
        "\n{} of {} passed; {} tokens read, {} written{cost}",
        report.passed(),
        report.tried.len(),
        tokens["input"],
        tokens["output"]
    ));
}
