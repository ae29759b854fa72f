//! `.env` files, and `${VARIABLES}` in texts.

use super::input;
use base::config::{Document, Node, Place, Problems, Value, is_variable_name, substitute, variable_end};
use base::environment::dot_env;

pub(crate) fn feed(data: &[u8]) {
    let Some([file, text]) = input::texts(data) else { return };
    let variables = dot_env(file);
    for (name, _) in &variables {
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !name.is_empty(), "{name:?}");
    }
    if let Some(end) = variable_end(text, 3) {
        assert_eq!(text.as_bytes().get(end), Some(&b'}'));
    }
    let lookup = |name: &str| {
        assert!(is_variable_name(name), "{name:?} is looked up");
        variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    };
    let mut document = Document { file: "tutti.yaml".to_owned(), root: Node::text(Place::START, text) };
    let problems = Problems::new();
    substitute(&mut document, &lookup, &problems);
    let Value::Text(filled) = &document.root.value else { panic!("a text became something else") };
    let well = problems.into_result().is_ok();
    assert!(!well || text.contains("${") || filled == text, "a text without variables was changed");
    assert!(well || filled == text, "half a text was filled in");
    // What is written twice is literal.
    let literal = text.replace("${", "$${");
    let mut document = Document { file: "tutti.yaml".to_owned(), root: Node::text(Place::START, &literal) };
    substitute(&mut document, &|_| None, &Problems::new());
    let Value::Text(read) = &document.root.value else { panic!("a text became something else") };
    assert!(read == text || text.contains("$${"), "{literal:?} became {read:?}");
}
