//! The template of a model's chats: messages in, the text of a prompt out.
//!
//! Templates are written for Jinja with what Transformers adds to it
//! (<https://huggingface.co/docs/transformers/chat_templating_writing>): `raise_exception`, `strftime_now`, `tojson`, methods of Python's
//! strings, lists and dictionaries. A template comes with a model and is no more trusted than that: what it may do and make is
//! limited.

use crate::failure::{Failure, FailureKind};
use crate::tokens::{Tokens, disarm};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Serde, ValueKind};
use minijinja::{AutoEscape, Environment, ErrorKind, Value};
use serde_json::{Map, Value as Json, json};

/// Instructions of a template for a chat.
const FUEL: u64 = 20_000_000;
/// The longest template and the longest prompt, in bytes.
const LONGEST_TEMPLATE: usize = 1 << 18;
const LONGEST_PROMPT: usize = 1 << 24;
const NAME: &str = "chat";

/// Who says a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Whoever runs the model.
    System,
    /// Who asks.
    User,
    /// The model.
    Assistant,
    /// A tool that the model called.
    Tool,
}

impl Role {
    /// Its name in templates.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

/// A message of a chat.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub content: String,
    /// All else that templates look at, such as `tool_calls`, `tool_call_id`, `name`, `reasoning_content`, in the form of OpenAI's chat
    /// completions; arguments of calls as objects.
    pub more: Map<String, Json>,
}

impl Message {
    /// A message of nothing but text.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self { role, content: content.into(), more: Map::new() }
    }
}

/// What a prompt is made of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chat {
    /// The messages, the oldest first.
    pub messages: Vec<Message>,
    /// Definitions of tools, in the form of OpenAI's chat completions.
    pub tools: Vec<Json>,
    /// Whether an answer shall follow.
    pub add_generation_prompt: bool,
    /// More that the template knows by name, such as `enable_thinking`.
    pub more: Map<String, Json>,
    /// What `strftime_now` gives for a format; where there is nothing templates that ask for it fail.
    pub date: Option<Date>,
}

/// A day for templates that name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    /// Such as 2026.
    pub year: u16,
    /// From 1.
    pub month: u8,
    /// From 1.
    pub day: u8,
}

/// A template that was read.
pub(crate) struct Template {
    environment: Environment<'static>,
}

impl Template {
    /// Reads a template.
    pub(crate) fn read(source: &str) -> Result<Self, Failure> {
        if source.len() > LONGEST_TEMPLATE {
            return Err(failed(format!("the template is longer than {} KiB", LONGEST_TEMPLATE >> 10)));
        }
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(50);
        // As Transformers sets it: a line that has only a tag is none.
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| failed(why(&error)))?);
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", raise);
        environment.add_filter("tojson", to_json);
        let source = source.to_owned();
        environment.add_template_owned(NAME, source).map_err(|error| failed(why(&error)))?;
        Ok(Self { environment })
    }

    /// The prompt of a chat, in which nothing that a message says can become a control token.
    pub(crate) fn render(&self, tokens: &Tokens, chat: &Chat) -> Result<String, Failure> {
        let mut values = Map::new();
        for (name, value) in &chat.more {
            values.insert(name.clone(), disarmed(tokens, value));
        }
        let named = |token: Option<u32>| token.map_or("", |token| tokens.written(token));
        let messages = chat.messages.iter().map(|message| of_message(tokens, message)).collect();
        let tools = (!chat.tools.is_empty()).then(|| chat.tools.iter().map(|tool| disarmed(tokens, tool)).collect());
        values.insert("messages".to_owned(), Json::Array(messages));
        values.insert("tools".to_owned(), tools.map_or(Json::Null, Json::Array));
        values.insert("add_generation_prompt".to_owned(), chat.add_generation_prompt.into());
        values.insert("bos_token".to_owned(), named(tokens.begin).into());
        values.insert("eos_token".to_owned(), named(tokens.ends.first().copied()).into());
        let mut environment = self.environment.clone();
        if let Some(date) = chat.date {
            environment.add_function("strftime_now", move |format: &str| date.written(format));
        }
        let template = environment.get_template(NAME).map_err(|error| failed(why(&error)))?;
        let mut output = Capped(Vec::new());
        let rendered = template.render_captured_to(Value::from(Serde(Json::Object(values))), &mut output).map(drop);
        rendered.map_err(|error| failed(why(&error)))?;
        String::from_utf8(output.0).map_err(|_| failed("the template makes what is no text".to_owned()))
    }
}

