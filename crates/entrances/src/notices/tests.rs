//! Notices, to a receiver on this machine.

mod changes;

use super::*;
use crate::notice::Notice;
use crate::signature::{self, HEADERS, TIMESTAMP};
use crate::tests::house::House;
use crate::{Delivery, Webhooks};
use base::seal::Sealer;
use base::{Code, Secret, clock, network};
use bytes::Bytes;
use runner::Start;
use serde_json::json;
use std::collections::BTreeMap;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const GATE: &str = "
name: gate
params: { to: { type: string }, more: { type: string, default: '' } }
steps:
  - name: ask
    gate: { prompt: 'Send to {{ params.to }}?', show: '{{ params.more }}', expires: 1d, approvers: [anna] }
  - { name: send, tool: mcp://mail/send, effect: unsafe, after: [ask] }
output: sent
";

const OPEN: &str = "
name: open
steps:
  - { name: ask, gate: { prompt: 'May it?', show: { to: all }, edit: true } }
output: '{{ steps.ask.output.to }}'
";

const SECRET: &str = "a secret of both";

/// A request that came.
struct Came {
    headers: BTreeMap<String, String>,
    body: String,
}

impl Came {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn is_signed(&self) -> bool {
        let stamped = signature::stamped(&self.headers[TIMESTAMP], self.body.as_bytes());
        signature::is_signed(&Secret::new(SECRET.to_owned()), &stamped, &self.headers[HEADERS[0]])
    }
}

/// Takes the next request, and answers with this status.
async fn take(listener: &TcpListener, status: u16) -> Came {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut bytes = Vec::new();
    let (head, length) = loop {
        assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "the request ends early");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, _)) = text.split_once("\r\n\r\n") else { continue };
        let lines = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        let headers: BTreeMap<String, String> =
            lines.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        let length: usize = headers["content-length"].parse().unwrap();
        break ((headers, head.len() + 4), length);
    };
    let (headers, from) = head;
    while bytes.len() < from + length {
        assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "the body ends early");
    }
    let answer = format!("HTTP/1.1 {status} Said\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.unwrap();
    Came { headers, body: String::from_utf8(bytes.split_off(from)).unwrap() }
}

/// A hub with a receiver.
struct Scene {
    house: House,
    secrets: Secrets,
    db: Db,
    listener: TcpListener,
    stop: CancellationToken,
}

impl Scene {
    async fn of(answers: bool) -> Self {
        let house = House::of(&[GATE, OPEN]).await;
        let db = Db::memory().await.unwrap();
        let secrets = Secrets::open(db.clone(), &Sealer::new(&[7; 32])).await.unwrap();
        secrets.set("gates", &Secret::new(SECRET.to_owned())).await.unwrap();
        let listener = network::listen(([127, 0, 0, 1], 0).into()).await.unwrap();
        let url = format!("http://127.0.0.1:{}/gates?x=1", listener.local_addr().unwrap().port());
        let notice = Notice::new("chat", &url, "gates", &[]).unwrap();
        house.tells(vec![Notice { answers, ..notice }]);
        Self { house, secrets, db, listener, stop: CancellationToken::new() }
    }

    async fn notices(&self) -> Notices {
        Notices::open(self.house.carried(), self.secrets.clone(), self.db.clone()).await.unwrap()
    }

    async fn works(&self) {
        let (notices, stop) = (self.notices().await, self.stop.clone());
        base::task::spawn("notices", async move { notices.work(stop).await });
    }

    async fn start(&self, workflow: &str, params: Value) -> RunId {
        let start = Start::of(workflow, params.as_object().cloned().unwrap_or_default());
        self.house.runner.start(start).await.unwrap().run
    }

    fn webhooks(&self) -> Webhooks {
        Webhooks::new(self.house.carried(), self.secrets.clone())
    }
}

/// The answer to a notice, signed at this time.
fn answer(body: &Value, secret: &str, timestamp: u64) -> Delivery {
    let (body, timestamp) = (body.to_string(), timestamp.to_string());
    let stamped = signature::stamped(&timestamp, body.as_bytes());
    let signature = signature::sign(&Secret::new(secret.to_owned()), &stamped);
    Delivery {
        name: "chat".to_owned(),
        headers: vec![(TIMESTAMP.to_owned(), timestamp), (HEADERS[0].to_owned(), signature)],
        body: Bytes::from(body),
        ..Delivery::default()
    }
}

