//! The arithmetic of one budget; pure.
//!
//! At every moment spent + reserved ≤ granted ≤ limit, and `granted` is durable before anything is reserved that needs it.
//! A killed hub may have spent all that was granted, so that is where the next one starts. Two things break the order, and
//! only these: a settlement above its reservation, which is the truth and counts, and a limit that is lowered below what
//! was granted.

use crate::budget::{Budget, MOST, Standing};
use crate::period::{Period, Window};

/// This part of what is left is granted ahead, so that a killed hub costs at most that and few requests wait for a grant.
const AHEAD: u64 = 64;

/// One budget in the period under way.
#[derive(Debug, Clone)]
pub(crate) struct Balance {
    limit: u64,
    period: Period,
    window: Window,
    /// How many periods there were before this one: what was reserved in one is settled in it.
    epoch: u64,
    /// Whether it is known what the store has of this period.
    loaded: bool,
    granted: u64,
    spent: u64,
    reserved: u64,
    unaccounted: u64,
    /// What those need who wait for a grant.
    wanted: u64,
    /// Whether to grant ahead with the next plan: only who spends is granted anything.
    ahead: bool,
    /// Periods that are over.
    past: Vec<Past>,
    closed: bool,
}

/// A period that ended and whose row in the store is not yet final.
#[derive(Debug, Clone, Copy)]
struct Past {
    epoch: u64,
    reserved: u64,
    row: Row,
}

/// What the store keeps of one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) period: Period,
    pub(crate) starts_at: u64,
    pub(crate) granted: u64,
    pub(crate) spent: u64,
    pub(crate) unaccounted: u64,
}

/// What a balance says to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It can be reserved.
    Fits,
    /// It could be reserved with a larger grant.
    Short,
    /// It would fit if requests under way needed less than they hold.
    Held,
    /// It does not fit.
    Spent,
    /// Nothing is reserved any more.
    Closed,
}

impl Balance {
    /// As it is before the store was asked.
    pub(crate) fn new(budget: &Budget, now: u64) -> Self {
        Self {
            limit: budget.limit.min(MOST),
            period: budget.period,
            window: budget.period.window(now),
            epoch: 0,
            loaded: false,
            granted: 0,
            spent: 0,
            reserved: 0,
            unaccounted: 0,
            wanted: 0,
            ahead: false,
            past: Vec::new(),
            closed: false,
        }
    }

    /// Goes over to the period of `now` (seconds since 1970) if the one under way is over. A clock that is set back
    /// changes nothing.
    pub(crate) fn advance(&mut self, now: u64) {
        if self.window.ends_at.is_some_and(|end| now >= end) {
            self.begin(self.period, now);
        }
    }

    /// Takes over what the configuration says now.
    pub(crate) fn configure(&mut self, budget: &Budget, now: u64) {
        self.limit = budget.limit.min(MOST);
        if self.period != budget.period {
            self.begin(budget.period, now);
        }
    }

    fn begin(&mut self, period: Period, now: u64) {
        if self.loaded {
            self.past.push(Past { epoch: self.epoch, reserved: self.reserved, row: self.row() });
        }
        self.period = period;
        self.window = period.window(now);
        self.epoch += 1;
        self.loaded = false;
        (self.granted, self.spent, self.reserved, self.unaccounted) = (0, 0, 0, 0);
    }

    /// Which row of the store is needed, if it is not known yet: its period and start.
    pub(crate) fn unknown(&self) -> Option<(Period, u64)> {
        (!self.loaded).then_some((self.period, self.window.starts_at))
    }

    /// Begins with what the store has of a period. What was granted and never settled counts as spent.
    pub(crate) fn load(&mut self, row: Row) {
        if self.unknown() != Some((row.period, row.starts_at)) {
            return;
        }
        self.loaded = true;
        self.granted = row.granted.max(row.spent);
        self.spent = self.granted;
        self.unaccounted = row.unaccounted.saturating_add(self.granted - row.spent);
        // The same period again, after another one was configured: what is under way since then counts already.
        self.past.retain(|past| (past.row.period, past.row.starts_at) != (row.period, row.starts_at));
    }

    /// What is spent and reserved.
    fn used(&self) -> u64 {
        self.spent.saturating_add(self.reserved)
    }

    /// Whether `most` can be reserved.
    pub(crate) fn check(&self, most: u64) -> Answer {
        let after = self.used().saturating_add(most);
        match () {
            () if self.closed => Answer::Closed,
            () if !self.loaded => Answer::Short,
            () if self.spent.saturating_add(most) > self.limit => Answer::Spent,
            () if after > self.limit => Answer::Held,
            () if after > self.granted => Answer::Short,
            () => Answer::Fits,
        }
    }

