//! `tutti workflow test`: workflows carried out offline, with scripted answers and a clock of their own.

use super::known::{Known, is_file, one_of, tests_of};
use super::text;
use base::{Code, Error, disk};
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use console::diff::unified;
use console::output::{Output, Style, clean, one_line};
use hubs::{Context, Failures};
use memory::Receipt;
use rehearsal::{Mismatch, Report, Suite, Tried, rehearse};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use workflow::{Definition, File};

/// Lines around a difference that are shown.
const AROUND: usize = 2;

pub(super) fn arguments() -> clap::Command {
    clap::Command::new("test")
        .about("Try workflows offline: scripted answers, virtual time, nothing outside is called")
        .arg(
            Arg::new("workflow")
                .value_name("NAME|FILE")
                .action(ArgAction::Append)
                .num_args(0..)
                .help("Workflows, their files or files with tests; without one all that have tests"),
        )
        .arg(
            Arg::new("tests")
                .long("tests")
                .value_name("FILE")
                .help("The file with the tests, in place of the one beside it"),
        )
        .arg(Arg::new("case").long("case").value_name("NAME").help("Only the case of this name"))
        .arg(
            Arg::new("junit")
                .long("junit")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("Write a report for test reporters"),
        )
        .after_help(
            "Examples:\n  tutti workflow test report\n  tutti workflow test --junit report.xml\n\n\
             The tests of flows/report.yaml are in flows/report.test.yaml. The exit code is 10 where a case fails.",
        )
}

/// Tests, and the workflow that they are of.
struct Target {
    workflow: String,
    suite: Suite,
}

/// Reads a file with tests.
pub(super) fn suite(context: &Context, file: &str) -> Result<Suite, Failures> {
    let read = |path: &Path| disk::read_text(path, rehearsal::limits::FILE);
    let path = context.environment.working_directory().join(file);
    let folder = path.parent().map(Path::to_owned).unwrap_or_default();
    Ok(Suite::read(file, &read(&path)?, &|recorded| read(&folder.join(recorded)))?)
}

pub(super) async fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let mut known = Known::of(context)?;
    let words: Vec<&String> = matches.get_many::<String>("workflow").into_iter().flatten().collect();
    let mut targets = Vec::new();
    if words.is_empty() {
        targets = all(context, &known)?;
    }
    for word in words {
        targets.push(target(context, &mut known, word, text(matches, "tests"))?);
    }
    let only = text(matches, "case");
    let mut reports = Vec::new();
    for target in &targets {
        reports.push(report(&known, target, only).await?);
    }
    if let Some(only) = only.filter(|_| reports.iter().all(|report| report.tried.is_empty())) {
        let message = format!("there is no case `{}`", one_line(only, 100));
        let names: Vec<&str> = targets.iter().flat_map(|target| target.suite.cases()).collect();
        let near = base::config::nearest(only, names.iter().copied());
        let next = near.map_or("leave `--case` out".to_owned(), |near| format!("did you mean `{near}`?"));
        return Err(Error::new(Code::Usage, message, next).into());
    }
    if let Some(path) = matches.get_one::<PathBuf>("junit") {
        let path = context.environment.working_directory().join(path);
        disk::write_atomic(&path, &rehearsal::to_junit(&reports), false)?;
    }
    Ok(told(context, &reports))
}

/// The tests of all workflows of the configuration that have some.
fn all(context: &Context, known: &Known) -> Result<Vec<Target>, Failures> {
    let files: BTreeSet<PathBuf> =
        known.definitions.values().map(|definition| tests_of(Path::new(&definition.source.file))).collect();
    let there = |file: &&PathBuf| context.environment.working_directory().join(file).is_file();
    let mut targets = Vec::new();
    for file in files.iter().filter(there) {
        let suite = suite(context, &file.to_string_lossy())?;
        let of_file = |definition: &&Definition| tests_of(Path::new(&definition.source.file)) == *file;
        let names: Vec<String> =
            known.definitions.values().filter(of_file).map(|definition| definition.workflow.name.clone()).collect();
        let workflow = one_of(&names, suite.workflow(), &suite.file().replace(".test.", "."), "workflow:")?;
        targets.push(Target { workflow, suite });
    }
    if targets.is_empty() {
        let next = "write some in a file beside a workflow: flows/report.test.yaml for flows/report.yaml";
        return Err(Error::new(Code::WorkflowTestFile, "no workflow of the configuration has tests", next).into());
    }
    Ok(targets)
}

