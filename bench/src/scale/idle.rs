//! Very many clients that are connected and do nothing, while a few do a lot.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::{Plan, Row, STRETCH, nanoseconds};
use crate::{chaos::load_average, client::Client, session::Era, target::Target};

/// Clients that are connected before the memory is first read, so that what is allocated once is not counted.
const FIRST: usize = 50;
/// Lets what trails an exchange end before memory is read.
const SETTLE: Duration = Duration::from_millis(500);
/// Calls that may be under way at once: beyond that the hub does not keep up, and the time shows it.
const CALLERS: usize = 64;

/// What was measured.
pub(super) struct Idle {
    pub(super) rss_kb: f64,
    pub(super) pings: Vec<Row>,
}

pub(super) async fn run(plan: &Plan, hub: &Target) -> Result<Idle> {
    let mut held = Vec::new();
    connect(&mut held, &hub.url, FIRST).await?;
    tokio::time::sleep(SETTLE).await;
    let before = resident_kb(hub.pid)?;
    connect(&mut held, &hub.url, plan.clients).await?;
    tokio::time::sleep(SETTLE).await;
    let rss_kb = (resident_kb(hub.pid)? - before) / plan.clients as f64;
    eprintln!("{} clients are connected, {rss_kb:.1} KB each, load average {}", held.len(), load_average());
    let (calls, pings) = tokio::join!(calls(plan, &hub.url), pings(&hub.url));
    let pings = vec![calls?, pings?];
    Ok(Idle { rss_kb, pings })
}

/// A connected client: what must stay open.
type Held = (Option<Client>, TcpStream);

async fn connect(held: &mut Vec<Held>, url: &str, count: usize) -> Result<()> {
    for place in 0..count {
        held.push(if place.is_multiple_of(2) { legacy(url).await? } else { modern(url).await? });
    }
    Ok(())
}

/// A session with an open stream for what no request asked for; the connection of its requests has ended, as it does
/// after a while in any client.
async fn legacy(url: &str) -> Result<Held> {
    let client = Client::open(url, Era::Legacy).await?;
    let head = format!("GET /mcp HTTP/1.1\r\nHost: {}\r\n{}\r\n", authority(url)?, client.stream_headers());
    Ok((Some(client), stream(url, &head).await?))
}

/// A stream that waits for news.
async fn modern(url: &str) -> Result<Held> {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "bench", "version": "0" },
        "io.modelcontextprotocol/clientCapabilities": {}
    });
    let params = json!({ "_meta": meta, "notifications": { "toolsListChanged": true } });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": params }).to_string();
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nAccept: application/json, \
         text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: subscriptions/listen\r\nContent-Length: \
         {}\r\n\r\n{body}",
        authority(url)?,
        body.len()
    );
    Ok((None, stream(url, &head).await?))
}

fn authority(url: &str) -> Result<&str> {
    let rest = url.strip_prefix("http://").context("not a plain URL")?;
    Ok(rest.split('/').next().unwrap_or(rest))
}

/// Sends a request whose answer has no end, and reads how it begins.
async fn stream(url: &str, request: &str) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(authority(url)?).await.context("cannot connect")?;
    stream.write_all(request.as_bytes()).await.context("cannot ask for a stream")?;
    let mut begin = vec![0; 1024];
    let length = stream.read(&mut begin).await.context("cannot read a stream")?;
    let begin = String::from_utf8_lossy(&begin[..length]).into_owned();
    ensure!(begin.starts_with("HTTP/1.1 200"), "no stream: {begin}");
    Ok(stream)
}

/// What a process has in memory.
fn resident_kb(pid: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).context("cannot read /proc")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no resident set")?;
    line.trim().trim_end_matches("kB").trim().parse().context("no number of kilobytes")
}

/// Calls at a fixed rate. Times count from when a call was due, so that a hub that stands still is not spared.
async fn calls(plan: &Plan, url: &str) -> Result<Row> {
    let begun = Instant::now();
    let count = plan.rate * STRETCH.as_secs();
    let due = move |number: u64, rate: u64| begun + Duration::from_nanos(number * 1_000_000_000 / rate);
    let (rate, upstreams) = (plan.rate, plan.upstreams as u64);
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS as u64 {
        let url = url.to_owned();
        callers.spawn(async move {
            let mut client = Client::open(&url, if caller % 2 == 0 { Era::Legacy } else { Era::Modern }).await?;
            let mut took = Vec::new();
            for number in (caller..count).step_by(CALLERS) {
                tokio::time::sleep_until(due(number, rate).into()).await;
                let tool = format!("s{:03}__tool_0", number % upstreams);
                client.call(&tool, json!({ "message": "hello" })).await?;
                took.push(nanoseconds(due(number, rate).elapsed()));
            }
            anyhow::Ok(took)
        });
    }
    let mut all = Vec::new();
    while let Some(took) = callers.join_next().await {
        all.extend(took.context("a caller stopped")??);
    }
    Ok(Row::new(&format!("tools/call at {rate} a second"), all))
}

async fn pings(url: &str) -> Result<Row> {
    let begun = Instant::now();
    let mut client = Client::open(url, Era::Legacy).await?;
    let mut took = Vec::new();
    while begun.elapsed() < STRETCH {
        let sent = Instant::now();
        client.request("ping", json!({})).await?;
        took.push(nanoseconds(sent.elapsed()));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(Row::new("ping", took))
}

/// Callers of servers that do not work; they go on until the set is dropped.
pub(super) fn call_the_dead(url: &str, tools: &[&str]) -> JoinSet<()> {
    let mut callers = JoinSet::new();
    for tool in tools {
        for _ in 0..4 {
            let (url, tool) = (url.to_owned(), (*tool).to_owned());
            callers.spawn(async move {
                let Ok(mut client) = Client::open(&url, Era::Modern).await else { return };
                loop {
                    let asked = client.call(&tool, json!({ "message": "hello" }));
                    if tokio::time::timeout(Duration::from_secs(30), asked).await.is_err() {
                        let _ = client.reconnect().await;
                    }
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            });
        }
    }
    callers
}
