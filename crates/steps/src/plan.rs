//! Steps that carry out a plan of tool calls which another step has made.

use crate::acting::Acting;
use crate::addresses::{address, door, fits, parts, views};
use crate::calls::DECLINED;
use base::{Code, Error, Result};
use journal::IdempotencyKey;
use machine::Fault;
use mcp::raw;
use runner::{Done, Failed};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tools::own::OwnCall;
use tools::plans::{self, Durable};
use tools::{Hub, Step};

/// Carries out a plan, once. Each of its calls has a key of its own, which follows from that of the step and stays the same when
/// the plan is carried out again.
pub(crate) async fn call(
    (hub, acting): (&Hub, Acting),
    plan: &Value,
    tools: &[String],
    key: IdempotencyKey,
) -> Result<Done, Failed> {
    let plan = checked(hub, &acting, plan, tools)?;
    let view = views(hub, &acting).next().ok_or_else(|| {
        Error::new(Code::UnknownView, "there is no view that the plan could use", "look at `views` of the key")
    })?;
    let params = format!(r#"{{"name":"run_plan","arguments":{plan}}}"#);
    let began = Arc::new(AtomicBool::new(false));
    let keys = move |part: &str| key.of_part(part).to_string();
    let durable = Durable { key: Arc::new(keys), began: Arc::clone(&began) };
    let mut work = plans::begin(hub, &OwnCall { view, params, caller: acting.client }, Some(durable))?;
    // What some of its calls did before it failed is done, and would be done again.
    let failed = |fault| if began.load(Ordering::Relaxed) { Failed::unknown(fault) } else { Failed::known(fault) };
    loop {
        match work.next().await {
            Step::Result(result) => return done(&result).map_err(failed),
            Step::Error(error) => return Err(failed(Fault::from(&plan::value::answered(&error)))),
            Step::Ask(ask) => work.reply(ask.key, Err(DECLINED.to_owned())),
            Step::Note(_) | Step::Withdraw(_) => {}
        }
    }
}

/// The plan with the names that the view has for its tools, all of which the step lets it call.
fn checked(hub: &Hub, acting: &Acting, plan: &Value, allowed: &[String]) -> Result<Value> {
    let read = plan.as_str().map(base::json::from_text).transpose();
    let mut plan = read.map_err(|error| wrong(&format!("is no JSON: {error}")))?.unwrap_or_else(|| plan.clone());
    let view = views(hub, acting).next();
    let steps = plan.get_mut("steps").and_then(Value::as_array_mut).ok_or_else(|| wrong("has no list `steps`"))?;
    for step in steps {
        let Some(named) = step["tool"].as_str().map(str::to_owned) else {
            return Err(wrong("has a step without a `tool`"));
        };
        let found = match parts(&named) {
            Some((server, tool)) => {
                let door = door(hub, acting, server, tool);
                door.map(|door| (door.name, named.clone()))
            }
            None => view.as_ref().and_then(|view| {
                let route = view.tools.get(&named)?;
                Some((named.clone(), address(&route.upstream, &route.original)))
            }),
        };
        let (name, full) = found.ok_or_else(|| wrong(&format!("calls `{}`, which is not there", shown(&named))))?;
        if !allowed.iter().any(|pattern| fits(pattern, &full)) {
            return Err(wrong(&format!("calls `{}`, which the step does not let it", shown(&full))));
        }
        if let Some(step) = step.as_object_mut() {
            step.insert("tool".to_owned(), name.into());
        }
    }
    Ok(plan)
}

fn done(result: &str) -> Result<Done, Fault> {
    let report = raw::get(result, "structuredContent").unwrap_or("null");
    let report = base::json::from_text(report).unwrap_or_default();
    if raw::get(result, "isError") != Some("true") {
        return Ok(Done::free(report["results"].clone()));
    }
    let text = plan::value::of(result).err().unwrap_or_default();
    Err(Fault::new(Code::ToolFailed, format!("the plan failed: {text}")))
}

fn shown(name: &str) -> String {
    name.chars().filter(|one| !one.is_control()).take(100).collect()
}

fn wrong(why: &str) -> Error {
    let next = "look at what the step before gave; `tools` of the step says what a plan may call";
    Error::new(Code::PlanInvalid, format!("the plan {why}"), next)
}
