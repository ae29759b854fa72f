use crate::Suite;
use crate::script::Script;
use crate::suite::What;
use base::{Code, Error};
use serde_json::json;

fn told(text: &str) -> Vec<String> {
    let errors =
        Suite::read("t.yaml", text, &|_| Err(Error::new(Code::Disk, "there is no such file", ""))).unwrap_err();
    errors.iter().map(|error| format!("{} {} / {}", error.location().unwrap(), error.message(), error.next())).collect()
}

#[test]
fn what_is_said_for_all_cases_holds_where_a_case_says_nothing() {
    let text = "workflow: w\nnow: 2027-01-04T05:30:00Z\nanswers: { a: { value: 1 }, b: [{ value: 2, takes: 1m }, { doubt: true }] }\ngates: { g: approve }\nmemory: { memory(project/x): text }\ncases:\n  - name: one\n    answers: { a: { value: 3 } }\n    gates: { g: { decide: reject, by: ann, after: 1h } }\n    doubts: { b: retry }\n  - {}\n";
    let suite = Suite::read("t.yaml", text, &|_| panic!()).unwrap_or_else(|errors| panic!("{errors:#?}"));
    assert_eq!(
        (suite.workflow(), suite.now, suite.cases().collect::<Vec<_>>()),
        (Some("w"), 1_799_040_600_000, vec!["one", "case 2"])
    );
    let [one, two] = suite.cases.as_slice() else { panic!() };
    let (mut first, mut second) = (Script::new(&one.outside, &suite.shared), Script::new(&two.outside, &suite.shared));
    let what = |script: &mut Script<'_>, path: &str| script.answer(path).unwrap().what;
    assert_eq!((what(&mut first, "a"), what(&mut second, "a")), (What::Value(json!(3)), What::Value(json!(1))));
    assert_eq!(first.answer("b[0]").unwrap().takes, 60_000);
    // The second of a list, and then always the last.
    assert_eq!((what(&mut first, "b[1]"), what(&mut first, "b")), (What::Doubt, What::Doubt));
    assert!(first.answer("b~undo").is_none() && first.summary("b~summary").is_none());
    let (own, shared) = (first.gate("g").unwrap(), second.gate("g#2").unwrap());
    assert!(!own.yes && own.by.after == 3_600_000 && own.by.actor == "ann" && shared.yes);
    assert!(first.doubt("b[7]").is_some() && second.doubt("b").is_none());
    assert!(one.notes.len() == 1 && one.notes[0].key == "x");
}

