//! What is known of models, and what a call of one costs. Pure: no I/O, no clock.
//!
//! The binary holds a [`Table`] of models, made of LiteLLM's by `cargo xtask generate models`. [`find`] looks a model up by
//! what its provider calls it, and never gives another model than that. [`cost`] says what a call cost by the [`Price`] that was
//! found, and [`most`] what it can cost at most, to set that aside before the call. Amounts are whole [`NanoDollars`].
//!
//! A [`Context`] gathers what is known of one model from several sources, each value with its source: the table, what a server
//! says of it, the header of its file ([`gguf`]), the configuration.

mod context;
mod decimal;
mod entry;
pub mod gguf;
mod known;
mod money;
mod names;
mod price;
mod table;
mod units;
mod words;

pub use context::{Capabilities, Context, Cost, Identification, Inference, Limits, Overrides, Runtime, Tokenizer};
pub use entry::Entry;
pub use known::{Known, Source};
pub use money::NanoDollars;
pub use names::{find, provider_at};
pub use price::{Price, Rates, SaidPrice, SaidRates, SaidTier, SaidUnits, Tier, UnitRates, cost, most};
pub use table::Table;
pub use units::{ProviderCalls, Units, cost_of_units};
pub use words::{Capability, ServiceTier, Task};
