//! One request on a shared connection, from its sender's side.

use super::Link;
use crate::client::{Inbound, inbound};
use crate::{Message, Method};
use base::Result;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// A request on a shared connection.
pub struct Call {
    link: Arc<Link>,
    id: u64,
    cancellable: bool,
    done: bool,
    answer: oneshot::Receiver<Result<Message>>,
    held: Option<Result<Message>>,
    notes: Option<mpsc::Receiver<Message>>,
}

impl Call {
    pub(super) fn new(
        link: Arc<Link>,
        id: u64,
        cancellable: bool,
        answer: oneshot::Receiver<Result<Message>>,
        notes: Option<mpsc::Receiver<Message>>,
    ) -> Self {
        Self { link, id, cancellable, done: false, answer, held: None, notes }
    }

    /// See [`crate::client::Call::next`]. Notifications that came before the answer are given before it.
    pub async fn next(&mut self) -> Result<Inbound> {
        if let (None, Some(notes)) = (&self.held, &mut self.notes) {
            tokio::select! {
                biased;
                answer = &mut self.answer => self.held = Some(answer.unwrap_or_else(|_| Err(self.link.gone()))),
                Some(note) = notes.recv() => return Ok(inbound(note)),
            }
        }
        if let (Some(_), Some(notes)) = (&self.held, &mut self.notes)
            && let Ok(note) = notes.try_recv()
        {
            return Ok(inbound(note));
        }
        let answer = match self.held.take() {
            Some(answer) => answer,
            None => (&mut self.answer).await.unwrap_or_else(|_| Err(self.link.gone())),
        };
        self.done = true;
        answer.map(Inbound::Answer)
    }

    /// See [`crate::client::Call::reply`].
    pub fn reply(&self, id: &str, answer: &str) {
        self.link.answered(id);
        let _ = self.link.send(answer);
    }

    /// See [`crate::client::Call::tell`].
    pub fn tell(&self, note: &str) {
        let _ = self.link.send(note);
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        let waited = self.link.forget(self.id);
        if waited && self.cancellable {
            let params =
                format!(r#"{{"requestId":{},"reason":"the client does not want the answer any more"}}"#, self.id);
            let _ = self.link.notify(Method::Cancelled.name(), Some(&params));
        }
    }
}
