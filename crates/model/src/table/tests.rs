use crate::{Capability, Entry, Table};

#[test]
fn every_line_is_an_entry_in_its_place() {
    let table = Table::embedded();
    let lines: Vec<_> = table.as_text().lines().skip(1).collect();
    assert!(lines.is_sorted() && lines.len() > 3_000, "{} lines", lines.len());
    for line in lines {
        let entry = Entry::parse(line).unwrap_or_else(|| panic!("{line}"));
        assert_eq!(entry.line(), line);
        assert_eq!(table.entry(&entry.name), Some(entry.clone()), "{line}");
        for (_, price) in &entry.service_prices {
            assert!(entry.price.is_some() && price.tiers.is_sorted_by_key(|tier| tier.above), "{line}");
        }
    }
}

#[test]
fn the_table_stays_small_and_says_what_it_is() {
    let table = Table::embedded();
    assert!(table.as_text().len() < 500_000);
    let words: Vec<_> = table.version().split(' ').collect();
    assert!(matches!(words[..], ["litellm", _, digest] if digest.len() == 16), "{words:?}");
}

#[test]
fn names_that_are_not_there_lead_nowhere() {
    for name in ["", "a", "zzzz", "gpt-5-", "gpt", "# litellm", "\n", "\t", "gpt-5\topenai", "ä"] {
        assert_eq!(Table::embedded().entry(name), None, "{name:?}");
    }
    assert_eq!(Table::embedded().entries().count(), Table::embedded().as_text().lines().count() - 1);
}

#[test]
fn another_table_takes_its_place() {
    let json = r#"{
        "sample_spec": {"mode": "one of: chat, embedding", "litellm_provider": "one of"},
        "gpt-9": {"mode": "chat", "litellm_provider": "openai", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06,
            "max_input_tokens": 1000, "supports_vision": true, "supports_function_calling": false}
    }"#;
    let table = Table::read(json, "mine\n1").unwrap();
    let entry = table.find("openai", "gpt-9").unwrap();
    assert_eq!((entry.max_input, entry.capabilities), (Some(1_000), vec![Capability::Vision]));
    assert_eq!(table.entries().count(), 1);
    assert!(table.version().starts_with("litellm mine1 "), "{}", table.version());
    assert_eq!(table.version(), Table::read(json, "mine1").unwrap().version());
}
