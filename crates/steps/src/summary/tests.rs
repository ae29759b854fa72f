use super::inputs;
use crate::transcript::tests::calling_of;
use journal::{Digest, StepPath};
use memory::{SummaryKey, WantedSummary};

/// Its path has numbers of the loops behind its name, or says that it undoes something.
#[test]
fn a_step_in_loops_summarises_by_its_own_model() {
    let text = "name: w\nsteps:\n  - { name: ask, tool: model_call, inputs: { model: own, prompt: hi } }\n";
    for path in ["ask", "ask[3]", "ask@1[2]", "ask@3#2"] {
        let calling = calling_of(text, StepPath::parse(path).unwrap(), 1);
        let key = SummaryKey { sha256: Digest::of(b"t"), tokens: 10, model: String::new(), prompt: Digest::of(b"p") };
        let inputs = inputs(&WantedSummary { key, text: "long".to_owned() }, &calling);
        assert_eq!(inputs.get("model"), Some(&"own".into()), "{path}");
    }
}
