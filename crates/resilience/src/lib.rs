//! What to do when servers fail or are slow. Pure: no I/O, no clock, no randomness but what is handed in.
//!
//! A moment is a [`Duration`] since a start that the caller chooses once (the start of the process, say), and never goes
//! back. Randomness is a number from 0 to below 1. So each decision can be tested by a table, and whole days of traffic
//! in a moment.
//!
//! [`breaker`] lets as much traffic through as a server takes; [`retry`] and [`budget`] say whether a call may be sent
//! again; [`bucket`] limits rates, [`bulkhead`] concurrency, [`quota`] both at once, [`places`] connections; [`hedge`] says when a second request is
//! worth it, and [`purse`] what it may cost; [`effect`] what doing a step twice means; [`cache`] keeps what need not be asked for again; [`machine`] says when a server is started, left alone and
//! ended.

pub mod breaker;
pub mod bucket;
pub mod budget;
pub mod bulkhead;
pub mod cache;
pub mod effect;
pub mod hedge;
pub mod machine;
pub mod places;
pub mod purse;
pub mod quota;
pub mod retry;
pub mod sketch;
pub mod window;

use std::time::Duration;

/// A moment, as the time since a start that the caller chose.
pub type Moment = Duration;
