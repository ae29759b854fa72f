//! `tutti tool describe`, and the help of one tool.

use super::address::Address;
use super::find::{self, Tool};
use console::output::{Output, Style, clean, one_line, width};
use console::schema::{Kind, Parameter, parameters};
use console::value::plain;
use hubs::client::{HubClient, Wanted};
use hubs::{Context, Failures};

/// How wide text becomes on a wide terminal, and where there is none.
const WIDEST: usize = 100;

/// Runs the command.
pub(super) fn run(context: &Context, address: &str, view: Option<String>) -> Result<u8, Failures> {
    let address = Address::parse(address)?;
    let wanted = Wanted { server: address.server.clone(), view, ..Wanted::default() };
    context.block_on(HubClient::with(context, &wanted, async |client| {
        let tool = find::one(client, &address).await?;
        show(&context.output, &tool);
        Ok(0)
    }))
}

/// Prints what a tool does and takes.
pub(super) fn show(output: &Output, tool: &Tool) {
    if output.json {
        return output.value(&tool.to_json());
    }
    lines(output, tool, width().unwrap_or(WIDEST).min(WIDEST)).iter().for_each(|line| output.line(line));
}

fn lines(output: &Output, tool: &Tool, width: usize) -> Vec<String> {
    let parameters = parameters(tool.schema());
    let mut lines = vec![output.paint(Style::Strong, &one_line(&tool.address, 200))];
    let hints = tool.hints().join(", ");
    if !hints.is_empty() {
        lines.push(output.paint(Style::Faint, &format!("{hints}, as its server says")));
    }
    for paragraph in clean(tool.description().trim()).lines() {
        lines.extend(wrap(paragraph, width));
    }
    lines.push(String::new());
    lines.push(format!("  {}", usage(tool, &parameters)));
    if !parameters.is_empty() {
        lines.push(String::new());
    }
    for parameter in &parameters {
        let head = format!("  --{} {}", one_line(&parameter.flag, 80), parameter.shape.word());
        let required = if parameter.required { "  (required)" } else { "" };
        lines.push(output.paint(Style::Strong, head.trim_end()) + required);
        for text in meaning(parameter) {
            lines.extend(wrap(&text, width.saturating_sub(6)).into_iter().map(|line| format!("      {line}")));
        }
    }
    lines
}

/// A call with everything that it needs, to be copied.
fn usage(tool: &Tool, parameters: &[Parameter]) -> String {
    let mut words = vec![format!("tutti tool call {}", one_line(&tool.address, 200))];
    for parameter in parameters.iter().filter(|parameter| parameter.required) {
        words.push(format!("--{} {}", one_line(&parameter.flag, 80), parameter.shape.word()).trim_end().to_owned());
    }
    if parameters.iter().any(|parameter| !parameter.required) {
        words.push("[FLAGS]".to_owned());
    }
    words.join(" ")
}

/// What a parameter means, what it may be, and what it is otherwise.
fn meaning(parameter: &Parameter) -> Vec<String> {
    let mut lines: Vec<String> = clean(parameter.description.trim()).lines().map(str::to_owned).collect();
    let shape = match &parameter.shape.kind {
        Kind::List(item) => item,
        _ => &parameter.shape,
    };
    if !shape.choices.is_empty() {
        let choices: Vec<String> = shape.choices.iter().map(plain).collect();
        lines.push(format!("one of: {}", choices.join(", ")));
    }
    match (shape.least, shape.greatest) {
        (Some(least), Some(greatest)) => lines.push(format!("from {least} to {greatest}")),
        (Some(least), None) => lines.push(format!("at least {least}")),
        (None, Some(greatest)) => lines.push(format!("at most {greatest}")),
        (None, None) => {}
    }
    if let Some(default) = parameter.default.as_ref().filter(|default| !default.is_null()) {
        lines.push(format!("default: {}", plain(default)));
    }
    lines
}

/// `text` in lines of at most `width` characters, with the white space that it begins with.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let indent: String = text.chars().take_while(|character| *character == ' ').take(width / 2).collect();
    let mut lines = Vec::new();
    let mut line = indent.clone();
    for word in text.split_whitespace() {
        let begins = line.len() == indent.len();
        if !begins && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::replace(&mut line, indent.clone()));
        }
        if line.len() > indent.len() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line.trim_end().to_owned());
    lines
}

#[cfg(test)]
mod tests;
