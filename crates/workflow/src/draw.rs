//! Pictures of plans, for people: [`ascii`] for terminals, [`mermaid`] for documents, [`svg`] for browsers.
//!
//! They show only the waits that do not follow from others; [`crate::explain`] tells of all.

mod ascii;
mod layers;
mod layout;
mod mermaid;
mod svg;

pub use ascii::ascii;
pub use mermaid::mermaid;
pub use svg::svg;

#[cfg(test)]
mod tests;
