use super::*;

#[test]
fn addresses_lead_back_to_their_names() {
    for name in ["default", "openai/gpt-5", "qwen3:8b", "a b", "ä?#%25", "x/../y"] {
        let address = resource(name).key;
        assert!(address.is_ascii() && !address.contains([' ', '?', '#']), "{address}");
        let rest = address.strip_prefix(SCHEME).unwrap();
        assert_eq!(percent_decode_str(rest).decode_utf8().unwrap(), name);
        let whole: serde_json::Value = serde_json::from_str(&resource(name).json).unwrap();
        assert_eq!((whole["uri"].as_str(), whole["name"].as_str()), (Some(address.as_str()), Some(name)));
    }
}

#[test]
fn results_are_of_the_era() {
    let text = r#"{"a":"b"}"#;
    for (era, modern) in [(Era::Modern, true), (Era::Legacy, false)] {
        let said: serde_json::Value = serde_json::from_str(&result("model://a", text, era)).unwrap();
        assert_eq!(said["contents"][0]["text"], text);
        assert_eq!(said.get("resultType").is_some(), modern);
    }
}
