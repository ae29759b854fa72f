//! The table of keys: how often steps are done, what they need, what runs may use up and what starts them.

use super::super::{Kind, Shape};
use super::key;
use crate::limits;

const TEXTS: Kind = Kind::List(&Kind::Text, limits::NEEDS);
const INPUTS: Kind = Kind::Map(&Kind::Any);

/// These shapes.
pub(super) static OWN: &[Shape] = &[
    Shape {
        name: "for_each",
        about: "A step is done for each of some items.",
        required: &["items"],
        keys: &[
            key("items", Kind::Any, "The items: a list, or a template that makes one."),
            key("as", Kind::Text, "What templates call an item; `item` where nothing is said."),
            key(
                "concurrency",
                Kind::Integer(1, limits::CONCURRENCY.1 as i64),
                "How many at once; 8 where nothing is said.",
            ),
            key(
                "max",
                Kind::Integer(1, limits::ITEMS.1 as i64),
                "How many items there may be; 1000 where nothing is said.",
            ),
            key(
                "on_failure",
                Kind::Either(&[Kind::Choice(&["fail", "continue"]), Kind::Shape("tolerate")]),
                "What happens when one fails.",
            ),
        ],
    },
    Shape {
        name: "tolerate",
        about: "Some items may fail.",
        required: &["tolerate"],
        keys: &[key("tolerate", Kind::Integer(1, limits::ITEMS.1 as i64), "How many.")],
    },
    Shape {
        name: "repeat",
        about: "A step is done again until something holds.",
        required: &["until"],
        keys: &[
            key("until", Kind::Condition, "What must hold, looked at after each round."),
            key(
                "max",
                Kind::Integer(1, limits::ROUNDS.1 as i64),
                "How many rounds there may be; 10 where nothing is said.",
            ),
            key("delay", Kind::Duration, "How long is waited between two rounds."),
        ],
    },
    Shape {
        name: "retry",
        about: "When a step is tried again.",
        required: &["attempts"],
        keys: &[
            key("attempts", Kind::Integer(1, limits::ATTEMPTS as i64), "How many attempts there are in all."),
            key("backoff", Kind::Either(&[Kind::Duration, Kind::Shape("backoff")]), "How long is waited between two."),
            key(
                "codes",
                TEXTS,
                "Error codes, such as `T-0204`, after which it is tried again; without it all that may pass.",
            ),
        ],
    },
    Shape {
        name: "backoff",
        about: "How long is waited between two attempts.",
        required: &[],
        keys: &[
            key("first", Kind::Duration, "After the first."),
            key("factor", Kind::Number(1.0, 10.0), "How many times longer after each further one."),
            key("max", Kind::Duration, "Never longer than this."),
        ],
    },
    Shape {
        name: "on_error",
        about: "Another step is done instead.",
        required: &["step"],
        keys: &[key("step", Kind::Text, "The step; what it gives counts as the output of the one that failed.")],
    },
    Shape {
        name: "in_doubt",
        about: "A tool is asked whether an attempt was carried out.",
        required: &["probe"],
        keys: &[key("probe", Kind::Shape("call"), "The tool; it may change nothing.")],
    },
    Shape {
        name: "call",
        about: "A call of a tool.",
        required: &["tool"],
        keys: &[key("tool", Kind::Text, "`mcp://server/tool`."), key("inputs", INPUTS, "Its arguments.")],
    },
    Shape {
        name: "memory",
        about: "The context that a step needs, and what is remembered.",
        required: &[],
        keys: &[
            key(
                "needs",
                Kind::List(&Kind::Either(&[Kind::Text, Kind::Shape("need")]), limits::NEEDS),
                "What it needs: `user_prompt`, `tool_output(step)`, `model_output(step)`, `last_output`, `parameters`, `classification(name)`, `memory(scope/key)` or `search(memory, 'words', k=5)`.",
            ),
            key(
                "budget",
                Kind::Either(&[Kind::Integer(1, limits::TOKENS), Kind::Shape("share")]),
                "How many tokens of it.",
            ),
            key(
                "writes",
                Kind::List(&Kind::Shape("write"), limits::NEEDS),
                "What is remembered when it has succeeded.",
            ),
            key(
                "transcript",
                Kind::Shape("transcript"),
                "What of the talks of its models with `tools` is left out as they become long.",
            ),
        ],
    },
    Shape {
        name: "transcript",
        about: "What of a talk between a model and tools is left out as it becomes long; the model can call it back.",
        required: &[],
        keys: &[
            key(
                "compact_at",
                Kind::Either(&[Kind::Number(0.0, 1.0), Kind::Integer(limits::COMPACT.0, limits::TOKENS)]),
                "Above this share of what the model reads, or above so many tokens; 0.7 where nothing is said.",
            ),
            key(
                "clear_tool_results",
                Kind::Integer(0, limits::COMPACT.1),
                "First all results of tools but so many of the last ones are left out; 3 where nothing is said.",
            ),
            key(
                "keep_last",
                Kind::Integer(1, limits::COMPACT.1),
                "Then the oldest rounds as a whole, but never so many of the last ones; 1 where nothing is said.",
            ),
        ],
    },
    Shape {
        name: "share",
        about: "A share of what the model reads.",
        required: &["share"],
        keys: &[key("share", Kind::Number(0.0, 1.0), "From 0 to 1.")],
    },
    Shape {
        name: "need",
        about: "One piece of context.",
        required: &["from"],
        keys: &[
            key("from", Kind::Text, "Where it comes from."),
            key("as", Kind::Text, "What templates call it: `memory.<name>`."),
            key("select", Kind::Text, "The part of it that is taken: `$.results[*].summary`."),
            key("max", Kind::Integer(1, limits::TOKENS), "The most tokens of it."),
            key(
                "fit",
                Kind::Text,
                "How it is made to fit: `exact`, `truncate_head`, `truncate_tail`, `json_prune`, `summary` or `summary(model)`.",
            ),
            key(
                "priority",
                Kind::Integer(-1_000, 1_000),
                "Among those that need not be there, the higher comes first.",
            ),
            key("prio", Kind::Integer(-1_000, 1_000), "Another word for `priority`."),
            key("optional", Kind::Boolean, "Whether the step can do without it."),
        ],
    },
    Shape {
        name: "write",
        about: "Something that is remembered.",
        required: &["to"],
        keys: &[
            key("to", Kind::Text, "`memory(scope/key)`."),
            key("from", Kind::Text, "The part of the output: `$.facts`; without it all of it."),
            key("classification", Kind::Text, "The class of the note."),
            key("ttl", Kind::Duration, "How long it is remembered."),
        ],
    },
    Shape {
        name: "budget",
        about: "What a run may use up.",
        required: &[],
        keys: &[
            key("money", Kind::Number(0.0, 1_000_000.0), "US dollars."),
            key("tokens", Kind::Integer(1, limits::TOKENS), "Tokens, read and written."),
            key("time", Kind::Duration, "Time from the start; waits for people do not count."),
        ],
    },
    Shape {
        name: "triggers",
        about: "What starts a run by itself.",
        required: &[],
        keys: &[
            key("schedules", Kind::List(&Kind::Shape("schedule"), limits::TRIGGERS), "Times."),
            key("webhooks", Kind::List(&Kind::Shape("webhook"), limits::TRIGGERS), "Requests from outside."),
        ],
    },
    Shape {
        name: "schedule",
        about: "A run is started at times.",
        required: &["cron"],
        keys: &[
            key("cron", Kind::Text, "`minute hour day month weekday`, or `@daily` and the like."),
            key("timezone", Kind::Choice(&["UTC"]), "Times are in UTC."),
            key("params", INPUTS, "With which parameters; templates know `scheduled_at`."),
            key("overlap", Kind::Boolean, "Whether a run is started while the one before still goes on."),
        ],
    },
    Shape {
        name: "webhook",
        about: "A run is started by a request.",
        required: &["name"],
        keys: &[
            key("name", Kind::Text, "The last part of its address."),
            key("secret", Kind::Text, "The name of the secret that signs the requests."),
            key("params", INPUTS, "With which parameters; templates know `body`, `headers` and `query`."),
            key("dedup", Kind::Template, "What two requests have in common that are to start one run."),
        ],
    },
];
