use super::*;
use crate::item::{Text, ToolCall};
use crate::request::{Role, Turn};
use proptest::prelude::*;

fn text(text: &str, signature: Option<&str>) -> Item {
    let signature = signature.map(str::to_owned);
    Item::Text(Text { text: text.to_owned(), signature, ..Text::default() })
}

fn call(name: &str, signature: Option<&str>) -> Item {
    let signature = signature.map(str::to_owned);
    Item::ToolCall(ToolCall { name: name.to_owned(), signature, ..ToolCall::default() })
}

fn thought(text: &str) -> Item {
    let mut extra = Extra::new(Dialect::Anthropic);
    extra.keep("new", Raw::parse("[1.50]").unwrap());
    extra.note("how", "so");
    let signature = Some(format!("signed {text}"));
    Item::Reasoning(Reasoning {
        text: text.to_owned(),
        signature,
        id: Some("r".to_owned()),
        extra,
        ..Reasoning::default()
    })
}

fn plain(items: &[Item]) -> Vec<Item> {
    let mut items = items.to_vec();
    items.retain(|item| !matches!(item, Item::Reasoning(_)));
    strip(&mut items);
    items
}

#[test]
fn what_nobody_signed_is_nothing() {
    assert_eq!(Signed::of(&[text("Hi", None), call("look", None)]), None);
    assert_eq!(Signed::of(&[Item::Reasoning(Reasoning { text: "Hm".to_owned(), ..Reasoning::default() })]), None);
    for wrong in ["", "{}", "[7]", r#"[{"text":-1}]"#, r#"[{"thought":"x"}]"#] {
        assert_eq!(Signed::read(wrong), None, "{wrong}");
    }
}

#[test]
fn texts_that_were_joined_are_parted_and_others_stay_unsigned() {
    let signed = Signed::of(&[text("It is ", None), text("sunny", Some("s")), call("look", Some("c"))]).unwrap();
    let back = signed.put_back(vec![text("It is sunny", None), call("look", None)]);
    assert_eq!(back, [text("It is ", None), text("sunny", Some("s")), call("look", Some("c"))]);
    let back = signed.put_back(vec![text("It was rainy", None), call("look", None)]);
    assert_eq!(back, [text("It was rainy", None), call("look", Some("c"))]);
    let back = signed.put_back(vec![call("look", Some("of another"))]);
    assert_eq!(back, [call("look", Some("c"))]);
}

#[test]
fn a_signature_without_a_text_comes_back_behind_the_text() {
    let signed = Signed::of(&[text("Hi", None), text("", Some("s"))]).unwrap();
    assert_eq!(signed.put_back(vec![text("Hi", None)]), [text("Hi", None), text("", Some("s"))]);
}

#[test]
fn what_the_client_made_of_thoughts_gives_way_to_them() {
    let items = [thought("one"), call("look", None), thought("two"), call("read", None)];
    let signed = Signed::of(&items).unwrap();
    let kept = Item::Reasoning(Reasoning { text: "one, more or less".to_owned(), ..Reasoning::default() });
    assert_eq!(signed.put_back(vec![kept, call("look", None), call("read", None)]), items);
}

fn any_item() -> impl Strategy<Value = Item> {
    let signature = || prop::option::of("[a-z]{1,4}");
    prop_oneof![
        "[a-zä ]{1,6}".prop_map(|text| thought(&text)),
        ("[a-zä ]{1,6}", signature()).prop_map(|(said, signature)| text(&said, signature.as_deref())),
        ("[a-z]{1,4}", signature()).prop_map(|(name, signature)| call(&name, signature.as_deref())),
    ]
}

proptest! {
    #[test]
    fn an_answer_that_comes_back_plain_becomes_what_it_was(items in prop::collection::vec(any_item(), 0..8)) {
        let Some(signed) = Signed::of(&items) else { return Ok(()) };
        let signed = Signed::read(&signed.to_text()).unwrap();
        prop_assert_eq!(signed.put_back(plain(&items)), items);
    }

    #[test]
    fn whatever_comes_back_says_what_it_said(
        items in prop::collection::vec(any_item(), 1..8), sent in prop::collection::vec(any_item(), 0..8),
    ) {
        let Some(signed) = Signed::of(&items) else { return Ok(()) };
        let said = |items: &[Item]| -> (String, Vec<String>) {
            let texts = items.iter().filter_map(|item| if let Item::Text(text) = item { Some(text.text.as_str()) } else { None });
            let calls = items.iter().filter_map(|item| if let Item::ToolCall(call) = item { Some(call.name.clone()) } else { None });
            (texts.collect(), calls.collect())
        };
        let back = signed.put_back(sent.clone());
        prop_assert_eq!(said(&back), said(&sent));
    }
}

#[test]
fn a_conversation_is_stripped_of_all_thoughts_and_all_signatures() {
    let turn = |role, items| Turn::new(role, items);
    let mut request = Request {
        turns: vec![
            turn(Role::User, vec![text("Hi", None)]),
            turn(Role::Assistant, vec![thought("Hm"), text("Well", Some("s")), call("look", Some("s"))]),
            turn(Role::Assistant, vec![thought("Hm")]),
        ],
        ..Request::default()
    };
    assert_eq!(strip_all(&mut request).to_string(), "reasoning, text.signature, tool_call.signature");
    let left = vec![text("Well", None), call("look", None)];
    assert_eq!(request.turns, [turn(Role::User, vec![text("Hi", None)]), turn(Role::Assistant, left)]);
    assert!(strip_all(&mut request).is_empty());
}
