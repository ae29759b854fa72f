use super::*;
use crate::toolset::tests::{Shop, hub};
use std::sync::Arc;
use std::time::Duration;

/// What models read of a definition is never more than was counted for it.
#[tokio::test]
async fn the_longest_definitions_count_of_what_a_step_lends() {
    let hub = hub(&Arc::<Shop>::default()).await;
    hub.settle(Duration::from_secs(30)).await;
    let of = |patterns: &[&str], most| {
        let patterns: Vec<String> = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        tokens(&hub, &patterns, most)
    };
    let view = hub.view(tools::hub::DEFAULT_VIEW).unwrap();
    let bytes = |tool: &str| {
        let item = view.lists[0].items.iter().find(|item| item.key == format!("shop__{tool}")).unwrap();
        (item.json.len() + AROUND) as u64
    };
    assert_eq!(of(&["mcp://shop/look"], 8), bytes("look"));
    assert_eq!(of(&["mcp://shop/look", "mcp://shop/l*"], 8), bytes("look"), "a tool is lent once");
    let all = ["look", "reserve", "pay", "note", "wipe"].map(bytes);
    assert_eq!(of(&["mcp://shop/*"], 8), all.iter().sum::<u64>());
    assert_eq!(of(&["mcp://shop/*"], 1), *all.iter().max().unwrap());
    assert_eq!(of(&["mcp://other/*"], 8), 0);
    assert_eq!(of(&[], 8), 0);
}
