//! A hub with a hundred servers, thousands of tools and a thousand clients.

mod idle;
mod report;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::task::JoinSet;

use crate::{chaos::load_average, client::Client, session::Era, stats, target::Target};

pub use report::{Report, Row};

/// What is measured.
#[derive(Debug, Clone)]
pub struct Plan {
    pub tutti: PathBuf,
    pub fake: PathBuf,
    pub upstreams: usize,
    pub tools: usize,
    pub clients: usize,
    pub rate: u64,
    pub rounds: usize,
}

/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(90);
/// Lists that are read for a percentile.
const LISTS: usize = 100;
/// Lists that are read ahead of those.
const WARM_UP: usize = 3;
/// How long calls run in each measured stretch.
const STRETCH: Duration = Duration::from_secs(3);
/// Calls of one round against the other servers.
const ROUND_CALLS: usize = 300;

/// Measures all. What it starts has ended when it is over.
pub async fn run(plan: &Plan) -> Result<Report> {
    let scratch = tempfile::tempdir().context("cannot make a scratch directory")?;
    let mut fleet = Vec::new();
    let mut servers = serde_json::Map::new();
    for place in 0..plan.upstreams {
        let name = format!("s{place:03}");
        let tools = plan.tools / plan.upstreams + usize::from(place < plan.tools % plan.upstreams);
        let era = if place.is_multiple_of(2) { Era::Legacy } else { Era::Modern };
        let (name_, tools) = (name.clone(), tools.to_string());
        let words = ["--name", &name_, "--tools", &tools, "--era", era.name()].map(str::to_owned);
        if place % 10 == 9 {
            servers.insert(name, json!({ "command": plan.fake, "args": words }));
        } else {
            let target = start_fake(plan, &name, &words, scratch.path()).await?;
            servers.insert(name, json!({ "url": target.url }));
            fleet.push(target);
        }
    }
    eprintln!("{} servers run, load average {}", plan.upstreams, load_average());
    let started = Instant::now();
    let hub = start_hub(plan, servers, scratch.path(), "hub").await?;
    wait_until_listed(&hub.url, plan.tools).await?;
    let ready_s = started.elapsed().as_secs_f64();
    eprintln!("ready after {ready_s:.2} s, load average {}", load_average());

    let mut report = Report { ready_s, ..Report::default() };
    for era in [Era::Legacy, Era::Modern] {
        for row in lists(&hub.url, era, plan.tools).await? {
            report.list_p99_ms = report.list_p99_ms.max(row.p99_ms);
            report.rows.push(row);
        }
    }
    let idle = idle::run(plan, &hub).await?;
    report.rss_kb_per_idle_client = idle.rss_kb;
    report.ping_p99_ms = idle.pings.iter().map(|row| row.p99_ms).fold(0.0, f64::max);
    report.rows.extend(idle.pings);
    drop(hub);
    report.dead_ratio = dead(plan, &fleet, scratch.path(), &mut report.rows).await?;
    eprintln!("done, load average {}", load_average());
    Ok(report)
}

async fn start_fake(plan: &Plan, name: &str, words: &[String], scratch: &Path) -> Result<Target> {
    let mut command = Command::new(&plan.fake);
    command.args(words).args(["--port", "0"]);
    Target::start_with_input(name, "", command, scratch, Stdio::piped()).await
}

async fn start_hub(plan: &Plan, servers: serde_json::Map<String, Value>, scratch: &Path, name: &str) -> Result<Target> {
    let home = scratch.join(format!("{name}-home"));
    std::fs::create_dir(&home).context("cannot make a home for the hub")?;
    let config = scratch.join(format!("{name}.yaml"));
    std::fs::write(&config, json!({ "servers": servers }).to_string()).context("cannot write a configuration")?;
    let mut command = Command::new(&plan.tutti);
    command.args(["up", "--listen", "127.0.0.1:0", "--json", "--config"]).arg(config);
    command.env("TUTTI_HOME", home).env("TUTTI_LOG", "warn").current_dir(scratch);
    Target::start(name, "", command, scratch).await
}

/// What the reading of a whole list came to.
#[derive(Default)]
struct Listed {
    tools: usize,
    pages: usize,
    took: Duration,
    /// How long the first page took.
    first: Duration,
}

/// Reads the whole list as a client does, page by page.
async fn read_list(client: &mut Client) -> Result<Listed> {
    let (mut params, mut listed) = (json!({}), Listed::default());
    loop {
        let reply = client.request("tools/list", params).await?;
        let result = &reply.answers.first().context("a list is not answered")?["result"];
        listed.tools += result["tools"].as_array().map_or(0, Vec::len);
        listed.pages += 1;
        listed.took += reply.took;
        if listed.pages == 1 {
            listed.first = reply.took;
        }
        match result.get("nextCursor").and_then(Value::as_str) {
            Some(cursor) => params = json!({ "cursor": cursor }),
            None => return Ok(listed),
        }
    }
}

