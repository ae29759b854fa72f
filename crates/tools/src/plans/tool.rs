//! `run_plan`: several calls in one.

use super::run::{Client, Done, Durable, Run};
use crate::hub::Hub;
use crate::own::{self, Own, OwnCall, OwnTool, Work};
use crate::view::View;
use crate::wholes::Shaping;
use base::Result;
use context::shape;
use mcp::{Era, raw};
use plan::answer;
use std::sync::Arc;
use std::time::Duration;
use telemetry::economy::{Ending, Means};
use tokio::sync::mpsc;

/// The tool.
pub struct RunPlan;

/// What it is called by.
pub(super) const NAME: &str = "run_plan";

/// How many notifications and questions may wait for the client.
const STEPS: usize = 16;

impl OwnTool for RunPlan {
    fn name(&self) -> &'static str {
        NAME
    }

    fn offered(&self, view: &View) -> bool {
        view.offers_plans()
    }

    fn definition(&self, _view: &View) -> String {
        include_str!("run_plan.json").trim_end().to_owned()
    }

    fn begin(&self, hub: &Hub, call: OwnCall) -> Result<Work> {
        begin(hub, &call, None)
    }
}

/// Begins a plan: that of a client, or one that a step of a durable run carries out.
///
/// # Errors
/// As [`OwnTool::begin`].
pub fn begin(hub: &Hub, call: &OwnCall, durable: Option<Durable>) -> Result<Work> {
    let prepared = match hub.prepare(&call.view, call.arguments()?) {
        Ok(prepared) => prepared,
        Err(errors) => {
            hub.telemetry().economy().plan(Ending::Refused, Duration::ZERO);
            let refused = answer::refused(&errors, Era::Legacy);
            return Ok(Work::Own(Own::new(&call.caller, async move { Ok(refused) })));
        }
    };
    let (sender, steps) = mpsc::channel(STEPS);
    let (replies, inbox) = mpsc::unbounded_channel();
    let trace = Arc::default();
    let run = Run::new(hub, call, prepared, Arc::clone(&trace), durable);
    let shaping = own::shaping(hub, &call.view, NAME.to_owned(), &call.caller).map(Shaping::uncounted);
    let (family, saved) = (call.view.family, hub.telemetry().economy().saved(Means::Plan));
    let result = async move {
        let Done { answer, read } = run.carry_out(Client { steps: sender, replies: inbox }).await;
        let result = answer.to_result(Era::Legacy);
        let result = match shaping {
            Some(shaping) => shaping.shape(result),
            None => result,
        };
        // The structured content says the same again.
        let shown = shape::tokens(&raw::without(&result, |member| member.is("structuredContent")), family);
        saved.add(read.less(shown).tokens as u64);
        Ok(shape::with_tokens(&result, family, shown, read))
    };
    Ok(Work::Own(Own::new(&call.caller, result).with_steps(steps, replies).with_trace(trace)))
}
