//! Graphs of all kinds of steps, for properties of who carries runs out.

use super::Answer;
use crate::{Call, Fault};
use journal::StepPath;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The steps of a graph: of which kind each is, and which of those before it it uses.
pub type Shape = Vec<(u8, Vec<u16>)>;

/// The steps of a workflow of this shape, which has a parameter `p`. The kinds are all that a file can say.
pub fn text(shape: &Shape) -> String {
    let mut text = "steps:\n".to_owned();
    for (index, (kind, uses)) in shape.iter().enumerate() {
        let uses: BTreeSet<usize> =
            if index == 0 { BTreeSet::new() } else { uses.iter().map(|one| usize::from(*one) % index).collect() };
        let used: String = uses.iter().map(|other| format!(" {{{{ steps.s{other}.output }}}}")).collect();
        let after = uses.iter().map(|other| format!("s{other}")).collect::<Vec<_>>().join(", ");
        let call = |more: &str| format!("tool: mcp://s/t{index}, inputs: {{ x: \"{used}\" }}{more}");
        let _ = match kind % 13 {
            0 => writeln!(text, "- {{ name: s{index}, set: {{ x: \"{used}\" }} }}"),
            1 => writeln!(text, "- {{ name: s{index}, {} }}", call(", effect: read")),
            2 => writeln!(
                text,
                "- {{ name: s{index}, {} }}",
                call(", retry: 3").replace(&format!("/t{index}"), "/flaky")
            ),
            3 => writeln!(text, "- {{ name: s{index}, {} }}", call(", effect: idempotent, when: \"params.p > 2\"")),
            4 => writeln!(text, "- {{ name: s{index}, wait: 5m, after: [{after}] }}"),
            5 => {
                writeln!(text, "- {{ name: s{index}, gate: {{ prompt: \"?{used}\", show: \"{used}\", expires: 1h }} }}")
            }
            6 => writeln!(
                text,
                "- name: s{index}\n  for_each: {{ items: [1, 2, 3], concurrency: 2, on_failure: continue }}\n  steps:\n  - {{ name: i{index}, tool: mcp://s/fail, inputs: {{ x: \"{{{{ item }}}}{used}\" }} }}\n  - {{ name: j{index}, set: {{ y: \"{{{{ steps.i{index}.output }}}}\" }} }}"
            ),
            7 => writeln!(
                text,
                "- name: s{index}\n  switch: {{ value: params.p, cases: {{ '1': [{{ name: i{index}, {} }}] }}, default: [{{ name: j{index}, wait: 1s, after: [] }}] }}",
                call("")
            ),
            8 => writeln!(
                text,
                "- name: s{index}\n  repeat: {{ until: \"iteration > 1\", delay: 1s }}\n  {}",
                call("").replace(", inputs", "\n  inputs")
            ),
            9 => writeln!(
                text,
                "- {{ name: s{index}, {} }}",
                call(", on_error: continue").replace(&format!("/t{index}"), "/fail")
            ),
            10 => writeln!(
                text,
                "- {{ name: s{index}, {} }}\n- {{ name: h{index}, tool: mcp://s/h, effect: read }}",
                call(&format!(", on_error: {{ step: h{index} }}")).replace(&format!("/t{index}"), "/fail")
            ),
            11 => writeln!(text, "- {{ name: s{index}, {} }}", call(", compensate: { tool: mcp://s/undo }")),
            _ => writeln!(
                text,
                "- name: s{index}\n  for_each: \"[1, 2]\"\n  steps:\n  - {{ name: i{index}, for_each: [3, 4], {} }}",
                call("")
            ),
        };
    }
    text
}

/// What a call of such a graph comes to: made of the call alone, but for faults that pass.
pub fn answer(path: &StepPath, attempt: u32, call: &Call) -> Answer {
    let fault = |code: &str| Answer::Fault(Fault { code: code.to_owned(), message: "made".to_owned() });
    let odd = path.index().is_none_or(|index| index % 2 == 1);
    match (call.tool.as_str(), attempt) {
        ("fail", _) if odd => fault("T-0304"),
        ("flaky", 1) => fault("T-0204"),
        _ => Answer::Value(
            json!({ "of": path.to_string(), "was": call.arguments.get("x").and_then(Value::as_str).map(str::len) }),
        ),
    }
}
