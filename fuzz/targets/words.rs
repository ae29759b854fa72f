//! Short texts with a form: durations, sizes, trace contexts.

use super::input;
use base::config::{duration_from_text, duration_text, nearest, size_from_text, size_text};
use telemetry::context::{Carrier, SpanContext};

pub(crate) fn feed(data: &[u8]) {
    let Some([text, other]) = input::texts(data) else { return };
    if let Some(duration) = duration_from_text(text) {
        // It is shown in whole milliseconds.
        let shown = duration_text(duration);
        let again = duration_from_text(&shown).map(|again| again.as_millis());
        let exact = duration.as_millis() < 1 << 32;
        assert!(!exact || again == Some(duration.as_millis()), "{text:?} is shown as {shown}");
    }
    if let Some(size) = size_from_text(text) {
        let shown = size_text(size);
        assert!(size > 1 << 50 || size_from_text(&shown) == Some(size), "{text:?} is shown as {shown}");
    }
    if let Some(context) = SpanContext::parse(text) {
        assert!(context.trace != [0; 16] && context.span != [0; 8]);
        assert_eq!(SpanContext::parse(&context.to_text()), Some(context), "what was written");
        assert!(!text.starts_with("00") || text[..53] == context.to_text()[..53], "{text}");
    }
    let carrier = Carrier { parent: Some(text), state: Some(other), baggage: None };
    assert_eq!(carrier.parent(), SpanContext::parse(text));
    let _ = nearest(text, other.split(' '));
}
