//! The upstream that nothing is wrong with, used before, during and after another one fails.

use super::client::{Client, Pending};
use super::hub::Hub;
use serde_json::json;

/// A call on the upstream `good` that is under way while something else goes wrong.
pub(crate) struct Healthy {
    held: Pending,
    client: Client,
}

impl Healthy {
    /// Begins the call and waits until the upstream has it.
    pub(crate) async fn begin(client: &Client) -> Self {
        let held = client.start_call("good__hold", json!({"name": "meanwhile"}));
        client.call("good__await_hold", json!({"name": "meanwhile"})).await.result();
        Self { held, client: client.clone() }
    }

    /// Ends the call and makes another one: both work.
    pub(crate) async fn end(self, hub: &Hub) {
        self.client.call("good__release", json!({"name": "meanwhile"})).await.result();
        assert_eq!(self.held.finish().await.text(), "held meanwhile", "the call that was under way is answered");
        hub.assert_good().await;
    }
}
