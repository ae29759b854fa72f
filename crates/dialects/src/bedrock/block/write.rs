//! Blocks as they are written.

use super::FORMS;
use crate::bedrock::media::{self, Names};
use crate::bedrock::own::{ABSENT, LONGEST, OWN};
use conversation::dialect::Dialect;
use conversation::extra::Extra;
use conversation::ids::{self, Calls};
use conversation::item::{CacheBreakpoint, Item, Media, Reasoning, Text, ToolCall, ToolResult};
use conversation::json::Raw;
use conversation::json::write::{ArrayWriter, ObjectWriter};
use conversation::loss::Losses;
use std::borrow::Cow;

/// Writes the blocks of a conversation, one after the other.
#[derive(Debug, Default)]
pub(in crate::bedrock) struct Blocks {
    calls: Calls,
    names: Names,
    /// Whether the model refuses thoughts that nobody signed.
    wants_signatures: bool,
    /// The tools that were called.
    pub(in crate::bedrock) called: Vec<String>,
    pub(in crate::bedrock) losses: Losses,
}

impl Blocks {
    /// Nothing yet. Anthropic's models want thoughts signed.
    pub(in crate::bedrock) fn new(wants_signatures: bool) -> Self {
        Self { wants_signatures, ..Self::default() }
    }

    /// Adds the blocks of an item: mostly one.
    pub(in crate::bedrock) fn add(&mut self, item: &Item, out: &mut ArrayWriter) {
        match item {
            Item::Text(text) => self.add_text(text, out),
            Item::Reasoning(reasoning) => self.add_reasoning(reasoning, out),
            Item::ToolCall(call) => {
                let id = self.calls.call(call);
                let inner = self.call(call, &id);
                self.end("toolUse", inner, &call.extra, out);
            }
            Item::ToolResult(result) => {
                let (id, _) = self.calls.result(result);
                if result.extra.is_from(OWN) || self.calls.has(&id) {
                    let inner = self.result(result, &id);
                    self.end("toolResult", inner, &result.extra, out);
                    self.end_cached(result, out);
                } else {
                    self.add_said(result, out);
                }
            }
            Item::Media(media) => self.add_media(media, out),
            // Nothing is cached before the first block.
            Item::CacheBreakpoint(point) if !out.is_empty() || point.extra.is_from(OWN) => {
                let inner = point_inner(point, &mut self.losses);
                self.end("cachePoint", inner, &point.extra, out);
            }
            Item::CacheBreakpoint(_) => {}
            Item::Opaque(opaque) if opaque.dialect == OWN => {
                out.raw(opaque.raw.as_str());
            }
            Item::Opaque(opaque) => self.losses.add(&format!("{}.{}", opaque.dialect.name(), opaque.kind)),
        }
    }

    /// Ends a block. What else was said of the item stands inside; what stood beside it stands there again.
    fn end(&mut self, kind: &'static str, mut inner: ObjectWriter, extra: &Extra, out: &mut ArrayWriter) {
        // Anthropic says these of its documents too, and calls them the same.
        let shared: &[&str] = if kind == "document" { &["context", "citations"] } else { &[] };
        extra.write_shared(OWN, (Dialect::Anthropic, shared), place(kind), &mut inner, &mut self.losses);
        let mut block = ObjectWriter::new();
        block.object(kind, inner);
        if let Some(beside) = extra.inner(OWN, "beside") {
            beside.write(OWN, "block", &mut block, &mut self.losses);
        }
        out.object(block);
    }

    fn add_text(&mut self, text: &Text, out: &mut ArrayWriter) {
        self.losses.add_if(text.signature.is_some(), "text.signature");
        let mut block = ObjectWriter::new();
        let form = FORMS.into_iter().find_map(|form| Some((form, text.extra.noted(OWN, form)?)));
        match form {
            Some((form, raw)) => {
                block.raw(form, raw);
            }
            // The service refuses blocks without text.
            None if text.text.trim().is_empty() && !text.extra.is_from(OWN) => return,
            None => {
                block.text("text", &text.text);
            }
        }
        text.extra.write(OWN, "text", &mut block, &mut self.losses);
        if let Some(beside) = text.extra.inner(OWN, "beside") {
            beside.write(OWN, "block", &mut block, &mut self.losses);
        }
        out.object(block);
    }

