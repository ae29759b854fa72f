//! Models for suites: asked through the hub that runs, and paid for like any other request.

use crate::model::turn::{self, Turn, Way};
use base::Result;
use base::ports::Wait;
use hubs::client::HubClient;
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
        turn::cost(&self.client, &self.run, "1d").await
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
            let made = question.made.as_ref().map(ToString::to_string);
            let way = Way { run: Some(&self.run), prompt: made.as_deref(), fresh: true };
            let (mut turn, mut nothing) = (Turn::default(), |_: &str| {});
            turn::ask(&self.client, &Value::Object(body), way, &mut turn, &mut nothing).await;
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
