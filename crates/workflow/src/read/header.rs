//! A workflow as a whole.

use super::context::{Reader, says};
use super::{Gaps, input, params, step, trigger};
use crate::definition::{DefaultModel, Parameter, RunBudget, Step, Triggers, Workflow};
use crate::limits;
use crate::source::{Spot, short};
use base::Code;
use base::config::{Node, Place, Section, Value as Written};

/// The one workflow of a file.
pub(super) fn workflow<'a>(reader: &Reader<'a>, root: &'a Node) -> Option<(Workflow, Gaps)> {
    reader.begin();
    let before = reader.problems.count();
    if matches!(root.value, Written::Null) {
        reader.fault(Place::START, "the file is empty", "begin with `name:` and `steps:`");
        return None;
    }
    let mut section = reader.open("", root, "workflow")?;
    let name = section.text("name").unwrap_or_default();
    let at = section.place_of("name");
    if section.has("name") {
        check_name(reader, &name, at);
    }
    let (model, faulty) = reader.watched(|| default_model(reader, &mut section, "model"));
    reader.missing(|gaps| gaps.model = faulty);
    let whole = body(reader, section, name, at, model);
    Some((whole, reader.gaps(before)))
}

/// The workflows of a file in the older form.
pub(super) fn older<'a>(reader: &Reader<'a>, root: &'a Node) -> Vec<(Workflow, Gaps)> {
    let Some(mut section) = reader.open("", root, "file") else { return Vec::new() };
    let (main, main_faulty) = reader.watched(|| default_model(reader, &mut section, "main_llm"));
    let node = section.node("workflows");
    section.finish();
    let Some(node) = node else { return Vec::new() };
    let entries = base::config::entries(reader.problems, &reader.source.file, "workflows", node);
    if entries.is_empty() {
        reader.fault(node.place, "`workflows` holds none", "write each as `name:` with `steps:` below it");
    }
    if let Some(excess) = entries.get(limits::WORKFLOWS) {
        let message = format!("the file has more than {} workflows", limits::WORKFLOWS);
        reader.wrong(Code::WorkflowTooLarge, excess.key_place, message, "split it");
    }
    let read = |entry: &&'a base::config::Entry| {
        reader.begin();
        let before = reader.problems.count();
        check_name(reader, &entry.key, entry.key_place);
        let mut section = reader.open(&format!("workflows.{}", entry.key), &entry.node, "named_workflow")?;
        let (own, faulty) = reader.watched(|| default_model(reader, &mut section, "model"));
        reader.missing(|gaps| gaps.model = faulty || own.is_none() && main_faulty);
        let model = own.or_else(|| main.clone());
        let whole = body(reader, section, entry.key.clone(), entry.key_place, model);
        Some((whole, reader.gaps(before)))
    };
    entries.iter().take(limits::WORKFLOWS).filter_map(read).collect()
}

fn check_name(reader: &Reader<'_>, name: &str, place: Place) {
    if !limits::is_name(name) {
        let next = "use letters, digits and `_`, at most 64, the first no digit: it becomes the name of a tool";
        reader.fault(place, format!("`{}` is no name of a workflow", short(name)), next);
    }
}

/// All of a workflow but its name and its model.
fn body<'a>(
    reader: &Reader<'a>,
    mut section: Section<'a>,
    name: String,
    at: Place,
    model: Option<DefaultModel>,
) -> Workflow {
    let description = section.text("description");
    let params = section.node("params").filter(says);
    let (params, faulty) = reader.watched(|| params.map(|node| params::read(reader, node)));
    reader.missing(|gaps| gaps.params = faulty);
    let params: Vec<Parameter> = params.unwrap_or_default();
    let steps: Vec<Step> = section.node("steps").map(|node| step::list(reader, "steps", node, 0)).unwrap_or_default();
    if section.has("steps")
        && steps.is_empty()
        && matches!(section.node("steps").map(|node| &node.value), Some(Written::List(items)) if items.is_empty())
    {
        section.problem(
            "steps",
            Code::WorkflowFile,
            "`steps` is empty".to_owned(),
            "add a step: `- name: …`".to_owned(),
        );
    }
    let output = section.node("output").filter(says).map(|node| input::input(reader, node));
    let output_schema = input::schema(reader, &mut section, "output_schema");
    let budget = budget(reader, &mut section);
    let triggers = section.node("triggers").filter(says);
    let (triggers, faulty) = reader.watched(|| triggers.map(|node| trigger::read(reader, node)));
    reader.missing(|gaps| gaps.triggers = faulty);
    section.finish();
    let triggers: Triggers = triggers.unwrap_or_default();
    Workflow { name, description, params, model, steps, output, output_schema, budget, triggers, at: Spot::from(at) }
}

fn default_model<'a>(reader: &Reader<'a>, section: &mut Section<'a>, key: &'static str) -> Option<DefaultModel> {
    let node = section.node(key).filter(says)?;
    if let Written::Map(_) = node.value {
        let mut inner = reader.open(key, node, "model")?;
        let (provider, model) = (inner.text("provider"), inner.text("model"));
        let at = inner.place_of("model").into();
        inner.finish();
        return model.map(|model| DefaultModel { provider, model, at });
    }
    let at = node.place.into();
    section.text(key).map(|model| DefaultModel { provider: None, model, at })
}

fn budget<'a>(reader: &Reader<'a>, section: &mut Section<'a>) -> RunBudget {
    let node = section.node("budget").filter(says);
    let Some(mut inner) = node.and_then(|node| reader.open("budget", node, "budget")) else {
        return RunBudget::default();
    };
    let money = inner.node("money").filter(says).and_then(|node| {
        let amount = node.scalar_text().and_then(|text| text.parse::<f64>().ok());
        let amount = amount.filter(|amount| amount.is_finite() && (0.0..=1e6).contains(amount));
        if amount.is_none() {
            let message = "`budget.money` is no amount of US dollars from 0 to 1000000".to_owned();
            inner.problem("money", Code::ConfigInvalidValue, message, "write for example `money: 2.5`".to_owned());
        }
        // An amount of at most a million has no more than 53 bits in billionths that matter.
        amount.map(|amount| (amount * 1e9).round() as u64)
    });
    let tokens = inner.integer("tokens", 1..=limits::TOKENS).and_then(|tokens| u64::try_from(tokens).ok());
    let time = super::context::milliseconds(&mut inner, "time");
    inner.finish();
    RunBudget { money, tokens, time }
}