    /// Reserves what [`Balance::check`] found to fit. The number of the period is for [`Balance::settle`].
    pub(crate) fn reserve(&mut self, most: u64) -> u64 {
        self.reserved = self.reserved.saturating_add(most);
        self.ahead |= self.granted < self.limit && self.granted.saturating_sub(self.used()) < self.block() / 2;
        self.epoch
    }

    /// Gives back a reservation of `most`, of which `actual` was spent.
    pub(crate) fn settle(&mut self, epoch: u64, most: u64, actual: u64) {
        if epoch == self.epoch {
            self.reserved = self.reserved.saturating_sub(most);
            self.spent = self.spent.saturating_add(actual).min(MOST);
        } else if let Some(past) = self.past.iter_mut().find(|past| past.epoch == epoch) {
            past.reserved = past.reserved.saturating_sub(most);
            past.row.spent = past.row.spent.saturating_add(actual).min(MOST);
        }
    }

    /// Says that somebody waits until `most` can be reserved.
    pub(crate) fn want(&mut self, most: u64) {
        self.wanted = self.wanted.saturating_add(most);
    }

    /// Somebody who waited for `most` does so no longer.
    pub(crate) fn unwant(&mut self, most: u64) {
        self.wanted = self.wanted.saturating_sub(most);
    }

    /// Whether more is granted than is needed: who waited for it needed less, or was refused by another budget.
    pub(crate) fn is_ample(&self) -> bool {
        let enough = self.used().saturating_add(self.block());
        self.loaded && !self.closed && self.wanted == 0 && self.granted > enough
    }

    /// Gives up what is granted without need. The row that says so may be written afterwards, as it allows less.
    pub(crate) fn relax(&mut self) {
        if self.is_ample() {
            self.granted = self.used().saturating_add(self.block());
        }
    }

    /// Whether there is something to load or to write.
    pub(crate) fn has_plans(&self) -> bool {
        !self.loaded || self.target() > self.granted || self.past.iter().any(|past| past.reserved == 0)
    }

    fn block(&self) -> u64 {
        self.limit.saturating_sub(self.used()) / AHEAD
    }

    /// What should be granted now.
    fn target(&self) -> u64 {
        let used = self.used();
        if self.closed {
            return used;
        }
        let needed = used.saturating_add(self.wanted);
        let ahead = if needed > self.granted || self.ahead { self.block() } else { 0 };
        // Where more than the reservation was spent, that is so, whatever the limit.
        needed.saturating_add(ahead).min(self.limit).max(used).min(MOST)
    }

    /// The rows that should be written now: a larger grant, and periods that are over. Nothing counts as granted before
    /// [`Balance::committed`].
    pub(crate) fn plan(&mut self) -> Vec<Row> {
        let over = self.past.extract_if(.., |past| past.reserved == 0);
        let mut rows: Vec<Row> = over.map(|past| Row { granted: past.row.spent, ..past.row }).collect();
        let target = self.target();
        if self.loaded && target > self.granted {
            rows.push(Row { granted: target, ..self.row() });
        }
        self.ahead = false;
        rows
    }

    /// The rows are on the disk.
    pub(crate) fn committed(&mut self, rows: &[Row]) {
        let own = rows.iter().find(|row| row.period == self.period && row.starts_at == self.window.starts_at);
        if let Some(row) = own.filter(|_| self.loaded && !self.closed) {
            self.granted = self.granted.max(row.granted);
        }
    }

    /// Ends: nothing is reserved any more, and nothing is granted that is not spent or reserved. The rows that say so.
    pub(crate) fn close(&mut self) -> Vec<Row> {
        self.closed = true;
        let mut rows: Vec<Row> = self.past.drain(..).map(Past::last).collect();
        if self.loaded {
            self.granted = self.used();
            rows.push(self.row());
        }
        rows
    }

    /// The row of the period under way as it stands.
    pub(crate) fn row(&self) -> Row {
        Row {
            period: self.period,
            starts_at: self.window.starts_at,
            granted: self.granted,
            spent: self.spent,
            unaccounted: self.unaccounted,
        }
    }

    /// How it stands, under `name`.
    pub(crate) fn standing(&self, name: &str) -> Standing {
        Standing {
            name: name.to_owned(),
            limit: self.limit,
            period: self.period,
            spent: self.spent,
            reserved: self.reserved,
            granted: self.granted,
            unaccounted: self.unaccounted,
            resets_at: self.window.ends_at,
        }
    }
}

impl Past {
    /// The row of a period when the hub ends: what is under way stays granted.
    fn last(self) -> Row {
        Row { granted: self.row.spent.saturating_add(self.reserved), ..self.row }
    }
}

#[cfg(test)]
mod tests;
