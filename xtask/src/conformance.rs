//! `cargo xtask conformance`: the official conformance suite against a server built with the official SDK, directly and
//! through Tutti, in each pair of eras.
//!
//! The suite is of npm and is installed under Cargo's target folder. Its own totals are not taken: it counts checks
//! that succeed against a port that nobody listens at. Each scenario is judged by the checks that it wrote, and one
//! that wrote none has failed.

mod expectations;
mod requirements;
mod suite;
mod upstream;
mod verdict;

use crate::arguments::Arguments;
use crate::console::{Console, seconds};
use crate::failure::{Failure, Result};
use crate::workspace::{Workspace, cargo};
use crate::{process, real, system};
use expectations::{Expectations, Judged};
use requirements::Requirements;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use suite::Suite;
use verdict::Verdict;

pub(crate) const USAGE: &str = "cargo xtask conformance [--pair CLIENT-UPSTREAM,…] [--client] [--scenario X] [--json]
  runs the official conformance suite against its fixture, directly and through Tutti, and against Tutti as a client
  --pair      these pairs of eras alone, such as legacy-modern; without clients of upstreams
  --client    Tutti as a client of upstreams alone
  --scenario  this scenario alone
  --json      one line of JSON on stdout, messages on stderr";

/// How one end speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Era {
    Legacy,
    Modern,
}

impl Era {
    const BOTH: [Self; 2] = [Self::Legacy, Self::Modern];

    fn name(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::Modern => "modern",
        }
    }

    /// The newest version of the era, which has a set of requirements in the suite.
    fn revision(self) -> &'static str {
        match self {
            Self::Legacy => "2025-11-25",
            Self::Modern => "2026-07-28",
        }
    }
}

/// What every run needs.
struct Room {
    suite: Suite,
    expectations: Expectations,
    console: Console,
    /// The binary under test.
    tutti: PathBuf,
    /// Where the fixture and the driver are.
    programs: PathBuf,
    /// Where results, configurations and states go.
    results: PathBuf,
    /// The one scenario that is asked for.
    scenario: Option<String>,
}

/// What is run.
struct Plan {
    pairs: Vec<(Era, Era)>,
    clients: bool,
}

/// The subcommand.
pub(crate) fn run(workspace: &Workspace, words: &[String]) -> Result<bool> {
    let arguments = Arguments::parse(words, &["--client", "--json"], &["--pair", "--scenario"], USAGE)?;
    if !arguments.words().is_empty() {
        return Err(Failure::new("only flags and options are taken", USAGE));
    }
    let plan = plan(&arguments)?;
    let console = Console::new(true);
    let room = prepare(workspace, arguments.value("--scenario").map(str::to_owned), console)?;
    let start = system::now();
    let (report, problems) = room.run(&plan)?;
    if arguments.has("--json") {
        console.data(&report.to_string());
    }
    for problem in &problems {
        console.line(&format!("NOT AS EXPECTED: {problem}"));
    }
    let verdict =
        if problems.is_empty() { "all as expected".to_owned() } else { format!("{} problems", problems.len()) };
    console.line(&format!("conformance: {verdict} ({})", seconds(start.elapsed())));
    Ok(problems.is_empty())
}

fn plan(arguments: &Arguments) -> Result<Plan> {
    let all = Era::BOTH.into_iter().flat_map(|client| Era::BOTH.map(|upstream| (client, upstream)));
    let Some(named) = arguments.value("--pair") else {
        let pairs = if arguments.has("--client") { Vec::new() } else { all.collect() };
        return Ok(Plan { pairs, clients: true });
    };
    let pairs = named.split(',').map(|name| {
        let found = all.clone().find(|&pair| pair_name(pair) == name);
        found.ok_or_else(|| Failure::new(format!("there is no pair {name:?}"), USAGE))
    });
    Ok(Plan { pairs: pairs.collect::<Result<_>>()?, clients: arguments.has("--client") })
}

fn pair_name((client, upstream): (Era, Era)) -> String {
    format!("{}-{}", client.name(), upstream.name())
}

