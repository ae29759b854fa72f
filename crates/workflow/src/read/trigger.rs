//! What starts a run by itself.

use super::context::{Reader, items, says};
use super::input;
use crate::cron::Cron;
use crate::definition::{Inputs, Schedule, Triggers, Webhook};
use crate::limits;
use crate::source::short;
use base::Code;
use base::config::{Node, Section};

pub(super) fn read<'a>(reader: &Reader<'a>, node: &'a Node) -> Triggers {
    let Some(mut section) = reader.open("triggers", node, "triggers") else { return Triggers::default() };
    let list = section.node("schedules").map(|node| items(reader, "schedules", node, limits::TRIGGERS));
    let schedules = list.unwrap_or_default().iter().filter_map(|node| schedule(reader, node)).collect();
    let list = section.node("webhooks").map(|node| items(reader, "webhooks", node, limits::TRIGGERS));
    let webhooks = list.unwrap_or_default().iter().filter_map(|node| webhook(reader, node)).collect();
    section.finish();
    Triggers { schedules, webhooks }
}

fn params(reader: &Reader<'_>, section: &mut Section<'_>) -> Inputs {
    let path = format!("{}.params", section.path());
    section.node("params").filter(says).map(|node| input::inputs(reader, &path, node)).unwrap_or_default()
}

fn schedule<'a>(reader: &Reader<'a>, node: &'a Node) -> Option<Schedule> {
    let mut section = reader.open("triggers.schedules", node, "schedule")?;
    let text = section.text("cron");
    let cron = text.map(|text| (Cron::parse(&text), text));
    if let Some((Err(why), text)) = &cron {
        let message = format!("`{}` is no schedule: {why}", short(text));
        section.problem(
            "cron",
            Code::WorkflowFile,
            message,
            "write for example `30 6 * * mon-fri` or `@daily`".to_owned(),
        );
    }
    if let Some(zone) = section.text("timezone").filter(|zone| zone != "UTC") {
        let message = format!("the time zone `{}` is not known", short(&zone));
        section.problem("timezone", Code::WorkflowFile, message, "write times in UTC and `timezone: UTC`".to_owned());
    }
    let params = params(reader, &mut section);
    let overlap = section.boolean("overlap").unwrap_or(false);
    section.finish();
    let cron = cron.and_then(|(cron, _)| cron.ok())?;
    Some(Schedule { cron, params, overlap })
}

fn webhook<'a>(reader: &Reader<'a>, node: &'a Node) -> Option<Webhook> {
    let mut section = reader.open("triggers.webhooks", node, "webhook")?;
    let name = section.text("name");
    if let Some(name) = name.as_deref().filter(|name| !is_address(name)) {
        let message = format!("`{}` cannot be the last part of an address", short(name));
        section.problem("name", Code::WorkflowFile, message, "use letters, digits, `-` and `_`, at most 64".to_owned());
    }
    let secret = section.text("secret");
    if secret.as_deref().is_some_and(|secret| !base::config::is_secret_name(secret)) {
        let next = "keep it with `tutti secret set NAME` and write `secret: NAME`".to_owned();
        section.problem("secret", Code::WorkflowFile, "`secret` is not the name of a secret".to_owned(), next);
    }
    let params = params(reader, &mut section);
    let dedup = section.node("dedup").filter(says).and_then(|node| input::template(reader, "`dedup`", node));
    section.finish();
    name.map(|name| Webhook { name, secret, params, dedup })
}

fn is_address(name: &str) -> bool {
    (1..=limits::NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
