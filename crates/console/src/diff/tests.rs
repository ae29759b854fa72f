use super::unified;
use proptest::prelude::*;

fn shown(before: &str, after: &str, context: usize) -> String {
    let lines = unified(before, after, context);
    let line =
        |line: &super::Line| if line.mark == '@' { line.text.clone() } else { format!("{}{}", line.mark, line.text) };
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_form_is_that_of_diff() {
    assert_eq!(shown("a\nb\n", "a\nb\n", 3), "");
    assert_eq!(shown("", "a\nb\n", 3), "@@ -0,0 +1,2 @@\n+a\n+b");
    assert_eq!(shown("a\n", "", 3), "@@ -1 +0,0 @@\n-a");
    assert_eq!(shown("a\nb\nc\n", "a\nx\nc\n", 1), "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c");
    assert_eq!(shown("1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\n5\n6\n7\n", 2), "@@ -5,2 +5,3 @@\n 5\n 6\n+7");
    assert_eq!(shown("a\nb\nc\n", "a\nb\nnew\nc\n", 0), "@@ -2,0 +3 @@\n+new");
    assert_eq!(shown("a", "a\n", 3), "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a");
}

#[test]
fn far_changes_are_groups_of_their_own() {
    let before = "a\n1\n2\n3\n4\nb\n";
    assert_eq!(shown(before, "x\n1\n2\n3\n4\ny\n", 1).matches("@@ -").count(), 2);
    assert_eq!(shown(before, "x\n1\n2\n3\n4\ny\n", 2).matches("@@ -").count(), 1);
}

#[test]
fn a_large_text_is_shown_without_a_table() {
    let before: String = (0..3000).map(|number| format!("a{number}\n")).collect();
    let after: String = (0..3000).map(|number| format!("b{number}\n")).collect();
    assert_eq!(unified(&before, &after, 3).len(), 6001);
}

/// Applies a difference as `patch` does.
fn patched(before: &str, lines: &[super::Line]) -> String {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let (mut at, mut out) = (0, Vec::<String>::new());
    let mut lines = lines.iter().peekable();
    while let Some(line) = lines.next() {
        match line.mark {
            '@' => {
                let range = line.text.split(['-', ' ']).nth(2).unwrap();
                let (start, length) = range.split_once(',').unwrap_or((range, "1"));
                let start: usize = start.parse::<usize>().unwrap() - usize::from(length != "0");
                out.extend(old[at..start].iter().map(|line| (*line).to_owned()));
                at = start;
            }
            ' ' | '-' => {
                assert_eq!(old[at].trim_end_matches('\n'), line.text);
                if line.mark == ' ' {
                    out.push(old[at].to_owned());
                }
                at += 1;
            }
            '+' => {
                let whole = lines.peek().is_none_or(|next| next.mark != '\\');
                out.push(format!("{}{}", line.text, if whole { "\n" } else { "" }));
            }
            _ => {}
        }
    }
    out.extend(old[at..].iter().map(|line| (*line).to_owned()));
    out.concat()
}

proptest! {
    #[test]
    fn what_is_shown_leads_from_one_text_to_the_other(
        before in "([abc]\n){0,12}[abc]?", after in "([abc]\n){0,12}[abc]?", context in 0_usize..4
    ) {
        prop_assert_eq!(patched(&before, &unified(&before, &after, context)), after);
    }
}
