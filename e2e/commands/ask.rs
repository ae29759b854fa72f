//! `tutti ask`: one question to one model or to several, what is printed where, and how it ends.

use super::run::{Order, address, desk, on_terminal, words};
use crate::harness::{Hub, Run, eventually, trials};
use crate::models::provider::{Asked, Provider, Step, events, piece, stream_head, whole};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub(super) fn tests() -> Vec<Trial> {
    trials!("commands::ask":
        the_tiny_model_is_asked,
        the_question_may_come_through_a_pipe,
        several_are_asked_and_who_fails_hides_nobody,
        a_judge_says_which_is_best,
        each_of_a_chain_reads_the_answer_before,
        a_question_is_said_better_first,
        a_person_is_asked_about_the_better_question,
        what_cannot_be_asked_is_refused,
        a_question_that_is_interrupted_ends_at_the_provider,
        a47_what_models_say_moves_no_cursor,
    )
}

/// What the last turn of a request says.
fn told(asked: &Asked) -> String {
    let body = asked.json();
    let last = body["messages"].as_array().and_then(|messages| messages.last().cloned()).unwrap_or_default();
    last["content"].as_str().unwrap_or_default().to_owned()
}

/// A stream that says `text`, and counts ten tokens read and four written.
fn say(text: &str) -> Vec<Step> {
    let delta = json!({"id": "c", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": "stop"}]});
    let usage = json!({"prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 14});
    let usage = json!({"id": "c", "choices": [], "usage": usage});
    events(&[&format!("data: {delta}\n\n"), &format!("data: {usage}\n\n"), "data: [DONE]\n\n"])
}

/// A provider whose models say their names, but for those whose names say what they do.
async fn provider() -> Provider {
    Provider::start(|asked| {
        let name = asked.json()["model"].as_str().unwrap_or_default().to_owned();
        match name.as_str() {
            "down" => whole(500, "application/json", &[], r#"{"error":{"message":"broken"}}"#),
            "judge" => say("Best: 2\nAnswer 2 is shorter than Answer 1."),
            "writer" => say("\"Why is the sky blue? Answer in a sentence.\""),
            "loud" => say("a\u{1b}[2Jb\u{1b}]0;title\u{7}c\u{202e}\rd"),
            "hangs" => {
                let begun = json!({"choices": [{"index": 0, "delta": {"content": "Well"}, "finish_reason": null}]});
                vec![stream_head("text/event-stream"), piece(&format!("data: {begun}\n\n")), Step::Stall]
            }
            "next" if told(asked).contains("another model") => say("better"),
            _ => say(&format!("says {name}")),
        }
    })
    .await
}

/// A hub with that provider and the model in the binary. What is read costs a dollar for a million tokens, what is written two.
async fn hub(provider: &Provider) -> Hub {
    let price = json!({"price": {"input": 1, "output": 2}});
    let models = json!({
        "providers": {
            "p": {"url": format!("{}/v1", provider.url), "dialects": ["openai-chat"]},
            "builtin": {"kind": "builtin", "models": ["tiny"]},
        },
        "routes": {"default": {"use": ["p/one"]}},
        "deployments": {"p/one": price, "p/judge": price},
    });
    desk().with("models", models).start().await
}

fn at(hub: &Hub, line: &str) -> Order {
    let words = words(line);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Order::new(&hub.setup, &words).variable("TUTTI_URL", &format!("http://{}", address(hub)))
}

#[track_caller]
fn value(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("not JSON ({error}): {run:?}"))
}

async fn the_tiny_model_is_asked() {
    let hub = hub(&provider().await).await;
    let run = at(&hub, "ask What␣is␣2␣plus␣3? --models builtin/tiny").run().await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "2 plus 3 is 5.\n"), "{run:?}");
    assert!(run.stderr.starts_with("builtin/tiny, ") && run.stderr.contains(" tokens"), "{run:?}");
    let both = at(&hub, "ask Where␣does␣the␣owl␣live? -m builtin/tiny,builtin/tiny -q").run().await;
    let said = "# builtin/tiny\n\nThe owl lives in the tree.\n\n";
    assert_eq!((both.code, both.stdout, both.stderr), (Some(0), said.repeat(2), String::new()));
}

async fn the_question_may_come_through_a_pipe() {
    let provider = provider().await;
    let hub = hub(&provider).await;
    for line in ["ask", "ask - --system Be␣brief. --max-tokens 7"] {
        let run = at(&hub, line).input("Why is it so?\nIt puzzles me.\n").run().await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(0), "says one\n"), "{run:?}");
        assert_eq!(told(&provider.last()), "Why is it so?\nIt puzzles me.\n");
    }
    let last = provider.last().json();
    assert_eq!((&last["messages"][0]["content"], &last["max_tokens"]), (&json!("Be brief."), &json!(7)));
}

