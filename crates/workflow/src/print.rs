//! A definition in the form of a file, which means the same when it is read.

use crate::definition::{
    Action, Branch, Case, Fit, Gate, InDoubt, Input, Inputs, ItemFailure, Limit, Memory, Need, OnError, OnExpiry,
    Origin, Retry, Step, ToolCall, Transcript, Triggers, Wait, Workflow,
};
use crate::template::Template;
use base::config::duration_text;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The workflow as the text of a file, in JSON, in the form of a file of today, also where it was read from the older form. JSON is YAML too.
pub fn printed(workflow: &Workflow) -> String {
    let mut text = String::new();
    write(&whole(workflow), 0, &mut text);
    text.push('\n');
    text
}

/// JSON whose numbers look as the reader of YAML knows them: it takes others for texts, so as to keep what was typed.
fn write(value: &Value, depth: usize, text: &mut String) {
    let margin = |depth: usize| format!("\n{}", "  ".repeat(depth));
    match value {
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => text.push_str(&format!("{float:?}")),
            None => text.push_str(&number.to_string()),
        },
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                text.push(if index == 0 { '[' } else { ',' });
                text.push_str(&margin(depth + 1));
                write(item, depth + 1, text);
            }
            text.push_str(&margin(depth));
            text.push(']');
        }
        Value::Object(members) if !members.is_empty() => {
            for (index, (key, member)) in members.iter().enumerate() {
                text.push(if index == 0 { '{' } else { ',' });
                text.push_str(&margin(depth + 1));
                text.push_str(&format!("{}: ", Value::String(key.clone())));
                write(member, depth + 1, text);
            }
            text.push_str(&margin(depth));
            text.push('}');
        }
        other => text.push_str(&other.to_string()),
    }
}

fn whole(workflow: &Workflow) -> Value {
    let mut said = Said::default();
    said.put("name", workflow.name.as_str());
    said.some("description", workflow.description.as_deref());
    said.some(
        "model",
        workflow.model.as_ref().map(|model| {
            let mut said = Said::default();
            said.some("provider", model.provider.as_deref());
            said.put("model", model.model.as_str());
            said.value()
        }),
    );
    let params: Map<String, Value> = workflow
        .params
        .iter()
        .map(|known| {
            let mut schema = known.schema.clone();
            if let Some(members) = schema.as_object_mut() {
                members.extend(known.default.clone().map(|default| ("default".to_owned(), default)));
                // A schema of an object may have a list under this key, and then nothing else is to be said.
                if known.required == known.default.is_some() {
                    members.insert("required".to_owned(), known.required.into());
                }
            }
            (known.name.clone(), schema)
        })
        .collect();
    said.some(
        "params",
        Some(Value::Object(params)).filter(|params| params.as_object().is_some_and(|map| !map.is_empty())),
    );
    said.put("steps", steps(&workflow.steps));
    said.some("output", workflow.output.as_ref().map(input));
    said.some("output_schema", workflow.output_schema.clone());
    let budget = workflow.budget;
    said.some(
        "budget",
        Some(budget).filter(|budget| !budget.is_empty()).map(|budget| {
            let mut said = Said::default();
            said.some("money", budget.money.map(|money| money as f64 / 1e9));
            said.some("tokens", budget.tokens);
            said.some("time", budget.time.map(time));
            said.value()
        }),
    );
    said.some("triggers", Some(&workflow.triggers).filter(|all| **all != Triggers::default()).map(triggers));
    said.value()
}

/// What is said, and nothing else.
#[derive(Default)]
struct Said(Map<String, Value>);

impl Said {
    fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }

    fn some(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    fn value(self) -> Value {
        Value::Object(self.0)
    }
}

/// An expression needs no braces where only one can stand, and may hold some itself.
fn condition(template: &Template) -> String {
    template.source.clone()
}

fn time(milliseconds: u64) -> String {
    duration_text(Duration::from_millis(milliseconds))
}

fn input(input: &Input) -> Value {
    match input {
        Input::Value(value) => value.clone(),
        Input::Template(template) => template.written().into(),
        Input::List(items) => items.iter().map(self::input).collect(),
        Input::Map(inputs) => self::inputs(inputs),
    }
}

fn inputs(inputs: &Inputs) -> Value {
    inputs.0.iter().map(|(name, value)| (name.clone(), input(value))).collect::<Map<String, Value>>().into()
}

fn steps(steps: &[Step]) -> Value {
    steps.iter().map(step).collect()
}

