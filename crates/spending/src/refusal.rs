//! What a request is told that does not fit.

use crate::budget::Standing;
use crate::period::Period;
use base::{Code, Error, clock};
use std::time::Duration;

/// When to ask again where only requests under way are in the way.
const SOON: Duration = Duration::from_secs(1);

/// A budget has too little left for a request that may cost `most`. `held`: it would fit if requests under way needed less
/// than they hold. `now` is in seconds since 1970.
pub(crate) fn spent(standing: &Standing, most: u64, held: bool, now: u64) -> Error {
    let span = match standing.period {
        Period::Total => "",
        Period::Day => " a day",
        Period::Week => " a week",
        Period::Month => " a month",
    };
    let (name, limit) = (&standing.name, dollars(standing.limit));
    let (spent, reserved, most) = (dollars(standing.spent), dollars(standing.reserved), dollars(most));
    let message = if is_own(name) {
        format!(
            "the budget {name} of {limit}{span} has {spent} spent and {reserved} reserved by requests under way, and this \
             request may cost {most}"
        )
    } else {
        // What others have spent is not the client's to know; whoever runs the hub reads it here.
        tracing::info!(budget = &**name, limit, spent, reserved, most, "a request does not fit into a shared budget");
        format!("the budget {name}, which others share, has too little left, and this request may cost {most}")
    };
    let reset = standing.resets_at.map(Duration::from_secs);
    let when = reset.map(|reset| format!("wait until {}, when it begins anew, ", clock::rfc3339(reset)));
    let next = match (held, when) {
        (true, _) => {
            "try again when requests under way have ended, ask for a shorter answer, or raise the limit".to_owned()
        }
        (false, Some(when)) => format!("{when}ask for a shorter answer, or raise the limit"),
        (false, None) => "ask for a shorter answer, or raise the limit".to_owned(),
    };
    let error = Error::new(Code::BudgetSpent, message, next);
    match reset.map(|reset| reset.saturating_sub(Duration::from_secs(now))) {
        _ if held => error.with_retry_after(SOON),
        Some(wait) => error.with_retry_after(wait),
        None => error,
    }
}

/// Whether a budget is of one key, or of one run, and of nobody else.
fn is_own(name: &str) -> bool {
    ["key:", "run:"].iter().any(|kind| name.starts_with(kind))
}

/// The hub is going down.
pub(crate) fn closed(name: &str) -> Error {
    let message = format!("the hub is ending, so nothing is reserved in the budget {name} any more");
    Error::new(Code::Interrupted, message, "try again when the hub has started anew")
}

/// Nano-dollars as dollars, with cents and as many places more as it takes.
fn dollars(nano: u64) -> String {
    let (whole, rest) = (nano / 1_000_000_000, format!("{:09}", nano % 1_000_000_000));
    let (cents, small) = rest.split_at(2);
    format!("${whole}.{cents}{}", small.trim_end_matches('0'))
}

#[cfg(test)]
mod tests;
