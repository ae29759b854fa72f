use super::{Line, Splitter};
use proptest::prelude::*;

fn lines(splitter: &mut Splitter) -> Vec<Line> {
    std::iter::from_fn(|| splitter.next_line()).collect()
}

proptest! {
    #[test]
    fn any_cutting_gives_the_same_lines(texts in prop::collection::vec("[a-z]{0,30}", 0..6), size in 1usize..9) {
        let stream: String = texts.iter().map(|text| format!("{text}\n")).collect();
        let mut splitter = Splitter::new(20);
        stream.as_bytes().chunks(size).for_each(|piece| splitter.feed(piece));
        let found = lines(&mut splitter);
        prop_assert_eq!(found.len(), texts.len());
        for (line, text) in found.iter().zip(&texts) {
            match line {
                Line::Whole(bytes) => prop_assert_eq!(bytes, text.as_bytes()),
                Line::TooLong { length, head, tail } => {
                    prop_assert!(text.len() > 20);
                    prop_assert_eq!(*length, text.len());
                    prop_assert!(text.as_bytes().starts_with(head));
                    prop_assert!(text.as_bytes().ends_with(tail));
                }
            }
        }
    }
}

#[test]
fn a53_a_line_above_the_limit_costs_no_memory_and_the_next_line_is_read() {
    let mut splitter = Splitter::new(1024);
    splitter.feed(b"{\"id\":7,");
    for _ in 0..1000 {
        splitter.feed(&[b'x'; 1000]);
        assert!(splitter.current.capacity() <= 4096);
    }
    splitter.feed(b"\"id\":8}\r\nnext\r\n");
    let found = lines(&mut splitter);
    let Line::TooLong { length, head, tail } = &found[0] else { panic!("the first line is whole") };
    assert_eq!(*length, 8 + 1_000_000 + 8);
    assert!(head.starts_with(b"{\"id\":7,"));
    assert!(tail.ends_with(b"\"id\":8}\r"));
    assert_eq!(found[1], Line::Whole(b"next".to_vec()));
}
