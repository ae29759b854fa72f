//! What a request can take at most, before it is asked.

use super::Gateway;
use crate::bill::{DEAREST, LONGEST_ANSWER, LONGEST_INPUT, at_most};
use crate::caller::Caller;
use crate::config::fallbacks;
use crate::request::Asked;
use crate::route;
use base::{Code, Error, Result};
use model::NanoDollars;

/// What a request can take at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Most {
    /// In nano-dollars; nothing where nobody knows what one of the models costs.
    pub nano_dollars: Option<u64>,
    /// Tokens of the request and the answer together.
    pub tokens: u64,
}

impl Most {
    /// What it costs, in nano-dollars, also where nobody knows the price: then each token is as dear as any.
    pub fn money(&self) -> u64 {
        self.nano_dollars.unwrap_or_else(|| self.tokens.saturating_mul(DEAREST))
    }
}

impl Gateway {
    /// Whether `caller` may still ask this: what its requests took so far and the most that this one takes are within what they may take
    /// together ([`crate::caller::Spent::within`]).
    ///
    /// # Errors
    /// [`Code::RunBudget`].
    pub fn check_within(&self, asked: &Asked, caller: &Caller) -> Result<()> {
        let Some(spent) = caller.spent.as_deref().filter(|spent| spent.is_limited()) else { return Ok(()) };
        let most = self.most(asked, 0);
        if spent.has_left(most.money(), most.tokens) {
            return Ok(());
        }
        let message = format!(
            "what is set aside of the budget of the run has too little left to ask the model `{}` again: its requests took {} tokens, \
             and the next may take {}",
            asked.model,
            spent.took().tokens,
            most.tokens
        );
        Err(Error::new(
            Code::RunBudget,
            message,
            "raise the `budget` of the workflow, or lower `max_tokens` of the step",
        ))
    }

    /// The most that `asked` can take with `more` tokens of input than it has, at any deployment that may answer it. A route that asks several models for one request
    /// asks all of them, so that their sum counts. Of a model that nobody knows, nothing is known.
    pub fn most(&self, asked: &Asked, more: u64) -> Most {
        let state = self.shared.state.load();
        let needs = asked.needs();
        let input = needs.input_most.saturating_add(more);
        let Some(meant) = route::meant(&state.settings, &asked.model) else {
            let output = needs.max_output.unwrap_or(LONGEST_ANSWER);
            return Most { nano_dollars: None, tokens: input.saturating_add(output) };
        };
        let asks_several = meant.route.is_some_and(|(_, route)| route.hybrid.is_some());
        let mut most = Most { nano_dollars: Some(0), tokens: 0 };
        let route = meant.route.map(|(name, _)| name);
        let fallbacks = route.into_iter().flat_map(|name| fallbacks(&state.settings, name));
        for (deployment, _) in std::iter::once(meant).chain(fallbacks).flat_map(|meant| meant.deployments) {
            let lane = state.look(&deployment);
            // What is with the provider can be as long as its model reads.
            let beyond = if needs.beyond { lane.facts.context_length.unwrap_or(LONGEST_INPUT) } else { 0 };
            let input = input.max(beyond);
            let longest = needs.max_output.or(lane.facts.max_output).unwrap_or(LONGEST_ANSWER);
            let output = longest.saturating_mul(u64::from(asked.answers.max(1)));
            let units = lane.facts.price.as_ref().map(|price| model::cost_of_units(price, &asked.units(true)));
            let NanoDollars(units) = units.unwrap_or(NanoDollars::ZERO);
            let price =
                at_most(&lane, asked.endpoint, (input, output), asked.tier()).map(|most| most.saturating_add(units));
            let tokens = input.saturating_add(output);
            let join = |one: u64, other: u64| if asks_several { one.saturating_add(other) } else { one.max(other) };
            most.nano_dollars = most.nano_dollars.zip(price).map(|(one, other)| join(one, other));
            most.tokens = join(most.tokens, tokens);
        }
        most
    }
}
