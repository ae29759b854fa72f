//! What is set aside before a request is sent.

use super::{Order, PATIENCE};
use crate::caller::Tokens;
use crate::lane::Lane;
use base::{Code, Error, Result};
use inspection::dialect::Endpoint;
use model::NanoDollars;
use spending::{Hold, Ledger};
use std::sync::Arc;

/// Sets aside the most that a request of this size costs, and the tokens that are expected of it.
pub(super) async fn set_aside(
    ledger: &Arc<Ledger>,
    (lane, order): (&Arc<Lane>, &Order<'_>),
    ((input, output, units), expected): ((u64, u64, u64), u64),
) -> Result<(Option<Hold>, Option<(Arc<Tokens>, u64)>)> {
    let hold = match order.accounts.as_slice() {
        [] => None,
        accounts => {
            let NanoDollars(most) = lane
                .facts
                .most(order.endpoint, (input, output), order.tier)
                .ok_or_else(|| unpriced(lane, order.endpoint))?;
            Some(ledger.reserve(accounts, most.saturating_add(units), PATIENCE).await?)
        }
    };
    let Some(tokens) = &order.caller.tokens else { return Ok((hold, None)) };
    match tokens.take(&order.caller.principal, expected) {
        Ok(taken) => Ok((hold, Some((Arc::clone(tokens), taken)))),
        Err(error) => {
            hold.into_iter().for_each(Hold::release);
            Err(error)
        }
    }
}

fn unpriced(lane: &Lane, endpoint: Endpoint) -> Error {
    let name = &*lane.name;
    let what = if lane.facts.is_priced(endpoint) { "costs in the tier of service that is asked for" } else { "costs" };
    let message = format!("nobody knows what {name} {what}, and the request counts against a budget");
    let next = format!("whoever runs the hub says it: `models: {{ deployments: {{ {name}: {{ price: … }} }} }}`");
    Error::new(Code::ModelPriceUnknown, message, next).of_upstream(name)
}
