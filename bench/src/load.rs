//! N clients, each on its own connection and session, calling `echo` one call after the other.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::task::JoinSet;

use crate::{
    cpu,
    session::{Era, Session},
};

/// Nothing here takes minutes; a target that hangs must not hang the bench.
const PASS_LIMIT: Duration = Duration::from_secs(300);
/// Lets work that trails the last answer finish, so that it is not booked on the next pass.
const SETTLE: Duration = Duration::from_millis(40);

#[derive(Debug, Clone)]
pub struct Plan {
    pub url: String,
    pub tool: String,
    pub era: Era,
    pub clients: usize,
    /// Measured calls, over all clients together.
    pub calls: usize,
    /// Calls that each client makes before the measurement begins.
    pub warm_up: usize,
}

/// What one pass measured.
pub struct Sample {
    /// Sorted, one per call, in nanoseconds.
    pub latencies: Vec<u64>,
    /// CPU time of the target over the measured calls; `None` if nobody said which process that is.
    pub cpu: Option<Duration>,
}

/// Opens the sessions, warms them up, measures, and closes them.
pub async fn pass(plan: &Plan, target: Option<u32>) -> Result<Sample> {
    match tokio::time::timeout(PASS_LIMIT, measure(plan, target)).await {
        Ok(sample) => sample,
        Err(_) => bail!("no end after {} s; the target does not answer", PASS_LIMIT.as_secs()),
    }
}

async fn measure(plan: &Plan, target: Option<u32>) -> Result<Sample> {
    let mut sessions = Vec::with_capacity(plan.clients);
    for _ in 0..plan.clients {
        sessions.push(Session::open(&plan.url, plan.era, &plan.tool).await?);
    }
    let (sessions, _) = drive(sessions, plan.clients * plan.warm_up).await?;
    tokio::time::sleep(SETTLE).await;

    let read_cpu = || target.map(cpu::of_tree).transpose();
    let before = read_cpu()?;
    let (sessions, mut latencies) = drive(sessions, plan.calls).await?;
    tokio::time::sleep(SETTLE).await;
    let cpu = before.zip(read_cpu()?).map(|(before, after)| after.saturating_sub(before));

    for session in sessions {
        session.close().await?;
    }
    latencies.sort_unstable();
    Ok(Sample { latencies, cpu })
}

/// Makes `calls` calls, shared evenly among the sessions, all sessions at once.
async fn drive(sessions: Vec<Session>, calls: usize) -> Result<(Vec<Session>, Vec<u64>)> {
    let clients = sessions.len();
    let mut running = JoinSet::new();
    for (index, session) in sessions.into_iter().enumerate() {
        let share = calls / clients + usize::from(index < calls % clients);
        running.spawn(call_in_turn(session, index, share));
    }
    let (mut sessions, mut latencies) = (Vec::with_capacity(clients), Vec::with_capacity(calls));
    while let Some(done) = running.join_next().await {
        let (session, measured) = done.context("a client stopped")??;
        sessions.push(session);
        latencies.extend(measured);
    }
    Ok((sessions, latencies))
}

async fn call_in_turn(mut session: Session, client: usize, calls: usize) -> Result<(Session, Vec<u64>)> {
    let mut latencies = Vec::with_capacity(calls);
    for call in 0..calls {
        // No two calls in flight carry the same text, so an answer that reaches the wrong client is noticed.
        let message = format!("client {client:03} call {call:07}: the quick brown fox");
        let start = Instant::now();
        session.echo(&message).await.with_context(|| format!("client {client}, call {call}"))?;
        latencies.push(u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX));
    }
    Ok((session, latencies))
}
