//! What the steps of an answer are in the dialect: as one answer, and as events.

use crate::chat::failed;
use crate::runner::Steps;
use conversation::{Answer, Delta, Event, Extra, Failure, FailureKind, Finish, Item, Reason, Reply, Usage};
use engine::{Ended, Step};
use openai::chat::{Writer, write_answer};

/// An answer whose first step has come.
pub(crate) struct Begun {
    pub(crate) reply: Reply,
    pub(crate) first: Step,
    pub(crate) steps: Steps,
}

impl Begun {
    /// Waits for the first step: until then the answer can still be an error with a status of its own.
    pub(crate) async fn wait(reply: Reply, mut steps: Steps) -> Result<Self, Failure> {
        let first = next(&mut steps).await?;
        Ok(Self { reply, first, steps })
    }

    /// All of it.
    pub(crate) async fn whole(mut self) -> Result<String, Failure> {
        let (mut text, mut step) = (String::new(), self.first);
        let (ended, usage) = loop {
            text.push_str(&step.text);
            match step.ended {
                Some(end) => break end,
                None => step = next(&mut self.steps).await?,
            }
        };
        let answer = Answer {
            items: vec![Item::text(text)],
            finish: Some(finish(ended)),
            usage: Some(told(usage)),
            ..Answer::default()
        };
        Ok(write_answer(&answer, &self.reply).body)
    }

    /// It as server-sent events, a piece for each step.
    pub(crate) fn events(self) -> Events {
        let mut writer = Writer::new(self.reply.clone());
        let start = Event::Start { id: None, model: None, created: None, extra: Extra::default() };
        let mut head = written(&mut writer, &[start, Event::ItemStart { index: 0, item: Item::text("") }]);
        let over = self.first.ended.is_some();
        head.push_str(&written(&mut writer, &of_step(self.first)));
        Events { writer, steps: self.steps, head: Some(head), over }
    }
}

/// The events of an answer.
pub(crate) struct Events {
    writer: Writer,
    steps: Steps,
    /// What goes out before anything else is waited for.
    head: Option<String>,
    over: bool,
}

impl Events {
    /// The next of them; nothing behind the last.
    pub(crate) async fn next(&mut self) -> Option<String> {
        if let Some(head) = self.head.take() {
            return Some(head);
        }
        while !self.over {
            let events = match next(&mut self.steps).await {
                Ok(step) => {
                    self.over = step.ended.is_some();
                    of_step(step)
                }
                Err(failure) => {
                    self.over = true;
                    vec![Event::Error(failure)]
                }
            };
            let text = written(&mut self.writer, &events);
            // A step has no text while a character is not whole.
            if !text.is_empty() {
                return Some(text);
            }
        }
        None
    }
}

async fn next(steps: &mut Steps) -> Result<Step, Failure> {
    match steps.recv().await {
        Some(step) => step.map_err(|failure| failed(&failure)),
        None => Err(Failure::new(FailureKind::Internal, "the model does not work any more")),
    }
}

fn of_step(step: Step) -> Vec<Event> {
    let mut events = Vec::new();
    if !step.text.is_empty() {
        events.push(Event::Delta { index: 0, delta: Delta::Text(step.text) });
    }
    if let Some((ended, usage)) = step.ended {
        let end = [Event::ItemEnd { index: 0 }, Event::Finish(finish(ended)), Event::Usage(told(usage)), Event::End];
        events.extend(end);
    }
    events
}

fn written(writer: &mut Writer, events: &[Event]) -> String {
    events.iter().flat_map(|event| writer.push(event)).map(|event| event.to_sse()).collect()
}

fn finish(ended: Ended) -> Finish {
    Finish::new(match ended {
        Ended::Stop => Reason::Stop,
        Ended::Length => Reason::Length,
    })
}

fn told(usage: engine::Usage) -> Usage {
    Usage {
        input: Some(usage.prompt as u64),
        output: Some(usage.answer as u64),
        cache_read: Some(usage.reused as u64),
        ..Usage::default()
    }
}
