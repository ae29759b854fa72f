//! What of an upstream's offer is served.

use super::Driver;
use crate::catalogue::{Catalogue, Kind};
use crate::pins::{Approval, Approved};
use crate::upstream::Change;
use base::Result;
use base::visible::escaped;
use mcp::client::tail::Source;
use std::sync::atomic::Ordering;
use tokio::sync::oneshot;

impl Driver {
    /// Serves what may be served of what the upstream offers.
    pub(super) async fn learn(&mut self, offered: Catalogue) {
        let catalogue = self.pinned.judge(offered).await;
        self.serve(catalogue).await;
    }

    /// Takes over what is served, and waits until clients see it.
    pub(super) async fn serve(&mut self, catalogue: Catalogue) {
        self.shared.take_over(catalogue);
        self.seen().await;
        // Only now: until clients see what there is, a name that they do not see may still be one of its own.
        self.shared.known.store(true, Ordering::Relaxed);
    }

    async fn seen(&mut self) {
        let (seen, wait) = oneshot::channel();
        if self.context.changes.send(Change::Catalogue(seen)).await.is_ok() {
            let _ = wait.await;
        }
    }

    /// Pins what was approved, and waits until clients see it.
    pub(super) async fn approve(&mut self, approval: &Approval) -> Result<()> {
        let catalogue = self.shared.catalogue();
        self.pinned.approve(&catalogue, approval).await?;
        for Approved { kind, name, .. } in &approval.0 {
            let said = match kind {
                Kind::Instructions => "the instructions were approved".to_owned(),
                kind => {
                    let name = escaped(&name.chars().take(100).collect::<String>());
                    format!("the {} {name} was approved", kind.word())
                }
            };
            tracing::info!(upstream = self.shared.settings.name, "{said}");
            self.shared.tail.push(Source::Hub, said.as_bytes());
        }
        let catalogue = self.pinned.judge(catalogue.as_ref().clone()).await;
        self.shared.take_over(catalogue);
        self.seen().await;
        self.shared.remember(&self.context.db, self.remembered).await;
        Ok(())
    }
}
