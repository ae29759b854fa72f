//! Plans of tool calls: the crate `plan` decides, here they are held against this hub and carried out.
//!
//! Each call of a plan goes by [`Hub::forward`], as if the client had sent it: through its view, the pins, the guard, the
//! caches. What a plan adds is order.

mod calls;
mod run;
mod tool;

pub use run::Durable;
pub use tool::{RunPlan, begin};

use crate::hub::Hub;
use crate::naming;
use crate::view::View;
use base::{Code, Error, Result};
use plan::definition;
use plan::prepare::{Prepared, prepare};
use plan::target::Target;
use resilience::retry::Effect;

impl Hub {
    /// Reads a plan, raw JSON, and holds it against what `view` has.
    ///
    /// # Errors
    /// All that is wrong with it, as far as it can be told at once.
    pub fn prepare(&self, view: &View, source: &str) -> Result<Prepared, Vec<Error>> {
        let settings = self.plans();
        let plan = definition::read(source, &settings.limits)?;
        prepare(plan, &settings.limits, &settings.rules, |tool| self.target(view, tool))
    }

    /// What a plan, raw JSON, would do for the clients of `view`.
    ///
    /// # Errors
    /// As [`Hub::prepare`].
    pub fn explain(&self, view: &View, source: &str) -> Result<serde_json::Value, Vec<Error>> {
        let prepared = self.prepare(view, source)?;
        let rules: Vec<String> = self.plans().rules.into_iter().map(|rule| rule.name).collect();
        Ok(plan::explain::of(&prepared, &rules))
    }

    /// The tool that a plan of a client of `view` calls by this name.
    fn target(&self, view: &View, tool: &str) -> Result<Target> {
        if tool == tool::NAME {
            let message = "a plan cannot call run_plan";
            return Err(Error::new(Code::PlanInvalid, message, "put the steps of the inner plan into this one"));
        }
        let route = self.destination(view, tool)?;
        let upstream = self.upstream(&route.upstream).filter(|_| !route.original.is_empty());
        let Some(upstream) = upstream else {
            // It is looked up again when its server has told what it has.
            let known_as = match view.naming() {
                naming::Naming::Prefixed => tool.to_owned(),
                naming::Naming::Own => naming::exposed(&route.upstream, tool),
            };
            return Ok(Target { known_as, effect: Effect::Write, definition: None, usual: None });
        };
        let catalogue = upstream.catalogue();
        if catalogue.is_task_only(&route.original) {
            let message =
                format!("the tool `{tool}` of `{}` runs as a task only, and calls of a plan are none", route.upstream);
            let next = "leave it out of the plan and call it as a task";
            return Err(Error::new(Code::TaskNeeded, message, next).of_upstream(&route.upstream));
        }
        let definition = catalogue.tools.iter().find(|item| item.key == route.original).map(|item| item.json.clone());
        let known_as = naming::exposed(&route.upstream, &route.original);
        // Without a plan that called it before, all its calls tell how long it takes.
        let usual = self.profile().usual(&known_as).or_else(|| upstream.guard.usual(&route.original));
        Ok(Target { known_as, effect: upstream.effect(&route.original), definition, usual })
    }
}