fn of_message(tokens: &Tokens, message: &Message) -> Json {
    let mut object = Map::new();
    for (name, value) in &message.more {
        object.insert(name.clone(), disarmed(tokens, value));
    }
    object.insert("role".to_owned(), message.role.name().into());
    object.insert("content".to_owned(), disarm(tokens.specials(), &message.content).into());
    Json::Object(object)
}

/// A value all of whose texts, and names, are disarmed.
fn disarmed(tokens: &Tokens, value: &Json) -> Json {
    match value {
        Json::String(text) => disarm(tokens.specials(), text).into(),
        Json::Array(values) => values.iter().map(|value| disarmed(tokens, value)).collect(),
        Json::Object(object) => object
            .iter()
            .map(|(name, value)| (disarm(tokens.specials(), name), disarmed(tokens, value)))
            .collect::<Map<_, _>>()
            .into(),
        Json::Null | Json::Bool(_) | Json::Number(_) => value.clone(),
    }
}

impl Date {
    /// The day as `strftime` of C writes it, for the fields that templates use; all other fields stay as they are.
    fn written(self, format: &str) -> String {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let name = MONTHS.get(usize::from(self.month).wrapping_sub(1)).copied().unwrap_or("");
        let month: String = name.chars().take(3).collect();
        [
            ("%Y", format!("{:04}", self.year)),
            ("%m", format!("{:02}", self.month)),
            ("%d", format!("{:02}", self.day)),
            ("%B", name.to_owned()),
            ("%b", month),
        ]
        .iter()
        .fold(format.to_owned(), |text, (field, value)| text.replace(field, value))
    }
}

fn raise(message: String) -> Result<String, minijinja::Error> {
    Err(minijinja::Error::new(ErrorKind::InvalidOperation, message))
}

/// JSON as Python's `json.dumps` writes it: a blank after commas and colons, no escapes for the sake of HTML.
#[expect(clippy::needless_pass_by_value, reason = "the form of filters wants options by value")]
fn to_json(value: &Value, options: Kwargs) -> Result<Value, minijinja::Error> {
    let indent: Option<usize> = options.get("indent")?;
    // Whether other letters than those of ASCII are escaped, and the order of keys, are left as they are.
    let _: (Option<bool>, Option<bool>) = (options.get("ensure_ascii")?, options.get("sort_keys")?);
    options.assert_all_used()?;
    let mut text = String::new();
    let written = match value.kind() {
        ValueKind::Undefined => Json::Null,
        _ => {
            serde_json::to_value(value).map_err(|_| minijinja::Error::new(ErrorKind::BadSerialization, "is no JSON"))?
        }
    };
    write_json(&written, indent.map(|indent| indent.min(16)), 0, &mut text);
    Ok(Value::from_safe_string(text))
}

fn write_json(value: &Json, indent: Option<usize>, depth: usize, text: &mut String) {
    let line = |depth: usize, text: &mut String| {
        if let Some(indent) = indent {
            text.push('\n');
            text.push_str(&" ".repeat(indent * depth));
        }
    };
    let between = if indent.is_some() { "," } else { ", " };
    match value {
        Json::Array(values) if !values.is_empty() => {
            text.push('[');
            for (place, value) in values.iter().enumerate() {
                text.push_str(if place > 0 { between } else { "" });
                line(depth + 1, text);
                write_json(value, indent, depth + 1, text);
            }
            line(depth, text);
            text.push(']');
        }
        Json::Object(object) if !object.is_empty() => {
            text.push('{');
            for (place, (name, value)) in object.iter().enumerate() {
                text.push_str(if place > 0 { between } else { "" });
                line(depth + 1, text);
                text.push_str(&json!(name).to_string());
                text.push_str(": ");
                write_json(value, indent, depth + 1, text);
            }
            line(depth, text);
            text.push('}');
        }
        _ => text.push_str(&value.to_string()),
    }
}

/// What is wrong, with the line of the template.
fn why(error: &minijinja::Error) -> String {
    let what = error.detail().map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()));
    let what: String = what.chars().filter(|character| !character.is_control()).take(300).collect();
    let line = error.line().map_or_else(String::new, |line| format!(" in line {line}"));
    format!("the template of the model fails{line}: {what}")
}

fn failed(cause: String) -> Failure {
    Failure::new(FailureKind::Template, cause)
}

/// Takes so many bytes and no more.
struct Capped(Vec<u8>);

impl std::io::Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > LONGEST_PROMPT {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