async fn several_are_asked_and_who_fails_hides_nobody() {
    let provider = provider().await;
    let hub = hub(&provider).await;
    let run = at(&hub, "ask Why? --models p/one,p/down,p/two").run().await;
    assert_eq!(run.code, Some(0), "{run:?}");
    for said in ["# p/one\n\nsays one\n", "# p/two\n\nsays two\n"] {
        assert!(run.stdout.contains(said), "{run:?}");
    }
    assert!(run.stderr.contains("T-0907 p/down: ") && !run.stdout.contains("down"), "{run:?}");
    assert!(run.stderr.contains("p/one, ") && run.stderr.contains("10+4 tokens, $0.000018"), "{run:?}");
    let run = at(&hub, "ask Why? --models p/one,p/down,p/two --json").run().await;
    let said = value(&run);
    let answers: Vec<(&str, bool, &str)> = said["answers"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| Some((one["model"].as_str()?, one["ok"].as_bool()?, one["answer"].as_str()?)))
        .collect();
    assert_eq!(answers, [("p/one", true, "says one"), ("p/down", false, ""), ("p/two", true, "says two")]);
    assert_eq!(said["answers"][0]["cost"]["nano_dollars"], 18_000, "{said}");
    assert_eq!(said["answers"][1]["error"]["code"], "T-0907");
    let run = at(&hub, "ask Why? --models p/down,p/down").run().await;
    assert!(run.code != Some(0) && run.stdout.is_empty() && run.stderr.matches("T-0907").count() == 2, "{run:?}");
}

async fn a_judge_says_which_is_best() {
    let provider = provider().await;
    let hub = hub(&provider).await;
    let run = at(&hub, "ask Why? -m p/one,p/down,p/two --compare --judge p/judge").run().await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.ends_with("# Best: p/two\n\np/two is shorter than p/one.\n"), "{run:?}");
    let asked = told(&provider.last());
    assert!(asked.contains("Answer 2:\n<<<\nsays two\n>>>") && !asked.contains("p/two"), "{asked}");
    let said = value(&at(&hub, "ask Why? -m p/one,p/two --compare --judge p/judge --json").run().await);
    assert_eq!((&said["best"], &said["why"]), (&json!("p/two"), &json!("p/two is shorter than p/one.")));
    assert_eq!(said["judge"]["cost"]["nano_dollars"], 18_000, "{said}");
    // The first that is asked compares, and what it says names none.
    let run = at(&hub, "ask Why? -m p/one,p/two --compare").run().await;
    assert!(
        run.code != Some(0) && run.stdout.contains("says two") && run.stderr.contains("names no answer"),
        "{run:?}"
    );
    // One answer is the best without a judge.
    let run = at(&hub, "ask Why? -m p/one,p/down --compare --judge p/down").run().await;
    assert_eq!(run.code, Some(0), "{run:?}");
}

async fn each_of_a_chain_reads_the_answer_before() {
    let provider = provider().await;
    let hub = hub(&provider).await;
    let run = at(&hub, "ask Why? -m p/one,p/down,p/next --chain").run().await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "better\n"), "{run:?}");
    assert!(run.stderr.contains("# p/one\n\nsays one\n") && run.stderr.contains("p/down: "), "{run:?}");
    let asked = told(&provider.last());
    assert!(asked.contains("Why?") && asked.contains("<<<\nsays one\n>>>"), "{asked}");
    // Who asked gets what there is, and learns that it is not all.
    let run = at(&hub, "ask Why? -m p/one,p/down --chain").run().await;
    assert_eq!(run.stdout, "says one\n", "{run:?}");
    assert!(run.code != Some(0), "{run:?}");
}

