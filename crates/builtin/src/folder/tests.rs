use super::*;

#[test]
fn names_lead_nowhere_else() {
    let folder = Path::new("/models");
    for name in ["", ".", "..", "../secret", "a/b", ".hidden", "a\0b", "über", &"a".repeat(201)] {
        assert_eq!(path(folder, name).unwrap_err().code(), Code::ModelUnknown, "{name:?}");
    }
    assert_eq!(path(folder, "Qwen3-0.6B-Q8_0").unwrap(), Path::new("/models/Qwen3-0.6B-Q8_0.gguf"));
}

#[test]
fn the_model_in_the_binary_needs_no_file() {
    let nowhere = Path::new("/nowhere/at/all");
    assert_eq!(find(nowhere, TINY).unwrap(), None);
    assert_eq!(find(nowhere, "other").unwrap_err().code(), Code::ModelUnknown);
    assert!(files(nowhere).is_empty());
}
