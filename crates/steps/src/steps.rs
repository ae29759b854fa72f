//! What a runner calls.

use crate::acting::People;
use crate::model::Question;
use crate::transcript::Transcript;
use crate::{answer, plan, prompt, reads, rights, summary, tool};
use base::ports::Principal;
use base::{Code, Error};
use futures_util::future::join_all;
use journal::{Amount, Digest};
use llm::Gateway;
use machine::{Fault, Price, Task, Work};
use memory::{Memory, WantedSummary};
use prompts::Library;
use runner::{Answer, Calling, Done, Failed, Outside, Reads, Sent};
use serde_json::{Map, Value};
use std::sync::Arc;
use tools::Hub;
use workflow::Plan;
use workflow::plan::PlannedStep;

/// What steps of runs call, by a hub and a gateway.
pub struct Steps {
    hub: Hub,
    gateway: Gateway,
    library: Library,
    people: Arc<dyn People>,
    /// What keeps the talks of models with tools.
    memory: Option<Memory>,
}

impl Steps {
    /// Calls tools by `hub`, models by `gateway`, and prompts of `library`, with the rights that `people` know.
    pub fn new(hub: Hub, gateway: Gateway, library: Library, people: Arc<dyn People>) -> Self {
        Self { hub, gateway, library, people, memory: None }
    }

    /// The same, which keep there what models and their tools say.
    #[must_use]
    pub fn with_memory(self, memory: Memory) -> Self {
        Self { memory: Some(memory), ..self }
    }

    async fn carry_out(&self, task: &Task, calling: &Calling) -> Result<Done, Failed> {
        let acting = self.people.acting(&calling.principal)?;
        match task {
            Task::Tool(call) => tool::call(&self.hub, acting, call, calling).await,
            Task::Model(inputs) => self.ask(inputs, calling).await,
            Task::Models { queries, at_least } => self.ask_all(queries, *at_least, calling).await,
            Task::Prompt { name, version, model, ask, arguments } => {
                let named = (name.as_str(), version.as_deref());
                let inputs = prompt::inputs(&self.library, named, model.as_ref(), arguments, &calling.plan).await?;
                if *ask {
                    return self.ask(&inputs, calling).await;
                }
                Ok(Done::free(inputs.get("messages").cloned().unwrap_or_default()))
            }
            Task::Plan { plan, tools } => plan::call((&self.hub, acting), plan, tools, calling.key).await,
            Task::Workflow { name, .. } => {
                let message = format!("the workflow `{name}` is a run of its own, and no call");
                Err(Failed::known(Fault::new(Code::Internal, message)))
            }
        }
    }

    async fn ask(&self, inputs: &Map<String, Value>, calling: &Calling) -> Result<Done, Failed> {
        self.ask_one(inputs, calling, None).await
    }

    /// Asks a model, as this one of several of the step.
    async fn ask_one(
        &self,
        inputs: &Map<String, Value>,
        calling: &Calling,
        part: Option<usize>,
    ) -> Result<Done, Failed> {
        let acting = self.people.acting(&calling.principal)?;
        let question = Question::of(inputs, &calling.plan)?;
        let record = match self.memory.as_ref().filter(|_| !question.tools.is_empty()) {
            Some(memory) => Transcript::begin(memory, calling, (&question, part)).await,
            None => None,
        };
        answer::ask((&self.hub, &self.gateway), &acting, &question, calling, record).await
    }

    const fn shop(&self) -> reads::Shop<'_> {
        reads::Shop { hub: &self.hub, gateway: &self.gateway }
    }

    /// The calls of several questions at once: each has its share of what is set aside for the step.
    fn calls(&self, queries: &[Map<String, Value>], calling: &Calling) -> Vec<Calling> {
        let Some(whole) = calling.reserved else { return vec![calling.clone(); queries.len()] };
        let price = |query| reads::of_question(self.shop(), &calling.plan, query, 0);
        let prices: Vec<Price> = queries.iter().map(price).collect();
        let shares = reads::shares(&prices, whole).into_iter();
        shares.map(|share| Calling { reserved: Some(share), ..calling.clone() }).collect()
    }

    /// Asks several models at once. Gives their answers in the order of the questions, null where one failed.
    async fn ask_all(
        &self,
        queries: &[Map<String, Value>],
        at_least: Option<u32>,
        calling: &Calling,
    ) -> Result<Done, Failed> {
        let calls = self.calls(queries, calling);
        let answers = queries.iter().zip(&calls).enumerate();
        let answers = join_all(answers.map(|(part, (query, calling))| self.ask_one(query, calling, Some(part)))).await;
        let mut spent = Amount::default();
        let (mut values, mut first, mut failed) = (Vec::with_capacity(answers.len()), None, 0_usize);
        let mut unknown = false;
        for (calling, answer) in calls.iter().zip(answers) {
            let (took, value) = match answer {
                Ok(Done { value, spent }) => (spent, value),
                Err(Failed { fault, spent, sent }) => {
                    failed += 1;
                    unknown |= sent == Sent::Unknown;
                    first.get_or_insert(fault);
                    (spent.or(calling.reserved).unwrap_or_default(), Value::Null)
                }
            };
            spent.money = spent.money.saturating_add(took.money);
            spent.tokens = spent.tokens.saturating_add(took.tokens);
            values.push(value);
        }
        let wanted = at_least.and_then(|least| usize::try_from(least).ok()).unwrap_or(values.len());
        match first {
            Some(Fault { code, message }) if values.len() - failed < wanted => {
                let answered = values.len() - failed;
                let message = format!("{answered} of {} models answered, and {wanted} must: {message}", values.len());
                let fault = Fault { code, message };
                let failure = if unknown { Failed::unknown(fault) } else { Failed::known(fault) };
                Err(Failed { spent: Some(spent), ..failure })
            }
            _ => Ok(Done { value: Value::Array(values), spent }),
        }
    }
}

impl Outside for Steps {
    fn call<'a>(&'a self, task: &'a Task, calling: &'a Calling) -> Answer<'a> {
        Box::pin(self.carry_out(task, calling))
    }

    fn refused(&self, plan: &Plan, sure: &[usize], principal: &Principal) -> Vec<(String, Error)> {
        // Who may nothing any more is told so by the first call.
        let acting =
            Some(plan).filter(|plan| rights::calls(plan, sure)).and_then(|_| self.people.acting(principal).ok());
        acting.map(|acting| rights::refused((&self.hub, &self.gateway), &acting, plan, sure)).unwrap_or_default()
    }

    fn summarise<'a>(&'a self, wanted: &'a WantedSummary, calling: &'a Calling) -> Answer<'a> {
        Box::pin(async move { self.ask(&summary::inputs(wanted, calling), calling).await })
    }

    fn most_of_summary(&self, wanted: &WantedSummary, calling: &Calling) -> Amount {
        reads::of_question(self.shop(), &calling.plan, &summary::inputs(wanted, calling), 0).most
    }

    fn summary_prompt(&self) -> Digest {
        Digest::of(summary::PROMPT.as_bytes())
    }

    fn reads(&self, plan: &Plan, step: &PlannedStep) -> Reads {
        reads::reads(&self.gateway, plan, step)
    }

    fn price(&self, plan: &Plan, step: &PlannedStep, work: &Work) -> Price {
        reads::price(self.shop(), plan, step, work)
    }
}
