//! Models for suites: asked through the hub that runs, and paid for like any other request.

use crate::client::HubClient;
use crate::command::model::turn::{self, Turn};
use base::Result;
use base::ports::Wait;
use prompts::trial::{Answer, Models, Question};
use search::{Embedder as _, MiniLm};
use serde_json::{Map, Value, json};

/// Models behind a hub.
pub(super) struct Asked {
    client: HubClient,
    run: String,
    embedder: MiniLm,
}

impl Asked {
    /// Those of the hub that runs.
    pub(super) fn new(client: HubClient) -> Result<Self> {
        let run = format!("tutti-prompt-{}", base::random::hex::<6>()?);
        Ok(Self { client, run, embedder: MiniLm::default() })
    }

    /// What all questions cost, as the hub has it in its books. Nothing where it does not say.
    pub(super) async fn cost(&self) -> Value {
        let said = self.client.get("/api/v1/usage?since=1d&by=run").await.unwrap_or_default();
        let mut rows = said["usage"].as_array().into_iter().flatten();
        rows.find(|row| row["run"] == self.run).map(|row| row["cost"].clone()).unwrap_or_default()
    }
}

impl Models for Asked {
    fn ask(&self, question: Question) -> Wait<'_, Answer> {
        Box::pin(async move {
            let messages: Vec<Value> = question.messages.iter().map(prompts::Message::to_json).collect();
            let mut body = Map::new();
            if let Value::Object(settings) = question.settings.to_json() {
                body.extend(settings.into_iter().filter(|(key, _)| key != "route"));
            }
            body.insert("model".to_owned(), question.model.into());
            body.insert("messages".to_owned(), messages.into());
            body.insert("stream".to_owned(), true.into());
            body.insert("stream_options".to_owned(), json!({"include_usage": true}));
            let (mut turn, mut nothing) = (Turn::default(), |_: &str| {});
            turn::ask(&self.client, &Value::Object(body), Some(&self.run), &mut turn, &mut nothing).await;
            match turn.error {
                Some(error) => Err(error),
                None => Ok(Answer {
                    text: turn.text,
                    input: turn.input.unwrap_or_default(),
                    output: turn.output.unwrap_or_default(),
                    latency_ms: u64::try_from(turn.lasted.as_millis()).unwrap_or(u64::MAX),
                }),
            }
        })
    }

    fn embed(&self, texts: Vec<String>) -> Wait<'_, Vec<Vec<f32>>> {
        self.embedder.embed(texts)
    }
}
