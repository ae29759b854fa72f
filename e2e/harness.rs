//! What the tests stand on: the real binary with its configuration, clients of both eras, and looks at processes.

mod asking;
pub(crate) mod check;
mod client;
mod direct;
pub(crate) mod frames;
mod healthy;
mod http;
mod hub;
mod patience;
mod processes;
mod raw;
mod reply;
mod setup;
mod tests;

pub(crate) use check::{eventually, trial, trials, trials_of_both_eras, within};
pub(crate) use client::{Client, Era, Pending};
pub(crate) use direct::{Direct, HttpUpstream};
pub(crate) use healthy::Healthy;
pub(crate) use http::{Answer, Http, Stream};
pub(crate) use hub::{Hub, Run, tutti};
pub(crate) use processes::{
    alive, children_in_state, children_of, group_and_session, processes_with_marker, send_signal,
};
pub(crate) use raw::{pour, say_raw};
pub(crate) use reply::Reply;
pub(crate) use setup::{Setup, replace};
pub(crate) use tests::tests;
