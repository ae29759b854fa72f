use super::printed;
use crate::read;
use crate::tests::examples;

#[test]
fn what_is_printed_means_the_same() {
    for (file, text) in examples() {
        for workflow in read(&file, &text).unwrap() {
            let again = read("again.yaml", &printed(&workflow)).unwrap();
            assert!(again == [workflow], "{file}");
        }
    }
}

#[test]
fn what_is_rare_is_printed_too() {
    let text = r#"
name: rare
model: { provider: here, model: there }
params:
  point: { type: object, required: [x], properties: { x: { type: number } }, default: { x: 1.5 } }
  free: { required: false }
budget: { money: 0.000000001, tokens: 7, time: 90m }
output: ["{{ steps.a.output }}", { b: 1 }]
steps:
  - name: a
    set: { x: 1e21, y: "{{ {'a': 1} }}", z: "plain {{ params.free }} text", n: ~ }
    when: "{'a': {'b': 1}}"
  - name: ask
    tool: parallel_query
    inputs: { at_least: 1, queries: [{ prompt_template: "x", stop: ["y"] }, { messages: [{ role: user, content: "{{ steps.a.output }}" }] }] }
    memory:
      budget: { share: 0.25 }
      needs:
        - { from: "search(memory/project, \"it's {{ params.free }}\", k=3)", as: found, fit: summary(fast), prio: -3, optional: true }
        - { from: classification(rules), select: "$['a b'][0].c[*]" }
        - parameters
        - memory(project/sub/1.txt)
      writes: [{ to: memory(project/findings), from: $.facts, ttl: 30d, classification: fact }]
  - { name: talk, tool: model_call, inputs: { prompt: x, tools: ["mcp://files/*"] }, memory: { transcript: { compact_at: 0.5, clear_tool_results: 0, keep_last: 2 } } }
  - { name: talks, tool: model_call, inputs: { prompt: x, tools: ["mcp://files/*"] }, memory: { transcript: { compact_at: 20000 } } }
  - { name: prompt, prompt: { name: summary, version: "3", ask: false, model: "{{ params.free }}" }, inputs: { a: 1 } }
  - { name: until, wait: { until: "2026-12-01T00:00:00Z" } }
  - { name: later, wait: { signal: go, timeout: 1500ms }, after: until }
  - { name: gate, gate: { prompt: "?", expires: 1h, on_expiry: approve, approvers: [a], show: 1, edit: true } }
  - name: doubt
    tool: mcp://files/move_file
    inputs: { source: a, destination: b }
    retry: { attempts: 2, backoff: { first: 3s, factor: 1.5, max: 1m }, codes: [upstream_call_timeout] }
    timeout: 10s
    effect: unsafe
    on_in_doubt: { probe: { tool: mcp://files/file_info, inputs: { path: b } } }
    on_error: { step: other }
  - { name: other, set: {} }
  - name: choice
    switch: { value: "params.point.x", cases: { "1": [{ name: one, wait: 1s }], "<<": [{ name: two, wait: 2s }] }, default: [{ name: three, set: {} }] }
  - name: rounds
    repeat: { until: "iteration > 2", max: 3, delay: 1s }
    steps: [{ name: inner, for_each: { items: [1, "{{ params.free }}"], as: it, on_failure: { tolerate: 1 } }, set: { v: "{{ it }}" } }]
triggers:
  schedules: [{ cron: "@daily", overlap: true, params: { free: "{{ scheduled_at }}" } }]
  webhooks: [{ name: hook, secret: HOOK, dedup: "{{ body.id }}", params: { free: "{{ query.x }}" } }]
"#;
    let workflow = read("rare.yaml", text).unwrap_or_else(|errors| panic!("{errors:#?}")).remove(0);
    let again = read("again.yaml", &printed(&workflow)).unwrap_or_else(|errors| panic!("{errors:#?}"));
    assert!(again == [workflow.clone()], "{}", printed(&workflow));
    assert_eq!(workflow.steps.len(), 12);
}
