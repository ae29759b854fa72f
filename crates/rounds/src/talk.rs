//! A talk between a model and the tools of the hub, for one request of a client: what is asked next, and when it ends. Pure.

use super::called::Called;
use super::judge::{arguments, forces, may_call};
use super::offer::{Offer, Spare};
use super::past::Done;
use super::shorter::{Shortening, Shorter};
use super::usage::sum;
use base::ports::KeptTurn;
use base::{Code, Error, Result};
use conversation::answer::{Answer, Finish, Reason, Usage};
use conversation::item::{Item, Opaque, ToolCall, ToolResult};
use conversation::json::Raw;
use conversation::loss::Losses;
use conversation::request::{Request, Role, ToolChoice, Turn};
use llm::config::ToolSettings as Settings;
use llm::request::Asked;
use llm::{Dialect, Endpoint};
use std::sync::Arc;

/// What separates what a model says in different rounds.
pub(super) const BETWEEN: &str = "\n\n";

/// The members of a request, as they are noted, that say which tool must be called.
const CHOICES: [&str; 2] = ["tool_choice", "function_call"];

/// A talk.
#[derive(Debug)]
pub(super) struct Talk {
    endpoint: Endpoint,
    /// What the client asked first: whom it wants asked holds for all rounds.
    first: Option<Asked>,
    model: String,
    /// What the client asked, without the hub's tools.
    client: Arc<Request>,
    /// The same with them, and with what was said since.
    request: Request,
    offer: Offer,
    settings: Settings,
    rounds: usize,
    calls: usize,
    /// How many bytes of results the model was told.
    told: usize,
    /// What the rounds so far took.
    spent: Option<Usage>,
    /// What the model said in them that is for the client.
    said: Vec<Item>,
    /// Whether the model shall call no more tools.
    is_last: bool,
    /// How many turns there were before it was asked.
    begin: usize,
    /// What was done before it called a tool of the client's, once it has.
    past: Option<Done>,
    lost: Losses,
    called: Called,
    /// What makes it shorter.
    shorter: Option<Shorter>,
}

/// What follows an answer of a model.
#[derive(Debug)]
pub(super) enum Next {
    /// The client gets it.
    Answer(Box<Answer>),
    /// It calls these tools of the hub.
    Calls(Vec<Call>),
}

/// A call of a tool of the hub.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// Its id, where the dialect has one.
    pub(super) id: Option<String>,
    /// What the model calls the tool.
    pub(super) name: String,
    /// What the view calls it.
    pub(super) tool: String,
    /// The arguments as the model wrote them.
    pub(super) written: String,
    /// What is done.
    pub(super) act: Act,
}

/// What is done for a call.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// The tool is called with these arguments, a JSON object.
    Tool(String),
    /// What was left out is given back.
    Recall(KeptTurn),
    /// Nothing, for this reason.
    Refused(Error),
}

impl Talk {
    /// A talk that begins with `client`, which was asked at `endpoint` for `model`, with these tools. `request` is the same
    /// with what was done before.
    pub(super) fn new(
        (endpoint, model): (Endpoint, &str),
        client: Arc<Request>,
        mut request: Request,
        (offer, settings): (Offer, Settings),
    ) -> Self {
        offer.add_to(&mut request);
        Self {
            endpoint,
            first: None,
            model: model.to_owned(),
            client,
            offer,
            settings,
            rounds: 0,
            calls: 0,
            told: 0,
            spent: None,
            said: Vec::new(),
            is_last: false,
            begin: request.turns.len(),
            past: None,
            request,
            lost: Losses::new(),
            called: Called::default(),
            shorter: None,
        }
    }

    /// The same, made shorter in this way when it becomes long.
    pub(super) fn made_shorter(self, how: Option<Shortening>) -> Self {
        Self { shorter: how.map(|how| Shorter::new(how, &self.request)), ..self }
    }

    /// The client's dialect.
    pub(super) fn dialect(&self) -> Dialect {
        self.endpoint.dialect()
    }

    /// What the client asked.
    pub(super) fn client(&self) -> Arc<Request> {
        Arc::clone(&self.client)
    }

    /// The tools that are offered.
    pub(super) fn offer(&self) -> &Offer {
        &self.offer
    }

    /// Whether `answer` can go to the client as it came: nothing was called yet, and no tool of the hub is now.
    pub(super) fn leaves(&self, answer: &Answer) -> bool {
        let is_clients = |call: &ToolCall| self.offer.is_clients(&call.name);
        self.rounds == 0 && answer.items.iter().filter_map(of_call).all(is_clients)
    }