fn prepare(workspace: &Workspace, scenario: Option<String>, console: Console) -> Result<Room> {
    let sources = workspace.root.join("e2e/conformance");
    let expectations = Expectations::read(&sources.join("expected.json"))?;
    let suite = Suite::new(&real::suites(workspace, console)?);
    let built = process::show(cargo(&["build", "-p", "tutti"]).current_dir(&workspace.root), console)?;
    if !built {
        return Err(Failure::new("tutti does not build", "mend what is listed above"));
    }
    let results = workspace.target.join("conformance");
    let mut build = cargo(&["build", "--quiet", "--locked", "--manifest-path"]);
    build.arg(sources.join("Cargo.toml")).arg("--target-dir").arg(results.join("cargo"));
    if !process::show(&mut build, console)? {
        return Err(Failure::new("the fixture does not build", "mend what is listed above, in e2e/conformance"));
    }
    let tutti = workspace.target.join("debug").join(format!("tutti{}", std::env::consts::EXE_SUFFIX));
    let programs = results.join("cargo/debug");
    Ok(Room { suite, expectations, console, tutti, programs, results, scenario })
}

impl Room {
    fn run(&self, plan: &Plan) -> Result<(Value, Vec<String>)> {
        let mut problems = Vec::new();
        let mut direct = Vec::new();
        for era in Era::BOTH
            .into_iter()
            .filter(|&era| plan.pairs.iter().any(|&(client, upstream)| era == client || era == upstream))
        {
            let judged = self.directly(era)?;
            let mut report = judged.to_json();
            report["version"] = era.revision().into();
            direct.push(report);
            problems.extend(judged.problems);
        }
        let mut pairs = Vec::new();
        for &pair in &plan.pairs {
            let judged = self.through_hub(pair)?;
            let mut report = judged.to_json();
            report["client"] = pair.0.name().into();
            report["upstream"] = pair.1.name().into();
            pairs.push(report);
            problems.extend(judged.problems);
        }
        let mut clients = Vec::new();
        for era in Era::BOTH.into_iter().filter(|_| plan.clients) {
            let judged = self.as_client(era)?;
            let mut report = judged.to_json();
            report["version"] = era.revision().into();
            clients.push(report);
            problems.extend(judged.problems);
        }
        Ok((json!({ "direct": direct, "pairs": pairs, "upstream_client": clients }), problems))
    }

    /// What of the scenarios that are scored is asked for.
    fn wanted(&self, scored: &[String]) -> Vec<String> {
        let named = |name: &&String| self.scenario.as_ref().is_none_or(|wanted| wanted == *name);
        scored.iter().filter(named).cloned().collect()
    }

    /// Compares a run with what is expected of it, the scenarios about extensions by themselves, and shows how it went.
    fn judge(
        &self,
        name: &str,
        scored: &[String],
        extensions: &[String],
        verdicts: &BTreeMap<String, Verdict>,
    ) -> Judged {
        let whole = self.scenario.is_none();
        let mut judged = self.expectations.judge(name, scored, verdicts, whole);
        self.show(name, &judged);
        let extensions = self.wanted(extensions);
        if !extensions.is_empty() {
            let title = format!("{name}/extensions");
            let mut beside = self.expectations.judge(&title, &extensions, verdicts, whole);
            self.show(&title, &beside);
            judged.problems.append(&mut beside.problems);
            judged.extensions = Some(Box::new(beside));
        }
        self.show_unscored(&[scored, &extensions].concat(), verdicts);
        judged
    }

    /// Shows how a run went, and what did not pass.
    fn show(&self, title: &str, judged: &Judged) {
        let Judged { scored, passed, expected, problems, .. } = judged;
        let known = expected.len();
        self.console.line(&format!("   {title}: {passed} of {scored} pass, {known} are expected to fail"));
        problems.iter().for_each(|problem| self.console.line(&format!("     {problem}")));
    }

    /// Shows how the scenarios went that do not count.
    fn show_unscored(&self, scored: &[String], verdicts: &BTreeMap<String, Verdict>) {
        let others: Vec<_> = verdicts.iter().filter(|(name, _)| !scored.contains(name)).collect();
        let (passed, total) = (others.iter().filter(|(_, verdict)| **verdict == Verdict::Passed).count(), others.len());
        if total > 0 {
            self.console.line(&format!("     not scored: {passed} of {total} pass"));
        }
        for (name, verdict) in others {
            if let Verdict::Failed(checks) = verdict {
                let checks: Vec<_> = checks.iter().map(ToString::to_string).collect();
                self.console.line(&format!("       {name}: {}", checks.join(" | ")));
            }
        }
    }

    fn requirements(&self, era: Era) -> Result<Requirements> {
        self.suite.requirements(era.revision())
    }
}

#[cfg(test)]
mod tests;
