//! Looks from time to time whether providers answer, also while nobody asks them.

use super::Gateway;
use crate::provider::Probed;
use base::clock;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use std::time::Duration;
use tokio::task::JoinHandle;

impl Gateway {
    /// Looks whether providers answer, as often as the configuration says, also as it changes, until it is aborted.
    ///
    /// A provider that does not is asked behind others, as one whose answers have failed. It is not refused: the paths that
    /// are looked at cost nothing, so they say little of whether a model would answer.
    pub fn follow_probes(&self) -> JoinHandle<()> {
        let gateway = self.clone();
        base::task::spawn("probes of providers", async move {
            loop {
                let changed = gateway.changed();
                let state = gateway.shared.state.load_full();
                let mut probes = FuturesUnordered::new();
                for (name, provider) in &state.settings.providers {
                    match provider.probe {
                        Some(every) => probes.push(gateway.probe_again(name, every)),
                        None => gateway.note_probe(name, None),
                    }
                }
                let probing = async {
                    while probes.next().await.is_some() {}
                    std::future::pending::<()>().await;
                };
                tokio::select! {
                    () = probing => {}
                    () = changed => {}
                }
            }
        })
    }

    async fn probe_again(&self, name: &str, every: Duration) {
        loop {
            let Some(provider) = self.shared.state.load().providers.get(name).cloned() else { return };
            let failure = provider.answers(name).await.err();
            self.note_probe(name, Some(Probed { at: clock::wall(), failure }));
            tokio::time::sleep(every).await;
        }
    }

    /// Keeps what was seen of the provider `name`; nothing when it is not looked at any more.
    fn note_probe(&self, name: &str, probed: Option<Probed>) {
        let state = self.shared.state.load();
        let Some(provider) = state.providers.get(name) else { return };
        let failure = probed.as_ref().and_then(|probed| probed.failure.as_ref());
        let well = failure.is_none();
        for lane in state.all().iter().filter(|lane| *lane.provider == *name) {
            lane.seen.probed(well);
        }
        let said = failure.map(|error| (error.code().id(), error.message().to_owned()));
        let before = provider.note_probe(probed);
        let was_well = before.is_none_or(|before| before.failure.is_none());
        match said {
            Some((code, message)) if was_well => tracing::warn!(provider = name, code, "{message}"),
            None if !was_well => tracing::info!(provider = name, "the provider answers again"),
            _ => {}
        }
    }
}
