//! Runs of small workflows, each about one thing.

mod approvals;
mod crashes;
mod examples;
mod generated;
mod golden;
mod money;
mod room;
mod rules;
mod tools;
