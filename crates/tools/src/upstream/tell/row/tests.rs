use super::*;
use protection::Guard;
use protection::{Protection, Says};
use resilience::breaker::{Breaker, Settings, State};

fn parts() -> Parts {
    let settings = Settings::default();
    Breaker::new(&settings, Duration::ZERO).parts(&settings, Duration::ZERO)
}

fn tool(name: &str, parts: Parts, limit: Option<usize>) -> OfTool {
    OfTool { name: name.to_owned(), parts, limit }
}

const SECOND: Option<Duration> = Some(Duration::from_secs(1));
const MINUTE: Option<Duration> = Some(Duration::from_secs(60));

#[test]
fn tools_without_a_place_of_their_own_show_how_the_worst_of_them_is() {
    let bad = Parts { state: State::Limited, share: 0.2, ok: 10, slow: 4, failed: 7, rejected: 3, ..parts() };
    let bad = Parts { in_flight: 2, latency_half: SECOND, slow_after: SECOND, ..bad };
    let good =
        Parts { ok: 100, in_flight: 5, latency_half: MINUTE, latency_most: SECOND, slow_after: MINUTE, ..parts() };
    let tools = [tool("a", parts(), Some(4)), tool("b", bad.clone(), Some(4)), tool("c", good, Some(9))];
    let rows = all(&tools, |name| if name == "a" { "a" } else { "other" });
    assert_eq!(rows.len(), 2);
    assert_eq!((rows["a"].share, rows["a"].limit), (1.0, Some(4)));
    let other = &rows["other"];
    assert_eq!((other.share, other.rejected, other.in_flight, other.limit), (0.2, 3, 7, None));
    assert_eq!(other.window(), [("ok", 106), ("slow", 4), ("failed", 7)]);
    assert_eq!(other.slow_after, MINUTE);
    let latencies: Vec<_> = other.latencies().collect();
    assert_eq!(latencies, [("0.5", Duration::from_secs(60)), ("0.95", Duration::from_secs(1))]);
    assert_eq!(all(&tools[1..2], |_| ())[&()], Row::of(&bad, Some(4)), "one alone is itself");
}

#[test]
fn what_a_guard_shows_of_a_tool_is_what_is_told() {
    let guard = Guard::new("docs", Protection::default(), None);
    let held = guard.enter("search", true).expect("nothing is held back");
    let overview = guard.overview(true);
    let row = &all(&overview.tools, str::to_owned)["search"];
    assert_eq!((row.in_flight, row.share, row.limit), (1, 1.0, Says::default().calls));
    drop(held);
}