    fn add_reasoning(&mut self, reasoning: &Reasoning, out: &mut ArrayWriter) {
        let own = reasoning.extra.is_from(OWN);
        let parts: Vec<&str> = reasoning.summary.iter().chain([&reasoning.text]).map(String::as_str).collect();
        let text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n");
        let signed = reasoning.signature.as_deref().is_some_and(|signature| !signature.is_empty());
        let refused = self.wants_signatures && !signed;
        let mut inner = ObjectWriter::new();
        if reasoning.extra.noted(OWN, "form").is_some()
            || (!own && (!text.is_empty() || reasoning.signature.is_some()) && !refused)
        {
            let mut shown = ObjectWriter::new();
            let rest = reasoning.extra.inner(OWN, "reasoningText");
            if rest.and_then(|rest| rest.noted(OWN, "text")).is_none() {
                shown.text("text", &text);
            }
            shown.text_if("signature", reasoning.signature.as_deref());
            if let Some(rest) = rest {
                rest.write(OWN, "reasoning", &mut shown, &mut self.losses);
            }
            inner.object("reasoningText", shown);
        } else {
            self.losses.add_if(!text.is_empty(), "reasoning");
        }
        let from_anthropic = matches!(reasoning.extra.dialect(), Some(Dialect::Anthropic | Dialect::Bedrock));
        match &reasoning.encrypted {
            Some(hidden) if from_anthropic && inner.is_empty() => {
                inner.text("redactedContent", hidden);
            }
            hidden => self.losses.add_if(hidden.is_some(), "reasoning.encrypted"),
        }
        if inner.is_empty() {
            reasoning.extra.lose("reasoning", &mut self.losses);
        } else {
            self.end("reasoningContent", inner, &reasoning.extra, out);
        }
    }

    /// What stands in the block of a call.
    pub(in crate::bedrock) fn call(&mut self, call: &ToolCall, id: &str) -> ObjectWriter {
        let (mut inner, own) = (ObjectWriter::new(), call.extra.is_from(OWN));
        self.losses.add_if(call.signature.is_some(), "tool_call.signature");
        match &call.id {
            None if own => {}
            _ => {
                inner.text("toolUseId", &self::id(call.id.as_deref().filter(|_| own), id));
            }
        }
        let name = if own { call.name.as_str().into() } else { ids::fit(&call.name, LONGEST) };
        self.losses.add_if(name != call.name, "tool_call.name");
        if call.extra.noted(OWN, "name").is_none() {
            inner.text("name", &name);
        }
        if !self.called.iter().any(|called| *called == name) {
            self.called.push(name.into_owned());
        }
        match call.extra.noted(OWN, "input") {
            Some(ABSENT | "null") => {}
            Some(raw) => {
                inner.raw("input", raw);
            }
            None => {
                inner.raw("input", &self.arguments(&call.arguments));
            }
        }
        inner
    }

    fn arguments(&mut self, text: &str) -> String {
        match Raw::parse(text) {
            _ if text.trim().is_empty() => "{}".to_owned(),
            Ok(raw) if raw.is_object() => raw.to_string(),
            _ => {
                self.losses.add("tool_call.arguments");
                let mut object = ObjectWriter::new();
                object.text("arguments", text);
                object.finish()
            }
        }
    }

    /// Adds what a result says whose call is not in the conversation: as a result it would be refused.
    fn add_said(&mut self, result: &ToolResult, out: &mut ArrayWriter) {
        self.losses.add("tool_result.id");
        self.losses.add_if(result.is_error == Some(true), "tool_result.is_error");
        result.extra.lose("tool_result", &mut self.losses);
        self.add_content(result, false, out);
        if !out.is_empty() {
            self.end_cached(result, out);
        }
    }

