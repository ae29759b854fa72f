//! What requests and answers of models say, read from their bytes as they go by: what a request needs, how an answer stands, what it
//! takes. Pure, and without a tree: a request to a provider of the client's own dialect is never taken apart.
//!
//! [`path`], [`needs`] and [`tier`] look at requests, [`multipart`] at those that are forms; [`watch`] at streams, of whose events [`sign`] says what they mean and [`meter`] what they
//! take. The crates `openai` and `dialects` read the same, and all else, where something is translated.

pub mod dialect;
pub mod eventstream;
pub mod meter;
pub mod multipart;
pub mod needs;
pub mod path;
pub mod sign;
pub mod tier;
pub mod watch;
