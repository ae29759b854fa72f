//! Who is asked at a gate by the protocol, and what they may say.

use super::house::House;
use super::tools::{answer_next, begun_by};
use journal::{RunId, Status};
use mcp::Method;
use serde_json::{Value, json};

/// A gate with these keys besides; what it gives is sent.
fn gated(keys: &str) -> String {
    format!(
        "name: gate\nparams: {{ text: {{ type: string }} }}\nsteps:\n\
        - {{ name: ask, gate: {{ prompt: Send it?, show: {{ text: '{{{{ params.text }}}}' }}, {keys} }},\n    \
            output_schema: {{ type: object, properties: {{ text: {{ type: string }} }}, required: [text] }} }}\n\
        - {{ name: send, tool: mcp://mail/send, effect: unsafe, inputs: {{ text: '{{{{ steps.ask.output.text }}}}' }} }}\n\
        output: '{{{{ steps.send.output.with.text }}}}'\n"
    )
}

/// What comes of a call of somebody who is asked nothing.
async fn unasked(house: &House, principal: &str, text: &str) -> Value {
    let params = json!({"name": "gate", "arguments": {"text": text}});
    let (call, result) = begun_by(house, principal, Method::ToolsCall, &params);
    let result = serde_json::from_str(&result.await.unwrap().unwrap()).unwrap();
    drop(call);
    result
}

/// What comes of a call of somebody who answers in these ways, one after the other.
async fn answered(house: &House, principal: &str, answers: &[Value]) -> Value {
    let params = json!({"name": "gate", "arguments": {"text": "it"}});
    let (mut call, result) = begun_by(house, principal, Method::ToolsCall, &params);
    for answer in answers {
        answer_next(&mut call, answer).await;
    }
    serde_json::from_str(&result.await.unwrap().unwrap()).unwrap()
}

fn approve() -> Value {
    json!({"action": "accept", "content": {"decision": "approve"}})
}

#[tokio::test]
async fn who_began_a_run_does_not_decide_in_it_unless_they_are_named_or_trusted() {
    let house = House::of(&[&gated("expires: 1d")]).await;
    let result = unasked(&house, "anna", "it").await;
    assert_eq!(result["_meta"]["tutti/code"], "T-1401");
    let said = result["content"][0]["text"].as_str().unwrap();
    let run = RunId::parse(result["_meta"]["tutti/run"].as_str().unwrap()).unwrap();
    for next in [format!("tutti run approve {run}"), format!("POST /api/v1/runs/{run}/approve")] {
        assert!(said.contains(&next), "{said}");
    }
    let by = runner::By { actor: "anna".to_owned(), ..runner::By::default() };
    let refused = house.runner.approve(run, &runner::Approval::default(), &by).await.unwrap_err();
    assert_eq!(refused.code(), base::Code::GateForbidden);
    assert_eq!(answered(&house, "local", &[approve()]).await["content"][0]["text"], "it");
    house.runner.trust_starters(true);
    assert_eq!(answered(&house, "anna", &[approve()]).await["content"][0]["text"], "it");
    let other = runner::By { actor: "bert".to_owned(), ..by };
    let refused = house.runner.approve(run, &runner::Approval::default(), &other).await.unwrap_err();
    assert_eq!(refused.code(), base::Code::GateForbidden, "it is not bert's run");
}

#[tokio::test]
async fn approvers_are_keys_and_their_teams() {
    let house = House::of(&[&gated("approvers: [editors]")]).await;
    assert_eq!(answered(&house, "bert", &[approve()]).await["content"][0]["text"], "it");
    assert_eq!(unasked(&house, "anna", "it").await["_meta"]["tutti/code"], "T-1401");
}

#[tokio::test]
async fn what_does_not_fit_is_approved_elsewhere() {
    let house = House::of(&[&gated("approvers: [anna]")]).await;
    let result = unasked(&house, "anna", &"x".repeat(5_000)).await;
    assert_eq!(result["_meta"]["tutti/code"], "T-1401");
    let run = RunId::parse(result["_meta"]["tutti/run"].as_str().unwrap()).unwrap();
    assert!(result["content"][0]["text"].as_str().unwrap().contains(&format!("tutti run approve {run}")));
    assert_eq!(house.runner.run(run).await.unwrap().status, Status::Waiting);
}

#[tokio::test]
async fn what_is_shown_is_changed_in_the_form_and_held_to_its_schema() {
    let house = House::of(&[&gated("approvers: [anna], edit: true")]).await;
    let edited = |text: &str| json!({"action": "accept", "content": {"decision": "approve", "edited": text}});
    let result = answered(&house, "anna", &[edited(r#"{"text": "better"}"#)]).await;
    assert_eq!(result["content"][0]["text"], "better");
    let wrong = [edited("{"), edited(r#"{"text": 1}"#), edited(r#"{"text": "now"}"#)];
    assert_eq!(answered(&house, "anna", &wrong).await["content"][0]["text"], "now", "it is asked again");
    let house = House::of(&[&gated("approvers: [anna]")]).await;
    let result = answered(&house, "anna", &[edited(r#"{"text": "better"}"#)]).await;
    assert_eq!(result["_meta"]["tutti/code"], "T-1401", "nothing may be changed");
}
