//! The context that a step needs.

mod origin;

use super::context::{Reader, items, milliseconds, says, spot};
use crate::definition::{Fit, Limit, Memory, Need, Transcript, Write};
use crate::limits;
use crate::select::Select;
use crate::source::short;
use base::Code;
use base::config::{Node, Section, Value as Written};

pub(super) fn read<'a>(reader: &Reader<'a>, path: &str, node: &'a Node) -> Option<Memory> {
    let path = format!("{path}.memory");
    let mut section = reader.open(&path, node, "memory")?;
    let list = section.node("needs").filter(says).map(|node| items(reader, "needs", node, limits::NEEDS));
    let needs: Vec<Need> = list.unwrap_or_default().iter().filter_map(|node| need(reader, &path, node)).collect();
    twice(reader, &needs);
    let budget = section.node("budget").filter(says).and_then(|node| budget(reader, &path, node));
    let list = section.node("writes").filter(says).map(|node| items(reader, "writes", node, limits::NEEDS));
    let writes = list.unwrap_or_default().iter().filter_map(|node| write(reader, &path, node)).collect();
    let transcript = section.node("transcript").filter(says).and_then(|node| transcript(reader, &path, node));
    let at = if section.has("budget") { spot(&section, "budget") } else { node.place.into() };
    section.finish();
    Some(Memory { needs, budget, writes, transcript, at })
}

fn transcript<'a>(reader: &Reader<'a>, path: &str, node: &'a Node) -> Option<Transcript> {
    let path = format!("{path}.transcript");
    let mut section = reader.open(&path, node, "transcript")?;
    let compact_at = section.node("compact_at").filter(says).and_then(|node| compact_at(reader, &path, node));
    let mut count =
        |name, least| section.integer(name, least..=limits::COMPACT.1).and_then(|count| u32::try_from(count).ok());
    let (clear_tool_results, keep_last) = (count("clear_tool_results", 0), count("keep_last", 1));
    section.finish();
    Some(Transcript { compact_at, clear_tool_results, keep_last, at: node.place.into() })
}

/// A share of what the model reads, or a number of tokens: one is a share, and so few tokens are of no use.
fn compact_at(reader: &Reader<'_>, path: &str, node: &Node) -> Option<Limit> {
    let written = node.scalar_text().unwrap_or_default();
    let share = written.parse::<f64>().ok().filter(|share| *share > 0.0 && *share <= 1.0).map(Limit::Share);
    let tokens = written.parse::<u64>().ok().filter(|tokens| {
        i64::try_from(*tokens).is_ok_and(|tokens| (limits::COMPACT.0..=limits::TOKENS).contains(&tokens))
    });
    let limit = share.or(tokens.map(Limit::Tokens));
    if limit.is_none() {
        let message = format!(
            "`{path}.compact_at` is neither a share above 0 and up to 1, nor at least {} tokens",
            limits::COMPACT.0
        );
        let next = "write for example `compact_at: 0.7` or `compact_at: 20000`";
        reader.wrong(Code::ConfigInvalidValue, node.place, message, next);
    }
    limit
}

fn twice(reader: &Reader<'_>, needs: &[Need]) {
    for (index, need) in needs.iter().enumerate() {
        if needs.iter().take(index).any(|earlier| earlier.name == need.name) {
            let place = base::config::Place { line: need.at.line.max(1), column: need.at.column.max(1) };
            let message = format!("two needs would be `memory.{}`", short(&need.name));
            reader.fault(place, message, "give one of them another name with `as:`");
        }
    }
}

fn budget<'a>(reader: &Reader<'a>, path: &str, node: &'a Node) -> Option<Limit> {
    let wrong = |what: &str, next: &str| {
        reader.wrong(Code::ConfigInvalidValue, node.place, format!("`{path}.budget` {what}"), next);
    };
    if let Written::Map(_) = node.value {
        let mut section = reader.open(&format!("{path}.budget"), node, "share")?;
        let share = section.node("share").filter(says)?.scalar_text().and_then(|text| text.parse::<f64>().ok());
        section.finish();
        let share = share.filter(|share| *share > 0.0 && *share <= 1.0);
        if share.is_none() {
            wrong("is no share above 0 and up to 1", "write for example `{ share: 0.25 }`");
        }
        return share.map(Limit::Share);
    }
    let tokens = node.scalar_text().and_then(|text| text.parse::<u64>().ok());
    let tokens =
        tokens.filter(|tokens| *tokens > 0 && i64::try_from(*tokens).is_ok_and(|tokens| tokens <= limits::TOKENS));
    if tokens.is_none() {
        wrong("is no number of tokens", "write for example `budget: 4000` or `budget: { share: 0.25 }`");
    }
    tokens.map(Limit::Tokens)
}