async fn a_question_is_said_better_first() {
    let provider = provider().await;
    let hub = hub(&provider).await;
    let run = at(&hub, "ask sky␣blue␣why --reformulate=p/writer --yes").run().await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "says one\n"), "{run:?}");
    assert!(run.stderr.contains("Why is the sky blue? Answer in a sentence."), "{run:?}");
    assert_eq!(told(&provider.last()), "Why is the sky blue? Answer in a sentence.");
    let said = value(&at(&hub, "ask sky␣blue␣why --reformulate=p/writer --yes --json").run().await);
    assert_eq!(said["question"], "sky blue why");
    assert_eq!(said["asked"], "Why is the sky blue? Answer in a sentence.");
    assert_eq!(said["reformulated"]["model"], "p/writer");
    // Nobody can be asked, and so nothing is.
    let before = provider.asked().len();
    let run = at(&hub, "ask sky␣blue␣why --reformulate").run().await;
    assert!(run.code == Some(2) && run.stderr.contains("--yes"), "{run:?}");
    assert_eq!(provider.asked().len(), before);
    let run = at(&hub, "ask sky␣blue␣why --reformulate=p/down --yes").run().await;
    assert!(run.code != Some(0) && run.stderr.contains("did not rewrite"), "{run:?}");
}

async fn a_person_is_asked_about_the_better_question() {
    let provider = provider().await;
    let hub = hub(&provider).await;
    let url = format!("http://{}", address(&hub));
    for (typed, expected) in [
        ("y\n", "Why is the sky blue? Answer in a sentence."),
        ("what?\nn\n", "sky"),
        ("e\nWhy is it red?\n", "Why is it red?"),
    ] {
        let line = "ask sky --reformulate=p/writer";
        let environment = [("TUTTI_URL", url.as_str()), ("NO_COLOR", "1")];
        let Some(run) = on_terminal(&hub.setup, line, &environment, typed).await else { return };
        assert!(run.code == Some(0) && run.stdout.contains("Ask this?"), "{run:?}");
        assert_eq!(told(&provider.last()), expected, "{run:?}");
    }
}

async fn what_cannot_be_asked_is_refused() {
    let hub = hub(&provider().await).await;
    for (line, code, says) in [
        ("ask", 2, "there is no question"),
        ("ask Why? -m p/one --compare", 2, "at least two"),
        ("ask Why? -m p/one --chain", 2, "at least two"),
        ("ask Why? -m p/one,p/two --compare --chain", 2, "--chain"),
        ("ask Why? -m p/one,,p/two", 2, "has no name"),
        ("ask Why? --judge p/one", 2, "--compare"),
        ("ask Why? --max-tokens 0", 2, "0"),
        ("ask Why? -m nobody", 5, "nobody"),
    ] {
        let run = at(&hub, line).run().await;
        assert!(run.code == Some(code) && run.stderr.contains(says) && run.stdout.is_empty(), "{line}: {run:?}");
    }
    let many = vec!["p/one"; 17].join(",");
    assert_eq!(at(&hub, &format!("ask Why? -m {many}")).run().await.code, Some(2));
    assert_eq!(super::run::run_line(&desk(), "ask Why?").await.code, Some(7));
}

async fn a_question_that_is_interrupted_ends_at_the_provider() {
    let provider = provider().await;
    let hub = hub(&provider).await;
    let lines = r#"child = start(stdin=subprocess.DEVNULL)
assert child.stdout.read(4) == b"Well"
interrupt(child)
print(child.wait())"#;
    let run = at(&hub, "ask Why? -m p/hangs").driven(lines).await;
    assert_eq!((run.code, run.stdout.trim()), (Some(0), "130"), "{run:?}");
    let left = || async { if provider.left() == 1 { Ok(()) } else { Err("it is still asked".to_owned()) } };
    eventually("the provider is left", left).await;
}

async fn a47_what_models_say_moves_no_cursor() {
    let provider = provider().await;
    let hub = hub(&provider).await;
    for line in ["-m p/loud", "-m p/loud,p/one", "-m p/loud,p/one --chain", "-m p/one,p/loud --json"] {
        let run = at(&hub, &format!("ask Why? {line}")).run().await;
        let all = format!("{}{}", run.stdout, run.stderr);
        let moves = |character: char| (character.is_control() && character != '\n') || character == '\u{202e}';
        assert!(run.code == Some(0) && all.contains('b'), "{line}: {run:?}");
        assert!(!all.contains(moves) || line.contains("--json"), "{line}: {all:?}");
    }
}
