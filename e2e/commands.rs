//! What commands print and how they end: for people, for programs, and for those who type nonsense.

mod approve;
mod ask;
mod bridge;
mod conduct;
mod examples;
mod fields;
mod help;
mod json;
mod key;
mod memory;
mod model;
mod prompts;
mod refusals;
mod registry;
mod run;
mod secrets;
mod snapshot;
mod streams;
mod workflow;

use libtest_mimic::Trial;

pub(crate) fn tests() -> Vec<Trial> {
    let tests = [
        json::tests(),
        fields::tests(),
        help::tests(),
        examples::tests(),
        refusals::tests(),
        conduct::tests(),
        streams::tests(),
        key::tests(),
        model::tests(),
        ask::tests(),
        prompts::tests(),
        bridge::tests(),
        approve::tests(),
        secrets::tests(),
        registry::tests(),
        workflow::tests(),
        memory::tests(),
    ];
    tests.into_iter().flatten().collect()
}