fn step(step: &Step) -> Value {
    let mut said = Said::default();
    said.put("name", step.name.as_str());
    said.some("description", step.description.as_deref());
    action(&mut said, &step.action, &step.body);
    said.some("when", step.when.as_ref().map(condition));
    said.some(
        "for_each",
        step.for_each.as_ref().map(|rule| {
            let items = match &rule.items {
                Input::Template(template) => condition(template).into(),
                other => input(other),
            };
            json!({
                "items": items, "as": rule.variable, "concurrency": rule.concurrency, "max": rule.most,
                "on_failure": match rule.on_failure {
                    ItemFailure::Fail => json!("fail"),
                    ItemFailure::Continue => json!("continue"),
                    ItemFailure::Tolerate(count) => json!({"tolerate": count}),
                },
            })
        }),
    );
    said.some(
        "repeat",
        step.repeat.as_ref().map(|rule| {
            let mut said = Said::default();
            said.put("until", condition(&rule.until));
            said.put("max", rule.most);
            said.some("delay", rule.delay.map(time));
            said.value()
        }),
    );
    said.some("retry", step.retry.as_ref().map(retry));
    said.some("timeout", step.timeout.map(time));
    match &step.on_error {
        OnError::Fail => {}
        OnError::Continue => said.put("on_error", "continue"),
        OnError::Step(other) => said.put("on_error", json!({"step": other.name})),
    }
    said.some("compensate", step.compensate.as_ref().map(call));
    said.some("effect", step.effect.map(crate::Effect::word));
    said.some(
        "on_in_doubt",
        step.on_in_doubt.as_ref().map(|doubt| match doubt {
            InDoubt::Ask => json!("ask"),
            InDoubt::Retry => json!("retry"),
            InDoubt::Fail => json!("fail"),
            InDoubt::Probe(probe) => json!({"probe": call(probe)}),
        }),
    );
    if !step.after.is_empty() {
        said.put("after", step.after.iter().map(|name| name.name.as_str()).collect::<Vec<_>>());
    }
    said.some("memory", step.memory.as_ref().map(memory));
    said.some("output", step.output.as_ref().map(input));
    said.some("output_schema", step.output_schema.clone());
    said.value()
}

fn retry(rule: &Retry) -> Value {
    let backoff =
        json!({"first": time(rule.backoff.first), "factor": rule.backoff.factor, "max": time(rule.backoff.most)});
    let mut said = json!({"attempts": rule.attempts, "backoff": backoff});
    if !rule.on.is_empty() {
        said["codes"] = json!(rule.on);
    }
    said
}

fn call(call: &ToolCall) -> Value {
    json!({"tool": call.address(), "inputs": inputs(&call.inputs)})
}

fn action(said: &mut Said, action: &Action, body: &[Branch]) {
    match action {
        Action::Tool(call) => {
            said.put("tool", call.address());
            said.put("inputs", inputs(&call.inputs));
        }
        Action::ModelCall(question) => {
            said.put("tool", "model_call");
            said.put("inputs", inputs(question));
        }
        Action::ParallelQuery { queries, at_least } => {
            let mut whole = Said::default();
            whole.put("queries", queries.iter().map(inputs).collect::<Vec<_>>());
            whole.some("at_least", *at_least);
            said.put("tool", "parallel_query");
            said.put("inputs", whole.value());
        }
        Action::Prompt(prompt) => {
            let mut whole = Said::default();
            whole.put("name", prompt.name.name.as_str());
            whole.some("version", prompt.version.as_ref().map(|version| version.name.as_str()));
            whole.some("model", prompt.model.as_ref().map(input));
            whole.put("ask", prompt.ask);
            said.put("prompt", whole.value());
            said.put("inputs", inputs(&prompt.inputs));
        }
        Action::Plan(call) => {
            let tools: Vec<&str> = call.tools.iter().map(|name| name.name.as_str()).collect();
            said.put("plan", json!({"plan": input(&call.plan), "tools": tools}));
        }
        Action::Workflow(sub) => {
            said.put("workflow", sub.name.name.as_str());
            said.put("inputs", inputs(&sub.inputs));
        }
        Action::Wait(wait) => said.put("wait", self::wait(wait)),
        Action::Gate(gate) => said.put("gate", self::gate(gate)),
        Action::Set(values) => said.put("set", inputs(values)),
        Action::Switch { on } => {
            let mut cases = Map::new();
            let mut whole = Said::default();
            whole.put("value", condition(on));
            for branch in body {
                match &branch.case {
                    Case::Is(value) => drop(cases.insert(value.clone(), steps(&branch.steps))),
                    Case::Always | Case::Otherwise => whole.put("default", steps(&branch.steps)),
                }
            }
            whole.put("cases", Value::Object(cases));
            said.put("switch", whole.value());
        }
        Action::Group => {
            let within: Vec<Value> = body.iter().flat_map(|branch| branch.steps.iter().map(step)).collect();
            said.put("steps", within);
        }
    }
}

