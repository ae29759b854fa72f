//! `tutti tool call`.

use super::address::Address;
use super::content::{self, Part};
use super::describe;
use super::find::{self, Tool};
use base::config::{duration_from_text, duration_text};
use base::{Code, Error, disk};
use console::flags::{self, Words};
use console::output::{Output, Style, one_line};
use console::schema;
use hubs::client::{HubClient, Wanted};
use hubs::{Context, Failures};
use mcp::raw;
use serde_json::{Map, Value};
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

/// The most bytes of `--args`.
const LIMIT: u64 = 64 << 20;

/// What was asked for.
pub(super) struct Order {
    /// The tool.
    pub(super) address: String,
    /// What stands behind it.
    pub(super) words: Vec<String>,
    /// `--args` before the address.
    pub(super) arguments: Option<String>,
    /// `--timeout` before the address.
    pub(super) timeout: Option<String>,
    /// `--view`.
    pub(super) view: Option<String>,
}

/// Runs the command.
pub(super) fn run(context: &Context, order: &Order) -> Result<u8, Failures> {
    // Until the flags of the tool are known, a `--json` or `--quiet` behind the address is ours.
    let has = |option: &str| order.words.iter().any(|word| word == option);
    let mut output = context.output.with(has("--json"), has("--quiet") || has("-q"));
    let early = context.printing(output.clone());
    let address = Address::parse(&order.address)?;
    let wanted = Wanted { server: address.server.clone(), view: order.view.clone(), ..Wanted::default() };
    let done = context.block_on(HubClient::with(&early, &wanted, async |client| {
        let tool = find::one(client, &address).await?;
        let parameters = schema::parameters(tool.schema());
        let words = flags::read(&tool.address, &parameters, &order.words)?;
        output = context.output.with(words.json, words.quiet);
        if words.help {
            describe::show(&output, &tool);
            return Ok(0);
        }
        let timeout = timeout(words.timeout.as_deref().or(order.timeout.as_deref()))?;
        let arguments = arguments(context, order, words).await?;
        if let Some(error) = flags::missing(&tool.address, &parameters, &arguments) {
            return Err(error.into());
        }
        call(&output, client, &tool, &arguments, timeout).await
    }));
    match done {
        Ok(code) => Ok(code),
        Err(Failures(errors)) => {
            output.failures(&errors);
            Ok(errors.first().map_or(1, |error| error.code().exit()))
        }
    }
}

async fn call(
    output: &Output,
    client: &HubClient,
    tool: &Tool,
    arguments: &Map<String, Value>,
    timeout: Option<Duration>,
) -> Result<u8, Failures> {
    let mut progress = |done: f64, total: Option<f64>, message: Option<&str>| {
        output.progress(&line(done, total, message));
    };
    let called = client.call_raw(&tool.name, arguments, &mut progress);
    let result = match timeout {
        None => called.await,
        Some(limit) => tokio::time::timeout(limit, called).await.unwrap_or_else(|_| Err(late(tool, limit))),
    };
    output.progress("");
    let result = result?;
    let failed = raw::get(&result, "isError") == Some("true");
    if output.json {
        output.line(&json(tool, &result, failed));
        return Ok(if failed { Code::ToolFailed.exit() } else { 0 });
    }
    let value: Value = base::json::from_text(&result).unwrap_or_default();
    if value["resultType"] == "input_required" {
        let message = format!("{} wants input from a user in the middle of the call", tool.address);
        return Err(
            Error::new(Code::ToolFailed, message, "call it from a client that can ask, such as an editor").into()
        );
    }
    if failed {
        return Err(failure(tool, &value).into());
    }
    show(output, &value);
    Ok(0)
}

fn failure(tool: &Tool, result: &Value) -> Error {
    let message = format!("{} ran and reported an error", tool.address);
    let next = format!("see what it takes: tutti tool describe {}", tool.address);
    let error = Error::new(Code::ToolFailed, message, next);
    let error = tool.server.iter().fold(error, |error, server| error.of_upstream(server));
    let text = content::text(result);
    if text.is_empty() { error } else { error.with_detail(text) }
}

