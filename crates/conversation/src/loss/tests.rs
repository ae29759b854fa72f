use super::*;

#[test]
fn each_loss_is_named_once_in_order_and_fit_for_a_header() {
    let mut losses = Losses::new();
    for path in ["tools[0].strict", "reasoning.signature", "tools[0].strict", "request.süß,\r\nx"] {
        losses.add(path);
    }
    assert_eq!(losses.to_string(), "tools[0].strict, reasoning.signature, request.s?????x");
}

#[test]
fn strangers_cannot_make_the_list_long() {
    let mut losses = Losses::new();
    for number in 0..100_000 {
        losses.add(&format!("request.{}{number}", "x".repeat(90)));
    }
    let value = losses.to_string();
    assert!(value.len() < LONGEST_VALUE + 20, "{}", value.len());
    assert!(value.ends_with(", +99981"), "{value}");
}

#[test]
fn what_stands_for_a_conversation_is_named_however_much_else_is_lost() {
    let mut losses = Losses::new();
    (0..1000).for_each(|number| losses.add(&format!("tools[{number}].strict")));
    assert_eq!((losses.of_context(), losses.has_more()), (None, true));
    CONTEXT.iter().for_each(|path| losses.add(path));
    assert_eq!(losses.of_context(), Some(CONTEXT[0]));
    assert_eq!(losses.paths().count(), MOST + CONTEXT.len());
    let mut all = Losses::new();
    (0..MOST).for_each(|number| all.add(&format!("messages[{number}].name")));
    all.extend(&losses);
    assert_eq!(all.of_context(), Some(CONTEXT[0]));
}
