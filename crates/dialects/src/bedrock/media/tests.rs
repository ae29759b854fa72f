use super::*;
use proptest::prelude::*;

#[test]
fn names_of_documents_fit_and_differ() {
    let mut names = Names::default();
    let cases = [
        (Some("Report (2024) [final]"), "Report (2024) [final]"),
        (Some("a.pdf"), "a-pdf"),
        (Some("a/pdf"), "a-pdf 3"),
        (Some("  two   spaces  "), "two spaces"),
        (None, "document"),
        (None, "document 6"),
        (Some(""), "document 7"),
    ];
    for (told, name) in cases {
        assert_eq!(names.of(told), name);
    }
}

#[test]
fn the_formats_of_all_types_are_found_again() {
    for (kind, word, media_type) in FORMATS {
        let found = format(kind, media_type).unwrap();
        assert!(found == word || media_type == "video/mpeg", "{word}");
    }
    assert_eq!(format(MediaKind::Image, "image/bmp"), None);
    assert_eq!(plain("text/plain; charset=utf-8"), "text/plain");
}

proptest! {
    #[test]
    fn any_name_becomes_one_that_fits(names in proptest::collection::vec(".{0,300}", 1..6)) {
        let mut taken = Names::default();
        let made: Vec<String> = names.iter().map(|name| taken.of(Some(name))).collect();
        for name in &made {
            prop_assert!(!name.is_empty() && name.len() <= LONGEST_NAME && !name.contains("  "));
            prop_assert!(name.chars().all(|letter| letter.is_ascii_alphanumeric() || " -()[]".contains(letter)));
        }
        let distinct: HashSet<&String> = made.iter().collect();
        prop_assert_eq!(distinct.len(), made.len());
    }
}
