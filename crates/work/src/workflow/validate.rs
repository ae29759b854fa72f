//! `tutti workflow validate`: all that is wrong with workflows and with their tests.

use super::known::{gathered, tests_of};
use super::test::suite;
use assembly::wiring;
use assembly::workflows::Available;
use base::Error;
use clap::{Arg, ArgAction, ArgMatches};
use console::output::{Style, one_line};
use hubs::{Context, Failures};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use workflow::{Catalogue, Definition, Gathered, Nothing, Plan, in_order};

pub(super) fn arguments() -> clap::Command {
    clap::Command::new("validate")
        .about("Check workflows, and the tests beside them, without running anything")
        .arg(
            Arg::new("file")
                .value_name("FILE")
                .action(ArgAction::Append)
                .num_args(0..)
                .help("Files; without one all workflows of the configuration"),
        )
        .after_help(
            "Examples:\n  tutti workflow validate\n  tutti workflow validate flows/report.yaml\n\n\
             What a step calls is looked up in the configuration, where there is one. The exit code is 3 where something is wrong.",
        )
}

/// What there is to check, whatever is wrong with it.
struct Found {
    workflows: Gathered,
    /// What workflows may call; nothing where the configuration does not tell it, or is itself wrong.
    available: Option<Available>,
    errors: Vec<Error>,
}

impl Found {
    /// What the configuration has.
    fn of(context: &Context) -> Self {
        let loaded = match context.load() {
            Ok(loaded) => loaded,
            Err(Failures(errors)) => return Self { workflows: Gathered::default(), available: None, errors },
        };
        let looked = wiring::look(&loaded);
        // What is missing in a faulty configuration is no fault of the workflows that call it.
        let is_whole = loaded.path.is_some() && looked.errors.is_empty();
        let available = is_whole.then(|| Available::of(&looked.resolved));
        Self { workflows: looked.workflows, available, errors: looked.errors }
    }
}

/// A workflow that was checked.
struct Checked<'a> {
    definition: &'a Definition,
    plan: Arc<Plan>,
    /// How many cases the file beside it has.
    tests: Option<usize>,
}

pub(super) fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let files: Vec<&String> = matches.get_many::<String>("file").into_iter().flatten().collect();
    let mut found = Found::of(context);
    let mut named: Option<BTreeSet<String>> = None;
    for file in files {
        let names = named.get_or_insert_default();
        match gathered(context, file) {
            Ok(read) => {
                names.extend(read.definitions().keys().cloned());
                found.workflows.add(read);
            }
            Err(error) => found.errors.push(error),
        }
    }
    let mut errors = found.errors;
    errors.extend(found.workflows.errors().iter().cloned());
    let catalogue: &dyn Catalogue = found.available.as_ref().map_or(&Nothing, |available| available);
    let mut checked = Vec::new();
    for (definition, plan) in found.workflows.plans(catalogue) {
        if named.as_ref().is_some_and(|named| !named.contains(&definition.workflow.name)) {
            continue;
        }
        match plan {
            Ok(plan) => {
                let tests = tests(context, definition, &plan).unwrap_or_else(|Failures(faults)| {
                    errors.extend(faults);
                    None
                });
                checked.push(Checked { definition, plan, tests });
            }
            Err(faults) => errors.extend(faults),
        }
    }
    Ok(told(context, &checked, &in_order(errors)))
}

/// Checks the tests beside a workflow, where there are some of it. Gives how many.
fn tests(context: &Context, definition: &Definition, plan: &Plan) -> Result<Option<usize>, Failures> {
    let file = tests_of(Path::new(&definition.source.file));
    if !context.environment.working_directory().join(&file).is_file() {
        return Ok(None);
    }
    let suite = suite(context, &file.to_string_lossy())?;
    if suite.workflow().is_some_and(|name| name != plan.name()) {
        return Ok(None);
    }
    suite.fits(plan)?;
    Ok(Some(suite.cases().len()))
}

fn told(context: &Context, checked: &[Checked<'_>], errors: &[Error]) -> u8 {
    let output = &context.output;
    let code = errors.first().map_or(0, |error| error.code().exit());
    if output.json {
        let errors: Vec<Value> = errors.iter().map(Error::to_json).collect();
        let workflows: Vec<Value> = checked.iter().map(one).collect();
        output.value(&json!({"valid": errors.is_empty(), "workflows": workflows, "errors": errors}));
        return code;
    }
    for Checked { definition, plan, tests } in checked {
        let tests = tests.map(|tests| format!(", {tests} tests")).unwrap_or_default();
        output.line(&format!(
            "{} {}  {}  {} steps, {}{tests}",
            output.paint(Style::Good, "ok"),
            plan.name(),
            one_line(&definition.source.file, 200),
            plan.steps().len(),
            plan.effect().word(),
        ));
        for warning in plan.warnings() {
            let place = format!("{}:{}", one_line(&definition.source.file, 200), warning.line);
            output.line(&format!(
                "   {} {place}: {}",
                output.paint(Style::Warn, "note"),
                one_line(&warning.message, 400)
            ));
        }
    }
    output.complaints(errors);
    match errors.len() {
        0 if checked.is_empty() => {
            output
                .message("there are no workflows; name their files in tutti.yaml: `workflows: [\"workflows/*.yaml\"]`");
        }
        0 => {}
        count => output.message(&format!("{count} faults")),
    }
    code
}

fn one(checked: &Checked<'_>) -> Value {
    let Checked { definition, plan, tests } = checked;
    json!({
        "name": plan.name(),
        "file": definition.source.file,
        "steps": plan.steps().len(),
        "effect": plan.effect(),
        "hash": plan.hash(),
        "warnings": plan.warnings(),
        "tests": tests,
    })
}
