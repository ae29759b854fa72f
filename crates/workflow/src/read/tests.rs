use super::read;
use crate::definition::{Action, Origin};
use crate::limits;
use crate::tests::planned;
use base::Code;

const OLDER: &str = r#"
main_llm: { provider: gemini, model: gemini-flash }
workflows:
  summarise:
    params: [user_prompt, { summarizer_model: gemini-pro }]
    steps:
      - name: ask_all
        tool: parallel_query
        inputs: { queries: [ { provider: anthropic, model: claude-haiku, prompt_template: "{{params.user_prompt}}" }, { provider: mistral, model: mistral-large, prompt_template: "x" } ] }
      - name: check
        gate: { prompt: "Right? {{ steps.ask_all.outputs }}" }
      - name: summarize
        tool: model_call
        memory: { needs: ["user_prompt", "tool_output(ask_all)"] }
        inputs: { model: "{{params.summarizer_model}}", prompt: "{{memory.user_prompt}}: {{steps.ask_all.outputs}} {{ memory.ask_all_output }}" }
"#;

const NEWER: &str = r#"
name: summarise
model: { provider: gemini, model: gemini-flash }
params:
  user_prompt: {}
  summarizer_model: { default: gemini-pro }
steps:
  - name: ask_all
    tool: parallel_query
    inputs:
      queries:
        - { provider: anthropic, model: claude-haiku, prompt: "{{params.user_prompt}}" }
        - { provider: mistral, model: mistral-large, prompt: x }
  - name: check
    gate: "Right? {{ steps.ask_all.outputs }}"
  - name: summarize
    tool: model_call
    memory: { needs: [user_prompt, tool_output(ask_all)] }
    inputs:
      model: "{{ params.summarizer_model }}"
      prompt: "{{memory.user_prompt}}: {{steps.ask_all.outputs}} {{ memory.ask_all_output }}"
"#;

#[test]
fn the_older_form_becomes_the_same() {
    let (older, newer) = (planned(OLDER), planned(NEWER));
    assert!(older.0 == newer.0, "{:#?}\n{:#?}", older.0, newer.0);
    assert_eq!(older.1.hash(), newer.1.hash());
    let needs: Vec<&Origin> = older.1.step("summarize").unwrap().1.needs.iter().map(|need| &need.from).collect();
    assert!(matches!(needs.as_slice(), [Origin::UserPrompt, Origin::ToolOutput(_)]));
}

#[test]
fn what_is_too_large_is_refused() {
    let refused =
        |text: &str| read("a.yaml", text).unwrap_err().iter().any(|error| error.code() == Code::WorkflowTooLarge);
    let steps =
        |count: usize| (0..count).map(|index| format!("  - {{ name: s{index}, wait: 1s }}\n")).collect::<String>();
    assert!(read("a.yaml", &format!("name: a\nsteps:\n{}", steps(limits::STEPS))).is_ok());
    assert!(refused(&format!("name: a\nsteps:\n{}", steps(limits::STEPS + 1))));
    let deep = |depth: usize| {
        let inner = (0..depth).fold("[{ name: last, wait: 1s }]".to_owned(), |inner, index| {
            format!("[{{ name: s{index}, steps: {inner} }}]")
        });
        format!("name: a\nsteps: {inner}")
    };
    assert!(read("a.yaml", &deep(limits::DEPTH)).is_ok());
    assert!(refused(&deep(limits::DEPTH + 1)));
    assert!(refused(&format!("name: a\ndescription: {}\nsteps: [{{ name: b, wait: 1s }}]", "x".repeat(limits::FILE))));
    let params: String = (0..=limits::PARAMETERS).map(|index| format!("  p{index}: {{}}\n")).collect();
    assert!(refused(&format!("name: a\nparams:\n{params}steps: [{{ name: b, wait: 1s }}]")));
    let needs: String = (0..=limits::NEEDS).map(|index| format!("user_prompt{index}, ")).collect();
    assert!(refused(&format!(
        "name: a\nsteps: [{{ name: b, tool: model_call, memory: {{ needs: [{needs}] }}, inputs: {{ prompt: x }} }}]"
    )));
}

#[test]
fn a_schema_in_a_question_is_no_template() {
    let text = "name: a\nsteps:\n  - name: b\n    tool: model_call\n    inputs: { prompt: x, schema: { type: string, pattern: '{{' } }\n";
    let workflow = read("a.yaml", text).unwrap().remove(0);
    let Action::ModelCall(inputs) = &workflow.steps[0].action else { panic!() };
    assert!(inputs.templates().is_empty());
}
