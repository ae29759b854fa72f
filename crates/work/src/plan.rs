//! `tutti plan`: plans of calls from files, and what was measured of plans.

mod file;
mod show;

use base::{Code, Error};
use clap::{Arg, ArgMatches};
use hubs::client::{HubClient, Wanted};
use hubs::{Command, Context, Failures};
use mcp::raw;
use serde_json::{Map, Value};

/// The command.
pub const COMMAND: Command = Command { arguments, run };

/// The tool of the hub that runs plans.
const TOOL: &str = "run_plan";

fn arguments() -> clap::Command {
    let file =
        || Arg::new("file").value_name("FILE").required(true).help("The plan, YAML or JSON; - is standard input");
    let view = || Arg::new("view").long("view").value_name("VIEW").help("As clients of this view see it");
    clap::Command::new("plan")
        .about("Run plans of several calls, and tell what they would do and how long they took")
        .after_help("What a plan is: docs/guide/plans.md. The view needs `plans: true` in the configuration.")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(
            clap::Command::new("run")
                .about("Run a plan")
                .after_help("Examples:\n  tutti plan run weekly.yaml\n  tutti plan run --json - < plan.json")
                .arg(file())
                .arg(view()),
        )
        .subcommand(
            clap::Command::new("explain")
                .about("Check a plan, and tell what it would do, without doing it")
                .after_help("Example:\n  tutti plan explain weekly.yaml")
                .arg(file())
                .arg(view()),
        )
        .subcommand(
            clap::Command::new("profile")
                .about("Tell how long the calls of plans took, in the hub that runs")
                .after_help("Example:\n  tutti plan profile"),
        )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    match matches.subcommand() {
        Some(("run", matches)) => carry_out(context, matches),
        Some(("explain", matches)) => explain(context, matches),
        Some(("profile", _)) => profile(context),
        _ => Err(Error::internal("a subcommand of `plan` is not in its table").into()),
    }
}

fn wanted(matches: &ArgMatches) -> Wanted {
    Wanted { view: matches.get_one::<String>("view").cloned(), ..Wanted::default() }
}

fn carry_out(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let output = &context.output;
    let plan = file::read(context, matches)?;
    context.block_on(HubClient::with(context, &wanted(matches), async |client| {
        let mut progress = |done: f64, total: Option<f64>, message: Option<&str>| {
            let of = total.map(|total| format!(" of {total}")).unwrap_or_default();
            output.progress(&format!("{done}{of}  {}", message.unwrap_or_default()));
        };
        let called = client.call_raw(TOOL, &plan, &mut progress).await;
        output.progress("");
        let result = called.map_err(without_plans)?;
        let failed = raw::get(&result, "isError") == Some("true");
        let code = if failed { Code::ToolFailed.exit() } else { 0 };
        let Some(report) = raw::get(&result, "structuredContent") else {
            return Err(refused(&result).into());
        };
        if output.json {
            output.line(&report.replace(['\n', '\r'], " "));
        } else {
            show::report(output, &base::json::from_text(report).unwrap_or_default());
        }
        Ok(code)
    }))
}

/// The error of a plan that was not begun.
fn refused(result: &str) -> Error {
    let value: Value = base::json::from_text(result).unwrap_or_default();
    let text = value["content"][0]["text"].as_str().unwrap_or_default().to_owned();
    let message = "the plan does not fit what there is, and was not begun";
    Error::new(Code::PlanInvalid, message, "mend what is told; `tutti plan explain FILE` checks it again")
        .with_detail(text)
}

fn without_plans(error: Error) -> Error {
    if error.code() != Code::UnknownTool {
        return error;
    }
    let next = "set `plans: true` in the view, for the view of everything: `views: { all: { plans: true } }`";
    Error::new(error.code(), "the view takes no plans", next)
}

fn explain(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let output = &context.output;
    let plan = file::read(context, matches)?;
    context.block_on(HubClient::with(context, &wanted(matches), async |client| {
        // What a server has is known when it has been started.
        client.get("/api/v1/servers?settle=60").await?;
        let view = client.view()?.map(|view| format!("?view={view}")).unwrap_or_default();
        let said = client.post_json(&format!("/api/v1/plans/explain{view}"), &Value::Object(plan.clone())).await?;
        if output.json {
            output.value(&said);
        } else {
            show::explanation(output, &said);
        }
        Ok(if said["fits"] == true { 0 } else { Code::PlanInvalid.exit() })
    }))
}

fn profile(context: &Context) -> Result<u8, Failures> {
    context.block_on(async {
        let next = "start one with `tutti up`; what was measured is in its memory";
        let none = || Error::new(Code::HubUnreachable, "no hub runs for this configuration", next);
        let client = HubClient::running(context).await?.ok_or_else(none)?;
        let said = client.get("/api/v1/plans/profile").await?;
        if context.output.json {
            context.output.value(&said);
        } else {
            show::profile(&context.output, &said);
        }
        Ok(0)
    })
}

/// A plan as the arguments of its tool.
type Plan = Map<String, Value>;