#[test]
fn recorded_answers_come_from_another_file() {
    let load = |path: &str| {
        assert_eq!(path, "run.json");
        Ok(r#"{"a": [{"value": 1}, {"error": {"code": "T-0204"}}], "b": {"value": 2}}"#.to_owned())
    };
    let text = "cases:\n  - recorded: run.json\n    answers: { b: { value: 3 } }\n";
    let suite = Suite::read("t.yaml", text, &load).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let answers = &suite.cases[0].outside.answers;
    assert_eq!((answers["a"].1.len(), &answers["b"].1[0].what), (2, &What::Value(json!(3))));
    let missing = told("cases: [{ recorded: none.json }]\n");
    assert_eq!(missing, ["t.yaml:1:21 there is no such file / correct the path, or the file"]);
    let broken = Suite::read("t.yaml", "cases: [{ recorded: r.yaml }]\n", &|_| Ok("a: { vale: 1 }\n".to_owned()));
    let broken = broken.unwrap_err();
    assert!(broken.iter().any(|error| error.location().unwrap().to_string().starts_with("r.yaml:1")), "{broken:?}");
}

#[test]
fn an_exported_run_says_what_came_in_it() {
    use journal::{Decision, Effect, Entry, Gate, IdempotencyKey, Kind, Payload, RunId, StepPath};
    let path = |text: &str| StepPath::parse(text).unwrap();
    let of = |at, step: &str, attempt, kind| Entry::of_step(at, path(step), attempt, kind);
    let value = |entry: Entry, json: &str| entry.with(Payload::new(json).unwrap());
    let failed = || Kind::Failed { code: "T-0205".to_owned(), message: "gone".to_owned() };
    let gate = || Gate { plan: journal::Digest::of(b"p"), arguments: journal::Digest::of(b"a"), expires: None };
    let decision = || Decision { actor: "ann".to_owned(), reason: Some("fine".to_owned()) };
    let key = IdempotencyKey::new(RunId::new(1, [0; 10]), &path("pay"), 0);
    let entries = [
        Entry::of_run(1_000, Kind::Started { definition: journal::Digest::of(b"d"), parent: None }),
        of(1_000, "pay", 1, Kind::Attempted { effect: Effect::Unsafe, key }),
        of(1_100, "pay", 1, failed()),
        value(of(1_200, "pay", 2, Kind::Succeeded), r#"{"id": 7}"#),
        of(1_300, "review", 0, Kind::GateOpened(gate())),
        value(Entry::of_run(2_000, Kind::Signal { name: "paid".to_owned() }), "3"),
        value(of(61_300, "review", 0, Kind::GateApproved { decision: decision(), gate: gate() }), r#"{"text": "b"}"#),
        value(of(62_000, "look[2]", 1, Kind::Succeeded), "null"),
        of(63_000, "send", 1, Kind::InDoubt),
        value(
            of(64_000, "send", 0, Kind::Resolved { resolution: journal::Resolution::Happened, decision: decision() }),
            "true",
        ),
        value(of(65_000, "pay", 0, Kind::Compensated), "\"back\""),
    ];
    let journal: Vec<String> = entries.iter().map(Entry::encode).collect();
    let export = format!(r#"{{"version": 1, "run": {{}}, "definition": {{}}, "journal": [{}]}}"#, journal.join(","));
    let text = "cases:\n  - recorded: run.json\n    answers: { look: { value: 3 } }\n";
    let suite = Suite::read("t.yaml", text, &|_| Ok(export.clone())).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let outside = &suite.cases[0].outside;
    let what = |path: &str| outside.answers[path].1.iter().map(|answer| answer.what.clone()).collect::<Vec<_>>();
    let error = What::Error { code: "T-0205".to_owned(), message: "gone".to_owned() };
    assert_eq!(what("pay"), [error, What::Value(json!({"id": 7}))]);
    assert_eq!((what("pay~undo"), what("send")), (vec![What::Value(json!("back"))], vec![What::Doubt]));
    assert_eq!((what("look[2]"), what("look")), (vec![What::Value(json!(null))], vec![What::Value(json!(3))]));
    let (_, review) = &outside.gates["review"];
    assert!(review.yes && review.by.actor == "ann" && review.by.after == 60_000);
    assert_eq!(review.edit, Some(json!({"text": "b"})));
    let send = &outside.doubts["send"].1;
    assert_eq!((send.len(), send[0].by.after, &send[0].value), (1, 1_000, &json!(true)));
    assert_eq!(outside.answers["pay"].1.iter().map(|answer| answer.at).collect::<Vec<_>>(), [100, 200]);
    assert_eq!((outside.signals[0].name.as_str(), outside.signals[0].at), ("paid", 1_000));
    let broken = |_: &str| Ok(r#"{"version": 1, "journal": [{"v": 1}]}"#.to_owned());
    let broken = Suite::read("t.yaml", text, &broken).unwrap_err();
    assert!(broken[0].message().contains("cannot be read"), "{broken:?}");
}

#[test]
fn what_is_wrong_is_told_at_its_place_with_what_to_do() {
    for (text, place, next) in [
        ("", "t.yaml:1:1", "write at least one"),
        ("cases: {}\n", "t.yaml:1:8", "write each case"),
        ("case: []\n", "t.yaml:1:1", "did you mean `cases`?"),
        ("now: soon\ncases: [{}]\n", "t.yaml:1:6", "now: 2027"),
        ("cases: [{ name: a }, { name: a }]\n", "t.yaml:1:30", "another name"),
        ("cases: [{ params: [] }]\n", "t.yaml:1:19", "params: { name"),
        ("cases: [{ answers: { a: { valu: 1 } } }]\n", "t.yaml:1:27", "did you mean `value`?"),
        ("cases: [{ answers: { a: { value: 1, doubt: true } } }]\n", "t.yaml:1:25", "write one of"),
        ("cases: [{ answers: { a: { error: { message: x } } } }]\n", "t.yaml:1:34", "code"),
        ("cases: [{ gates: { a: yes } }]\n", "t.yaml:1:23", "approve"),
        ("cases: [{ gates: { a: { by: ann } } }]\n", "t.yaml:1:23", "decide: approve"),
        ("cases: [{ doubts: { a: perhaps } }]\n", "t.yaml:1:24", "happened"),
        ("cases: [{ signals: { a: 1 } }]\n", "t.yaml:1:20", "name"),
        ("cases: [{ memory: { x: 1 } }]\n", "t.yaml:1:21", "memory(project"),
        ("cases: [{ expect: { end: suceeded } }]\n", "t.yaml:1:26", "did you mean `succeeded`?"),
        ("cases: [{ expect: { steps: { a: skiped } } }]\n", "t.yaml:1:33", "did you mean `skipped`?"),
        ("cases: [{ expect: { done: a } }]\n", "t.yaml:1:27", "as a list"),
        ("cases: [{ expect: { done: [a], not_done: [a] } }]\n", "t.yaml:1:43", "say it once"),
        ("cases: [{ expect: { calls: { a: often } } }]\n", "t.yaml:1:33", "write how many"),
        ("cases: [{ expect: { holds: [\"{{ a\"] } }]\n", "t.yaml:1:28", "output.score"),
        ("cases: [{ expect: { time: long } }]\n", "t.yaml:1:27", "write"),
        ("cases: [{ expect: { tokens: { a: few } } }]\n", "t.yaml:1:34", "the most"),
    ] {
        let told = told(text);
        assert!(told.iter().any(|one| one.starts_with(place) && one.contains(next)), "{text}{place} {next}: {told:#?}");
    }
}
