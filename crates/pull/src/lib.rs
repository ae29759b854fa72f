//! Brings model files into the folder of models: from a hub, an address, or a file of this machine.
//!
//! [`pull`] does it. What comes over a network comes into a part beside the models ([`mod@part`]), is gone on with where it broke off,
//! and becomes a model only when it has the digest that it should have, and a header that the engine can read.

mod download;
mod listing;
mod order;
pub mod part;
mod source;
mod web;

pub use order::{News, Order, Pulled, pull};
pub use web::digest_of;

/// A size as people read it: in whole MiB where it is large.
pub fn size(bytes: u64) -> String {
    const MEBI: u64 = 1 << 20;
    let rounded = if bytes >= 10 * MEBI { bytes / MEBI * MEBI } else { bytes };
    base::config::size_text(rounded)
}