fn wait(wait: &Wait) -> Value {
    match wait {
        Wait::For(length) => json!({"for": time(*length)}),
        Wait::Until(moment) => json!({"until": input(moment)}),
        Wait::Signal { name, timeout } => {
            let mut said = Said::default();
            said.put("signal", name.as_str());
            said.some("timeout", timeout.map(time));
            said.value()
        }
    }
}

fn gate(gate: &Gate) -> Value {
    let mut said = Said::default();
    said.put("prompt", gate.prompt.written());
    said.some("show", gate.show.as_ref().map(input));
    said.some("approvers", Some(gate.approvers.clone()).filter(|all| !all.is_empty()));
    said.some("expires", gate.expires.map(time));
    if gate.on_expiry == OnExpiry::Approve {
        said.put("on_expiry", "approve");
    }
    if gate.edit {
        said.put("edit", true);
    }
    said.value()
}

fn memory(memory: &Memory) -> Value {
    let mut said = Said::default();
    said.put("needs", memory.needs.iter().map(need).collect::<Vec<_>>());
    said.some(
        "budget",
        memory.budget.map(|budget| match budget {
            Limit::Tokens(tokens) => json!(tokens),
            Limit::Share(share) => json!({"share": share}),
        }),
    );
    let note = |write: &crate::definition::Write| {
        let mut said = Said::default();
        said.put("to", format!("memory({}/{})", write.scope, write.key));
        said.some("from", write.from.as_ref().map(|select| select.written().to_owned()));
        said.some("classification", write.classification.as_deref());
        said.some("ttl", write.ttl.map(time));
        said.value()
    };
    said.put("writes", memory.writes.iter().map(note).collect::<Vec<_>>());
    said.some("transcript", memory.transcript.as_ref().map(transcript));
    said.value()
}

fn transcript(transcript: &Transcript) -> Value {
    let mut said = Said::default();
    let at = |limit| match limit {
        Limit::Tokens(tokens) => json!(tokens),
        Limit::Share(share) => json!(share),
    };
    said.some("compact_at", transcript.compact_at.map(at));
    said.some("clear_tool_results", transcript.clear_tool_results);
    said.some("keep_last", transcript.keep_last);
    said.value()
}

fn need(need: &Need) -> Value {
    let mut said = Said::default();
    said.put(
        "from",
        match &need.from {
            Origin::UserPrompt => "user_prompt".to_owned(),
            Origin::Parameter(name) => name.name.clone(),
            Origin::Parameters => "parameters".to_owned(),
            Origin::ToolOutput(name) => format!("tool_output({})", name.name),
            Origin::ModelOutput(name) => format!("model_output({})", name.name),
            Origin::LastOutput => "last_output".to_owned(),
            Origin::Classification(class) => format!("classification({class})"),
            Origin::Memory { scope, key } => format!("memory({scope}/{key})"),
            Origin::Search { scope, query, most } => {
                let place = scope.as_ref().map_or("memory".to_owned(), |scope| format!("memory/{scope}"));
                let mark = if query.source.contains('\'') { '"' } else { '\'' };
                format!("search({place}, {mark}{}{mark}, k={most})", query.written())
            }
        },
    );
    said.put("as", need.name.as_str());
    said.some("select", need.select.as_ref().map(|select| select.written().to_owned()));
    said.some("max", need.max);
    said.put(
        "fit",
        match &need.fit {
            Fit::Exact => "exact".to_owned(),
            Fit::TruncateHead => "truncate_head".to_owned(),
            Fit::TruncateTail => "truncate_tail".to_owned(),
            Fit::JsonPrune => "json_prune".to_owned(),
            Fit::Summary(None) => "summary".to_owned(),
            Fit::Summary(Some(model)) => format!("summary({model})"),
        },
    );
    said.put("priority", need.priority);
    said.put("optional", need.optional);
    said.value()
}

fn triggers(triggers: &Triggers) -> Value {
    let schedules: Vec<Value> = triggers
        .schedules
        .iter()
        .map(|one| json!({"cron": one.cron.written(), "params": inputs(&one.params), "overlap": one.overlap}))
        .collect();
    let webhook = |one: &crate::definition::Webhook| {
        let mut said = Said::default();
        said.put("name", one.name.as_str());
        said.some("secret", one.secret.as_deref());
        said.put("params", inputs(&one.params));
        said.some("dedup", one.dedup.as_ref().map(|template| template.written()));
        said.value()
    };
    json!({"schedules": schedules, "webhooks": triggers.webhooks.iter().map(webhook).collect::<Vec<_>>()})
}

#[cfg(test)]
mod tests;
