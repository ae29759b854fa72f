//! The log: one line for each record on standard error, for people or as JSON.
//!
//! Whatever a record says stays on its line and within its quotes: what servers and clients send ends up here, and must
//! not be able to look like another record, or to steer a terminal.

use base::clock;
use base::environment::Environment;
use base::visible::is_deceptive;
use serde_json::{Map, Value};
use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// The variable that chooses what is logged, before the configuration does.
const VARIABLE: &str = "TUTTI_LOG";

/// What is logged unless something else is said.
const LEVEL: &str = "warn,audit=info";

/// The words for levels.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// How the log is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Log {
    /// For people or for programs.
    pub format: Format,
    /// Which records, in the notation of `RUST_LOG`; nothing where the configuration does not say.
    pub level: Option<String>,
}

/// The form of a record of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// A line for people.
    #[default]
    Text,
    /// A line of JSON.
    Json,
}

/// Changes how the log is written, once the configuration is known.
pub struct Handle {
    json: Arc<AtomicBool>,
    /// Nothing where the environment has chosen already.
    filter: Option<Box<dyn Fn(EnvFilter) + Send + Sync>>,
}

/// Starts the log. `TUTTI_LOG` chooses what is logged, as `RUST_LOG` does elsewhere; `color` is for a terminal.
pub fn start(environment: &Environment, color: bool) -> Handle {
    let chosen = environment.get(VARIABLE).filter(|text| !text.trim().is_empty());
    let json = Arc::new(AtomicBool::new(false));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(chosen.unwrap_or(LEVEL)).unwrap_or_else(|_| EnvFilter::new(LEVEL)))
        .with_writer(std::io::stderr)
        .event_format(Lines { json: Arc::clone(&json), color })
        .with_filter_reloading();
    let handle = builder.reload_handle();
    // In a process that has a log already, such as a test, this one is none.
    let _ = builder.try_init();
    let filter = chosen.is_none().then(|| {
        let reload = move |filter| drop(handle.reload(filter));
        Box::new(reload) as Box<dyn Fn(EnvFilter) + Send + Sync>
    });
    Handle { json, filter }
}

impl fmt::Debug for Handle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Handle")
    }
}

impl Handle {
    /// Does as the configuration says. A level in the environment wins.
    pub fn apply(&self, log: &Log) {
        self.json.store(log.format == Format::Json, Ordering::Relaxed);
        if let (Some(reload), Some(level)) = (&self.filter, &log.level)
            && let Ok(filter) = EnvFilter::try_new(level)
        {
            reload(filter);
        }
    }
}

/// Whether `text` chooses records: a level, or `part=level`, or several of these with commas between.
pub(crate) fn is_filter(text: &str) -> bool {
    let known = |part: &str| LEVELS.contains(&part.rsplit('=').next().unwrap_or_default().trim());
    text.split(',').all(known) && EnvFilter::try_new(text).is_ok()
}

/// Writes a record as one line.
struct Lines {
    json: Arc<AtomicBool>,
    color: bool,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut fields = Fields(Map::new());
        event.record(&mut fields);
        let (at, level) = (now(), event.metadata().level());
        let line = if self.json.load(Ordering::Relaxed) {
            json(&at, *level, event.metadata().target(), fields.0)
        } else {
            text(&at, *level, &fields.0, self.color)
        };
        writeln!(writer, "{line}")
    }
}

/// The time with milliseconds.
fn now() -> String {
    let wall = clock::wall();
    let seconds = clock::rfc3339(wall);
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), wall.subsec_millis())
}

fn json(at: &str, level: Level, target: &str, fields: Map<String, Value>) -> String {
    let mut record = Map::new();
    record.insert("at".to_owned(), at.into());
    record.insert("level".to_owned(), level.as_str().to_ascii_lowercase().into());
    record.insert("target".to_owned(), target.into());
    for (name, value) in fields {
        // A field of the same name must not take the place of one of the record's own.
        let taken = record.contains_key(&name);
        record.insert(if taken { format!("field_{name}") } else { name }, value);
    }
    // Such characters stand only within strings, where JSON lets every character be written by its number.
    let mut out = String::new();
    for character in Value::Object(record).to_string().chars() {
        if is_deceptive(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
    out
}

fn text(at: &str, level: Level, fields: &Map<String, Value>, color: bool) -> String {
    let mut out = if color { format!("\u{1b}[2m{at}\u{1b}[0m ") } else { format!("{at} ") };
    let tint = match level {
        Level::ERROR => "31",
        Level::WARN => "33",
        Level::INFO => "32",
        _ => "2",
    };
    let _ = if color { write!(out, "\u{1b}[{tint}m{level:>5}\u{1b}[0m") } else { write!(out, "{level:>5}") };
    if let Some(message) = fields.get("message") {
        out.push(' ');
        escape(&mut out, &plain(message), false);
    }
    for (name, value) in fields.iter().filter(|(name, _)| *name != "message") {
        let value = plain(value);
        let quoted = value.is_empty() || value.contains([' ', '"', '=', '\\', '\'']);
        let _ = write!(out, " {name}=");
        out.push_str(if quoted { "\"" } else { "" });
        escape(&mut out, &value, quoted);
        out.push_str(if quoted { "\"" } else { "" });
    }
    out
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn escape(out: &mut String, text: &str, quoted: bool) {
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' | '\\' if quoted => {
                out.push('\\');
                out.push(character);
            }
            other if is_deceptive(other) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(other));
            }
            other => out.push(other),
        }
    }
}

/// The fields of a record by their names.
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().trim_start_matches("r#").to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.put(field, value.to_string());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }
}

#[cfg(test)]
mod tests;
