//! Tables of models, names that are looked up in them, amounts of money.

use super::input;
use model::{NanoDollars, Table, most};

const KINDS: [&str; 6] = ["openai", "anthropic", "gemini", "bedrock", "ollama", "openai-compatible"];

pub(crate) fn feed(data: &[u8]) {
    let Some([name, json]) = input::texts(data) else { return };
    if let Ok(amount) = name.parse::<NanoDollars>() {
        assert_eq!(amount.to_string().parse(), Ok(amount), "{name:?}");
    }
    for kind in KINDS {
        let found = Table::embedded().find(kind, name);
        assert_eq!(found, Table::embedded().find(kind, name));
    }
    let Ok(table) = Table::read(json, name) else { return };
    let mut lines = table.as_text().lines().skip(1);
    assert!(lines.clone().is_sorted(), "{json:?}");
    for entry in table.entries() {
        assert!(lines.next().is_some_and(|line| line.split('\t').next() == Some(entry.name.as_str())), "{json:?}");
        assert_eq!(table.entry(&entry.name).as_ref(), Some(&entry), "{json:?}");
        if let Some(price) = &entry.price {
            assert!(most(price, 1_000, 10) <= most(price, 1_000_000, 10), "{json:?}");
        }
    }
    assert_eq!(lines.next(), None, "{json:?}");
}
