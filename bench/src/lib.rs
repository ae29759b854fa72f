//! Measures what a hub costs per MCP call, against a floor and against peers, in one run on one machine.
//!
//! Beside that, what a gateway to models costs for each request (`llm`), and a durable step of a workflow (`workflow`).
//!
//! The binaries are an echo upstream, two reference proxies, a load generator and `hub`, the driver that puts each
//! target in front of the same upstream. What is measured, and why so, is in the README beside this crate.

pub mod append;
pub mod chaos;
pub mod client;
pub mod cpu;
pub mod fake;
pub mod http;
pub mod llm;
pub mod load;
pub mod report;
pub mod scale;
pub mod seeded;
pub mod serve;
pub mod session;
pub mod stats;
pub mod target;
pub mod workflow;
