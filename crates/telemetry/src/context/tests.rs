use super::*;
use proptest::prelude::*;

const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[test]
fn reads_what_the_specification_shows() {
    let context = SpanContext::parse(GOOD).unwrap();
    assert!(context.sampled);
    assert_eq!(context.to_text(), GOOD);
    assert!(!SpanContext::parse(&GOOD.replace("-01", "-00")).unwrap().sampled);
    assert!(SpanContext::parse(&GOOD.replace("-01", "-ff")).unwrap().sampled);
    assert!(SpanContext::parse(&format!("cc{}-what-the-future-will-be", &GOOD[2..])).is_some());
}

#[test]
fn takes_nothing_else() {
    for bad in [
        "",
        "00",
        &GOOD[..54],
        &format!("{GOOD}-more"),
        &format!("{GOOD}0"),
        &format!("cc{}x", &GOOD[2..]),
        &format!("ff{}", &GOOD[2..]),
        &GOOD.to_uppercase(),
        &GOOD.replace('-', "_"),
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473ü-0f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
    ] {
        assert_eq!(SpanContext::parse(bad), None, "{bad}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(trace: [u8; 16], span: [u8; 8], sampled: bool) {
        prop_assume!(trace != [0; 16] && span != [0; 8]);
        let context = SpanContext { trace, span, sampled };
        prop_assert_eq!(SpanContext::parse(&context.to_text()), Some(context));
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,70}") {
        let _ = SpanContext::parse(&text);
    }
}
