use super::{Source, Tail};

#[test]
fn a47_what_is_kept_moves_no_cursor() {
    let tail = Tail::default();
    tail.push(Source::Error, "\u{1b}[31mred\u{202e}evil\u{7}\ttab".as_bytes());
    assert_eq!(tail.words(0, 5).unwrap(), "[31mredevil\ttab");
}

#[test]
fn a54_a_flood_keeps_the_last_lines_only() {
    let tail = Tail::default();
    for number in 0..5000 {
        tail.push(Source::Error, format!("line {number} {}", "x".repeat(5000)).as_bytes());
    }
    let kept = tail.since(0);
    assert_eq!(kept.len(), 1000);
    assert!(kept.iter().all(|entry| entry.text.len() <= 2000));
    assert_eq!(tail.last_number(), 5000);
    tail.push(Source::Hub, b"started");
    assert!(tail.words(5000, 3).is_none(), "the hub's own lines are not the process's words");
    assert!(tail.words(4998, 3).unwrap().starts_with("line 4998"));
}
