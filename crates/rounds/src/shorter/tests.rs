use super::Shortening;
use crate::offer::Offer;
use crate::talk::{Act, Call, Next, Talk};
use base::ports::{KeptTurn, ModelTool};
use context::tokens::Family;
use conversation::answer::{Answer, Finish, Reason};
use conversation::item::{Item, Media, MediaKind, Reasoning, Source, ToolCall, ToolResult};
use llm::Endpoint;
use llm::config::ToolSettings as Settings;
use memory::transcript::Policy;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};
use std::sync::Arc;

const CHAT: &str =
    r#"{"model":"r","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"What is new?"}]}"#;

/// A question in each dialect that has a place for tools.
const QUESTIONS: [(Endpoint, &str); 5] = [
    (Endpoint::ChatCompletions, CHAT),
    (Endpoint::Responses, r#"{"model":"r","input":"What is new?"}"#),
    (Endpoint::Messages, r#"{"model":"r","max_tokens":5,"messages":[{"role":"user","content":"What is new?"}]}"#),
    (Endpoint::GenerateContent, r#"{"contents":[{"role":"user","parts":[{"text":"What is new?"}]}]}"#),
    (Endpoint::OllamaChat, r#"{"model":"r","messages":[{"role":"user","content":"What is new?"}]}"#),
];

fn policy(most: usize, results: usize, rounds: usize) -> Policy {
    Policy { most, results, rounds }
}

/// A talk with the tool `look`, and where its turns are kept.
struct Told {
    talk: Talk,
    last: u64,
}

impl Told {
    fn new((endpoint, question): (Endpoint, &str), policy: Option<Policy>) -> Self {
        let client = dialects::read_request(endpoint.dialect(), question, Some("r"), false).unwrap();
        let definition = r#"{"description":"Looks.","inputSchema":{"type":"object"}}"#.to_owned();
        let offer = Offer::new(vec![ModelTool { name: "look".to_owned(), definition }], &client);
        let settings = Settings { rounds: 50, calls: 500, ..Settings::default() };
        let talk = Talk::new((endpoint, "r"), Arc::new(client.clone()), client, (offer, settings));
        let talk = talk.made_shorter(policy.map(|policy| Shortening { policy, family: Family::Any }));
        Self { talk, last: 2 }
    }

    fn keeps(&mut self) -> Option<KeptTurn> {
        self.last += 1;
        Some(KeptTurn { number: self.last, handle: format!("{:064x}", self.last) })
    }

    /// The model says and calls this.
    fn calls(&mut self, items: Vec<Item>) -> Vec<Call> {
        let answer = Answer { items, finish: Some(Finish::new(Reason::ToolCalls)), ..Answer::default() };
        match self.talk.take(answer) {
            Next::Calls(calls) => calls,
            Next::Answer(answer) => panic!("it ended with {answer:?}"),
        }
    }

    /// A round with words, and one result for each of these contents.
    fn round(&mut self, contents: Vec<Vec<Item>>, is_kept: bool) {
        let thought =
            Reasoning { text: "Hm.".to_owned(), signature: Some("signed".to_owned()), ..Reasoning::default() };
        let calls = contents.iter().map(|_| {
            self.last += 100;
            call(self.last, "look", "{\"at\":1}")
        });
        let calls = calls.collect::<Vec<_>>();
        let mut items = vec![Item::Reasoning(thought), Item::text("I look.")];
        items.extend(calls);
        self.last %= 100;
        let made = self.calls(items);
        let kept: Vec<_> = (0..=2 * contents.len()).map(|_| self.keeps().filter(|_| is_kept)).collect();
        let results = made.into_iter().zip(contents).map(|(call, content)| (result(call, content), 10)).collect();
        self.talk.answered(results, false, &kept);
    }

    fn body(&mut self) -> String {
        self.talk.asked().unwrap().text().to_owned()
    }
}

fn call(id: u64, name: &str, arguments: &str) -> Item {
    let (id, name, arguments) = (Some(format!("call_{id}")), name.to_owned(), arguments.to_owned());
    Item::ToolCall(ToolCall { id, name, arguments, ..ToolCall::default() })
}

fn result(call: Call, content: Vec<Item>) -> ToolResult {
    ToolResult { id: call.id, name: Some(call.name), content, is_error: Some(false), ..ToolResult::default() }
}

/// A long text that says its number.
fn long(number: usize) -> Vec<Item> {
    vec![Item::text(format!("finding {number}. {}", "word ".repeat(200)))]
}

fn messages(body: &str) -> Vec<Value> {
    serde_json::from_str::<Value>(body).unwrap()["messages"].as_array().unwrap().clone()
}

#[test]
fn a_short_talk_is_asked_in_the_same_bytes_as_without_a_policy() {
    let (mut plain, mut kept) =
        (Told::new((Endpoint::ChatCompletions, CHAT), None), Told::new(QUESTIONS[0], Some(policy(2_000, 3, 1))));
    for number in 0..4 {
        assert_eq!(plain.body(), kept.body());
        plain.round(vec![long(number)], true);
        kept.round(vec![long(number)], true);
    }
    assert_eq!(plain.body(), kept.body());
}

#[test]
fn older_results_become_notes_and_the_model_gets_one_back() {
    let mut told = Told::new(QUESTIONS[0], Some(policy(1_000, 2, 50)));
    for number in 0..5 {
        assert!(!told.body().contains("recall"), "{}", told.body());
        told.round(vec![long(number)], true);
    }
    let body = told.body();
    let messages = messages(&body);
    assert_eq!(messages.len(), 2 + 5 * 2, "{body}");
    // Of each round there are the words, the call and the result.
    let handle = format!("{:064x}", 5);
    assert_eq!(
        messages[3]["content"],
        format!("[this result is left out; recall gives it back: {{\"handle\": \"{handle}\"}}]")
    );
    let whole = |number: usize| messages[3 + 2 * number]["content"].as_str().unwrap().starts_with("finding");
    assert_eq!([0, 1, 2, 3, 4].map(whole), [false, false, false, true, true], "{body}");
    let tools: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(tools["tools"][1]["function"]["name"], "recall", "{body}");

    let made = told.calls(vec![call(77, "recall", &json!({"handle": handle}).to_string())]);
    let Act::Recall(original) = &made[0].act else { panic!("{made:?}") };
    assert_eq!((original.number, &original.handle), (5, &handle));
    let kept = vec![told.keeps(), told.keeps()];
    let results = made.into_iter().map(|call| (result(call, long(0)), 10)).collect();
    told.talk.answered(results, false, &kept);
    let body = told.body();
    assert!(body.contains("finding 0."), "{body}");
    // It is left out again in its turn, and found where it was at first.
    for number in 5..8 {
        told.round(vec![long(number)], true);
    }
    let body = told.body();
    assert!(!body.contains("finding 0."), "{body}");
    let notes = body.matches(&handle).count();
    assert_eq!(notes, 3, "the first note, the call, and the note of the second: {body}");
}

#[test]
fn rounds_are_left_out_behind_what_was_asked_and_named_by_their_turns() {
    let mut told = Told::new(QUESTIONS[0], Some(policy(300, 0, 1)));
    for number in 0..6 {
        told.round(vec![long(number), long(number)], true);
    }
    let body = told.body();
    let messages = messages(&body);
    let asked = messages[1]["content"].as_str().unwrap();
    assert!(asked.starts_with("What is new?\n\n[What was said and done next is left out. recall gives"), "{asked}");
    assert!(
        asked.contains("\n- 3 what you said; 4 a call of look, 6 its result; 5 a call of look, 7 its result"),
        "{asked}"
    );
    assert_eq!(asked.matches("[What was said").count(), 1, "{asked}");
    assert_eq!(asked.matches("\n- ").count(), 5, "{asked}");
    assert_eq!(messages.len(), 2 + 3, "{body}");
    let made = told.calls(vec![call(77, "recall", r#"{"turn":"4"}"#), call(78, "recall", r#"{"turn":1}"#)]);
    assert!(matches!(&made[0].act, Act::Recall(kept) if kept.number == 4), "{made:?}");
    assert!(matches!(&made[1].act, Act::Refused(_)), "what was asked first is no turn of the talk: {made:?}");
}

#[test]
fn what_is_not_kept_whole_stays() {
    let picture = Media {
        kind: MediaKind::Image,
        source: Source::Base64("AAAA".repeat(100)),
        media_type: Some("image/png".to_owned()),
        name: None,
        extra: conversation::Extra::default(),
    };
    let mut told = Told::new(QUESTIONS[2], Some(policy(10, 0, 1)));
    told.round(vec![vec![Item::Media(picture)]], true);
    told.round(vec![long(1)], false);
    told.round(vec![long(2)], true);
    told.round(vec![long(3)], true);
    let body = told.body();
    for (part, stays) in [("AAAA", true), ("finding 1.", true), ("finding 2.", false), ("finding 3.", true)] {
        assert_eq!(body.contains(part), stays, "{part}: {body}");
    }
}

#[test]
fn a_tool_that_is_called_recall_keeps_its_name() {
    let question = r#"{"model":"r","messages":[{"role":"user","content":"New?"}],"tools":[{"type":"function","function":{"name":"recall","parameters":{"type":"object"}}}]}"#;
    let mut told = Told::new((Endpoint::ChatCompletions, question), Some(policy(100, 0, 1)));
    told.round(vec![long(0)], true);
    told.round(vec![long(1)], true);
    let body: Value = serde_json::from_str(&told.body()).unwrap();
    let names: Vec<&Value> = body["tools"].as_array().unwrap().iter().map(|tool| &tool["function"]["name"]).collect();
    assert_eq!(names, ["recall", "look", "tutti_recall"]);
    assert!(body.to_string().contains("tutti_recall gives"), "{body}");
}

/// What a talk is made of: for each round its results, by their length, and whether it is kept.
fn talks() -> impl Strategy<Value = Vec<(Vec<usize>, bool)>> {
    let results = proptest::collection::vec(proptest::prop_oneof![Just(1), 1..400_usize], 1..4);
    proptest::collection::vec((results, proptest::bool::weighted(0.8)), 1..10)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn calls_and_results_go_together_in_every_dialect(
        rounds in talks(),
        dialect in 0..QUESTIONS.len(),
        (most, results, last) in (50..3_000_usize, 0..5_usize, 1..4_usize),
    ) {
        let made = || {
            let mut told = Told::new(QUESTIONS[dialect], Some(policy(most, results, last)));
            for (lengths, is_kept) in &rounds {
                told.round(lengths.iter().map(|length| vec![Item::text("word ".repeat(*length))]).collect(), *is_kept);
            }
            told.body()
        };
        let body = made();
        prop_assert_eq!(&body, &made(), "the same talk is asked in the same bytes");
        prop_assert!(body.contains("What is new?"));
        let endpoint = QUESTIONS[dialect].0;
        let request = dialects::read_request(endpoint.dialect(), &body, Some("r"), false).unwrap();
        let items: Vec<&Item> = request.turns.iter().flat_map(|turn| &turn.items).collect();
        let name = |item: &&Item| match item {
            Item::ToolCall(call) => Some((true, call.id.clone())),
            Item::ToolResult(result) => Some((false, result.id.clone())),
            _ => None,
        };
        let named: Vec<(bool, Option<String>)> = items.iter().filter_map(name).collect();
        let (mut open, mut pairs) = (Vec::new(), 0);
        for (is_call, id) in named {
            if is_call {
                open.push(id);
            } else {
                prop_assert!(!open.is_empty(), "a result without its call: {}", body);
                let call = open.remove(0);
                prop_assert!(call == id || id.is_none() || call.is_none(), "{}", body);
                pairs += 1;
            }
        }
        prop_assert!(open.is_empty(), "a call without its result: {}", body);
        let least: usize = rounds.iter().rev().take(last).map(|(lengths, _)| lengths.len()).sum();
        prop_assert!(pairs >= least, "the last rounds stay: {}", body);
        // What was not read yet is whole.
        let (last, _) = rounds.last().unwrap();
        let longest = *last.iter().max().unwrap();
        prop_assert!(body.contains("word ".repeat(longest).trim_end()), "{}", body);
    }
}
