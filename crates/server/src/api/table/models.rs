//! The rows of models.

use super::super::models;
use super::super::operation::{Answer, Operation, Verb};
use super::errors::{ANSWER, MODEL, STORE};
use axum::routing::on;

/// The rows.
pub(super) static OPERATIONS: [Operation; 5] = [
    Operation {
        verb: Verb::Get,
        path: "/api/v1/models",
        id: "listModels",
        open: true,
        about: "The names of models that can be asked for with the key, and the deployments behind each.",
        query: &[],
        body: None,
        answer: Answer::Json("Models"),
        errors: &[],
        handler: |verb| on(verb, models::list),
    },
    Operation {
        verb: Verb::Get,
        path: "/api/v1/models/{model}",
        id: "getModel",
        open: true,
        about: "What is known of one model, each value with its source, and how its deployments are.",
        query: &[models::PROBE],
        body: None,
        answer: Answer::Json("Model"),
        errors: &[MODEL],
        handler: |verb| on(verb, models::one),
    },
    Operation {
        verb: Verb::Get,
        path: "/api/v1/usage",
        id: "getUsage",
        open: true,
        about: "What was used of models and what it cost; with the key of a client, with that key alone.",
        query: &[models::SINCE, models::UNTIL, models::BY],
        body: None,
        answer: Answer::Json("Usage"),
        errors: &[STORE],
        handler: |verb| on(verb, models::usage),
    },
    Operation {
        verb: Verb::Get,
        path: "/api/v1/budgets",
        id: "listBudgets",
        open: true,
        about: "How budgets stand; with the key of a client, its own and that of its team.",
        query: &[],
        body: None,
        answer: Answer::Json("Budgets"),
        errors: &[],
        handler: |verb| on(verb, models::budgets),
    },
    Operation {
        verb: Verb::Post,
        path: "/api/v1/feedback",
        id: "scoreAnswer",
        open: true,
        about: "Takes how good an answer of a route that learns was, from the client that asked for it.",
        query: &[],
        body: Some("Feedback"),
        answer: Answer::Json("FeedbackTaken"),
        errors: &[ANSWER],
        handler: |verb| on(verb, models::feedback),
    },
];