fn now() -> u64 {
    clock::wall().as_secs()
}

fn says(told: &Value, decision: &str, actor: &str) -> Value {
    json!({
        "run": told["run"], "step": told["step"], "arguments": told["arguments"],
        "decision": decision, "actor": actor, "reason": "seen",
    })
}

#[tokio::test]
async fn a_gate_is_told_until_it_is_taken_and_answered() {
    let scene = Scene::of(true).await;
    scene.works().await;
    let run = scene.start("gate", json!({"to": "all"})).await;
    let first = take(&scene.listener, 500).await;
    let second = take(&scene.listener, 204).await;
    assert!(first.is_signed() && second.is_signed());
    assert_eq!(first.body, second.body);
    let told = second.json();
    assert_eq!(second.headers["idempotency-key"], told["id"].as_str().unwrap());
    assert_eq!((&told["event"], &told["prompt"]), (&json!("gate_opened"), &json!("Send to all?")));
    assert_eq!((&told["run"], &told["step"]), (&json!(run.to_string()), &json!("ask")));
    assert_eq!((&told["answer"], &told["approvers"]), (&json!("/api/v1/notices/chat/answer"), &json!(["anna"])));
    let shown = scene.house.runner.inspect(run).await.unwrap();
    assert_eq!(told["arguments"], shown.gates[0].arguments);
    assert!(told["expires_at"].as_str().unwrap().starts_with("20"), "{told}");
    let webhooks = scene.webhooks();
    let approved = answer(&says(&told, "approve", "anna"), SECRET, now());
    assert_eq!(webhooks.answer(&approved).await.unwrap(), (run, "ask".to_owned()));
    assert_eq!(scene.house.runner.ended(run).await.unwrap().1, "sent");
    let again = webhooks.answer(&approved).await.unwrap_err();
    assert!(matches!(again.code(), Code::RunFinished | Code::GateUnknown), "a repeat does nothing: {again}");
}

#[tokio::test]
async fn what_was_taken_is_not_told_again() {
    let scene = Scene::of(false).await;
    let run = scene.start("open", json!({})).await;
    scene.house.stands(run, Status::Waiting).await;
    let notices = scene.notices().await;
    let (ended, mut endings) = mpsc::unbounded_channel();
    let desk = |ended: &mpsc::UnboundedSender<Sent>| Desk::new(scene.house.carried().notices(), ended.clone());
    let mut first = desk(&ended);
    notices.look(run, &mut first, &scene.stop).await.unwrap();
    notices.look(run, &mut first, &scene.stop).await.unwrap();
    let told = take(&scene.listener, 200).await.json();
    assert_eq!((&told["answer"], &told["show"]), (&Value::Null, &json!({"to": "all"})));
    notices.end(&endings.recv().await.unwrap(), &mut first).await;
    assert!(endings.try_recv().is_err(), "it was begun once");
    let mut second = desk(&ended);
    notices.look(run, &mut second, &scene.stop).await.unwrap();
    assert!(
        !second.is_begun(run, &notices.told(run).await.unwrap()[0]),
        "a hub that is started again tells nobody twice"
    );
    let by = runner::By { actor: "local".to_owned(), everywhere: true, ..runner::By::default() };
    scene.house.runner.approve(run, &runner::Approval::default(), &by).await.unwrap();
    scene.house.runner.ended(run).await.unwrap();
    notices.look(run, &mut second, &scene.stop).await.unwrap();
    assert!(notices.told(run).await.unwrap().is_empty(), "nothing is kept of a run that ended");
}

#[tokio::test]
async fn what_is_too_large_is_told_without_what_is_to_be_approved() {
    let scene = Scene::of(true).await;
    scene.works().await;
    scene.start("gate", json!({"to": "all", "more": "x".repeat(300 << 10)})).await;
    let told = take(&scene.listener, 200).await.json();
    for member in ["prompt", "show", "arguments", "answer"] {
        assert_eq!(told[member], Value::Null, "{member}");
    }
}

