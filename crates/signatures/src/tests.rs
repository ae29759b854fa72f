use super::*;
use conversation::answer::Reply;
use conversation::item::{Item, Reasoning, Text, ToolCall};
use conversation::request::{Request, Role, Turn};
use conversation::{Dialect, Extra, Losses};

async fn signatures(db: &Db) -> Arc<Signatures> {
    Signatures::open(db.clone(), None, &Sealer::new(&[7; 32])).await.unwrap()
}

fn recall(signatures: &Arc<Signatures>, owner: &str, maker: &str, client: Dialect) -> Recall {
    Recall { signatures: Arc::clone(signatures), owner: owner.into(), maker: maker.into(), client, trusted: true }
}

fn thought() -> Item {
    let (text, signature) = ("I should look.".to_owned(), Some("c2ln".to_owned()));
    Item::Reasoning(Reasoning { text, signature, extra: Extra::new(Dialect::Anthropic), ..Reasoning::default() })
}

fn call(id: Option<&str>) -> Item {
    let (name, arguments) = ("look".to_owned(), r#"{"b":1.0,"a":{"y":2,"x":[1]}}"#.to_owned());
    Item::ToolCall(ToolCall { id: id.map(str::to_owned), name, arguments, ..ToolCall::default() })
}

fn asked(text: &str) -> Request {
    Request { turns: vec![Turn::new(Role::User, vec![Item::text(text)])], ..Request::default() }
}

/// The request with which a client goes on, after it was answered `items`.
fn going_on(first: &Request, items: Vec<Item>) -> Request {
    let mut request = first.clone();
    request.turns.push(Turn::new(Role::Assistant, items));
    request.turns.push(Turn::new(Role::User, vec![Item::text("And now?")]));
    request
}

fn reply(request: &Request) -> Reply {
    Reply { id: "abc".to_owned(), created: 1, request: Arc::new(request.clone()) }
}

/// What the client's library makes of the answer in each dialect: nothing of thoughts, and of calls what it knows.
fn as_sent(client: Dialect, items: &[Item]) -> Vec<Item> {
    let written = conversation::Answer { items: items.to_vec(), ..conversation::Answer::default() };
    let body = dialects::write_answer(client, &written, &reply(&Request::default())).body;
    let mut read = dialects::read_answer(client, &body).unwrap().items;
    read.retain(|item| !matches!(item, Item::Reasoning(_)));
    if client == Dialect::Ollama {
        for item in &mut read {
            if let Item::ToolCall(call) = item {
                call.id = None;
                call.arguments = r#"{"a":{"x":[1],"y":2},"b":1}"#.to_owned();
            }
        }
    }
    read
}

#[tokio::test]
async fn what_was_kept_comes_back_to_its_owner_and_its_maker_alone() {
    let db = Db::memory().await.unwrap();
    let long = "call/with.much-in-it-and-longer-than-any-dialect-takes-ids-to-be-0123456789-0123456789";
    for client in [Dialect::OpenAiChat, Dialect::OpenAiResponses, Dialect::Gemini, Dialect::Ollama] {
        for (number, id) in [Some("toolu_1"), None, Some(long)].into_iter().enumerate() {
            let signatures = signatures(&db).await;
            let question = asked(&format!("Question {number} in {}", client.name()));
            let items = vec![thought(), Item::text("Let me look."), call(id)];
            let mut losses = Losses::new();
            ["reasoning.signature", "tools[0].strict"].iter().for_each(|path| losses.add(path));
            recall(&signatures, "alice", "claude", client).keep(&items, &reply(&question), &mut losses);
            assert_eq!(losses.to_string(), "tools[0].strict");
            signatures.close().await;
            // Another hub, which has the store of the first.
            let signatures = self::signatures(&db).await;
            for (owner, maker, expected) in
                [("alice", "claude", true), ("bob", "claude", false), ("alice", "gemini", false)]
            {
                let mut request = going_on(&question, as_sent(client, &items));
                recall(&signatures, owner, maker, client).put_back(&mut request).await;
                let first = request.turns[1].items.first();
                assert_eq!(first == Some(&thought()), expected, "{client:?} {id:?} {owner} {maker}: {first:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_text_is_found_by_what_was_asked_and_said() {
    let db = Db::memory().await.unwrap();
    let signatures = signatures(&db).await;
    let recall = recall(&signatures, "alice", "claude", Dialect::OpenAiChat);
    let items = vec![thought(), Item::text("It is"), Item::text(" sunny.")];
    recall.keep(&items, &reply(&asked("How is the weather?")), &mut Losses::new());
    for (question, said, expected) in [
        ("How is the weather?", "It is sunny.", true),
        ("How is the weather?", "It is\n\nsunny.", true),
        ("How is the weather?", "It is rainy.", false),
        ("How is the other?", "It is sunny.", false),
    ] {
        let mut request = going_on(&asked(question), vec![Item::text(said)]);
        recall.put_back(&mut request).await;
        assert_eq!(request.turns[1].items.first() == Some(&thought()), expected, "{question} {said}");
    }
}

#[tokio::test]
async fn what_is_too_large_is_not_kept_and_told_as_lost() {
    let db = Db::memory().await.unwrap();
    let signatures = signatures(&db).await;
    let mut losses = Losses::new();
    losses.add("reasoning.encrypted");
    let encrypted = Some("x".repeat(LARGEST));
    let items = [Item::Reasoning(Reasoning { encrypted, ..Reasoning::default() }), call(Some("c"))];
    recall(&signatures, "alice", "claude", Dialect::Ollama).keep(&items, &reply(&asked("?")), &mut losses);
    assert_eq!(losses.to_string(), "reasoning.encrypted");
}

#[tokio::test]
async fn signatures_of_others_that_a_client_carries_do_not_go_on() {
    let db = Db::memory().await.unwrap();
    let signatures = signatures(&db).await;
    let recall = recall(&signatures, "alice", "claude", Dialect::Gemini);
    let signed = Item::Text(Text { text: "Hi".to_owned(), signature: Some("c2ln".to_owned()), ..Text::default() });
    let mut request = going_on(&asked("Hello"), vec![thought(), signed]);
    let losses = recall.put_back(&mut request).await;
    assert_eq!(losses.to_string(), "reasoning.signature");
    assert!(!conversation::signatures::strip(&mut request.turns[1].items), "{:?}", request.turns[1]);
}

#[tokio::test]
async fn a_call_is_found_by_what_it_says_where_the_client_has_ids_of_its_own() {
    let db = Db::memory().await.unwrap();
    let signatures = signatures(&db).await;
    let question = asked("How is the weather?");
    for client in [Dialect::OpenAiChat, Dialect::OpenAiResponses, Dialect::Anthropic] {
        let recall = recall(&signatures, "alice", "claude", client);
        recall.keep(&[thought(), call(Some("toolu_1"))], &reply(&question), &mut Losses::new());
        let mut request = going_on(&question, vec![call(Some("call000001"))]);
        recall.put_back(&mut request).await;
        assert_eq!(request.turns[1].items.first(), Some(&thought()), "{client:?}");
    }
}

#[tokio::test]
async fn a_call_is_found_by_the_id_that_its_client_was_told_instead_of_another() {
    let db = Db::memory().await.unwrap();
    let signatures = signatures(&db).await;
    let before = going_on(&asked("How is the weather?"), vec![call(Some("0"))]);
    for client in [Dialect::OpenAiResponses, Dialect::Anthropic] {
        for id in ["functions.look:0", "", "0"] {
            let recall = recall(&signatures, &format!("{client:?} {id}"), "gemini", client);
            let items = vec![thought(), call(Some(id))];
            recall.keep(&items, &reply(&before), &mut Losses::new());
            let answer = conversation::Answer { items, ..conversation::Answer::default() };
            let body = dialects::write_answer(client, &answer, &reply(&before)).body;
            let mut told = dialects::read_answer(client, &body).unwrap().items;
            told.retain(|item| !matches!(item, Item::Reasoning(_)));
            let [Item::ToolCall(call)] = told.as_mut_slice() else { panic!("{told:?}") };
            assert!(call.id.as_deref().is_some_and(|told| !told.is_empty() && told != "0"), "{client:?} {id}");
            // Nothing but the id is as it was.
            call.arguments = "{}".to_owned();
            let mut request = going_on(&before, told);
            recall.put_back(&mut request).await;
            assert_eq!(request.turns[3].items.first(), Some(&thought()), "{client:?} {id}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_comes_back_in_pieces_is_one() {
    let db = Db::memory().await.unwrap();
    let signatures = signatures(&db).await;
    let question = asked("How is the weather?");
    let recall = recall(&signatures, "alice", "claude", Dialect::Gemini);
    recall.keep(&[thought(), Item::text("Let me look."), call(Some("c"))], &reply(&question), &mut Losses::new());
    let mut request = question.clone();
    for item in [Item::text("Let me "), Item::text("look."), call(Some("c"))] {
        request.turns.push(Turn::new(Role::Assistant, vec![item]));
    }
    recall.put_back(&mut request).await;
    assert_eq!(request.turns.len(), 2);
    assert_eq!(request.turns[1].items.first(), Some(&thought()));
}
