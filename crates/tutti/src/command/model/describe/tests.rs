use super::*;

#[test]
fn what_a_file_says_is_told_with_its_source() {
    let text = |text: &str| [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat();
    let mut file = [&b"GGUF"[..], &3_u32.to_le_bytes(), &1_u64.to_le_bytes(), &2_u64.to_le_bytes()].concat();
    for (key, value) in [("general.architecture", "llama"), ("general.name", "Tiny")] {
        file.extend([text(key), 8_u32.to_le_bytes().to_vec(), text(value)].concat());
    }
    let header = gguf::read(&file).unwrap();
    assert!(header.is_complete);
    let known = model::Context::from_gguf(&header).with_file_size(file.len() as u64).to_json();
    let mut rows = Vec::new();
    values(&known, |name, value, source| rows.push((name, value, source)));
    let size = file.len().to_string();
    for (name, value) in [
        ("identification.name", "Tiny"),
        ("identification.family", "llama"),
        ("runtime.format", "gguf"),
        ("runtime.file_size", size.as_str()),
    ] {
        let row = (name.to_owned(), value.to_owned(), "file".to_owned());
        assert!(rows.contains(&row), "{row:?} {rows:?}");
    }
}