fn show(output: &Output, result: &Value) {
    let parts = content::parts(result);
    for part in &parts {
        match part {
            Part::Text(text) => output.line(text),
            Part::Note(note) => output.line(&output.paint(Style::Faint, note)),
        }
    }
    if parts.is_empty() {
        let structured = result.get("structuredContent").is_some();
        output.message(if structured {
            "the tool answered with data only; --json shows it"
        } else {
            "the tool answered nothing"
        });
    }
}

/// The call as one line of JSON. The result stands there as it came.
fn json(tool: &Tool, result: &str, failed: bool) -> String {
    let server = tool.server.as_deref().map_or_else(|| "null".to_owned(), raw::quote);
    // Line ends between the members of pretty-printed JSON are white space; within texts they are escaped.
    let result = result.replace(['\n', '\r'], " ");
    format!(r#"{{"tool":{},"server":{server},"isError":{failed},"result":{result}}}"#, raw::quote(&tool.address))
}

/// How far a call is, in a line.
fn line(done: f64, total: Option<f64>, message: Option<&str>) -> String {
    let far = match total.filter(|total| *total > 0.0) {
        Some(total) => format!("{:.0} %  {done} of {total}", (done / total * 100.0).clamp(0.0, 100.0)),
        None => format!("{done}"),
    };
    let message = one_line(message.unwrap_or_default(), 200);
    format!("{far}  {message}").trim_end().to_owned()
}

fn late(tool: &Tool, limit: Duration) -> Error {
    let message = format!("{} did not answer within {}", tool.address, duration_text(limit));
    let error = Error::new(Code::UpstreamCallTimeout, message, "give it more with --timeout; the call was cancelled");
    tool.server.iter().fold(error, |error, server| error.of_upstream(server))
}

fn timeout(text: Option<&str>) -> Result<Option<Duration>, Error> {
    let Some(text) = text else { return Ok(None) };
    match duration_from_text(text).filter(|duration| !duration.is_zero()) {
        Some(duration) => Ok(Some(duration)),
        None => {
            let message = format!("--timeout is `{}`, which is no duration", one_line(text, 40));
            Err(Error::new(Code::Usage, message, "write it as 30s, 5m or 1h"))
        }
    }
}

/// What `--args` and the flags say together; a flag wins over the same member of `--args`.
async fn arguments(context: &Context, order: &Order, words: Words) -> Result<Map<String, Value>, Error> {
    let Some(args) = words.args.as_ref().or(order.arguments.as_ref()) else { return Ok(words.arguments) };
    let text = match args.strip_prefix('@') {
        Some(path) => disk::read_text(&context.environment.working_directory().join(Path::new(path)), LIMIT)?,
        None if args == "-" => standard_input().await?,
        None => args.clone(),
    };
    let usage = |message: String| {
        Error::new(
            Code::Usage,
            message,
            "write --args '{\"name\": \"value\"}', --args @FILE, or --args - for standard input",
        )
    };
    let mut all = match base::json::from_text(&text) {
        Ok(Value::Object(all)) => all,
        Ok(_) => return Err(usage("--args is JSON but not an object".to_owned())),
        Err(error) => return Err(usage(format!("--args is not JSON: {error}"))),
    };
    all.extend(words.arguments);
    Ok(all)
}

/// All of standard input. A thread of its own reads it: one that belongs to the runtime would have to be waited for at
/// the end, and a terminal may never say that there is nothing more.
async fn standard_input() -> Result<String, Error> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let read = std::io::stdin().lock().take(LIMIT).read_to_string(&mut text);
        let _ = sender.send(read.map(|_| text));
    });
    match receiver.await {
        Ok(Ok(text)) => Ok(text),
        Ok(Err(error)) => {
            let message = format!("standard input cannot be read: {error}");
            Err(Error::new(Code::Usage, message, "give --args one JSON object on standard input"))
        }
        Err(_) => Err(Error::internal("the reader of standard input is gone")),
    }
}

#[cfg(test)]
mod tests;
