//! Where secrets are kept: with the hub that runs, or in the store itself where none does.

use crate::command::{Context, Failures};
use assembly::config::Loaded;
use assembly::{keeper, wiring};
use base::{Result, Secret, master};
use hubs::client::{HubClient, path_segment};
use identity::Secrets;
use serde_json::{Value, json};
use store::Db;

/// Where secrets are kept.
pub(super) enum Vault {
    /// With a hub, which has the store.
    Hub(Box<HubClient>),
    /// In the store.
    Store(Box<Store>),
}

/// The store, and the configuration of this folder, if it can be read.
pub(super) struct Store {
    db: Db,
    secrets: Secrets,
    loaded: Option<Loaded>,
}

impl Vault {
    /// Finds it. It must be closed with [`Vault::close`].
    ///
    /// # Errors
    /// [`base::Code::StoreTaken`] when another process has the store and takes no requests.
    pub(super) async fn open(context: &Context) -> Result<Self, Failures> {
        if let Some(client) = HubClient::of_store(context).await? {
            return Ok(Self::Hub(Box::new(client)));
        }
        // A secret that is sealed with a key which nobody keeps would be lost, so that here the home must be writable.
        let sealer = master::sealer(&context.environment)?;
        let db = Db::open(&wiring::store_path(&context.environment)).await?;
        let secrets = wiring::secrets(&db, &sealer).await?;
        let loaded = context.load().ok();
        if loaded.is_none() {
            context.output.message("note: the configuration has faults, so it is not known which servers use a secret");
        }
        Ok(Self::Store(Box::new(Store { db, secrets, loaded })))
    }

    /// Runs `work` and closes the vault, however the work ends.
    pub(super) async fn with<T>(context: &Context, work: impl AsyncFnOnce(&Vault) -> Result<T>) -> Result<T, Failures> {
        let vault = Self::open(context).await?;
        let done = work(&vault).await;
        if let Self::Store(store) = vault {
            store.db.close().await;
        }
        Ok(done?)
    }

    /// Whether a hub takes a change at once.
    pub(super) fn is_hub(&self) -> bool {
        matches!(self, Self::Hub(_))
    }

    /// All secrets.
    pub(super) async fn list(&self) -> Result<Value> {
        match self {
            Self::Hub(client) => client.get("/api/v1/secrets").await,
            Self::Store(store) => Ok(keeper::list(&store.secrets, store.loaded.as_ref()).await?.to_json()),
        }
    }

    /// Sets one.
    pub(super) async fn set(&self, name: &str, value: &Secret<String>) -> Result<Value> {
        match self {
            Self::Hub(client) => client.put_json(&path(name), &json!({"value": value.expose()})).await,
            Self::Store(store) => {
                let changed = keeper::set(&store.secrets, store.loaded.as_ref(), name.to_owned(), value).await?;
                Ok(changed.set_to_json())
            }
        }
    }

    /// Removes one.
    pub(super) async fn remove(&self, name: &str, force: bool) -> Result<Value> {
        match self {
            Self::Hub(client) => client.delete(&format!("{}?force={force}", path(name))).await,
            Self::Store(store) => {
                let changed = keeper::remove(&store.secrets, store.loaded.as_ref(), name.to_owned(), force).await?;
                Ok(changed.removed_to_json())
            }
        }
    }
}

fn path(name: &str) -> String {
    format!("/api/v1/secrets/{}", path_segment(name))
}

/// The servers that an answer names.
pub(super) fn users(answer: &Value) -> Vec<&str> {
    answer["used_by"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}
