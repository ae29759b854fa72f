//! The rows of what runs remember.

use super::super::memory;
use super::super::operation::{Answer, Operation, Verb};
use super::errors::{MEMORY, RUN, STORE};
use axum::routing::on;

/// The rows.
pub(super) static OPERATIONS: [Operation; 6] = [
    Operation {
        verb: Verb::Get,
        path: "/api/v1/memory",
        id: "listMemory",
        open: false,
        about: "What runs remember, in the order of scopes and keys: the newest version of each.",
        query: &[memory::SCOPE, memory::AFTER, memory::LIMIT],
        body: None,
        answer: Answer::Json("Memory"),
        errors: &[STORE, MEMORY],
        handler: |verb| on(verb, memory::list),
    },
    Operation {
        verb: Verb::Get,
        path: "/api/v1/memory/search",
        id: "searchMemory",
        open: false,
        about: "The notes that are most about something, by their words and by what they mean, best first.",
        query: &[memory::QUERY, memory::SCOPE, memory::FOUND],
        body: None,
        answer: Answer::Json("MemoryFound"),
        errors: &[STORE, MEMORY],
        handler: |verb| on(verb, memory::search),
    },
    Operation {
        verb: Verb::Get,
        path: "/api/v1/memory/stats",
        id: "getMemoryStats",
        open: false,
        about: "How much the memory holds, and what the steps of the last runs read of all that they could have read.",
        query: &[],
        body: None,
        answer: Answer::Json("MemoryStats"),
        errors: &[STORE, MEMORY, RUN],
        handler: |verb| on(verb, memory::stats),
    },
    Operation {
        verb: Verb::Get,
        path: "/api/v1/memory/fragments/{scope}/{key}",
        id: "getMemoryFragment",
        open: false,
        about: "A fragment with its text, where it comes from, and which versions there are.",
        query: &[memory::VERSION],
        body: None,
        answer: Answer::Json("MemoryFragment"),
        errors: &[STORE, MEMORY],
        handler: |verb| on(verb, memory::show),
    },
    Operation {
        verb: Verb::Get,
        path: "/api/v1/memory/handles/{handle}",
        id: "getMemoryOriginal",
        open: false,
        about: "The original that has a handle, whole: what is remembered, or with `run` also what the run was given and its steps gave.",
        query: &[memory::RUN],
        body: None,
        answer: Answer::Json("MemoryOriginal"),
        errors: &[STORE, MEMORY, RUN],
        handler: |verb| on(verb, memory::original),
    },
    Operation {
        verb: Verb::Post,
        path: "/api/v1/memory/prune",
        id: "pruneMemory",
        open: false,
        about: "Removes what is over, and versions that are not the newest, but for turns of transcripts.",
        query: &[memory::SCOPE, memory::OLDER_THAN, memory::DRY_RUN, memory::AT],
        body: None,
        answer: Answer::Json("MemoryPruned"),
        errors: &[STORE, MEMORY],
        handler: |verb| on(verb, memory::prune),
    },
];
