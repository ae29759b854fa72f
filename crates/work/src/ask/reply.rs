//! Asking one model, and what is told of its answer.

use crate::model::turn::{self, Turn, Way, seconds};
use base::{Error, Result, random};
use console::output::{Output, Style, one_line};
use hubs::client::HubClient;
use serde_json::{Map, Value, json};

/// Whoever asks models: all that is the same for every question.
pub(super) struct Asker<'a> {
    pub(super) output: &'a Output,
    pub(super) client: HubClient,
    pub(super) max_tokens: Option<u64>,
}

/// What a model answered.
pub(super) struct Reply {
    /// The model, as it was asked for.
    pub(super) model: String,
    /// Its answer.
    pub(super) turn: Turn,
    /// What it cost; `null` where the hub does not say.
    cost: Value,
}

impl Asker<'_> {
    /// Asks a model, and tells each piece of the answer as it comes.
    pub(super) async fn ask(
        &self,
        model: &str,
        system: Option<&str>,
        text: &str,
        said: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Reply> {
        // A run for each question: by it what it cost is found.
        let run = format!("tutti-ask-{}", random::hex::<6>()?);
        let body = request(model, system, text, self.max_tokens);
        let mut turn = Turn::default();
        turn::ask(&self.client, &body, Way { run: Some(&run), ..Way::default() }, &mut turn, said).await;
        let cost = turn::cost(&self.client, &run, "1h").await;
        Ok(Reply { model: model.to_owned(), turn, cost })
    }

    /// As [`Asker::ask`], without telling anything.
    pub(super) async fn ask_silently(&self, model: &str, system: Option<&str>, text: &str) -> Result<Reply> {
        self.ask(model, system, text, &mut |_: &str| {}).await
    }

    /// What a reader wants to know of an answer besides its words, and why it is not whole.
    pub(super) fn tell(&self, reply: &Reply) {
        let output = self.output;
        if let Some(error) = &reply.turn.error {
            let message = format!("{}: {}", one_line(&reply.model, 100), error.message());
            output.complaints(&[Error::new(error.code(), message, error.next())]);
        } else if !output.json {
            output.message(&output.paint_message(Style::Faint, &reply.foot()));
        }
    }

    /// A heading on standard output.
    pub(super) fn heading(&self, text: &str) {
        self.output.line(&self.output.paint(Style::Strong, &format!("# {text}\n")));
    }
}

impl Reply {
    /// Whether there is an answer, and all of it.
    pub(super) fn is_whole(&self) -> bool {
        self.turn.error.is_none()
    }

    pub(super) fn to_json(&self) -> Value {
        self.turn.to_json(&self.model, &self.cost)
    }

    /// Who answered, how long it took, how many tokens it has and what it cost.
    fn foot(&self) -> String {
        let turn = &self.turn;
        let deployment = turn.deployment.as_ref().filter(|deployment| **deployment != self.model);
        let mut words = vec![one_line(&self.model, 100)];
        words.extend(deployment.map(|deployment| format!("by {}", one_line(deployment, 100))));
        words.push(format!("{} s", seconds(turn.lasted)));
        words.extend(turn.input.zip(turn.output).map(|(input, output)| format!("{input}+{output} tokens")));
        words.extend(self.cost["text"].as_str().map(|text| one_line(text, 40)));
        words.join(", ")
    }
}

/// The request that asks a model `text`.
fn request(model: &str, system: Option<&str>, text: &str, max_tokens: Option<u64>) -> Value {
    let system = system.iter().map(|system| json!({"role": "system", "content": system}));
    let user = json!({"role": "user", "content": text});
    let mut body = Map::new();
    body.insert("model".to_owned(), model.into());
    body.insert("messages".to_owned(), system.chain([user]).collect());
    body.insert("stream".to_owned(), true.into());
    body.insert("stream_options".to_owned(), json!({"include_usage": true}));
    body.extend(max_tokens.map(|most| ("max_tokens".to_owned(), most.into())));
    Value::Object(body)
}

#[cfg(test)]
mod tests;
