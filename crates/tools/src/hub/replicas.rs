//! What other replicas of the hub say of results.

use super::Hub;
use base::task;
use store::redis::Heard;
use tokio::sync::broadcast::error::RecvError;

impl Hub {
    /// Forgets what other replicas say to have changed, in a task, for as long as the hub lives.
    pub(super) fn follow_replicas(&self) {
        let Some(redis) = self.0.context.redis.clone() else { return };
        let hub = std::sync::Arc::downgrade(&self.0);
        task::spawn("results of replicas", async move {
            let mut news = redis.news();
            loop {
                let heard = news.recv().await;
                let Some(hub) = hub.upgrade() else { return };
                let state = hub.state.load();
                match heard {
                    Ok(Heard::Said { topic, body }) => {
                        state.upstreams.iter().for_each(|upstream| upstream.results.heard_elsewhere(&topic, &body));
                    }
                    Ok(Heard::Back { .. }) | Err(RecvError::Lagged(_)) => {
                        state.upstreams.iter().for_each(|upstream| upstream.results.missed());
                    }
                    Err(RecvError::Closed) => return,
                }
            }
        });
    }
}
