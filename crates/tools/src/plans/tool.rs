//! `run_plan`: several calls in one.

use super::run::{Client, Run};
use crate::hub::Hub;
use crate::own::{self, Own, OwnCall, OwnTool, Work};
use crate::view::View;
use base::Result;
use mcp::Era;
use plan::answer;
use std::sync::Arc;
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
        view.plans
    }

    fn definition(&self, _view: &View) -> String {
        include_str!("run_plan.json").trim_end().to_owned()
    }

    fn begin(&self, hub: &Hub, call: OwnCall) -> Result<Work> {
        let prepared = match hub.prepare(&call.view, call.arguments()?) {
            Ok(prepared) => prepared,
            Err(errors) => {
                let refused = answer::refused(&errors, Era::Legacy);
                return Ok(Work::Own(Own::new(&call.caller, async move { Ok(refused) })));
            }
        };
        let (sender, steps) = mpsc::channel(STEPS);
        let (replies, inbox) = mpsc::unbounded_channel();
        let trace = Arc::default();
        let run = Run::new(hub, &call, prepared, Arc::clone(&trace));
        let shaping = own::shaping(hub, &call.view, NAME.to_owned(), &call.caller);
        let result = async move {
            let answer = run.carry_out(Client { steps: sender, replies: inbox }).await;
            let result = answer.to_result(Era::Legacy);
            Ok(match shaping {
                Some(shaping) => shaping.shape(result),
                None => result,
            })
        };
        Ok(Work::Own(Own::new(&call.caller, result).with_steps(steps, replies).with_trace(trace)))
    }
}
