//! Streams, read.

mod output;

use super::{OWN, Object, answer, failure, finish};
use conversation::extra::Extra;
use conversation::fault::Fault;
use conversation::item::Opaque;
use conversation::json::Raw;
use conversation::json::write::ObjectWriter;
use conversation::loss::Losses;
use conversation::stream::Event;
use output::Outputs;

/// Of the response at the start, what only its end says.
const AT_THE_END: [&str; 4] = ["error", "incomplete_details", "usage", "completed_at"];

/// Reads a stream.
#[derive(Debug, Default)]
pub struct Reader {
    outputs: Outputs,
    started: bool,
    over: bool,
}

impl Reader {
    /// Takes an event of the stream and gives what it says.
    ///
    /// # Errors
    /// The event is not what the dialect says.
    pub fn feed(&mut self, name: Option<&str>, data: &str) -> Result<Vec<Event>, Fault> {
        let data = data.trim();
        if self.over || data.is_empty() || data == "[DONE]" {
            return Ok(Vec::new());
        }
        let mut object = Object::read_leniently(data)?;
        let untyped = || if object.peek("error").is_some() { "error" } else { name.unwrap_or_default() };
        let kind = object.peek_text("type").unwrap_or_else(|| untyped().to_owned());
        let mut events = Vec::new();
        match kind.as_str() {
            "error" => {
                self.over = true;
                events.push(Event::Error(failure::in_stream(object, data)));
                return Ok(events);
            }
            "response.created" => {
                self.start(&mut object, &mut events)?;
                return Ok(events);
            }
            // What the server sends so that the connection stays, and what says nothing new.
            "response.in_progress" | "keepalive" | "ping" => return Ok(events),
            _ => {}
        }
        if !self.started {
            self.started = true;
            let extra = Extra::new(OWN);
            events.push(Event::Start { id: None, model: None, created: None, extra });
        }
        match kind.as_str() {
            "response.completed" | "response.incomplete" | "response.failed" | "response.cancelled" => {
                self.end(&mut object, &kind, &mut events)?;
            }
            _ => {
                if !self.outputs.feed(&kind, object, &mut events)? {
                    events.push(Event::Opaque(Opaque::new(OWN, kind, unnumbered(data)?)));
                }
            }
        }
        Ok(events)
    }

    fn start(&mut self, object: &mut Object<'_>, events: &mut Vec<Event>) -> Result<(), Fault> {
        let Some(response) = object.object("response")? else { return Ok(()) };
        let mut response = response;
        response.raw("output");
        let mut head = answer::read_head(response, finish::Said::default())?;
        AT_THE_END.iter().for_each(|name| head.extra.forget(name));
        if !std::mem::replace(&mut self.started, true) {
            events.push(Event::Start { id: head.id, model: head.model, created: head.created, extra: head.extra });
        }
        Ok(())
    }

    fn end(&mut self, object: &mut Object<'_>, kind: &str, events: &mut Vec<Event>) -> Result<(), Fault> {
        self.over = true;
        let Some(mut response) = object.object("response")? else {
            return Err(Fault::new("is missing").inside("response"));
        };
        let output = response.array("output")?.unwrap_or_default();
        self.outputs.end(&output, events);
        let error = response.peek("error").map(str::to_owned);
        let head = answer::read_head(response, self.outputs.said())?;
        events.extend(head.usage.map(Event::Usage));
        if let (true, Some(error)) = (kind == "response.failed", error) {
            let failed = Object::read_leniently(&error).map(|object| failure::in_stream(object, &error));
            events.extend(failed.map(Event::Error));
            return Ok(());
        }
        events.push(Event::Extra(head.extra));
        events.extend(head.finish.map(Event::Finish));
        events.push(Event::End);
        Ok(())
    }

    /// Takes the end of the stream and gives what is still to be told.
    ///
    /// # Errors
    /// The stream is over before the answer was.
    pub fn finish(&mut self) -> Result<Vec<Event>, Fault> {
        if self.over {
            return Ok(Vec::new());
        }
        Err(Fault::new("is over before `response.completed`"))
    }
}

/// An event without its number, which another stream counts anew.
fn unnumbered(data: &str) -> Result<Raw, Fault> {
    let mut object = Object::read(data)?;
    object.raw("sequence_number");
    let mut out = ObjectWriter::new();
    object.rest(OWN).write(OWN, "event", &mut out, &mut Losses::new());
    Raw::parse(&out.finish())
}