    /// What of the results had no place in the client's dialect, such as pictures.
    pub(super) fn lost(&self) -> &Losses {
        &self.lost
    }

    /// Which tools were called.
    pub(super) fn called(&self) -> &Called {
        &self.called
    }

    /// What the client cannot send back with the results of its own tools: what the model did before it called these. None
    /// where it calls none of these.
    pub(super) fn past(&mut self) -> Option<Done> {
        self.past.take()
    }

    /// Takes note that an answer goes to the client as it came: nothing was done before.
    pub(super) fn leave(&mut self, answer: Answer) {
        if answer.items.iter().any(|item| of_call(item).is_some()) {
            self.past = Some(Done { turns: Vec::new(), told: answer.items });
        }
    }

    /// Says that what was done in this conversation before could not be told from what was done in another.
    pub(super) fn lacks_past(mut self) -> Self {
        self.lost.add("hub.calls");
        self
    }

    /// The same, where whoever asked `first` has said whom to ask.
    pub(super) fn choosing_as(self, first: &Asked) -> Self {
        Self { first: Some(first.clone()), ..self }
    }

    /// What the model said when it called tools last, if it said something.
    pub(super) fn words(&self) -> Option<String> {
        let turn = self.request.turns.last().filter(|turn| turn.role == Role::Assistant)?;
        Some(words(&turn.items)).filter(|words| !words.is_empty())
    }

    /// What the rounds that are over took.
    pub(super) fn spent(&self) -> Option<&Usage> {
        self.spent.as_ref()
    }

    /// What is asked now, in the client's dialect.
    ///
    /// # Errors
    /// What was made is not what the dialect says.
    pub(super) fn asked(&mut self) -> Result<Asked> {
        let written = dialects::write_request(self.dialect(), &self.request);
        // That a call failed is said in words too.
        let lost = written.losses.paths().filter(|path| *path != "tool_result.is_error");
        lost.for_each(|path| self.lost.add(path));
        let in_path = self.endpoint.names_model_in_path().then_some(self.model.as_str());
        let asked = Asked::read(self.endpoint, in_path, written.body.into())?.in_rounds();
        Ok(match &self.first {
            Some(first) => asked.choosing_as(first),
            None => asked,
        })
    }

    /// Takes what the model answered.
    pub(super) fn take(&mut self, mut answer: Answer) -> Next {
        let is_ours = |call: &ToolCall| !self.offer.is_clients(&call.name);
        let calls = || answer.items.iter().filter_map(of_call);
        let (ours, all) = (calls().filter(|call| is_ours(call)).count(), calls().count());
        let runs = ours == all && ours > 0 && !self.is_last && may_call(answer.finish.as_ref());
        if runs {
            let calls: Vec<ToolCall> = calls().cloned().collect();
            return self.go_on(answer, calls);
        }
        if ours > 0 && ours == all && may_call(answer.finish.as_ref()) {
            answer.finish = Some(Finish::new(Reason::Length));
        }
        let last = self.for_client(answer.items);
        let is_clients = ours < all;
        let mut turns = Vec::new();
        if is_clients && self.rounds > 0 {
            turns = self.request.turns.split_off(self.begin);
            turns.push(Turn::new(Role::Assistant, last.clone()));
        }
        self.say(last);
        answer.items = std::mem::take(&mut self.said);
        self.past = is_clients.then(|| Done { turns, told: answer.items.clone() });
        if let Some(spent) = &self.spent {
            answer.usage = Some(sum(spent, &answer.usage.unwrap_or_default()));
        }
        Next::Answer(Box::new(answer))
    }

    /// The model calls tools of the hub alone: they are run, and it is asked again.
    fn go_on(&mut self, answer: Answer, calls: Vec<ToolCall>) -> Next {
        self.rounds += 1;
        let of_client = self.for_client(answer.items.clone());
        self.say(of_client);
        if let Some(usage) = &answer.usage {
            self.spent = Some(sum(&self.spent.take().unwrap_or_default(), usage));
        }
        self.request.turns.push(Turn::new(Role::Assistant, answer.items));
        Next::Calls(calls.into_iter().map(|call| self.call(call)).collect())
    }

    fn call(&mut self, call: ToolCall) -> Call {
        self.calls += 1;
        let arguments = if self.calls > self.settings.calls {
            let message = format!("no more than {} calls of tools are made for one request", self.settings.calls);
            Err(Error::new(Code::ModelToolLimit, message, "answer with what you have"))
        } else {
            arguments(&call.arguments, self.offer.takes_text(&call.name))
        };
        let recalls = self.shorter.as_mut().filter(|_| self.offer.is_recall(&call.name));
        let act = match recalls {
            Some(shorter) => arguments.and_then(|arguments| shorter.recalls(&arguments)).map(Act::Recall),
            None => arguments.map(Act::Tool),
        };
        let tool = self.offer.in_view(&call.name).to_owned();
        Call { id: call.id, tool, name: call.name, written: call.arguments, act: act.unwrap_or_else(Act::Refused) }
    }

