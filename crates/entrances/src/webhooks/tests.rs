//! Requests from outside.

use super::*;
use crate::tests::house::House;
use base::seal::Sealer;

const HOOK: &str = "
name: hook
params: { title: { type: string }, kind: { type: string, default: none }, note: { type: string, default: none } }
triggers:
  webhooks:
    - name: issues
      secret: hook
      params:
        title: '{{ body.issue.title }}'
        kind: \"{{ headers['x-github-event'] }}\"
        note: '{{ query.note }}'
      dedup: '{{ body.id }}'
steps:
  - name: say
    tool: mcp://web/say
    effect: read
output: '{{ params.title }} {{ params.kind }} {{ params.note }} {{ run.trigger.kind }}'
";

const BARE: &str = "
name: bare
triggers: { webhooks: [{ name: bare }] }
steps:
  - name: say
    tool: mcp://web/say
    effect: read
";

const SECRET: &str = "It's a Secret to Everybody";

async fn webhooks(house: &House, secret: Option<&str>) -> Webhooks {
    let sealer = Sealer::new(&[7; 32]);
    let secrets = Secrets::open(store::Db::memory().await.unwrap(), &sealer).await.unwrap();
    if let Some(secret) = secret {
        secrets.set("hook", &Secret::new(secret.to_owned())).await.unwrap();
    }
    Webhooks::new(house.carried(), secrets)
}

fn signed(body: &str, header: &str) -> Delivery {
    let tag = crate::signature::sign(&Secret::new(SECRET.to_owned()), body.as_bytes());
    let headers = vec![("x-github-event".to_owned(), "opened".to_owned()), (header.to_owned(), tag)];
    Delivery {
        name: "issues".to_owned(),
        query: "note=a%20b+c&x".to_owned(),
        headers,
        body: Bytes::from(body.to_owned()),
        trusted: false,
    }
}

