use super::*;
use crate::item::Item;
use crate::stream::Delta;

fn start(index: usize) -> Event {
    Event::ItemStart { index, item: Item::text("") }
}

fn text(index: usize, text: &str) -> Event {
    Event::Delta { index, delta: Delta::Text(text.to_owned()) }
}

#[test]
fn items_that_overlap_come_one_behind_the_other() {
    let mut order = Order::new();
    let end = |index| Event::ItemEnd { index };
    let events = [start(0), start(1), text(1, "b"), text(0, "a"), start(2), end(1), text(0, "a"), end(0), text(2, "c")];
    let mut got: Vec<Event> = events.into_iter().flat_map(|event| order.push(event)).collect();
    got.extend(order.push(Event::End));
    let wanted = [
        start(0),
        text(0, "a"),
        text(0, "a"),
        end(0),
        start(1),
        text(1, "b"),
        end(1),
        start(2),
        text(2, "c"),
        end(2),
        Event::End,
    ];
    assert_eq!(got, wanted);
}
