//! Where prompts are kept: with the hub that runs, or in the store itself where none does.

use assembly::wiring;
use base::Result;
use hubs::client::{HubClient, path_segment};
use hubs::{Context, Failures};
use prompts::Library;
use prompts::requests::{self, Change};
use serde_json::Value;
use store::Db;

/// Where prompts are kept.
pub(super) enum Shelf {
    /// With a hub, which has the store.
    Hub(Box<HubClient>),
    /// In the store.
    Store(Library),
}

impl Shelf {
    /// Finds it, runs `work`, and closes it however the work ends.
    pub(super) async fn with<T>(context: &Context, work: impl AsyncFnOnce(&Shelf) -> Result<T>) -> Result<T, Failures> {
        if let Some(client) = HubClient::of_store(context).await? {
            return Ok(work(&Self::Hub(Box::new(client))).await?);
        }
        let files = wiring::resolve(&context.load()?)?.prompts;
        let db = Db::open(&wiring::store_path(&context.environment)).await?;
        let done = async {
            let library = wiring::prompts(&db).await?;
            if let Some(files) = &files {
                library.take(files).await?;
            }
            work(&Self::Store(library)).await
        };
        let done = done.await;
        db.close().await;
        Ok(done?)
    }

    /// All that are served.
    pub(super) async fn list(&self) -> Result<Value> {
        match self {
            Self::Hub(client) => client.get("/api/v1/prompts").await,
            Self::Store(library) => requests::list(library).await,
        }
    }

    /// One, with the text of a version.
    pub(super) async fn show(&self, name: &str, version: Option<&str>) -> Result<Value> {
        match self {
            Self::Hub(client) => {
                let version = version.map(|version| format!("?version={}", path_segment(version)));
                client.get(&format!("{}{}", path(name, ""), version.unwrap_or_default())).await
            }
            Self::Store(library) => requests::show(library, name, version).await,
        }
    }

    /// Its experiments.
    pub(super) async fn experiments(&self, name: &str) -> Result<Value> {
        match self {
            Self::Hub(client) => client.get(&path(name, "/experiments")).await,
            Self::Store(library) => requests::experiments(library, name).await,
        }
    }

    /// Does what `body` asks for.
    pub(super) async fn change(&self, name: &str, change: Change, body: &Value) -> Result<Value> {
        let client = match self {
            Self::Hub(client) => client,
            Self::Store(library) => return requests::change(library, name, change, body).await,
        };
        match change {
            Change::Render => client.post_json(&path(name, "/render"), body).await,
            Change::Feedback => client.post_json(&path(name, "/feedback"), body).await,
            Change::Keep => client.post_json(&path(name, "/versions"), body).await,
            Change::Label => client.put_json(&path(name, "/labels"), body).await,
            Change::RollBack => client.post_json(&path(name, "/rollback"), body).await,
            Change::Start => client.post_json(&path(name, "/experiments"), body).await,
            Change::Stop => client.post_json(&path(name, "/experiments/stop"), body).await,
        }
    }
}

fn path(name: &str, rest: &str) -> String {
    format!("/api/v1/prompts/{}{rest}", path_segment(name))
}
