use super::*;
use conversation::dialect::Dialect;
use conversation::item::{Reasoning, ToolCall};
use serde_json::Value;

fn call(name: &str, arguments: &str, dialect: Dialect) -> Item {
    let (name, arguments, extra) = (name.to_owned(), arguments.to_owned(), Extra::new(dialect));
    Item::ToolCall(ToolCall { name, arguments, extra, ..ToolCall::default() })
}

fn piece(index: usize, text: &str) -> Event {
    Event::Delta { index, delta: Delta::Arguments(text.to_owned()) }
}

/// The number and the arguments of each piece of a call.
fn pieces(writer: &mut Writer, events: &[Event]) -> Vec<(u64, String)> {
    let wire = events.iter().flat_map(|event| writer.push(event));
    let chunks = wire.map(|event| serde_json::from_str::<Value>(&event.data).unwrap());
    let calls = chunks.map(|chunk| chunk["choices"][0]["delta"]["tool_calls"][0].clone());
    calls
        .map(|call| (call["index"].as_u64().unwrap(), call["function"]["arguments"].as_str().unwrap().to_owned()))
        .collect()
}

#[test]
fn a_call_of_others_without_arguments_ends_with_an_empty_object() {
    let starts = [
        (call("bare", "", Dialect::Anthropic), vec![], vec!["", "{}"]),
        (call("nothing", "", Dialect::Anthropic), vec![""], vec!["", "", "{}"]),
        (call("pieces", "", Dialect::Anthropic), vec!["{", "}"], vec!["", "{", "}"]),
        (call("whole", "{\"a\":1}", Dialect::Gemini), vec![], vec!["{\"a\":1}"]),
        (call("own", "", OWN), vec![], vec![""]),
    ];
    let mut writer = Writer::new(Reply::default());
    for (index, (item, said, wanted)) in starts.into_iter().enumerate() {
        let mut events = vec![Event::ItemStart { index, item }];
        events.extend(said.into_iter().map(|text| piece(index, text)));
        events.push(Event::ItemEnd { index });
        let wanted: Vec<(u64, String)> = wanted.into_iter().map(|text| (index as u64, text.to_owned())).collect();
        assert_eq!(pieces(&mut writer, &events), wanted);
    }
}

#[test]
fn what_is_whole_is_forgotten() {
    let items = [Item::text("a"), call("f", "", Dialect::Anthropic), Item::Reasoning(Reasoning::default())];
    let mut writer = Writer::new(Reply::default());
    for (index, item) in items.into_iter().enumerate() {
        writer.push(&Event::ItemStart { index, item });
        assert_eq!(writer.items.len(), 1);
        writer.push(&Event::ItemEnd { index });
        assert!(writer.items.is_empty());
    }
}

#[test]
fn what_only_others_can_read_has_a_number_for_each_thought() {
    use conversation::item::Reasoning;
    let mut writer = Writer::new(Reply::default());
    let mut data = Vec::new();
    let mut push = |event: Event| data.extend(writer.push(&event).into_iter().map(|event| event.data));
    for (index, said) in
        [Delta::Signature("S1".into()), Delta::Reasoning("no more".into()), Delta::Encrypted("E".into())]
            .into_iter()
            .enumerate()
    {
        push(Event::ItemStart { index, item: Item::Reasoning(Reasoning::default()) });
        push(Event::Delta { index, delta: said });
        push(Event::ItemEnd { index });
    }
    let details = |data: &String| {
        let chunk: serde_json::Value = serde_json::from_str(data).unwrap();
        chunk["choices"][0]["delta"]["reasoning_details"][0]["index"].as_u64()
    };
    assert_eq!(data.iter().map(details).collect::<Vec<_>>(), [Some(0), None, Some(1)], "{data:?}");
}