    /// Takes what came of the calls, in their order, each with its number of bytes. `is_late` says that there is no more time,
    /// `kept` where the round is kept: what the model said, if it did, the calls, and the results.
    pub(super) fn answered(&mut self, results: Vec<(ToolResult, usize)>, is_late: bool, kept: &[Option<KeptTurn>]) {
        for (result, bytes) in &results {
            self.told += bytes;
            let name = result.name.as_deref().unwrap_or_default();
            self.called.add(self.offer.in_view(name), result.is_error == Some(true));
        }
        let results = results.into_iter().map(|(result, _)| Item::ToolResult(result)).collect();
        self.request.turns.push(Turn::new(Role::Tool, results));
        let settings = &self.settings;
        let is_full = self.rounds >= settings.rounds || self.calls >= settings.calls || self.told >= settings.results;
        self.is_last = is_full || is_late;
        if self.is_last {
            self.choose(ToolChoice::None);
        } else if self.request.tool_choice.as_ref().is_some_and(forces) {
            // What must be called has been: else there would never be an answer.
            self.choose(ToolChoice::Auto);
        }
        if let Some(shorter) = &mut self.shorter {
            shorter.add(&self.request, kept, &self.offer);
            shorter.shorten(&mut self.request, &mut self.begin, (&mut self.offer, !self.is_last));
        }
    }

    /// How many bytes the model can still be told of each of so many results.
    pub(super) fn room(&self, results: usize) -> usize {
        (self.settings.results.saturating_sub(self.told) / results.max(1)).min(self.settings.result)
    }

    /// Says how the model may choose among the tools from now on.
    fn choose(&mut self, choice: ToolChoice) {
        CHOICES.iter().for_each(|name| self.request.extra.forget(name));
        self.request.tool_choice = match (self.dialect(), &choice) {
            // It has no place for it.
            (Dialect::Ollama, ToolChoice::None) => {
                self.request.tools.clear();
                None
            }
            // How the client spelled its own choice is not to come back.
            (Dialect::Gemini, _) => {
                let mode = if choice == ToolChoice::None { r#"{"mode":"NONE"}"# } else { r#"{"mode":"AUTO"}"# };
                let kind = "functionCallingConfig";
                Some(ToolChoice::Opaque(Opaque::new(Dialect::Gemini, kind, Raw::of_valid(mode))))
            }
            _ => Some(choice),
        };
    }

    /// What of an answer is for the client: all but the calls that are none of its own.
    fn for_client(&self, items: Vec<Item>) -> Vec<Item> {
        let mut spare = Spare::default();
        let mut kept = Vec::with_capacity(items.len());
        for mut item in items {
            if let Item::ToolCall(call) = &mut item
                && !spare.keeps(call, &self.offer)
            {
                continue;
            }
            kept.push(item);
        }
        kept
    }

    /// Puts what was said in this round behind what was said before.
    fn say(&mut self, items: Vec<Item>) {
        let mut follows = self.said.iter().any(is_text);
        // A message has one text there.
        let joins = follows && matches!(self.dialect(), Dialect::OpenAiChat | Dialect::Ollama);
        for mut item in items {
            if is_text(&item)
                && let Item::Text(text) = &mut item
            {
                if std::mem::take(&mut follows) {
                    text.text.insert_str(0, BETWEEN);
                }
                if joins && let Some(Item::Text(before)) = self.said.iter_mut().rev().find(|item| is_text(item)) {
                    before.text.push_str(&text.text);
                    before.extra.merge(std::mem::take(&mut text.extra));
                    continue;
                }
            }
            self.said.push(item);
        }
    }
}

/// The words of what is said; of what is none that there is something.
pub(super) fn words(items: &[Item]) -> String {
    let said = items.iter().filter_map(|item| match item {
        Item::Text(text) => Some(text.text.as_str()),
        Item::Media(_) => Some("[a picture, sound or file]"),
        _ => None,
    });
    said.collect::<Vec<_>>().join("\n")
}

fn of_call(item: &Item) -> Option<&ToolCall> {
    if let Item::ToolCall(call) = item { Some(call) } else { None }
}

fn is_text(item: &Item) -> bool {
    matches!(item, Item::Text(text) if !text.refusal && !text.text.is_empty())
}

#[cfg(test)]
mod tests;
