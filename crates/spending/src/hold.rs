//! A reservation in several budgets at once, and what comes of it.

use crate::account::{Account, Pending, State};
use crate::balance::Answer;
use crate::budget::Standing;
use crate::refusal;
use base::{Code, Error, Result};
use std::sync::MutexGuard;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

/// In so many budgets can a request reserve at once.
pub(crate) const BUDGETS: usize = 8;

/// How many may wait for each budget until reservations are given back; who comes then is refused at once.
const QUEUE: usize = 1024;

/// Money that is reserved for a request: so much in each of its budgets.
///
/// It ends in one of three ways. [`Hold::settle`] says what was spent. [`Hold::release`] says that nothing was, because
/// nothing was sent. One that is just dropped, as by a task that was cancelled, counts as spent whole: what was sent
/// cannot be known.
#[derive(Debug)]
#[must_use = "a hold that is dropped counts as spent"]
pub struct Hold {
    parts: Parts,
    most: u64,
}

/// In which budgets, in the order in which they are locked, each once; with the number of the period that it was
/// reserved in.
#[derive(Clone, Default)]
pub(crate) struct Parts([Option<(Account, u64)>; BUDGETS]);

/// What is in the way of a reservation.
enum Obstacle {
    /// A larger grant is needed.
    Short(Account),
    /// What requests under way hold is missing.
    Held(Account, Standing),
    Spent(Standing),
    Closed(Account),
}

/// A place at the head of an account's queue.
struct Turn {
    seat: Seat,
    _permit: OwnedSemaphorePermit,
}

/// A place in an account's queue.
struct Seat(Account);

impl Hold {
    /// Settles at what was spent, in nano-dollars. More than was reserved is spent all the same: it counts, also beyond
    /// the limit, and is written to the store as soon as can be.
    pub fn settle(mut self, actual: u64) {
        self.end(actual);
    }

    /// Gives everything back: nothing was sent.
    pub fn release(mut self) {
        self.end(0);
    }

    /// What is reserved, in nano-dollars.
    pub fn most(&self) -> u64 {
        self.most
    }

    fn end(&mut self, actual: u64) {
        for (account, epoch) in std::mem::take(&mut self.parts).0.iter().flatten() {
            account.settle(*epoch, self.most, actual);
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.end(self.most);
    }
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.accounts().map(Account::name)).finish()
    }
}

impl Parts {
    /// Those of `accounts`, each once.
    pub(crate) fn new(accounts: &[Account]) -> Result<Self> {
        let mut parts = Self::default();
        let mut count = 0;
        for account in accounts {
            if parts.accounts().any(|known| known.order() == account.order()) {
                continue;
            }
            let Some(place) = parts.0.get_mut(count) else {
                let message = format!("a request counts against more than {BUDGETS} budgets");
                return Err(Error::new(Code::ConfigInvalidValue, message, "give the request fewer budgets"));
            };
            *place = Some((account.clone(), 0));
            count += 1;
        }
        let order = |part: &Option<(Account, u64)>| part.as_ref().map_or(u64::MAX, |(account, _)| account.order());
        parts.0.sort_unstable_by_key(order);
        Ok(parts)
    }

    fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.0.iter().flatten().map(|(account, _)| account)
    }

    /// Reserves in all or in none. `queues`: goes behind those who wait. `now` is in seconds since 1970.
    fn attempt(&mut self, most: u64, queues: bool, now: u64) -> Result<Hold, Obstacle> {
        let mut epochs = [0; BUDGETS];
        {
            // All locks are held at once, so that no other request sees a reservation that is then taken back.
            let mut states = self.0.each_ref().map(|part| part.as_ref().map(|(account, _)| (account, account.state())));
            look(&mut states, most, queues, now)?;
            for (held, epoch) in states.iter_mut().zip(&mut epochs) {
                let Some((account, state)) = held else { break };
                *epoch = state.balance.reserve(most);
                if state.balance.has_plans() {
                    account.ask(state);
                }
            }
        }
        for (part, reserved_in) in self.0.iter_mut().zip(epochs) {
            if let Some((_, epoch)) = part {
                *epoch = reserved_in;
            }
        }
        Ok(Hold { parts: std::mem::take(self), most })
    }

    /// Reserves, if need be after a grant, and where it would fit but for requests under way after waiting for them, no
    /// longer than `patience`.
    pub(crate) async fn reserve(mut self, most: u64, patience: Duration) -> Result<Hold> {
        match self.attempt(most, !patience.is_zero(), now()) {
            Ok(hold) => Ok(hold),
            // What seldom happens has its memory elsewhere.
            Err(obstacle) => Box::pin(self.wait(obstacle, most, patience)).await,
        }
    }

    async fn wait(mut self, first: Obstacle, most: u64, patience: Duration) -> Result<Hold> {
        let deadline = tokio::time::sleep(patience);
        tokio::pin!(deadline);
        let (mut turn, mut obstacle): (Option<Turn>, _) = (None, first);
        // While one budget is waited for, those that were granted before are to stay so.
        let mut pending: Vec<Pending> = Vec::new();
        loop {
            match obstacle {
                Obstacle::Spent(standing) => return Err(refusal::spent(&standing, most, false, now())),
                Obstacle::Closed(account) => return Err(refusal::closed(account.name())),
                Obstacle::Short(account) => {
                    if !pending.iter().any(|pending| pending.is_for(&account)) {
                        pending.push(Pending::new(account.clone()));
                    }
                    account.more(most).await?;
                }
                Obstacle::Held(_, standing) if patience.is_zero() => {
                    return Err(refusal::spent(&standing, most, true, now()));
                }
                Obstacle::Held(account, standing) => {
                    let next = Turn::next(turn.take(), account);
                    turn = tokio::select! {
                        biased;
                        next = next => next,
                        () = &mut deadline => None,
                    };
                    if turn.is_none() {
                        return Err(refusal::spent(&standing, most, true, now()));
                    }
                }
            }
            obstacle = match self.attempt(most, false, now()) {
                Ok(hold) => return Ok(hold),
                Err(obstacle) => obstacle,
            };
        }
    }
}

impl Turn {
    /// The next occasion to look: when the turn in the queue of `account` comes, or, for whoever has it, when a reservation
    /// is given back. Nothing if the queue is full.
    async fn next(mine: Option<Turn>, account: Account) -> Option<Turn> {
        if let Some(turn) = mine.filter(|turn| turn.seat.0.order() == account.order()) {
            account.freed().notified().await;
            return Some(turn);
        }
        let turns = account.turns();
        let seat = Seat::take(account)?;
        // Those who wait have their turn in the order in which they came. It is never closed.
        let permit = turns.acquire_owned().await.ok()?;
        Some(Turn { seat, _permit: permit })
    }
}

impl Seat {
    fn take(account: Account) -> Option<Self> {
        let mut state = account.state();
        if state.waiting >= QUEUE {
            return None;
        }
        state.waiting += 1;
        drop(state);
        Some(Self(account))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.state().waiting -= 1;
    }
}

/// Looks whether all have room, and says what is in the way. What cannot be helped comes before what can.
fn look(
    states: &mut [Option<(&Account, MutexGuard<'_, State>)>; BUDGETS],
    most: u64,
    queues: bool,
    now: u64,
) -> Result<(), Obstacle> {
    let (mut short, mut held) = (None, None);
    for (account, state) in states.iter_mut().flatten() {
        state.balance.advance(now);
        let standing = |state: &State| state.balance.standing(account.name());
        match state.balance.check(most) {
            Answer::Fits if !queues || state.waiting == 0 => {}
            Answer::Fits | Answer::Held => {
                held = held.or_else(|| Some(Obstacle::Held(account.clone(), standing(state))));
            }
            Answer::Short => {
                // All that are short are asked for at once.
                account.ask(state);
                short = short.or_else(|| Some(Obstacle::Short(account.clone())));
            }
            Answer::Spent => return Err(Obstacle::Spent(standing(state))),
            Answer::Closed => return Err(Obstacle::Closed(account.clone())),
        }
    }
    held.or(short).map_or(Ok(()), Err)
}

fn now() -> u64 {
    base::clock::wall().as_secs()
}