fn need<'a>(reader: &Reader<'a>, path: &str, node: &'a Node) -> Option<Need> {
    let Written::Map(_) = node.value else {
        let text = reader.text("a need", node)?;
        let (from, name) = origin::read(reader, &text, node)?;
        let at = node.place.into();
        let fit = Fit::Exact;
        return Some(Need {
            from,
            name,
            select: None,
            max: None,
            fit,
            priority: 0,
            optional: false,
            implied: false,
            at,
        });
    };
    let mut section = reader.open(&format!("{path}.needs"), node, "need")?;
    let from = section.node("from").filter(says);
    let from = from.and_then(|node| origin::read(reader, &reader.text("`from`", node)?, node));
    let name = section.text("as");
    if let Some(name) = name.as_deref().filter(|name| !limits::is_variable(name)) {
        let message = format!("`{}` is no name for templates", short(name));
        section.problem("as", Code::WorkflowFile, message, "use letters, digits and `_`".to_owned());
    }
    let select = select(&mut section, "select");
    let max = section.integer("max", 1..=limits::TOKENS).and_then(|max| u64::try_from(max).ok());
    let fit = section.text("fit").map(|text| fit(&section, &text)).unwrap_or(Fit::Exact);
    let range = -1_000..=1_000;
    let (long, short) = (section.integer("priority", range.clone()), section.integer("prio", range));
    if long.is_some() && short.is_some() {
        section.problem(
            "prio",
            Code::WorkflowFile,
            "`priority` and `prio` are the same".to_owned(),
            "keep one of them".to_owned(),
        );
    }
    let optional = section.boolean("optional").unwrap_or(false);
    section.finish();
    let (from, own) = from?;
    let name = name.unwrap_or(own);
    let priority = long.or(short).unwrap_or(0);
    Some(Need { from, name, select, max, fit, priority, optional, implied: false, at: node.place.into() })
}

fn fit(section: &Section<'_>, text: &str) -> Fit {
    let words = [
        ("exact", Fit::Exact),
        ("truncate_head", Fit::TruncateHead),
        ("truncate_tail", Fit::TruncateTail),
        ("json_prune", Fit::JsonPrune),
        ("summary", Fit::Summary(None)),
    ];
    if let Some(model) = text.strip_prefix("summary(").and_then(|rest| rest.strip_suffix(')')) {
        return Fit::Summary(Some(model.trim().to_owned()).filter(|model| !model.is_empty()));
    }
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, fit)| fit.clone());
    found.unwrap_or_else(|| {
        let next = crate::source::hint(text, words.iter().map(|(word, _)| *word), "");
        section.problem("fit", Code::WorkflowFile, format!("`fit` cannot be `{}`", short(text)), next);
        Fit::Exact
    })
}

fn select(section: &mut Section<'_>, key: &'static str) -> Option<Select> {
    let text = section.text(key)?;
    let read = Select::parse(&text);
    if let Err(why) = &read {
        let message = format!("`{}` selects nothing: {why}", short(&text));
        section.problem(key, Code::WorkflowFile, message, "write for example `$.results[*].summary`".to_owned());
    }
    read.ok()
}

fn write<'a>(reader: &Reader<'a>, path: &str, node: &'a Node) -> Option<Write> {
    let mut section = reader.open(&format!("{path}.writes"), node, "write")?;
    let to = section.text("to");
    let place = to.as_deref().and_then(origin::note);
    if to.is_some() && place.is_none() {
        let message = format!("`{}` is no place to remember something", short(&to.unwrap_or_default()));
        section.problem(
            "to",
            Code::WorkflowFile,
            message,
            "write `memory(scope/key)`, such as `memory(project/findings)`".to_owned(),
        );
    }
    let from = select(&mut section, "from");
    let classification = section.text("classification");
    let ttl = milliseconds(&mut section, "ttl");
    section.finish();
    let (scope, key) = place?;
    Some(Write { scope, key, from, classification, ttl, at: node.place.into() })
}