#[tokio::test]
async fn only_a_signed_answer_to_what_was_shown_decides() {
    let scene = Scene::of(true).await;
    let run = scene.start("gate", json!({"to": "all"})).await;
    scene.house.stands(run, Status::Waiting).await;
    let gate = scene.house.runner.inspect(run).await.unwrap().gates.remove(0);
    let told = json!({"run": run.to_string(), "step": "ask", "arguments": gate.arguments});
    let yes = says(&told, "approve", "anna");
    let with = |member: &str, value: Value| {
        let mut body = yes.clone();
        body[member] = value;
        answer(&body, SECRET, now())
    };
    let good = answer(&yes, SECRET, now());
    let altered = Delivery { body: Bytes::from(yes.to_string().replace("anna", "bert")), ..good.clone() };
    let twice = Delivery { headers: [good.headers.clone(), good.headers.clone()].concat(), ..good.clone() };
    let unknown = Delivery { name: "other".to_owned(), ..good.clone() };
    let webhooks = scene.webhooks();
    for (delivery, code) in [
        (answer(&yes, "another secret", now()), Code::WebhookSignature),
        (answer(&yes, SECRET, now() - 600), Code::WebhookSignature),
        (answer(&yes, SECRET, now() + 600), Code::WebhookSignature),
        (altered, Code::WebhookSignature),
        (twice, Code::WebhookSignature),
        (Delivery { headers: Vec::new(), ..good.clone() }, Code::WebhookSignature),
        (unknown, Code::WebhookUnknown),
        (with("arguments", json!("00".repeat(32))), Code::GateUnknown),
        (with("arguments", Value::Null), Code::WebhookBody),
        (with("step", json!("send")), Code::GateUnknown),
        (with("decision", json!("maybe")), Code::WebhookBody),
        (with("actor", json!("bert")), Code::GateForbidden),
        (with("edited", json!({"to": "me"})), Code::GateForbidden),
        (with("run", json!("x")), Code::WebhookBody),
        (with("run", json!(RunId::new(1, [1; 10]).to_string())), Code::RunUnknown),
    ] {
        let error = webhooks.answer(&delivery).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
    assert_eq!(scene.house.runner.run(run).await.unwrap().status, Status::Waiting);
    let (of, _) = webhooks.answer(&answer(&says(&told, "reject", "anna"), SECRET, now())).await.unwrap();
    let (_, ended) = scene.house.runner.ended(of).await.unwrap();
    assert_eq!(ended["message"], "chat:anna rejected it: seen");
}

#[tokio::test]
async fn a103_a_flood_of_forged_answers_locks_nobody_out() {
    let scene = Scene::of(true).await;
    let run = scene.start("gate", json!({"to": "all"})).await;
    scene.house.stands(run, Status::Waiting).await;
    let gate = scene.house.runner.inspect(run).await.unwrap().gates.remove(0);
    let told = json!({"run": run.to_string(), "step": "ask", "arguments": gate.arguments});
    let (yes, webhooks) = (says(&told, "approve", "anna"), scene.webhooks());
    let forged = answer(&yes, "another secret", now());
    for _ in 0..2_000 {
        assert_eq!(webhooks.answer(&forged).await.unwrap_err().code(), Code::WebhookSignature);
    }
    assert_eq!(webhooks.answer(&answer(&yes, SECRET, now())).await.unwrap().0, run);
}

#[tokio::test]
async fn a_gate_that_names_nobody_is_decided_by_whoever_knows_the_secret_and_may_be_changed() {
    let scene = Scene::of(true).await;
    let run = scene.start("open", json!({})).await;
    scene.house.stands(run, Status::Waiting).await;
    let gate = scene.house.runner.inspect(run).await.unwrap().gates.remove(0);
    let told = json!({"run": run.to_string(), "step": "ask", "arguments": gate.arguments});
    let mut body = says(&told, "approve", "carla");
    body["edited"] = json!({"to": "me"});
    scene.webhooks().answer(&answer(&body, SECRET, now())).await.unwrap();
    assert_eq!(scene.house.runner.ended(run).await.unwrap().1, "me");
    scene.house.tells(Vec::new());
    let error = scene.webhooks().answer(&answer(&body, SECRET, now())).await.unwrap_err();
    assert_eq!(error.code(), Code::WebhookUnknown);
}
