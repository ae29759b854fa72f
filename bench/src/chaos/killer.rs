//! Kills one server after the other.

use std::time::{Duration, Instant};

use super::{Plan, fleet::Fleet};
use crate::seeded::Seeded;

/// The longest that a server over HTTP stays away.
const AWAY_MILLISECONDS: u64 = 300;

/// Kills a server at each beat until the time is up, and gives the fleet back.
pub async fn run(plan: &Plan, mut fleet: Fleet, begun: Instant) -> Fleet {
    let mut seeded = Seeded::new(plan.seed, "kills");
    let mut beat = begun + plan.kills;
    while beat < begun + plan.length {
        tokio::time::sleep_until(beat.into()).await;
        let place = seeded.below(fleet.servers.len() as u64) as usize;
        let pause = Duration::from_millis(seeded.below(AWAY_MILLISECONDS));
        if let Err(error) = fleet.kill(place, pause).await {
            eprintln!("{}: {error:#}", fleet.servers[place].name);
        }
        beat += plan.kills;
    }
    fleet
}