/// What a person named, and its tests.
fn target(context: &Context, known: &mut Known, word: &str, tests: Option<&str>) -> Result<Target, Failures> {
    if !is_file(word) {
        let definition = known.definitions.get(word).ok_or_else(|| known.unknown(word))?;
        let beside = tests_of(Path::new(&definition.source.file)).to_string_lossy().into_owned();
        return Ok(Target { workflow: word.to_owned(), suite: suite(context, tests.unwrap_or(&beside))? });
    }
    let (file, beside) = if File::is_of_tests(word) {
        (word.replace(".test.", "."), word.to_owned())
    } else {
        (word.to_owned(), tests_of(Path::new(word)).to_string_lossy().into_owned())
    };
    let suite = suite(context, tests.unwrap_or(&beside))?;
    let names = known.with_file(context, &file)?;
    let workflow = one_of(&names, suite.workflow(), &file, "workflow:")?;
    Ok(Target { workflow, suite })
}

async fn report(known: &Known, target: &Target, only: Option<&str>) -> Result<Report, Failures> {
    let plan = known.plan(&target.workflow)?;
    target.suite.fits(&plan)?;
    let wanted: Vec<usize> = target
        .suite
        .cases()
        .enumerate()
        .filter(|(_, name)| only.is_none_or(|only| only == *name))
        .map(|(number, _)| number)
        .collect();
    let mut tried = Vec::new();
    for number in wanted {
        tried.extend(rehearse(&plan, &target.suite, number, known.catalogue()).await);
    }
    Ok(Report::new(&plan, &target.suite, tried))
}

fn told(context: &Context, reports: &[Report]) -> u8 {
    let output = &context.output;
    let passed: usize = reports.iter().map(Report::passed).sum();
    let count: usize = reports.iter().map(|report| report.tried.len()).sum();
    let code = if passed == count { 0 } else { Code::WorkflowTestFailed.exit() };
    if output.json {
        let files: Vec<Value> = reports.iter().map(Report::to_json).collect();
        output.value(&json!({"ok": passed == count, "passed": passed, "failed": count - passed, "files": files}));
        return code;
    }
    for report in reports {
        output.line(&output.paint(Style::Strong, &format!("{}  {}", report.workflow, one_line(&report.file, 200))));
        report.tried.iter().for_each(|tried| case(output, tried));
        if !report.never.is_empty() && report.tried.len() > 1 {
            let steps = report.never.join(", ");
            output.line(&format!("  {} no case comes to {steps}", output.paint(Style::Warn, "note")));
        }
    }
    output.line(&format!("\n{passed} of {count} passed"));
    if passed < count {
        let message = format!("{} of {count} cases failed", count - passed);
        let next = "correct the workflow or the case; `--json` tells all calls with their arguments";
        output.complaints(&[Error::new(Code::WorkflowTestFailed, message, next)]);
    }
    code
}

fn case(output: &Output, tried: &Tried) {
    let (style, sign) = if tried.passed() { (Style::Good, "ok    ") } else { (Style::Bad, "failed") };
    let after = format!("{} after {}", tried.course.end(), tried.lasted());
    output.line(&format!(
        "  {} {}  {}",
        output.paint(style, sign),
        one_line(&tried.name, 100),
        output.paint(Style::Faint, &after)
    ));
    for given in &tried.course.given {
        let Receipt { total, full_context, .. } = &given.receipt;
        let share = if *full_context == 0 { 100 } else { total * 100 / full_context };
        let line = format!("{}: {total} of {full_context} tokens of context, {share} %", given.path);
        output.line(&format!("           {}", output.paint(Style::Faint, &line)));
    }
    if let Some(error) = &tried.error {
        output.line(&format!("         {} {}", error.code().id(), one_line(error.message(), 400)));
        for line in error.detail().into_iter().flat_map(str::lines) {
            output.line(&format!("         | {}", clean(line)));
        }
        output.line(&format!("         next: {}", one_line(error.next(), 400)));
    }
    tried.mismatches.iter().for_each(|mismatch| differs(output, mismatch));
}

/// What was expected beside what there was; of what is long, the lines that differ.
fn differs(output: &Output, mismatch: &Mismatch) {
    let Mismatch { what, expected, found } = mismatch;
    let pretty = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    };
    let (expected, found) = (pretty(expected), pretty(found));
    output.line(&format!("         {}: expected (-), and there is (+)", one_line(what, 100)));
    if expected.lines().count() <= 1 && found.lines().count() <= 1 {
        output.line(&output.paint(Style::Bad, &format!("         - {}", one_line(&expected, 400))));
        return output.line(&output.paint(Style::Good, &format!("         + {}", one_line(&found, 400))));
    }
    for line in unified(&expected, &found, AROUND) {
        let style = match line.mark {
            '+' => Style::Good,
            '-' => Style::Bad,
            '@' => continue,
            _ => Style::Faint,
        };
        output.line(&output.paint(style, &format!("         {} {}", line.mark, clean(&line.text))));
    }
}
