//! The table of keys: workflows, steps, and what steps do.

mod rules;

use super::{Key, Kind, Shape};
use crate::limits;

/// The shape of this name.
pub fn shape(name: &str) -> Option<&'static Shape> {
    shapes().find(|shape| shape.name == name)
}

/// All shapes.
pub fn shapes() -> impl Iterator<Item = &'static Shape> {
    OWN.iter().chain(rules::OWN)
}

const fn key(name: &'static str, kind: Kind, about: &'static str) -> Key {
    Key { name, kind, about }
}

const TEXTS: Kind = Kind::List(&Kind::Text, limits::NEEDS);
const STEPS: Kind = Kind::List(&Kind::Shape("step"), limits::STEPS);
const INPUTS: Kind = Kind::Map(&Kind::Any);

static OWN: &[Shape] = &[
    Shape {
        name: "workflow",
        about: "A workflow: steps that become a graph by the data that they use.",
        required: &["name", "steps"],
        keys: &[
            key("name", Kind::Text, "Its name: letters, digits and `_`."),
            key("description", Kind::Text, "What it is for."),
            key(
                "params",
                PARAMS,
                "What a run is given: names with JSON Schemas, or a list of names and `name: default`.",
            ),
            key("model", MODEL, "The route or model of steps that name none."),
            key("steps", STEPS, "What is done. The order in the file means nothing: what uses a result waits for it."),
            key("output", Kind::Any, "What a run gives; without it, the outputs of the steps that no other step uses."),
            key("output_schema", Kind::Schema, "The JSON Schema of what a run gives."),
            key("budget", Kind::Shape("budget"), "What a run may use up. It is reserved before each call."),
            key("triggers", Kind::Shape("triggers"), "What starts a run by itself."),
        ],
    },
    Shape {
        name: "file",
        about: "Several workflows in one file: the older form.",
        required: &["workflows"],
        keys: &[
            key("main_llm", MODEL, "The model of steps that name none."),
            key("workflows", Kind::Map(&Kind::Shape("named_workflow")), "The workflows by their names."),
        ],
    },
    Shape {
        name: "named_workflow",
        about: "A workflow whose name is its key.",
        required: &["steps"],
        keys: &[
            key("description", Kind::Text, "What it is for."),
            key("params", PARAMS, "What a run is given."),
            key("model", MODEL, "The route or model of steps that name none."),
            key("steps", STEPS, "What is done."),
            key("output", Kind::Any, "What a run gives."),
            key("output_schema", Kind::Schema, "The JSON Schema of what a run gives."),
            key("budget", Kind::Shape("budget"), "What a run may use up."),
            key("triggers", Kind::Shape("triggers"), "What starts a run by itself."),
        ],
    },
    Shape {
        name: "step",
        about: "One node of the graph. It has one of `tool`, `prompt`, `plan`, `workflow`, `wait`, `gate`, `set`, `switch` and `steps`.",
        required: &["name"],
        keys: &[
            key("name", Kind::Text, "Its name; templates use what it gives as `steps.<name>.output`."),
            key("description", Kind::Text, "What it is for."),
            key("tool", Kind::Text, "`mcp://server/tool`, `model_call` or `parallel_query`."),
            key("inputs", INPUTS, "The arguments of `tool`, `prompt` or `workflow`."),
            key(
                "prompt",
                Kind::Either(&[Kind::Text, Kind::Shape("prompt")]),
                "A prompt of the library, given to a model.",
            ),
            key("plan", Kind::Shape("plan"), "A plan of tool calls that is made while the run goes on."),
            key("workflow", Kind::Text, "Another workflow, run within this one."),
            key(
                "wait",
                Kind::Either(&[Kind::Duration, Kind::Shape("wait")]),
                "Waits for a time, a moment or a signal.",
            ),
            key("gate", Kind::Either(&[Kind::Template, Kind::Shape("gate")]), "Waits until a person approves."),
            key("set", INPUTS, "Makes values of others."),
            key("switch", Kind::Shape("switch"), "Does one of several lists of steps."),
            key("steps", STEPS, "Does these steps: a group, to repeat them or to do them for each item."),
            key("when", Kind::Condition, "It is done only if this holds; otherwise its output is null."),
            key(
                "for_each",
                Kind::Either(&[Kind::Template, Kind::List(&Kind::Any, 1_000), Kind::Shape("for_each")]),
                "It is done for each item.",
            ),
            key("repeat", Kind::Shape("repeat"), "It is done again until something holds."),
            key("retry", Kind::Either(&[Kind::Integer(1, 20), Kind::Shape("retry")]), "When it is tried again."),
            key("timeout", Kind::Duration, "How long one attempt may take."),
            key(
                "on_error",
                Kind::Either(&[Kind::Choice(&["fail", "continue"]), Kind::Shape("on_error")]),
                "What happens when it fails for good.",
            ),
            key("compensate", Kind::Shape("call"), "The call that undoes it when the run fails later."),
            key(
                "effect",
                Kind::Choice(&["pure", "read", "idempotent", "unsafe"]),
                "What doing it twice means, where it is stricter than what is known.",
            ),
            key(
                "on_in_doubt",
                Kind::Either(&[Kind::Choice(&["ask", "retry", "fail"]), Kind::Shape("in_doubt")]),
                "What happens to an attempt of which nobody knows whether it was carried out.",
            ),
            key("after", Kind::Either(&[Kind::Text, TEXTS]), "Steps that it waits for without using what they give."),
            key("memory", Kind::Shape("memory"), "The context that it needs, and what is remembered."),
            key("output", Kind::Any, "What counts as its output, made of `result`."),
            key("output_schema", Kind::Schema, "The JSON Schema of its output."),
        ],
    },
    Shape { name: "model_inputs", about: "What a model is asked.", required: &[], keys: MODEL_KEYS },
    Shape { name: "query", about: "What one of several models is asked.", required: &[], keys: MODEL_KEYS },
    Shape {
        name: "queries",
        about: "What several models are asked at once.",
        required: &["queries"],
        keys: &[
            key("queries", Kind::List(&Kind::Shape("query"), limits::QUERIES), "What each is asked."),
            key("at_least", Kind::Integer(1, 64), "How many must answer; without it all."),
        ],
    },
    Shape {
        name: "model",
        about: "A model of a provider.",
        required: &["model"],
        keys: &[
            key("provider", Kind::Text, "The provider, where the model is no route."),
            key("model", Kind::Text, "The route, or the provider's model."),
        ],
    },
    Shape {
        name: "prompt",
        about: "A prompt of the library.",
        required: &["name"],
        keys: &[
            key("name", Kind::Text, "Its name."),
            key("version", Kind::Text, "A version or a label; without it the newest."),
            key("model", Kind::Template, "The model that is asked; without it the prompt's own, then the workflow's."),
            key("ask", Kind::Boolean, "Whether a model is asked. If not, the messages are the output."),
        ],
    },
    Shape {
        name: "plan",
        about: "A plan of tool calls.",
        required: &["plan", "tools"],
        keys: &[
            key("plan", Kind::Any, "The plan, mostly what another step gave."),
            key("tools", TEXTS, "The tools that it may call: `mcp://server/tool`, with `*` for any characters."),
        ],
    },
    Shape {
        name: "wait",
        about: "What is waited for: one of `for`, `until` and `signal`.",
        required: &[],
        keys: &[
            key("for", Kind::Duration, "So long."),
            key("until", Kind::Template, "A moment: RFC 3339, or seconds since 1970."),
            key("signal", Kind::Text, "A signal of this name."),
            key("timeout", Kind::Duration, "How long a signal is waited for; then the step fails."),
        ],
    },
    Shape {
        name: "gate",
        about: "A person decides.",
        required: &["prompt"],
        keys: &[
            key("prompt", Kind::Template, "What the person is asked."),
            key("show", Kind::Any, "What else the person is shown."),
            key("approvers", TEXTS, "Who may decide; without it whoever may approve at all."),
            key("expires", Kind::Duration, "How long it waits."),
            key(
                "on_expiry",
                Kind::Choice(&["reject", "approve"]),
                "What happens then: it is rejected, unless this says otherwise.",
            ),
            key("edit", Kind::Boolean, "Whether the person may change what is shown, which then is the output."),
        ],
    },
    Shape {
        name: "switch",
        about: "A choice between lists of steps.",
        required: &["value", "cases"],
        keys: &[
            key("value", Kind::Template, "The value that decides, compared as a text."),
            key("cases", Kind::Map(&STEPS), "The steps for each value."),
            key("default", STEPS, "The steps for any other value."),
        ],
    },
];

