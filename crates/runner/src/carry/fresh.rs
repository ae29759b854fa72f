//! Runs that are begun while they are created.

use super::Carry;
use crate::orders::Orders;
use crate::places::Begun;
use crate::runner::Shared;
use journal::{Held, JournalError, NewRun, Recorded};
use std::sync::Arc;
use workflow::Plan;

impl Carry {
    /// Begins the run `new` of `plan` before it is created: what its worker would write first becomes a part of what is written
    /// when it is created, so that the disk is waited for once. Nothing is called before what this gives is awaited, and it
    /// is to be awaited only once the run is there.
    ///
    /// # Errors
    /// What it begins with does not fit to the plan.
    pub(crate) fn begin_new(
        shared: Arc<Shared>,
        held: Held,
        plan: Arc<Plan>,
        new: &mut NewRun,
    ) -> Result<Begun, JournalError> {
        let orders = Arc::new(Orders::default());
        let entries = new.beginning();
        let recorded = (1..).zip(entries.iter().cloned()).map(|(sequence, entry)| Recorded { sequence, entry });
        let run = new.listed(plan.name().to_owned());
        let mut carry = Self::from(shared, held, Arc::clone(&orders), run, plan, recorded.collect())?;
        let first = carry.fitting(carry.decide(new.at), new.at, &entries)?;
        new.first.clone_from(&first.entries);
        carry.last += first.entries.len() as u64;
        let going = Box::pin(async move {
            carry.begin(first)?;
            carry.go().await
        });
        Ok(Begun { held, orders, going })
    }
}
