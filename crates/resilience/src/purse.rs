//! What may be spent for the sake of speed: a share of what is spent anyway, so that it cannot become what is spent.

/// So many usual calls' worth is saved up at most: what is saved is spent when everything is slow at once.
const SAVED: i64 = 10;

/// By how much the usual cost of a call follows that of each call: one part in so many.
const SLOW: i64 = 16;

/// Money that was earned and not spent, in the smallest unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purse {
    /// Below nothing where more was spent than was set aside: that has to be earned first.
    left: i64,
    /// What a call costs as a rule.
    usual: i64,
}

impl Purse {
    /// A call cost so much, of which `share` may be spent. Calls that cost nothing earn nothing.
    pub fn earn(&mut self, cost: u64, share: f64) {
        let cost = amount(cost);
        if cost == 0 {
            return;
        }
        self.usual = if self.usual == 0 { cost } else { self.usual + (cost - self.usual) / SLOW };
        let earned = (cost as f64 * share.clamp(0.0, 1.0)) as i64;
        self.left = self.left.saturating_add(earned).min(self.usual.saturating_mul(SAVED));
    }

    /// Sets aside what a call is expected to cost, if that is there. What costs nothing may always be done.
    pub fn take(&mut self, expected: u64) -> bool {
        let expected = amount(expected);
        let enough = expected == 0 || expected <= self.left;
        if enough {
            self.left -= expected;
        }
        enough
    }

    /// The call cost so much in the end, in place of what was set aside for it.
    pub fn settle(&mut self, expected: u64, cost: u64) {
        self.left = self.left.saturating_add(amount(expected)).saturating_sub(amount(cost));
    }

    /// What is left.
    pub fn left(&self) -> i64 {
        self.left
    }
}

/// An amount with a sign; more than fits is as much as fits.
fn amount(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