    fn result(&mut self, result: &ToolResult, id: &str) -> ObjectWriter {
        let (mut inner, own) = (ObjectWriter::new(), result.extra.is_from(OWN));
        if result.id.is_some() || !own {
            inner.text("toolUseId", &self::id(result.id.as_deref().filter(|_| own), id));
        }
        let mut content = ArrayWriter::new();
        self.add_content(result, own, &mut content);
        if result.extra.noted(OWN, "content").is_none() {
            inner.array("content", content);
        }
        match result.is_error {
            Some(true) => {
                inner.text("status", "error");
            }
            Some(false) if own => {
                inner.text("status", "success");
            }
            Some(false) | None => {}
        }
        inner
    }

    /// Adds the blocks of what a result says.
    fn add_content(&mut self, result: &ToolResult, own: bool, out: &mut ArrayWriter) {
        for item in &result.content {
            match item {
                // It stands behind the result.
                Item::CacheBreakpoint(point) if !point.extra.is_from(OWN) => {}
                // Sound is no content of a result.
                Item::Media(media) if media.kind == conversation::item::MediaKind::Audio && !own => {
                    self.losses.add("media.audio");
                }
                Item::ToolCall(_) | Item::ToolResult(_) if !own => self.losses.add("tool_result.content"),
                item => self.add(item, out),
            }
        }
    }

    /// Adds the point up to which a result is cached, of which a result itself has none: behind it, where it holds all of it too.
    fn end_cached(&mut self, result: &ToolResult, out: &mut ArrayWriter) {
        let mut points = result.content.iter().filter_map(|item| match item {
            Item::CacheBreakpoint(point) if !point.extra.is_from(OWN) => Some(point),
            _ => None,
        });
        let last = points.next_back();
        self.losses.add_if(points.next().is_some(), "cache_breakpoint");
        if let Some(point) = last {
            let inner = point_inner(point, &mut self.losses);
            self.end("cachePoint", inner, &point.extra, out);
        }
    }

    fn add_media(&mut self, media: &Media, out: &mut ArrayWriter) {
        if let Some(inner) = media::write(media, &mut self.names, &mut self.losses) {
            self.end(media.kind.name(), inner, &media.extra, out);
        }
    }
}

/// The id of a call as it is written: as it was `told` in this dialect, or `id` as it is taken here.
fn id<'a>(told: Option<&'a str>, id: &'a str) -> Cow<'a, str> {
    told.map_or_else(|| ids::fit(id, LONGEST), Cow::Borrowed)
}

/// The name in paths of losses of what a block holds.
fn place(kind: &'static str) -> &'static str {
    match kind {
        "toolUse" => "tool_call",
        "toolResult" => "tool_result",
        "reasoningContent" => "reasoning",
        "cachePoint" => "cache_breakpoint",
        kind => kind,
    }
}

/// A block that says that all before it can be cached.
pub(in crate::bedrock) fn write_point(point: &CacheBreakpoint, losses: &mut Losses) -> ObjectWriter {
    let (mut block, mut inner) = (ObjectWriter::new(), point_inner(point, losses));
    point.extra.write(OWN, "cache_breakpoint", &mut inner, losses);
    block.object("cachePoint", inner);
    block
}

fn point_inner(point: &CacheBreakpoint, losses: &mut Losses) -> ObjectWriter {
    let mut inner = ObjectWriter::new();
    if point.extra.noted(OWN, "type").is_none() {
        inner.text("type", "default");
    }
    // These two are all that the service knows.
    let known = matches!(point.ttl.as_deref(), None | Some("5m" | "1h")) || point.extra.is_from(OWN);
    losses.add_if(!known, "cache_breakpoint.ttl");
    inner.text_if("ttl", point.ttl.as_deref().filter(|_| known));
    inner
}
