//! Budgets that reserve before and settle after, and the record of what was spent.
//!
//! A request reserves the most that it may cost in all budgets that it counts against, in all or in none
//! ([`Ledger::reserve`]), and settles what it did cost ([`Hold::settle`]). No request writes to the store on its way: each
//! budget has a *grant*, a part of its limit that the store says may have been spent, and reservations are made within it
//! in memory. One task raises grants ahead of need, and lowers those that are not needed after all.
//!
//! **What is promised:** at every moment spent + reserved ≤ granted ≤ limit, for each budget and period, and a grant is on
//! the disk before anything is reserved that needs it. After `kill -9` all that was granted counts as spent, so a budget is
//! never exceeded; what that may have cost too much is told as *unaccounted*. Two things are outside the promise: a
//! request that costs more than it reserved, whose excess counts and is written at once but cannot be refused any more;
//! and a limit that is lowered below what is spent.
//!
//! Amounts are nano-dollars (`u64`). What is kept of single requests ([`Record`]) is written in groups: a killed hub loses
//! at most the last second of these, and never a budget.

mod account;
mod balance;
mod budget;
mod hold;
mod keeper;
mod ledger;
mod period;
mod records;
mod refusal;

pub use account::Account;
pub use budget::{Budget, MOST, Standing};
pub use hold::Hold;
pub use ledger::Ledger;
pub use period::Period;
pub use records::{Group, Outcome, Question, Record, Row};
