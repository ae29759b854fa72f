//! The task that keeps one upstream: it alone starts and ends it, and changes what others read of it.

mod ending;
mod serving;

use super::pinned::Pinned;
use super::start::{Started, Starter};
use super::wait::{Pending, next, pending};
use super::{Change, Connection, Context, Live, Order, Upstream};
use crate::catalogue::{self, Catalogue};
use crate::machine::{Action, Event, Machine, State};
use base::{Code, Error, Result, clock, task};
use mcp::client::Link;
use mcp::client::tail::Source;
use mcp::{Era, Message, Method};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use telemetry::session::Lasting;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// The task and what it holds.
pub(super) struct Driver {
    shared: Arc<Upstream>,
    context: Context,
    orders: mpsc::Receiver<Order>,
    machine: Machine,
    /// The connection, also when others must not use it any more.
    current: Option<Arc<Live>>,
    /// The session on it, where there is one.
    session: Option<Lasting>,
    waiters: Vec<oneshot::Sender<Result<Arc<Live>>>>,
    starting: Pending<Result<Started>>,
    refreshing: Pending<Result<Catalogue>>,
    ended: Pending<Error>,
    notices: Option<mpsc::Receiver<Message>>,
    refresh_at: Option<Instant>,
    /// Whether the lists could not be read the last time.
    unlisted: bool,
    stopping: Option<JoinHandle<()>>,
    remembered: Option<Era>,
    pinned: Pinned,
    generation: u64,
    /// How many calls had worked when the connection was made.
    answered: u64,
}

/// How long after it failed a list is read again.
const AGAIN: Duration = Duration::from_secs(15);

/// How long after a "the list has changed" the list is read: several often come together.
const DEBOUNCE: Duration = Duration::from_millis(50);

impl Driver {
    /// A driver at rest.
    pub(super) fn new(
        shared: Arc<Upstream>,
        context: Context,
        orders: mpsc::Receiver<Order>,
        machine: Machine,
        remembered: Option<Era>,
        pinned: Pinned,
    ) -> Self {
        Self {
            shared,
            context,
            orders,
            machine,
            remembered,
            pinned,
            current: None,
            session: None,
            waiters: Vec::new(),
            starting: None,
            refreshing: None,
            ended: None,
            notices: None,
            refresh_at: None,
            unlisted: false,
            stopping: None,
            generation: 0,
            answered: 0,
        }
    }

    /// Keeps the upstream, in a task, until it is told to stop. `wanted` starts it at once.
    pub(super) fn begin(mut self, wanted: bool) {
        if wanted {
            self.take(Event::Wanted);
        }
        task::spawn("upstream", self.run());
    }

