//! N clients, each on its own connection, that ask a model one time after the other.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use memchr::memmem;
use serde_json::Value;
use tokio::task::JoinSet;

use super::{Case, MODEL};
use crate::{
    cpu,
    http::{Connection, Endpoint},
};

/// Nothing here takes minutes; a target that hangs must not hang the bench.
const PASS_LIMIT: Duration = Duration::from_secs(300);
/// Lets work that trails the last answer finish, so that it is not booked on the next pass.
const SETTLE: Duration = Duration::from_millis(40);

/// What one pass does.
#[derive(Debug, Clone)]
pub struct Plan {
    pub url: String,
    /// The credential that clients send.
    pub key: String,
    /// The model that they name.
    pub model: String,
    pub case: Case,
    pub clients: usize,
    /// Measured requests, over all clients together.
    pub requests: usize,
    /// Requests that each client makes before the measurement begins.
    pub warm_up: usize,
}

/// What one pass measured.
pub struct Sample {
    /// Sorted, one per request, in nanoseconds.
    pub latencies: Vec<u64>,
    /// CPU time of the target over the measured requests.
    pub cpu: Duration,
}

/// One client.
pub struct Asker {
    connection: Connection,
    headers: Arc<str>,
    body: Arc<str>,
    case: Case,
}

impl Asker {
    pub async fn open(plan: &Plan) -> Result<Self> {
        let connection = Connection::open(Endpoint::parse(&plan.url)?).await?;
        let headers = format!("Content-Type: application/json\r\nAuthorization: Bearer {}\r\n", plan.key).into();
        Ok(Self { connection, headers, body: plan.case.request(&plan.model).into(), case: plan.case })
    }

    /// One request; an error if the answer is not what it must be.
    pub async fn ask(&mut self) -> Result<()> {
        let head = self.connection.exchange("POST", &self.headers, &self.body).await?;
        let body = self.connection.body();
        ensure!(head.status == 200, "status {}: {}", head.status, String::from_utf8_lossy(body));
        ensure!(
            head.event_stream == (self.case != Case::Json),
            "a stream where none was asked for, or the other way round"
        );
        check(self.case, body)
    }
}

/// Whether an answer is whole.
fn check(case: Case, body: &[u8]) -> Result<()> {
    let count = |needle: &[u8]| memmem::find_iter(body, needle).count();
    let fine = match case {
        Case::Json => count(b"scatters short waves") == 1 && body.ends_with(b"}"),
        Case::Burst | Case::Spaced => count(b"\" token\"") == case.tokens() && body.ends_with(b"data: [DONE]\n\n"),
    };
    ensure!(fine, "not the answer that the provider gave: {}", String::from_utf8_lossy(body));
    Ok(())
}

/// Asks once, and then the provider at `mock` what it was asked: whether that is what the clients of the bench mean to ask.
pub async fn check_request(plan: &Plan, mock: &str) -> Result<()> {
    Asker::open(plan).await?.ask().await?;
    let mut connection = Connection::open(Endpoint::parse(mock)?).await?;
    connection.exchange("GET", "", "").await?;
    let seen: Value = serde_json::from_slice(connection.body()).context("the provider was asked no JSON")?;
    let sent: Value = serde_json::from_str(&plan.case.request(MODEL)).context("the bench asks no JSON")?;
    for name in ["model", "messages", "max_tokens", "seed"] {
        ensure!(seen[name] == sent[name], "the provider was asked with the {name} {}, not {}", seen[name], sent[name]);
    }
    ensure!(
        (seen["stream"] == true) == (plan.case != Case::Json),
        "the provider was asked with stream {}",
        seen["stream"]
    );
    Ok(())
}

/// Opens the connections, warms them up, and measures the process `target`.
pub async fn pass(plan: &Plan, target: u32) -> Result<Sample> {
    match tokio::time::timeout(PASS_LIMIT, measure(plan, target)).await {
        Ok(sample) => sample,
        Err(_) => bail!("no end after {} s; the target does not answer", PASS_LIMIT.as_secs()),
    }
}

async fn measure(plan: &Plan, target: u32) -> Result<Sample> {
    let mut askers = Vec::with_capacity(plan.clients);
    for _ in 0..plan.clients {
        askers.push(Asker::open(plan).await?);
    }
    let (askers, _) = drive(askers, plan.clients * plan.warm_up).await?;
    tokio::time::sleep(SETTLE).await;
    let before = cpu::scheduled_of_tree(target)?;
    let (_askers, mut latencies) = drive(askers, plan.requests).await?;
    tokio::time::sleep(SETTLE).await;
    let cpu = cpu::scheduled_of_tree(target)?.saturating_sub(before);
    latencies.sort_unstable();
    Ok(Sample { latencies, cpu })
}

/// Makes `requests` requests, shared evenly among the clients, all clients at once.
async fn drive(askers: Vec<Asker>, requests: usize) -> Result<(Vec<Asker>, Vec<u64>)> {
    let clients = askers.len();
    let mut running = JoinSet::new();
    for (index, asker) in askers.into_iter().enumerate() {
        let share = requests / clients + usize::from(index < requests % clients);
        running.spawn(ask_in_turn(asker, index, share));
    }
    let (mut askers, mut latencies) = (Vec::with_capacity(clients), Vec::with_capacity(requests));
    while let Some(done) = running.join_next().await {
        let (asker, measured) = done.context("a client stopped")??;
        askers.push(asker);
        latencies.extend(measured);
    }
    Ok((askers, latencies))
}

async fn ask_in_turn(mut asker: Asker, client: usize, requests: usize) -> Result<(Asker, Vec<u64>)> {
    let mut latencies = Vec::with_capacity(requests);
    for request in 0..requests {
        let start = Instant::now();
        asker.ask().await.with_context(|| format!("client {client}, request {request}"))?;
        latencies.push(u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX));
    }
    Ok((asker, latencies))
}

#[cfg(test)]
mod tests {
    use super::{Case, check};

    #[test]
    fn an_answer_that_is_cut_off_or_lacks_a_token_is_wrong() {
        let token = r#"data: {"choices":[{"delta":{"content":" token"}}]}"#;
        let stream = |tokens: usize| format!("{}data: [DONE]\n\n", format!("{token}\n\n").repeat(tokens));
        assert!(check(Case::Burst, stream(20).as_bytes()).is_ok());
        assert!(check(Case::Burst, stream(19).as_bytes()).is_err());
        assert!(check(Case::Burst, stream(20).trim_end().as_bytes()).is_err());
        assert!(check(Case::Json, br#"{"content":"air scatters short waves"}"#).is_ok());
        assert!(check(Case::Json, br#"{"content":"air scatters short waves""#).is_err());
    }
}