#[tokio::test(start_paused = true)]
async fn a_signed_request_begins_a_run_once() {
    let house = House::of(&[HOOK, BARE]).await;
    let webhooks = webhooks(&house, Some(SECRET)).await;
    let body = r#"{"id": 7, "issue": {"title": "It breaks"}}"#;
    let first = webhooks.deliver(&signed(body, "x-hub-signature-256")).await.unwrap();
    assert_eq!((first.workflow.as_str(), first.new), ("hook", true));
    let again = webhooks.deliver(&signed(body, "x-tutti-signature-256")).await.unwrap();
    assert_eq!(again, Begun { new: false, ..first.clone() });
    let run = journal::RunId::parse(&first.run).unwrap();
    assert_eq!(house.runner.ended(run).await.unwrap().1, "It breaks opened a b c webhook");
    assert_eq!(house.runs().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_signed_begins_nothing() {
    let house = House::of(&[HOOK, BARE]).await;
    let webhooks = webhooks(&house, Some(SECRET)).await;
    let body = r#"{"id": 7, "issue": {"title": "It breaks"}}"#;
    let good = signed(body, "x-tutti-signature-256");
    let altered = Delivery { body: Bytes::from(body.replace('7', "8")), ..good.clone() };
    let unsigned = Delivery { headers: Vec::new(), ..good.clone() };
    let twice = Delivery { headers: [good.headers.clone(), good.headers.clone()].concat(), ..good.clone() };
    let bare = Delivery { name: "bare".to_owned(), ..Delivery::default() };
    for (delivery, code) in [
        (altered, Code::WebhookSignature),
        (unsigned, Code::WebhookSignature),
        (twice, Code::WebhookSignature),
        (bare, Code::WebhookSignature),
        (Delivery { name: "other\u{7}".to_owned(), ..good.clone() }, Code::WebhookUnknown),
    ] {
        assert_eq!(webhooks.deliver(&delivery).await.unwrap_err().code(), code, "{delivery:?}");
    }
    assert_eq!(house.runs().await.len(), 0);
    let trusted = Delivery { name: "bare".to_owned(), trusted: true, ..Delivery::default() };
    assert!(webhooks.deliver(&trusted).await.unwrap().new);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_or_checked_is_told() {
    let house = House::of(&[HOOK]).await;
    let without = webhooks(&house, None).await;
    let body = r#"{"id": 7, "issue": {"title": "It breaks"}}"#;
    let error = without.deliver(&signed(body, "x-tutti-signature-256")).await.unwrap_err();
    assert_eq!(error.code(), Code::WebhookSecret);
    assert!(!error.to_string().contains("`hook`"), "{error}");
    let webhooks = webhooks(&house, Some(SECRET)).await;
    let error = webhooks.deliver(&signed(r#"{"issue": {"title": "It"}}"#, "x-tutti-signature-256")).await.unwrap_err();
    assert!(matches!(error.code(), Code::WebhookBody | Code::WorkflowEvaluation), "{error}");
    let error = webhooks.deliver(&signed(r#"{"id": 1, "issue": {"title": 5}}"#, "x-tutti-signature-256")).await;
    assert_eq!(error.unwrap_err().code(), Code::WorkflowArguments);
}

#[tokio::test(start_paused = true)]
async fn a_webhook_takes_a_bounded_number_of_requests() {
    let house = House::of(&[HOOK]).await;
    let webhooks = webhooks(&house, Some(SECRET)).await;
    let body = r#"{"id": 7, "issue": {"title": "It breaks"}}"#;
    let delivery = signed(body, "x-tutti-signature-256");
    let mut last = Ok(());
    for _ in 0..200 {
        last = webhooks.deliver(&delivery).await.map(drop);
    }
    assert_eq!(last.unwrap_err().code(), Code::ClientRate);
    assert_eq!(house.runs().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a103_a_flood_of_forged_requests_locks_nobody_out() {
    let house = House::of(&[HOOK]).await;
    let webhooks = webhooks(&house, Some(SECRET)).await;
    let good = signed(r#"{"id": 7, "issue": {"title": "It breaks"}}"#, "x-tutti-signature-256");
    let forged = Delivery { body: Bytes::from_static(b"{}"), ..good.clone() };
    for _ in 0..2_000 {
        assert_eq!(webhooks.deliver(&forged).await.unwrap_err().code(), Code::WebhookSignature);
    }
    assert!(webhooks.deliver(&good).await.unwrap().new);
    assert_eq!(house.runs().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_a_signature_costs_no_look_for_the_secret() {
    let house = House::of(&[HOOK]).await;
    // There is no secret: whoever looks for it says so.
    let webhooks = webhooks(&house, None).await;
    let good = signed("{}", "x-tutti-signature-256");
    assert_eq!(webhooks.deliver(&good).await.unwrap_err().code(), Code::WebhookSecret);
    for text in ["", "sha256=", "sha256=00", "sha1=00"] {
        let headers = vec![("x-tutti-signature-256".to_owned(), text.to_owned())];
        let error = webhooks.deliver(&Delivery { headers, ..good.clone() }).await.unwrap_err();
        assert_eq!(error.code(), Code::WebhookSignature, "{text}");
    }
}

#[test]
fn templates_see_no_credentials() {
    let headers = HIDDEN.iter().map(|name| ((*name).to_owned(), "secret".to_owned()));
    let headers = headers.chain([("x-event".to_owned(), "push".to_owned())]).collect();
    let delivery = Delivery { headers, body: Bytes::from_static(b"plain"), ..Delivery::default() };
    let seen = context(&delivery).unwrap();
    assert_eq!(seen["headers"], json!({"x-event": "push"}));
    assert_eq!((&seen["body"], &seen["query"]), (&json!("plain"), &json!({})));
    let broken = Delivery { body: Bytes::from_static(b"\xff"), ..Delivery::default() };
    assert_eq!(context(&broken).unwrap_err().code(), Code::WebhookBody);
}