    async fn run(mut self) {
        loop {
            let deadline = self.deadline();
            tokio::select! {
                order = self.orders.recv() => match order {
                    None => break,
                    Some(Order::Stop(patience, reply)) => {
                        self.end(patience).await;
                        let _ = reply.send(());
                        return;
                    }
                    Some(Order::Heard(message)) => self.noticed(Some(message)).await,
                    Some(Order::Approve(approval, reply)) => drop(reply.send(self.approve(&approval).await)),
                    Some(order) => self.obey(order),
                },
                started = pending(&mut self.starting) => self.started(started).await,
                error = pending(&mut self.ended) => self.lost(error),
                fresh = pending(&mut self.refreshing) => self.refreshed(fresh).await,
                notice = next(&mut self.notices) => self.noticed(notice).await,
                () = tokio::time::sleep_until(deadline.into()) => self.elapsed(),
            }
        }
        self.end(Duration::ZERO).await;
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Want { told, reply } => {
                if self.machine.state().is_live() && self.shared.live.load().is_none() {
                    self.take(Event::Quiet);
                }
                self.take(if told { Event::Told } else { Event::Wanted });
                self.waiters.push(reply);
                self.answer_waiters();
            }
            Order::Lost(generation, error) if generation == self.generation => self.lost(error),
            Order::Lost(..) => {}
            Order::Failed(error) => {
                self.take(Event::Failed);
                self.publish(Some(error));
            }
            Order::Worked => {
                self.machine.forgive();
                self.take(Event::Worked);
                self.publish(None);
            }
            Order::Level => self.shared.pass_on_level(),
            Order::Heard(_) | Order::Approve(..) | Order::Stop(..) => {}
        }
    }

    /// Takes an event and does what it asks for.
    fn take(&mut self, event: Event) {
        let jitter = f64::from(base::random::bytes::<1>().map_or(0, |bytes| bytes[0])) / 255.0;
        match self.machine.step(event, clock::now(), jitter) {
            Action::Nothing => {}
            Action::Start => self.start(),
            Action::Stop => self.let_go(),
        }
        self.publish_state();
    }

    fn start(&mut self) {
        self.let_go();
        self.generation += 1;
        let (sender, notices) = mpsc::channel(256);
        self.notices = Some(notices);
        let starter = Starter {
            settings: self.shared.settings.clone(),
            supervisor: self.context.supervisor.clone(),
            account: self.shared.account.clone(),
            tail: Arc::clone(&self.shared.tail),
            notices: sender,
            watched: Arc::clone(&self.shared.watched),
        };
        let (before, remembered, generation) = (self.stopping.take(), self.remembered, self.generation);
        self.shared.tail.push(Source::Hub, b"starting");
        self.starting = Some(Box::pin(async move {
            if let Some(before) = before {
                let _ = before.await;
            }
            starter.start(remembered, generation).await
        }));
    }

    async fn started(&mut self, started: Result<Started>) {
        self.starting = None;
        match started {
            Ok(started) => self.connected(started).await,
            Err(error) => {
                self.shared.tail.push(Source::Hub, error.to_string().as_bytes());
                // A fault of the entry stays until the entry changes.
                let for_good = self.shared.settings.fault.is_some()
                    || matches!(
                        error.code(),
                        Code::UpstreamNotStarted
                            | Code::UpstreamRefused
                            | Code::UpstreamEra
                            | Code::ConfigInvalidValue
                            | Code::OpenApiDocument
                    )
                    || (error.code().is_about_login() && error.code() != Code::OauthUnreachable);
                self.take(Event::StartFailed { for_good });
                self.publish(Some(error.clone()));
                // Who waited for this start learns why it failed; the next one to call learns how long to wait.
                for waiter in self.waiters.drain(..) {
                    let _ = waiter.send(Err(error.clone()));
                }
            }
        }
        self.answer_waiters();
    }

    /// Makes a connection known, with what is at its other end: whoever sees the state sees the lists too.
    async fn connected(&mut self, started: Started) {
        let Started { live, pid, catalogue } = started;
        self.watch_end(&live);
        self.answered = self.shared.answered();
        let greeting = live.greeting.clone();
        self.remembered = Some(greeting.era);
        self.session = self.shared.session_on(&live, &self.context.telemetry);
        self.current = Some(Arc::clone(&live));
        let whole = catalogue.is_ok();
        self.unlisted = !whole;
        if let Ok(catalogue) = &catalogue {
            self.learn(catalogue.clone()).await;
        }
        // Not before: a call on a connection of which nothing is known goes out by the name as it stands, held against nothing.
        self.shared.live.store(Some(live));
        let generation = self.generation;
        self.shared.status.send_modify(|status| {
            status.greeting = Some(greeting);
            status.pid = pid;
            status.stale &= !whole;
            status.restarts = generation - 1;
        });
        self.refresh_at = match &catalogue {
            Ok(catalogue) => catalogue.due(),
            Err(_) => Some(clock::now() + AGAIN),
        };
        self.publish(catalogue.as_ref().err().cloned());
        self.take(Event::Started { whole });
        self.shared.pass_on_level();
        self.shared.watch_again();
        self.answer_waiters();
        if whole {
            self.shared.remember(&self.context.db, self.remembered).await;
        }
    }

    /// Answers those who wait for a connection, once it is clear whether there is one.
    fn answer_waiters(&mut self) {
        let answer = match self.machine.state() {
            State::Starting | State::Idle => return,
            State::Ready | State::Degraded => {
                self.shared.live.load_full().ok_or_else(|| Error::internal("an upstream is live without a connection"))
            }
            // The wait is short: the next attempt answers.
            State::BackingOff(until) if until.saturating_duration_since(clock::now()) <= Duration::from_secs(1) => {
                return;
            }
            State::BackingOff(until) => Err(self.shared.backing_off(until, self.machine.failures())),
            State::Refused(_) => Err(self.shared.last_error()),
            State::Disabled => Err(self.shared.disabled()),
        };
        for waiter in self.waiters.drain(..) {
            let _ = waiter.send(answer.clone());
        }
    }

    fn elapsed(&mut self) {
        let now = clock::now();
        if let State::BackingOff(until) = self.machine.state()
            && now >= until
        {
            self.take(Event::Elapsed);
            if !self.waiters.is_empty() || self.shared.settings.eager || !self.shared.is_known() {
                self.take(Event::Wanted);
            }
        }
        if self.refreshing.is_none() && self.refresh_at.is_some_and(|at| now >= at) {
            self.refresh_at = None;
            self.refresh();
        }
        if self.quiet_at().is_some_and(|at| now >= at) {
            self.take(Event::Quiet);
        }
    }

    /// When something is to be done without an order.
    fn deadline(&self) -> Instant {
        let waiting = match self.machine.state() {
            State::BackingOff(until) => Some(until),
            _ => None,
        };
        let far = clock::now() + Duration::from_secs(3600);
        // A list that has changed while it is read is read again after that.
        let refresh = self.refresh_at.filter(|_| self.refreshing.is_none());
        [waiting, refresh, self.quiet_at()].into_iter().flatten().fold(far, Instant::min)
    }

    /// When an upstream that nobody uses is stopped.
    fn quiet_at(&self) -> Option<Instant> {
        let shared = &self.shared;
        let limit = shared.settings.idle_stop.filter(|_| self.machine.state().is_live())?;
        let used = shared.started_at + Duration::from_millis(shared.used_at.load(Ordering::Relaxed));
        let busy = shared.in_flight() > 0;
        let from = if busy { clock::now() } else { used.max(self.machine.since()) };
        Some(from + limit)
    }

    async fn noticed(&mut self, notice: Option<Message>) {
        let Some(message) = notice else {
            self.notices = None;
            return;
        };
        self.shared.results.heard(&message);
        match message.method() {
            Some(Method::ToolsChanged | Method::PromptsChanged | Method::ResourcesChanged) => {
                self.refresh_by(clock::now() + DEBOUNCE);
            }
            // Of a server that nobody has approved, clients hear nothing.
            _ if self.shared.admits(None).is_err() => {}
            _ => {
                let name = self.shared.settings.name.clone();
                let _ = self.context.changes.send(Change::Notice(name, message)).await;
            }
        }
    }

    /// Has the lists read again at this moment, if not before.
    fn refresh_by(&mut self, at: Instant) {
        self.refresh_at = Some(self.refresh_at.map_or(at, |known| known.min(at)));
    }

    fn refresh(&mut self) {
        let Some(live) = self.shared.live.load_full() else { return };
        let (items, limit) = (self.shared.settings.limits.items, self.shared.settings.timeouts.start);
        self.refreshing = Some(Box::pin(async move {
            match &live.connection {
                Connection::Link(link) => catalogue::fetch(link, &live.greeting, items, limit).await,
                Connection::Builtin(builtin) => Ok(super::builtin::catalogue(builtin.as_ref())),
            }
        }));
    }

    async fn refreshed(&mut self, fresh: Result<Catalogue>) {
        self.refreshing = None;
        match fresh {
            Ok(catalogue) => {
                if let Some(due) = catalogue.due() {
                    self.refresh_by(due);
                }
                if std::mem::take(&mut self.unlisted) {
                    self.take(Event::Worked);
                    self.publish(None);
                }
                // Most lists that are read because their time is over are as they were.
                let catalogue = self.pinned.judge(catalogue).await;
                if self.shared.is_known() && self.shared.catalogue().shows_the_same_as(&catalogue) {
                    self.shared.take_over(catalogue);
                } else {
                    self.serve(catalogue).await;
                    self.shared.remember(&self.context.db, self.remembered).await;
                }
                self.shared.status.send_modify(|status| status.stale = false);
            }
            Err(error) => {
                self.unlisted = true;
                self.take(Event::Failed);
                self.publish(Some(error));
                self.refresh_by(clock::now() + AGAIN);
            }
        }
    }

    fn watch_end(&mut self, live: &Arc<Live>) {
        if let Connection::Link(Link::Shared(link)) = &live.connection {
            let link = Arc::clone(link);
            self.ended = Some(Box::pin(async move { link.ended().await }));
        }
    }

    fn publish_state(&self) {
        let (state, since) = (self.machine.state(), self.machine.since());
        self.shared.degraded.store(state == State::Degraded, Ordering::Relaxed);
        self.shared.status.send_modify(|status| {
            status.state = state;
            status.since = since;
        });
    }

    fn publish(&self, error: Option<Error>) {
        self.shared.status.send_modify(|status| status.error = error);
    }
}
