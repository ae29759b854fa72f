//! The one loop over deployments: nothing else asks another one, or the same again.

use super::attempt::{Attempt, Attempted, Room, Turn, Way};
use super::choice::{Chosen, Hedging};
use super::course::Course;
use super::race::{self, Runner};
use crate::answer::Answer;
use crate::failure::Failure;
use crate::guard::Closed;
use crate::lane::Lane;
use crate::seen::LONGEST_WAIT;
use base::{Result, clock, random, task};
use protection::limit::{AtLimit, Queue};
use resilience::retry::Reach;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A request on its way from one deployment to the next.
pub(super) struct Rounds<'a, 'b> {
    pub(super) way: &'a Way<'a>,
    /// When a second one is asked beside one that is slow.
    pub(super) hedge: Option<Hedging<'a>>,
    /// Those that were not asked yet.
    pub(super) left: VecDeque<Chosen<'a>>,
    /// Those that were at their limits.
    pub(super) full: VecDeque<(Chosen<'a>, AtLimit)>,
    /// Those that are left alone, each once, which are asked where nobody else answers: when they may be, where they have asked for a pause.
    pub(super) held: Vec<(Chosen<'a>, Option<Instant>)>,
    /// Those that were asked in vain.
    pub(super) failed: Vec<Arc<str>>,
    /// Whether there is one deployment only, which then is asked again.
    pub(super) alone: bool,
    /// What the last failure was, where it is worth another attempt: how far that came, and how long the deployment wants to be left alone.
    pub(super) again: Option<(Reach, Option<Duration>)>,
    pub(super) course: &'b mut Course,
}

impl<'a> Rounds<'a, '_> {
    /// Asks one after the other until one answers.
    ///
    /// # Errors
    /// None does.
    pub(super) async fn run(mut self) -> Result<Answer> {
        while let Some(chosen) = self.left.pop_front() {
            if self.has_failed(&chosen) {
                continue;
            }
            if let Some(end) = self.ask(&chosen, Turn::Chosen).await {
                return end;
            }
            if let Some(end) = self.once_more(&chosen).await {
                return end;
            }
        }
        if !self.full.is_empty()
            && let Some(end) = Box::pin(self.wait()).await
        {
            return end;
        }
        if !self.held.is_empty()
            && let Some(end) = Box::pin(self.last_resort()).await
        {
            return end;
        }
        self.course.end()
    }

    /// Asks a deployment. What comes of it, if it is the end of the request.
    async fn ask(&mut self, chosen: &Chosen<'a>, turn: Turn) -> Option<Result<Answer>> {
        if chosen.depth > 0 {
            self.course.falls_back(chosen.route.unwrap_or_default());
        }
        let lane = Arc::clone(&chosen.lane);
        let mut attempt = match self.way.enter(chosen, turn).await {
            Ok(attempt) => attempt,
            Err(failure) => {
                self.passed_over(chosen, failure);
                return None;
            }
        };
        if let Some(Hedging { settings, allowance }) = self.hedge {
            attempt.stake(allowance.earning(settings.shares));
        }
        let over = match self.hedge.and_then(|hedge| Some((hedge, lane.seen.hedge_after(&hedge.settings.when)?))) {
            Some(when) => Box::pin(self.race((lane, attempt, chosen.depth), when)).await,
            None => vec![(lane, task::boxed(|| attempt.run()).await)],
        };
        for (lane, attempted) in over {
            match attempted {
                Attempted::Answered(answer) => {
                    self.course.answered(&lane.name, &lane.told);
                    return Some(Ok(answer));
                }
                Attempted::Failed(failure) => {
                    tell(&lane, &failure);
                    let elsewhere = failure.elsewhere;
                    self.again = failure.repeats.map(|reach| (reach, failure.error.retry_after()));
                    self.course.failed(&lane.name, failure);
                    if !elsewhere {
                        return Some(self.course.end());
                    }
                    self.held.retain(|(held, _)| held.lane.name != lane.name);
                    self.failed.push(Arc::clone(&lane.name));
                }
            }
        }
        None
    }

    /// Asks the only deployment again where what it failed by may be over: so long after as it wants, and as long as few do so.
    async fn once_more(&mut self, chosen: &Chosen<'a>) -> Option<Result<Answer>> {
        let mut attempts = 1;
        if !self.alone {
            return None;
        }
        while let Some((reach, asked)) = self.again.take() {
            let wait = chosen.lane.seen.repeat_after((reach, attempts), asked, clock::now(), random::fraction())?;
            tokio::time::sleep(wait).await;
            attempts += 1;
            if let Some(end) = Box::pin(self.ask(chosen, Turn::Chosen)).await {
                return Some(end);
            }
        }
        None
    }

    /// Asks those that are left alone, when there is nobody else: first whoever fails, because to ask nobody is no better, and then whoever
    /// has asked for a pause that is short enough, when it is over.
    async fn last_resort(&mut self) -> Option<Result<Answer>> {
        let until = Instant::now() + LONGEST_WAIT;
        while !self.held.is_empty() {
            let mut held = std::mem::take(&mut self.held);
            held.sort_by_key(|(_, free)| *free);
            for (chosen, free) in held {
                let _waiting = match free {
                    Some(free) if free > until => continue,
                    Some(free) => {
                        let Some(place) = chosen.lane.seen.wait() else { continue };
                        // Those who wait for the same end do not all come at once then.
                        let rest = free.saturating_duration_since(Instant::now());
                        let spread = rest.mul_f64(random::fraction() / 4.0);
                        tokio::time::sleep_until((free + spread).min(until)).await;
                        Some(place)
                    }
                    None => None,
                };
                if let Some(end) = self.ask(&chosen, Turn::LastResort).await {
                    return Some(end);
                }
            }
            // Who was left alone once more is asked again only where it has named a pause.
            self.held.retain(|(_, free)| free.is_some_and(|free| free <= until));
        }
        None
    }

    /// Whether it has failed under another name: so it does under this one.
    fn has_failed(&self, chosen: &Chosen<'a>) -> bool {
        chosen.depth > 0 && self.failed.contains(&chosen.lane.name)
    }

    /// A deployment was not asked. One at its limit is asked later where nobody else answers.
    fn passed_over(&mut self, chosen: &Chosen<'a>, mut failure: Failure) {
        let at_limit = failure.at_limit.take();
        if let Some(closed) = failure.closed
            && !self.held.iter().any(|(held, _)| held.lane.name == chosen.lane.name)
        {
            let free = if let Closed::Paused(wait) = closed { Some(Instant::now() + wait) } else { None };
            self.held.push((chosen.clone(), free));
        }
        self.course.failed(&chosen.lane.name, failure);
        self.full.extend(at_limit.map(|at_limit| (chosen.clone(), at_limit)));
    }

    /// Waits for room at those that were at their limits, and asks them as it comes.
    async fn wait(&mut self) -> Option<Result<Answer>> {
        let mut until = None;
        while !self.full.is_empty() {
            let (chosen, room) = self.turn(&mut until).await?;
            if self.has_failed(&chosen) {
                continue;
            }
            if let Some(end) = self.ask(&chosen, Turn::Waited(room)).await {
                return Some(end);
            }
            if let Some(end) = self.once_more(&chosen).await {
                return Some(end);
            }
        }
        None
    }

    /// Waits until one of those has room for the request: in line with others, and as long as the limits say. No place is kept while
    /// another deployment is asked, for nobody overtakes those who wait.
    async fn turn(&mut self, until: &mut Option<Instant>) -> Option<(Chosen<'a>, Room)> {
        let mut queue = Queue::default();
        let mut longest = None;
        self.full.retain(|(_, at_limit)| {
            let wait = queue.join(at_limit);
            longest = longest.max(wait);
            wait.is_some()
        });
        let until = *until.get_or_insert(Instant::now() + longest?);
        while !self.full.is_empty() {
            queue.keep(self.full.iter().map(|(_, at_limit)| at_limit));
            if !queue.wait(self.full.iter().filter_map(|(_, at_limit)| at_limit.after()).min(), until).await {
                let wait = self.full.iter().map(|(_, at_limit)| at_limit.retry_after()).min();
                self.course.waited(wait);
                return None;
            }
            for _ in 0..self.full.len() {
                let (chosen, _) = self.full.pop_front()?;
                match self.way.room(&chosen.lane, Some(&queue)) {
                    Ok(room) => return Some((chosen, room)),
                    Err(at_limit) if queue.join(&at_limit).is_some() => self.full.push_back((chosen, at_limit)),
                    Err(_) => {}
                }
            }
        }
        None
    }

    /// Asks a deployment, and the next one beside it where it is slow.
    async fn race(
        &mut self,
        (lane, attempt, depth): (Arc<Lane>, Attempt<'a>, usize),
        (hedge, delay): (Hedging<'a>, Duration),
    ) -> Vec<(Arc<Lane>, Attempted)> {
        let mut first: Runner<'a> = Box::pin(attempt.run());
        if let Some(attempted) = race::within(&mut first, delay).await {
            return vec![(lane, attempted)];
        }
        // Another route takes over where all of this one have failed, and not where one is slow.
        let next = self.left.front().filter(|next| next.depth == depth && !self.has_failed(next));
        let stake = next
            .and_then(|next| hedge.allowance.spend(hedge.settings.shares, self.way.expected_cost(&next.lane, &lane)));
        let other = stake.and_then(|stake| Some((self.left.pop_front()?, stake)));
        let Some((other, stake)) = other else { return vec![(lane, first.await)] };
        // What it waits for may be what the first one holds.
        let entered = tokio::select! {
            biased;
            attempted = &mut first => {
                self.left.push_front(other);
                return vec![(lane, attempted)];
            }
            entered = self.way.enter(&other, Turn::Chosen) => entered,
        };
        let beside: Runner<'a> = match entered {
            Ok(mut attempt) => {
                attempt.stake(stake);
                Box::pin(attempt.run())
            }
            Err(failure) => {
                self.passed_over(&other, failure);
                return vec![(lane, first.await)];
            }
        };
        let finish = race::run((lane, first), (other.lane, beside)).await;
        if let Some(lane) = finish.given_up {
            self.course.given_up(&lane.name);
        }
        finish.over
    }
}

fn tell(lane: &Lane, failure: &Failure) {
    let (code, message) = (failure.error.code().id(), failure.error.message());
    tracing::warn!(deployment = &*lane.name, code, "{message}");
}
