//! What commands of workflows print.

use super::known::Known;
use base::Error;
use console::output::{Style, Table, one_line};
use hubs::Context;
use serde_json::{Value, json};
use workflow::definition::{Parameter, Triggers, Workflow};
use workflow::{Definition, Planned};

/// The workflows of the configuration.
pub(super) fn list(context: &Context, known: &Known) {
    let planned = known.planned();
    let output = &context.output;
    if output.json {
        let told: Vec<Value> = planned.iter().map(|(definition, plan)| one(definition, plan)).collect();
        return output.value(&json!({"workflows": told}));
    }
    if planned.is_empty() {
        return output
            .message("there are no workflows; name their files in tutti.yaml: `workflows: [\"workflows/*.yaml\"]`");
    }
    let mut table = Table::new(&["name", "params", "started by", "effect", "file", "description"]);
    for (definition, plan) in &planned {
        let Workflow { name, description, params, triggers, .. } = &definition.workflow;
        let effect = match plan {
            Ok(plan) => (Style::Plain, plan.effect().word().to_owned()),
            Err(errors) => (Style::Bad, format!("{} faults", errors.len())),
        };
        table.row(vec![
            (Style::Strong, name.clone()),
            (Style::Plain, params.iter().map(shown).collect::<Vec<_>>().join(", ")),
            (Style::Plain, started_by(triggers).join(", ")),
            effect,
            (Style::Plain, one_line(&definition.source.file, 80)),
            (Style::Faint, one_line(description.as_deref().unwrap_or_default(), 80)),
        ]);
    }
    table.print(output);
    if planned.iter().any(|(_, plan)| plan.is_err()) {
        output.message("some have faults: `tutti workflow validate` tells them all");
    }
}

/// A parameter in a table: one that may be left out has a question mark.
fn shown(parameter: &Parameter) -> String {
    format!("{}{}", parameter.name, if parameter.required { "" } else { "?" })
}

fn started_by(triggers: &Triggers) -> Vec<String> {
    let schedules = triggers.schedules.iter().map(|schedule| schedule.cron.written().to_owned());
    schedules.chain(triggers.webhooks.iter().map(|webhook| format!("webhook {}", webhook.name))).collect()
}

/// A workflow as programs get it.
fn one(definition: &Definition, plan: &Planned) -> Value {
    let Workflow { name, description, params, triggers, .. } = &definition.workflow;
    let plan = plan.as_ref();
    let errors: Vec<Value> = plan.err().into_iter().flatten().map(Error::to_json).collect();
    let plan = plan.ok();
    json!({
        "name": name,
        "description": description,
        "file": definition.source.file,
        "params": params,
        "schedules": triggers.schedules.iter().map(|schedule| schedule.cron.written().to_owned()).collect::<Vec<_>>(),
        "webhooks": triggers.webhooks.iter().map(|webhook| &webhook.name).collect::<Vec<_>>(),
        "steps": plan.map(|plan| plan.steps().len()),
        "effect": plan.map(|plan| plan.effect()),
        "hash": plan.map(|plan| plan.hash()),
        "errors": errors,
    })
}
