use super::StepPath;
use proptest::prelude::*;

#[test]
fn a_path_is_read_as_it_is_written() {
    let step = StepPath::new("analyse the data").unwrap();
    for (path, text) in [
        (step.clone(), "analyse the data"),
        (step.clone().item(3), "analyse the data[3]"),
        (step.clone().iteration(0), "analyse the data#0"),
        (step.item(4_294_967_295).iteration(2), "analyse the data[4294967295]#2"),
    ] {
        assert_eq!(path.to_string(), text);
        assert_eq!(StepPath::parse(text), Some(path));
    }
}

#[test]
fn what_is_no_path_is_refused() {
    let long = "x".repeat(201);
    for text in [
        "",
        "[1]",
        "#1",
        "a[",
        "a[]",
        "a[1",
        "a[x]",
        "a[01]",
        "a[+1]",
        "a[1]x",
        "a#",
        "a#1#2",
        "a#1[2]",
        "a\n",
        "a[4294967296]",
        &long,
    ] {
        assert_eq!(StepPath::parse(text), None, "{text:?}");
    }
}

proptest! {
    #[test]
    fn each_text_stands_for_one_path(text in "[a-c\\[\\]#0-2]{0,8}") {
        if let Some(path) = StepPath::parse(&text) {
            prop_assert_eq!(path.to_string(), text);
        }
    }
}
