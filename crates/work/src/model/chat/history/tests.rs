use super::*;
use proptest::prelude::*;

fn history(text: &str) -> History {
    History { file: None, text: text.to_owned(), own: "own".to_owned() }
}

#[test]
fn the_last_conversation_comes_back() {
    let line = |conversation: &str, role: &str, text: &str| {
        json!({"conversation": conversation, "role": role, "text": text}).to_string()
    };
    let text = [
        line("a", "user", "old"),
        line("b", "user", "Hello"),
        "no JSON".to_owned(),
        line("b", "nobody", "x"),
        line("b", "assistant", "Hi"),
    ]
    .join("\n");
    assert_eq!(history(&text).last(), [(Who::User, "Hello".to_owned()), (Who::Assistant, "Hi".to_owned())]);
    assert!(history("").last().is_empty());
}

#[test]
fn without_a_file_nothing_is_kept() {
    let mut history = history("");
    history.keep("m", &[(Who::User, "x".to_owned())]).unwrap();
    assert!(history.last().is_empty());
}

#[test]
fn talks_at_once_lose_no_line_of_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    let talk = |own: &str| History { file: Some(file.clone()), text: String::new(), own: own.to_owned() };
    std::thread::scope(|scope| {
        for own in ["a", "b", "c"] {
            let history = talk(own);
            scope.spawn(move || {
                for number in 0..20 {
                    history.keep("m", &[(Who::User, number.to_string()), (Who::Assistant, "yes".to_owned())]).unwrap();
                }
            });
        }
    });
    let text = disk::read_text(&file, LARGEST).unwrap();
    assert_eq!(text.lines().count(), 120);
    for own in ["a", "b", "c"] {
        let said = text
            .lines()
            .map(|line| base::json::from_text(line).unwrap())
            .filter(|line: &Value| line["conversation"] == own);
        let numbers: Vec<u32> = said.filter_map(|line| line["text"].as_str()?.parse().ok()).collect();
        assert_eq!(numbers, (0..20).collect::<Vec<_>>(), "{own}");
    }
}

proptest! {
    #[test]
    fn whole_lines_are_kept_and_the_newest(lines in proptest::collection::vec("[a-zä]{0,9}", 0..20), most in 0usize..120) {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let kept = newest(&text, most);
        prop_assert!(kept.len() <= most && text.ends_with(kept));
        prop_assert!(kept.is_empty() || text.len() == kept.len() || text[..text.len() - kept.len()].ends_with('\n'));
        // One line more would be too much.
        let before = text[..text.len() - kept.len()].lines().last().map(|line| line.len() + 1);
        prop_assert!(before.is_none_or(|before| kept.len() + before > most));
    }
}