const PARAMS: Kind = Kind::Either(&[Kind::Map(&Kind::Schema), Kind::List(&Kind::Any, limits::PARAMETERS)]);
const MODEL: Kind = Kind::Either(&[Kind::Text, Kind::Shape("model")]);
const NUMBER: Kind = Kind::Either(&[Kind::Number(0.0, 2.0), Kind::Template]);
const COUNT: Kind = Kind::Either(&[Kind::Integer(0, 1_000_000_000), Kind::Template]);

const MODEL_KEYS: &[Key] = &[
    key("provider", Kind::Template, "The provider, where the model is no route."),
    key("model", Kind::Template, "The route, or the provider's model; without it the workflow's."),
    key("prompt", Kind::Template, "What the model is told."),
    key("prompt_template", Kind::Template, "The older word for `prompt`."),
    key("messages", Kind::Any, "A whole conversation instead of `prompt`: `[{role, content}]`."),
    key("system", Kind::Template, "What the model is told before."),
    key("temperature", NUMBER, "From 0 to 2."),
    key("top_p", NUMBER, "From 0 to 1."),
    key("max_tokens", COUNT, "The most tokens of the answer."),
    key("seed", COUNT, "What makes the answer the same again, where the model can."),
    key("stop", Kind::Any, "Texts that end the answer."),
    key(
        "schema",
        Kind::Schema,
        "The JSON Schema that the answer is held to; the output is then the value and no text.",
    ),
    key("tools", TEXTS, "The tools that the model may call: `mcp://server/tool`, with `*` for any characters."),
];
