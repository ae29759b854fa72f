//! A request to a server within this process: both ends of it.

use super::{Inbound, inbound};
use crate::{Message, Method, message::Kind, write};
use base::{Code, Error, Result};
use tokio::sync::mpsc;

/// How many messages may wait for a client. Of notes those that find no room are lost.
const WAITING: usize = 16;

/// The end of whoever waits for the answer.
pub struct Call {
    inbound: mpsc::Receiver<Result<Inbound>>,
    replies: mpsc::Sender<Message>,
}

/// The end of the server: what it says to the client while it works on the request.
pub struct Line {
    outbound: mpsc::Sender<Result<Inbound>>,
    replies: mpsc::Receiver<Message>,
    asked: u64,
}

/// A request under way: the end of the client, what the server says meanwhile, and what ends the request.
pub fn line() -> (Call, Line, End) {
    let (outbound, inbound) = mpsc::channel(WAITING);
    let (answer, replies) = mpsc::channel(WAITING);
    let end = End(outbound.clone());
    (Call { inbound, replies: answer }, Line { outbound, replies, asked: 0 }, end)
}

impl Call {
    pub(super) async fn next(&mut self) -> Result<Inbound> {
        match self.inbound.recv().await {
            Some(inbound) => inbound,
            None => Err(Error::internal("a call within the process was dropped")),
        }
    }

    /// Passes an answer on. A server that waits for none any more does not get it.
    pub(super) fn reply(&self, answer: String) {
        if let Ok(message) = Message::parse(answer) {
            let _unheard = self.replies.try_send(message);
        }
    }
}

impl Line {
    /// Tells the client something: `params` is raw JSON. It is lost where the client is slow to hear.
    pub fn tell(&self, method: &Method, params: &str) {
        if let Ok(note) = Message::parse(write::notification(method.name(), Some(params))) {
            let _lost = self.outbound.try_send(Ok(inbound(note)));
        }
    }

    /// Asks the client something: `params` is raw JSON. Gives what names the question.
    ///
    /// # Errors
    /// Nobody waits for the answer to the request any more.
    pub async fn ask(&mut self, method: &Method, params: &str) -> Result<u64> {
        self.asked += 1;
        let question = Message::parse(write::request(self.asked, method.name(), params));
        let question = question.map_err(|_| Error::internal("a question to a client is no message"))?;
        self.outbound.send(Ok(inbound(question))).await.map_err(|_| gone())?;
        Ok(self.asked)
    }

    /// Waits for what the client answers to the question: its result or its error object, both raw JSON.
    ///
    /// # Errors
    /// As [`Line::ask`].
    pub async fn reply(&mut self, question: u64) -> Result<Result<String, String>> {
        loop {
            let message = self.replies.recv().await.ok_or_else(gone)?;
            if message.id().and_then(|id| id.parse().ok()) != Some(question) {
                continue;
            }
            let body = message.body().unwrap_or("{}").to_owned();
            return Ok(if message.kind() == &Kind::Result { Ok(body) } else { Err(body) });
        }
    }

    /// Takes a question back.
    pub fn withdraw(&self, question: u64) {
        self.tell(&Method::Cancelled, &format!(r#"{{"requestId":{question}}}"#));
    }
}

/// The last thing that a server says.
pub struct End(mpsc::Sender<Result<Inbound>>);

impl End {
    /// Waits until nobody waits for the answer any more.
    pub async fn closed(&self) {
        self.0.closed().await;
    }

    /// Ends the request: by its answer, or by what is wrong with the server.
    pub async fn answer(self, answer: Result<Message>) {
        let _unheard = self.0.send(answer.map(Inbound::Answer)).await;
    }
}

fn gone() -> Error {
    Error::new(Code::TaskCancelled, "the client waits no longer", "send the request again")
}

#[cfg(test)]
mod tests;
