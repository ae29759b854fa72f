use super::lines;
use proptest::prelude::*;
use serde_json::{Value, json};

fn step(path: &str, within: Option<&str>, status: &str, began: Option<u64>, ended: Option<u64>) -> Value {
    json!({
        "path": path, "within": within, "status": status, "attempts": 1, "began_at": began, "ended_at": ended,
        "output": null, "error": null, "context": null,
    })
}

fn run(steps: &[Value]) -> Value {
    json!({
        "id": "0197-a", "workflow": "research", "status": "running", "created_at": 1_000, "finished_at": null,
        "spent": {"nano_dollars": 0, "tokens": 0}, "steps": steps, "gates": [], "in_doubt": [],
    })
}

fn drawn(said: &Value, width: usize, height: usize) -> Vec<String> {
    lines(said, 13_300, width, height).into_iter().map(|(_, line)| line).collect()
}

#[test]
fn steps_are_a_tree_with_signs_and_times() {
    let mut write = step("write", None, "running", Some(9_000), None);
    write["context"] = json!({"given": 420, "full_context": 900});
    write["attempts"] = json!(2);
    let mut broken = step("fetch#2", Some("loop"), "failed", Some(2_000), Some(2_500));
    broken["error"] = json!({"code": "T-0202", "message": "it is\ngone"});
    let mut said = run(&[
        step("search", None, "succeeded", Some(1_000), Some(3_500)),
        step("loop", None, "running", Some(2_000), None),
        broken,
        write,
        step("publish", None, "waiting", None, None),
        step("mail", None, "skipped", None, None),
    ]);
    said["spent"] = json!({"nano_dollars": 12_000_000, "tokens": 420});
    let drawn = drawn(&said, 100, 24);
    assert!(drawn[0].starts_with("research  running  12.3s  420 tokens  $"), "{}", drawn[0]);
    let rest = [
        "  ✓ search  2.5s",
        "  ▸ loop  11.3s",
        "    ✗ fetch#2  0.5s  it is gone",
        "  ▸ write  4.3s  420 tokens  2 attempts",
        "  · publish",
        "  - mail",
    ];
    assert_eq!(drawn[1..], rest);
}

#[test]
fn steps_of_one_name_are_counted() {
    let status = |place: u64| match place {
        0..12 => "succeeded",
        12 => "failed",
        13 | 14 => "running",
        _ => "waiting",
    };
    let each =
        (0..50).map(|place| step(&format!("fetch[{place}]"), Some("each"), status(place), Some(1_000), Some(2_000)));
    let steps: Vec<Value> = std::iter::once(step("each", None, "running", Some(1_000), None)).chain(each).collect();
    let drawn = drawn(&run(&steps), 80, 24);
    let rest = [
        "  ▸ each  12.3s",
        "    ✗ fetch  12/50  1 failed",
        "      ✗ fetch[12]  1.0s",
        "      ▸ fetch[13]  1.0s",
        "      ▸ fetch[14]  1.0s",
    ];
    assert_eq!(drawn[1..], rest);
}

#[test]
fn what_is_done_is_folded_where_there_is_no_room() {
    let status = |place: u64| match place {
        0..100 => "succeeded",
        100..103 => "running",
        _ => "waiting",
    };
    let steps: Vec<Value> =
        (0..200).map(|place| step(&format!("step{place}"), None, status(place), Some(1_000), None)).collect();
    let said = run(&steps);
    assert_eq!(drawn(&said, 80, 300).len(), 201, "there is room for all");
    let tall = drawn(&said, 80, 120);
    assert_eq!((tall.len(), tall[1].as_str(), tall[2].as_str()), (102, "  ✓ 100 done", "  ▸ step100  12.3s"));
    let low = drawn(&said, 80, 24);
    let rest = ["  ✓ 100 done", "  ▸ step100  12.3s", "  ▸ step101  12.3s", "  ▸ step102  12.3s", "  · 97 waiting"];
    assert_eq!(low[1..], rest);
    assert_eq!(drawn(&said, 80, 4)[1..], ["  ✓ 100 done", "  ▸ step100  12.3s", "  … 3 more"]);
}

#[test]
fn who_is_waited_for_is_told_with_the_command_that_answers() {
    let mut said = run(&[step("look", None, "at_gate", Some(1_000), None)]);
    said["gates"] = json!([{"path": "look", "prompt": "Publish\u{1b}[31m it?", "arguments": "d"}]);
    said["in_doubt"] = json!(["send"]);
    let rest = [
        "  ? look  12.3s",
        "look waits: Publish it?",
        "  tutti run approve 0197-a --step look",
        "nobody knows whether send was carried out",
        "  tutti run resolve 0197-a happened|retry|fail --step send",
    ];
    assert_eq!(drawn(&said, 80, 24)[1..], rest);
    said["gates"] = (0..5).map(|_| said["gates"][0].clone()).collect();
    assert_eq!(drawn(&said, 80, 24).last().unwrap(), "2 more wait for somebody: tutti run inspect 0197-a");
}

#[test]
fn lines_are_cut_to_the_width() {
    let said = run(&[
        step(&"長".repeat(30), None, "running", Some(1_000), None),
        step("abcdefghij", None, "waiting", None, None),
    ]);
    assert_eq!(drawn(&said, 13, 24), ["research  ru…", "  ▸ 長長長長…", "  · abcdefgh…"]);
}

proptest! {
    #[test]
    fn no_run_is_wider_or_higher_than_the_terminal(
        names in prop::collection::vec(("[a-c]{1,2}(\\[[0-9]\\])?|\\PC{0,30}", prop::option::of("[a-c]{1,2}"), 0_usize..8), 0..60),
        width in 1_usize..100,
        height in 1_usize..40,
    ) {
        let words = ["waiting", "running", "at_gate", "in_doubt", "succeeded", "failed", "skipped", "cancelled"];
        let steps: Vec<Value> = names
            .iter()
            .map(|(path, within, word)| step(path, within.as_deref(), words[*word], Some(5), None))
            .collect();
        let mut said = run(&steps);
        said["gates"] = names.iter().map(|(path, ..)| json!({"path": path, "prompt": path})).collect();
        let drawn = drawn(&said, width, height);
        prop_assert!(drawn.len() <= height);
        prop_assert!(drawn.iter().all(|line| line.chars().count() <= width && !line.contains(char::is_control)), "{drawn:?}");
    }
}
