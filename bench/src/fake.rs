//! An MCP server of few lines that fails as a seed says: over stdio or HTTP, in one era.
//!
//! What becomes of a call depends on the seed, the server's name and how many calls it had, over restarts too; never on
//! the time. Each call that arrives is a line of the record, written before anything is done about it.

mod http;
mod record;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::sync::Mutex;

use crate::{seeded::Seeded, session::Era};

pub use record::{LINE, Record};

const LEGACY_VERSION: &str = "2025-11-25";
const MODERN_VERSION: &str = "2026-07-28";
const PAGE: usize = 100;

/// How it behaves.
#[derive(Debug, Clone, clap::Parser)]
pub struct Options {
    /// What it calls itself
    #[arg(long)]
    pub name: String,
    /// Serve HTTP on this loopback port, 0 for a free one, in place of stdio
    #[arg(long)]
    pub port: Option<u16>,
    /// The era that it speaks
    #[arg(long, value_enum, default_value_t = Era::Legacy)]
    pub era: Era,
    /// How many tools it has: every third only reads, every third may be repeated, every third may not
    #[arg(long, default_value_t = 3)]
    pub tools: usize,
    /// The share of calls that fail
    #[arg(long, default_value_t = 0.0)]
    pub faults: f64,
    /// What decides which calls fail, and how
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// The longest time that a call takes, in milliseconds
    #[arg(long, default_value_t = 0)]
    pub latency: u64,
    /// A file that gets one line for each call
    #[arg(long)]
    pub record: Option<PathBuf>,
    /// A file that gets the number of the process
    #[arg(long)]
    pub pid: Option<PathBuf>,
    /// Take connections and never answer on them
    #[arg(long)]
    pub silent: bool,
}

/// What becomes of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Answer,
    /// A JSON-RPC error that says that the server is at fault.
    Error,
    /// HTTP status 503; over stdio the error as above.
    Status,
    /// The connection ends; over stdio the process.
    Reset,
    /// Nothing ever comes.
    Stall,
    /// Something comes that is no message.
    Garbage,
}

/// The server.
struct Fake {
    options: Options,
    record: Option<Record>,
}

/// Serves until standard input ends.
pub async fn serve(options: Options) -> Result<()> {
    if let Some(path) = &options.pid {
        std::fs::write(path, std::process::id().to_string()).context("cannot write the number of the process")?;
    }
    let record = options.record.as_deref().map(Record::open).transpose()?;
    let fake = Arc::new(Fake { options, record });
    match fake.options.port {
        Some(port) => http::serve(fake, port).await,
        None => serve_stdio(fake).await,
    }
}

async fn serve_stdio(fake: Arc<Fake>) -> Result<()> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let out = Arc::new(Mutex::new(tokio::io::stdout()));
    while let Some(line) = lines.next_line().await.context("cannot read standard input")? {
        if fake.options.silent {
            continue;
        }
        let (fake, out) = (Arc::clone(&fake), Arc::clone(&out));
        tokio::spawn(async move {
            let Ok(message) = serde_json::from_str::<Value>(&line) else { return };
            let (fate, wait) = fake.begin(&message);
            tokio::time::sleep(wait).await;
            let text = match fate {
                Fate::Reset => std::process::exit(9),
                Fate::Stall => return,
                Fate::Garbage => "Traceback: { this is no message".to_owned(),
                Fate::Answer => match fake.answer(&message) {
                    Some(answer) => answer.to_string(),
                    None => return,
                },
                Fate::Error | Fate::Status => fault(&message).to_string(),
            };
            let mut out = out.lock().await;
            let _ = out.write_all(format!("{text}\n").as_bytes()).await;
            let _ = out.flush().await;
        });
    }
    Ok(())
}

