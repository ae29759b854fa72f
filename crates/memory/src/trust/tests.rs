//! What can be trusted of which runs and steps.

use super::*;
use serde_json::json;

#[test]
fn a_run_is_trusted_as_far_as_what_started_it() {
    let cases = [
        (Value::Null, Trust::Trusted),
        (json!({"kind": "webhook"}), Trust::Untrusted),
        (json!({"kind": "workflow", "trust": "trusted"}), Trust::Trusted),
        (json!({"kind": "workflow", "trust": "untrusted"}), Trust::Untrusted),
        (json!({"kind": "fork", "trust": "untrusted"}), Trust::Untrusted),
    ];
    for (trigger, trust) in cases {
        assert_eq!(of_start(&trigger), trust, "{trigger}");
    }
}

#[test]
fn what_comes_from_outside_taints_what_is_made_of_it() {
    let text = "
name: w
steps:
  - { name: said, tool: model_call, inputs: { model: m, prompt: hello } }
  - { name: got, tool: mcp://web/get }
  - { name: heard, wait: { signal: s } }
  - { name: did, tool: model_call, inputs: { model: m, prompt: hello, tools: ['mcp://web/*'] } }
  - { name: of_said, set: { x: '{{ steps.said.output }}' } }
  - { name: of_got, set: { x: '{{ steps.got.output }}' } }
  - { name: of_heard, workflow: other, inputs: { x: '{{ steps.heard.output }}' } }
  - { name: noted, tool: model_call, memory: { needs: ['memory(project/style)'] }, inputs: { model: m, prompt: '{{ memory.style }}' } }
";
    let definition = workflow::read("w.yaml", text).unwrap().remove(0);
    let plan = Plan::of(&definition, &workflow::Source::new("w.yaml", text), &workflow::Nothing).unwrap();
    let cases = [
        ("said", Trust::Trusted, Trust::Trusted),
        ("got", Trust::Trusted, Trust::Untrusted),
        ("heard", Trust::Trusted, Trust::Untrusted),
        ("did", Trust::Trusted, Trust::Untrusted),
        ("of_said", Trust::Trusted, Trust::Trusted),
        ("of_got", Trust::Untrusted, Trust::Untrusted),
        ("of_heard", Trust::Untrusted, Trust::Untrusted),
        ("noted", Trust::Untrusted, Trust::Untrusted),
    ];
    for (name, inputs, output) in cases {
        let (place, _) = plan.step(name).unwrap();
        let found = (of_inputs(&plan, place, Trust::Trusted), of_output(&plan, place, Trust::Trusted));
        assert_eq!(found, (inputs, output), "{name}");
        let strange = (of_inputs(&plan, place, Trust::Untrusted), of_output(&plan, place, Trust::Untrusted));
        assert_eq!(strange, (Trust::Untrusted, Trust::Untrusted), "{name}");
    }
    let (_, did) = plan.step("did").unwrap();
    assert_eq!(did.effect, workflow::Effect::Unsafe, "nobody knows what the model calls");
}
