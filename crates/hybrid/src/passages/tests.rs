use super::*;
use crate::machine::tests::asking;
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

fn paragraphs(count: usize) -> String {
    let one = |number: usize| format!("Paragraph {number}. {}", "Some words that say little. ".repeat(10).trim_end());
    (0..count).map(one).collect::<Vec<_>>().join("\n\n")
}

#[test]
fn the_question_is_the_last_text_or_the_last_paragraph_of_a_long_one() {
    let document = paragraphs(4);
    for (texts, question, long) in [
        (vec!["Why?".to_owned()], "Why?", 0),
        (vec![document.clone(), "Why?".to_owned()], "Why?", 1),
        (vec![format!("{document}\n\nWhy?")], "Why?", 1),
        (vec!["Short.\n\nWhy?".to_owned()], "Short.\n\nWhy?", 0),
        (vec![], "", 0),
    ] {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let material = Material::of(&asking(&texts), 500);
        assert_eq!((material.question.as_str(), material.texts.len()), (question, long), "{texts:?}");
    }
}

#[test]
fn another_question_leaves_the_document() {
    let document = paragraphs(4);
    let request = asking(&[&format!("{document}\n\nWhy?")]);
    let asked = Material::of(&request, 500).asking(&request, "Why so?");
    assert_eq!(asked, asking(&[&format!("{document}\n\nWhy so?")]));
}

#[test]
fn what_is_left_out_leaves_a_mark() {
    let document = paragraphs(5);
    let passages = passages(std::iter::once(document.as_str()));
    assert_eq!(passages.len(), 5);
    let texts = together(1, &passages, &[false, true, false, false, true]);
    let expected = [GAP, &passages[1].1, GAP, &passages[4].1].join("\n\n");
    assert_eq!(texts, [expected]);
}

proptest! {
    #[test]
    fn passages_have_all_words_and_are_few(text in "([a-zé]{1,12}[ .\n]{1,2}){0,400}") {
        let passages = passages(std::iter::once(text.as_str()));
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let all: Vec<String> = passages.iter().flat_map(|(_, passage)| words(passage)).collect();
        prop_assert_eq!(all, words(&text));
        prop_assert!(passages.len() <= text.len() / SHORTEST + 1);
        prop_assert!(passages.iter().all(|(_, passage)| passage.len() <= LONGEST + SHORTEST + 2));
    }

    #[test]
    fn pieces_are_not_longer_than_asked(text in "\\PC{0,300}", most in 1_usize..50) {
        for piece in pieces(&text, most) {
            prop_assert!(piece.len() <= most.max(4), "{piece:?}");
            prop_assert!(!piece.trim().is_empty());
        }
    }
}