impl Fake {
    /// Takes note of a message, and says what becomes of it and after which time.
    fn begin(&self, message: &Value) -> (Fate, Duration) {
        if message["method"] != "tools/call" {
            return (Fate::Answer, Duration::ZERO);
        }
        let token = message["params"]["arguments"]["message"].as_str().unwrap_or_default();
        let number = self.record.as_ref().map_or(0, |record| record.write(token));
        let Options { name, seed, faults, latency, .. } = &self.options;
        let mut seeded = Seeded::new(*seed, &format!("{name} {number}"));
        let fate = match seeded.chance() < *faults {
            false => Fate::Answer,
            true => [
                Fate::Error,
                Fate::Status,
                Fate::Reset,
                Fate::Reset,
                Fate::Stall,
                Fate::Stall,
                Fate::Garbage,
                Fate::Garbage,
            ][seeded.below(8) as usize],
        };
        (fate, Duration::from_millis(seeded.below(latency + 1)))
    }

    /// The answer to a request; nothing to anything else.
    fn answer(&self, message: &Value) -> Option<Value> {
        let id = message.get("id")?;
        let params = &message["params"];
        let modern = self.options.era == Era::Modern;
        let mut result = match (message["method"].as_str()?, modern) {
            ("initialize", false) => json!({
                "protocolVersion": LEGACY_VERSION, "capabilities": { "tools": {} }, "serverInfo": self.information(),
            }),
            ("server/discover", true) => json!({
                "supportedVersions": [MODERN_VERSION], "capabilities": { "tools": {} },
                "ttlMs": 0, "cacheScope": "private",
            }),
            ("initialize", true) => {
                let data = json!({ "supported": [MODERN_VERSION], "requested": params["protocolVersion"] });
                let error = json!({ "code": -32022, "message": "Unsupported protocol version", "data": data });
                return Some(json!({ "jsonrpc": "2.0", "id": id, "error": error }));
            }
            ("ping", _) => json!({}),
            ("tools/list", _) => self.list(params),
            ("tools/call", _) => json!({ "content": [{ "type": "text", "text": params["arguments"]["message"] }] }),
            _ => {
                let error = json!({ "code": -32601, "message": "no such method" });
                return Some(json!({ "jsonrpc": "2.0", "id": id, "error": error }));
            }
        };
        if modern {
            result["resultType"] = json!("complete");
            result["_meta"] = json!({ "io.modelcontextprotocol/serverInfo": self.information() });
        }
        Some(json!({ "jsonrpc": "2.0", "id": id, "result": result }))
    }

    fn information(&self) -> Value {
        json!({ "name": self.options.name, "version": "1" })
    }

    /// One page of the tools. A cursor is the place of the first that comes.
    fn list(&self, params: &Value) -> Value {
        let from = params["cursor"].as_str().and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        let to = (from + PAGE).min(self.options.tools);
        let tools: Vec<Value> = (from..to).map(tool).collect();
        let mut result = json!({ "tools": tools });
        if self.options.era == Era::Modern {
            result["ttlMs"] = json!(0);
            result["cacheScope"] = json!("private");
        }
        if to < self.options.tools {
            result["nextCursor"] = json!(to.to_string());
        }
        result
    }
}

/// The tool with this place in the list, of the size that real ones have.
fn tool(place: usize) -> Value {
    let annotations = match place % 3 {
        0 => json!({ "readOnlyHint": true }),
        1 => json!({ "readOnlyHint": false, "idempotentHint": true }),
        _ => json!({ "readOnlyHint": false }),
    };
    json!({
        "name": format!("tool_{place}"),
        "description": format!("Answers the text that it is given, for the {place}th time of asking. It is as long as \
            descriptions are that say what a tool is for, when to use it and when not."),
        "inputSchema": {
            "type": "object",
            "properties": {
                "message": { "type": "string", "description": "what to send back" },
                "limit": { "type": "integer", "minimum": 1, "maximum": 100, "default": 10 },
            },
            "required": ["message"],
        },
        "annotations": annotations,
    })
}

fn fault(message: &Value) -> Value {
    let error = json!({ "code": -32603, "message": "an internal error by order" });
    json!({ "jsonrpc": "2.0", "id": message["id"], "error": error })
}

#[cfg(test)]
mod tests;
