//! APIs that an OpenAPI document describes, as upstreams.

mod answers;
mod api;
mod attacks;
mod requests;

pub(crate) use api::{Api, Asked, Said};

use crate::harness::{Hub, Setup};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(crate) fn tests() -> Vec<Trial> {
    [requests::tests(), answers::tests(), attacks::tests()].into_iter().flatten().collect()
}

/// A shop for pets, in OpenAPI 3.0.
const PETS: &str = include_str!("openapi/pets.yaml");

/// A folder with the document of the shop, and the entry `pets` for the API at `url`.
fn shop(url: &str, entry: Value) -> Setup {
    described(PETS, url, entry)
}

/// A folder with a document, and the entry `pets` for the API at `url`.
fn described(document: &str, url: &str, mut entry: Value) -> Setup {
    let mut setup = Setup::new();
    std::fs::write(setup.path("pets.yaml"), document).expect("the folder of the test can be written");
    entry["openapi"] = json!("pets.yaml");
    if entry.get("base_url").is_none() {
        entry["base_url"] = json!(format!("{url}/v1"));
    }
    setup.config["servers"]["pets"] = entry;
    setup
}

/// The hub, once the API's tools are listed.
async fn ready(setup: Setup) -> Hub {
    let hub = setup.start().await;
    hub.wait_for("pets", "its document is read", |server| server["state"] == "ready").await;
    hub
}
