//! The budget of a run: nothing is called that cannot be paid.

use super::{Price, Prices};
use crate::command::Command;
use crate::state::{State, minus};
use crate::task::{Task, Work};
use journal::{Amount, StepPath};

/// What is left of the budget while commands are given out.
pub(super) struct Purse<'a> {
    prices: &'a dyn Prices,
    money: Option<u64>,
    tokens: Option<u64>,
    taken: Amount,
    /// Whether something may come back: calls are under way that have set aside more than they may take.
    more_may_come: bool,
}

/// Whether a call can be paid.
pub(super) enum Paid {
    /// It costs nothing that is limited.
    Free,
    /// With so much.
    With(Amount),
    /// Perhaps, when other calls are at their end.
    Later,
    /// Never.
    Never,
    /// Never: what it may take has no limit.
    Unlimited,
}

impl<'a> Purse<'a> {
    pub(super) fn of(state: &State, prices: &'a dyn Prices) -> Self {
        let budget = state.plan.budget();
        let (reserved, spent) = state.used();
        Self {
            prices,
            money: budget.money,
            tokens: budget.tokens,
            taken: sum(reserved, spent),
            more_may_come: state.may_get_back(),
        }
    }

    /// Sets aside what the work at `place` of the plan takes, but for what a run within has taken `before`.
    pub(super) fn pay(&mut self, place: usize, work: &Work, action_costs: bool, before: Amount) -> Paid {
        let costs = match work {
            Work::Ready(Task::Tool(_)) => false,
            Work::Ready(Task::Prompt { ask, .. }) => *ask,
            _ => action_costs,
        };
        if !costs || (self.money.is_none() && self.tokens.is_none()) {
            return Paid::Free;
        }
        let Price { least, most } = self.prices.price(place, work);
        let has_no_limit = |limit: Option<u64>, least: u64| limit.is_some() && least == u64::MAX;
        if has_no_limit(self.money, least.money) || has_no_limit(self.tokens, least.tokens) {
            return Paid::Unlimited;
        }
        let (least, most) = (minus(least, before), minus(most, before));
        if most == Amount::default() {
            return Paid::Free;
        }
        // To make its context may cost something too, of what is left then.
        let makes_more = matches!(work, Work::Needs { .. });
        let money = within(self.money, self.taken.money, (least.money, most.money), makes_more);
        let tokens = within(self.tokens, self.taken.tokens, (least.tokens, most.tokens), makes_more);
        match (money, tokens) {
            (Some(money), Some(tokens)) => {
                let amount = Amount { money, tokens };
                self.taken = sum(self.taken, amount);
                self.more_may_come = true;
                Paid::With(amount)
            }
            _ if self.more_may_come => Paid::Later,
            _ => Paid::Never,
        }
    }
}

/// How much is set aside between the two, beside what is `taken`; nothing where the least is not left. Of what has no limit nobody
/// keeps account, so that the least is enough. Where the work `makes_more` to pay, half of what is left stays for that.
fn within(limit: Option<u64>, taken: u64, (least, most): (u64, u64), makes_more: bool) -> Option<u64> {
    let Some(limit) = limit else { return Some(least) };
    let left = limit.saturating_sub(taken);
    let share = if makes_more { left / 2 } else { left };
    (least <= left).then(|| most.min(share).max(least))
}

const fn sum(left: Amount, right: Amount) -> Amount {
    crate::state::plus(left, right)
}

/// Whether something can be paid that the commands of a run do not tell of: a part of what it takes to make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payable {
    /// Nothing is limited.
    Free,
    /// It can be set aside.
    Now,
    /// Perhaps, when other calls are at their end.
    Later,
    /// It cannot.
    Never,
}

impl State {
    /// Whether `amount` can be set aside beside `taken`, for one of the steps `waiting`: what these have set aside comes back only
    /// after that.
    pub fn payable(&self, amount: Amount, taken: Amount, waiting: &[StepPath]) -> Payable {
        let budget = self.plan.budget();
        if budget.money.is_none() && budget.tokens.is_none() {
            return Payable::Free;
        }
        let (reserved, spent) = self.used();
        let after = sum(sum(reserved, spent), sum(taken, amount));
        if budget.money.is_none_or(|most| after.money <= most) && budget.tokens.is_none_or(|most| after.tokens <= most)
        {
            return Payable::Now;
        }
        let waits = |id: &usize| {
            self.nodes.get(*id).and_then(|node| node.path.as_ref()).is_some_and(|path| waiting.contains(path))
        };
        if self.comes_back().any(|id| !waits(id)) { Payable::Later } else { Payable::Never }
    }
}

/// The timer of the run itself: it is set anew as long as people were waited for meanwhile. A run that fails already ends what
/// it sent, and undoes what it did, however long that takes.
pub(super) fn time(state: &State, now: u64) -> Option<Command> {
    let most = state.plan.budget().time?;
    let left = most.saturating_sub(state.elapsed(now));
    let timer = crate::state::TIME;
    if state.is_failing() {
        let clear = |_| Command::ClearTimer { path: None, timer: timer.to_owned() };
        return state.time_is_up_at().map(clear);
    }
    let due = state.time_is_up_at();
    // While somebody is asked no time passes, and no timer runs that would be set again and again.
    if state.people.open > 0 && left > 0 {
        return due.map(|_| Command::ClearTimer { path: None, timer: timer.to_owned() });
    }
    match due {
        Some(due) if due > now => None,
        Some(_) if left == 0 => Some(Command::FireTimer { path: None, timer }),
        _ => Some(Command::SetTimer { path: None, timer, due: now.saturating_add(left.max(1)) }),
    }
}
