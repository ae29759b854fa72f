//! Reads prices anew, again and again, and says how that stands.

use super::Gateway;
use crate::config::Prices;
use crate::prices::{Standing, Tables, keep, read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::task::JoinHandle;

impl Gateway {
    /// Takes the table that was kept in `home` before, if it is of the source that is configured.
    pub async fn recall_prices(&self, home: PathBuf) {
        let Some(Prices { from, .. }) = self.prices() else { return };
        let loaded = base::task::blocking(move || keep::load(&home, &from)).await.and_then(|loaded| loaded);
        match loaded {
            Ok(Some(refreshed)) => self.take_prices(Tables(Some(Arc::new(refreshed))), None),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "the prices that were kept cannot be read"),
        }
    }

    /// Reads prices anew as often as the configuration says, also as it changes, until it is aborted. What was read is kept in
    /// `home`, if there is one.
    pub fn follow_prices(&self, home: Option<PathBuf>) -> JoinHandle<()> {
        let gateway = self.clone();
        base::task::spawn("prices of models", async move {
            let mut last = None;
            loop {
                let changed = gateway.changed();
                let settings = gateway.prices();
                let Some(prices) = &settings else {
                    gateway.take_prices(Tables::default(), None);
                    last = settings;
                    changed.await;
                    continue;
                };
                if last.as_ref().is_some_and(|last: &Prices| last.from != prices.from) {
                    gateway.take_prices(Tables::default(), None);
                }
                gateway.refresh_prices(prices, home.as_deref()).await;
                last.clone_from(&settings);
                let pause = tokio::time::sleep(prices.every);
                tokio::pin!(pause, changed);
                // Another configuration that says the same of prices is no reason to read them.
                loop {
                    tokio::select! {
                        () = &mut pause => break,
                        () = &mut changed => {}
                    }
                    if gateway.prices() != last {
                        break;
                    }
                    changed.set(gateway.changed());
                }
            }
        })
    }

    /// Reads prices anew, once.
    async fn refresh_prices(&self, prices: &Prices, home: Option<&Path>) {
        let before = self.tables();
        match read(prices, &before).await {
            Ok(refreshed) => {
                let refreshed = Arc::new(refreshed);
                if refreshed.table.version() != before.table().version() {
                    tracing::info!(from = refreshed.from, version = refreshed.table.version(), "prices of models");
                }
                self.take_prices(Tables(Some(Arc::clone(&refreshed))), None);
                let Some(home) = home.map(Path::to_owned) else { return };
                let from = prices.from.clone();
                let saved = base::task::blocking(move || keep::save(&home, &from, &refreshed)).await;
                if let Err(error) = saved.and_then(|saved| saved) {
                    tracing::warn!(%error, "the prices of models cannot be kept");
                }
            }
            Err(error) => {
                let known = self.price_table().failure.is_some_and(|known| known.message() == error.message());
                if !known {
                    tracing::warn!(code = error.code().id(), "{}", error.message());
                }
                self.take_prices(before, Some(error));
            }
        }
    }

    /// How the table of prices stands.
    pub fn price_table(&self) -> Standing {
        let (tables, failure) = (self.tables(), self.prices_failure());
        let from = self.prices().map(|prices| prices.from.shown());
        Standing {
            refreshed: tables.0.is_some(),
            from,
            version: tables.table().version().to_owned(),
            at: tables.0.as_ref().map(|newer| newer.at),
            failure,
        }
    }
}