async fn wait_until_listed(url: &str, tools: usize) -> Result<()> {
    let begun = Instant::now();
    let mut seen = 0;
    while begun.elapsed() < LIMIT {
        let mut client = Client::open(url, Era::Modern).await?;
        seen = read_list(&mut client).await?.tools;
        if seen >= tools {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bail!("after {LIMIT:?} the hub lists {seen} tools of {tools}")
}

async fn lists(url: &str, era: Era, tools: usize) -> Result<[Row; 2]> {
    let mut client = Client::open(url, era).await?;
    let (mut whole, mut first, mut pages) = (Vec::new(), Vec::new(), 0);
    for round in 0..LISTS + WARM_UP {
        let listed = read_list(&mut client).await?;
        anyhow::ensure!(listed.tools == tools, "a list has {} tools of {tools}", listed.tools);
        pages = listed.pages;
        if round >= WARM_UP {
            whole.push(nanoseconds(listed.took));
            first.push(nanoseconds(listed.first));
        }
    }
    let era = era.name();
    let whole = Row::new(&format!("tools/list {era}, all {pages} pages"), whole);
    Ok([whole, Row::new(&format!("tools/list {era}, the first page"), first)])
}

/// By how much a server that is dead raises the 99th percentile of the calls of others: two hubs with the same living
/// servers, of which one has dead ones too that are called all the time, in turns.
async fn dead(plan: &Plan, fleet: &[Target], scratch: &Path, rows: &mut Vec<Row>) -> Result<f64> {
    let living: Vec<(String, String)> =
        fleet.iter().take(8).map(|target| (target.name.clone(), target.url.clone())).collect();
    let servers = || living.iter().map(|(name, url)| (name.clone(), json!({ "url": url }))).collect();
    let words = ["--name", "silent", "--silent"].map(str::to_owned);
    let silent = start_fake(plan, "silent", &words, scratch).await?;
    let refused = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.context("no port")?;
        format!("http://{}/mcp", listener.local_addr().context("no address")?)
    };
    let well = start_hub(plan, servers(), scratch, "well").await?;
    let mut with_dead: serde_json::Map<String, Value> = servers();
    with_dead.insert("refuses".to_owned(), json!({ "url": refused }));
    with_dead.insert("silent".to_owned(), json!({ "url": silent.url }));
    let ill = start_hub(plan, with_dead, scratch, "ill").await?;
    let tools = plan.tools / plan.upstreams;
    for hub in [&well, &ill] {
        wait_until_listed(&hub.url, tools * living.len()).await?;
    }
    let callers = idle::call_the_dead(&ill.url, &["refuses__x", "silent__x"]);
    let mut took = [Vec::new(), Vec::new()];
    let mut ratios = Vec::new();
    for round in 0..=plan.rounds {
        let mut p99 = [0.0; 2];
        // Who is first changes from round to round.
        for turn in 0..2 {
            let which = (round + turn) % 2;
            let of_round = round_of_calls(&[&well, &ill][which].url, &living).await?;
            p99[which] = stats::percentile(&of_round, 99.0) as f64;
            if round > 0 {
                took[which].extend(of_round);
            }
        }
        if round > 0 {
            ratios.push(p99[1] / p99[0].max(1.0));
        }
    }
    drop(callers);
    let [without, with] = took;
    rows.push(Row::new("calls without a dead server", without));
    rows.push(Row::new("calls beside two dead servers", with));
    Ok(stats::median(&ratios))
}

/// One client after the other server, sorted latencies.
async fn round_of_calls(url: &str, living: &[(String, String)]) -> Result<Vec<u64>> {
    let mut clients = JoinSet::new();
    for (place, (name, _)) in living.iter().take(4).enumerate() {
        let (url, tool) = (url.to_owned(), format!("{name}__tool_0"));
        let era = if place.is_multiple_of(2) { Era::Legacy } else { Era::Modern };
        clients.spawn(async move {
            let mut client = Client::open(&url, era).await?;
            let mut took = Vec::new();
            for _ in 0..ROUND_CALLS {
                let begun = Instant::now();
                let reply = client.call(&tool, json!({ "message": "hello" })).await?;
                took.push(nanoseconds(begun.elapsed()));
                let text = reply.answers.first().map(|answer| &answer["result"]["content"][0]["text"]);
                anyhow::ensure!(text == Some(&json!("hello")), "{tool} answers {reply:?}");
            }
            anyhow::Ok(took)
        });
    }
    let mut all = Vec::new();
    while let Some(took) = clients.join_next().await {
        all.extend(took.context("a client stopped")??);
    }
    all.sort_unstable();
    Ok(all)
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
