use super::{Own, Work, result};
use crate::caller::{Caller, Reply};
use crate::forward::Step;
use crate::results::Owner;
use base::{Code, Error};
use mcp::{Era, raw};
use serde_json::{Value, json};
use tokio::sync::mpsc;

fn caller(era: Era) -> Caller {
    let capabilities = "{}".into();
    Caller {
        era,
        version: "",
        number: 1,
        capabilities,
        level: None,
        headers: Default::default(),
        principal: "local".into(),
        owner: Owner::Session(1),
        session: None,
        toll: None,
    }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

#[test]
fn result_has_the_form_of_the_clients_era() {
    for (era, complete) in [(Era::Legacy, None), (Era::Modern, Some("\"complete\""))] {
        let text = result("say \"hi\"\n", &json!({"tutti/tokens": {"shown": 1}}));
        let mut work = Work::Own(Own::new(&caller(era), async move { Ok(text) }));
        let Step::Result(result) = run(work.next()) else { panic!("no result") };
        assert_eq!(raw::get(&result, "resultType"), complete);
        let value: Value = serde_json::from_str(&result).unwrap();
        assert_eq!(value["content"][0]["text"], "say \"hi\"\n");
        assert_eq!(work.own(), Some(None));
    }
}

#[test]
fn error_is_the_hubs_own_and_is_counted_by_its_code() {
    let failing = async { Err(Error::new(Code::InvalidParams, "no", "yes")) };
    let mut work = Work::Own(Own::new(&caller(Era::Legacy), failing));
    let Step::Error(error) = run(work.next()) else { panic!("no error") };
    assert_eq!(raw::get(&error, "code"), Some("-32602"));
    assert_eq!(work.own(), Some(Some(Code::InvalidParams)));
    assert!(matches!(run(work.next()), Step::Error(_)), "asked again it does not hang");
}

#[test]
fn what_is_said_before_the_end_comes_before_it() {
    let (sender, steps) = mpsc::channel(4);
    let (replies, mut inbox) = mpsc::unbounded_channel::<(u64, Reply)>();
    let own = Own::new(&caller(Era::Legacy), async move {
        sender.send(Step::Note("a note".to_owned())).await.unwrap();
        let (key, reply) = inbox.recv().await.unwrap();
        Ok(format!("{{\"key\":{key},\"reply\":{}}}", reply.unwrap()))
    });
    let mut work = Work::Own(own.with_steps(steps, replies));
    run(async {
        assert!(matches!(work.next().await, Step::Note(note) if note == "a note"));
        work.reply(7, Ok("1".to_owned()));
        assert!(matches!(work.next().await, Step::Result(result) if result == r#"{"key":7,"reply":1}"#));
    });
}

#[test]
fn what_is_said_in_the_moment_of_the_end_comes_before_it() {
    let (sender, steps) = mpsc::channel(4);
    let (replies, _inbox) = mpsc::unbounded_channel::<(u64, Reply)>();
    let own = Own::new(&caller(Era::Legacy), async move {
        sender.send(Step::Note("one".to_owned())).await.unwrap();
        sender.send(Step::Note("two".to_owned())).await.unwrap();
        Ok("{}".to_owned())
    });
    let mut work = Work::Own(own.with_steps(steps, replies));
    run(async {
        assert!(matches!(work.next().await, Step::Note(note) if note == "one"));
        assert!(matches!(work.next().await, Step::Note(note) if note == "two"));
        assert!(matches!(work.next().await, Step::Result(_)));
        assert!(matches!(work.next().await, Step::Error(_)), "asked again it does not hang");
    });
}
