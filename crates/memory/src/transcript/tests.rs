use super::{Made, Policy, Role, Stood, Turn, View, view};
use crate::{Memory, Owner, Provenance, Scope, Summaries, Trust, Written};
use base::Code;
use context::tokens::Family;
use journal::Digest;
use proptest::prelude::{Just, Strategy, prop_assert, prop_assert_eq, proptest};
use store::Db;

fn turn(number: u64, role: Role, text: &str) -> Turn {
    let is_tool = matches!(role, Role::ToolCall | Role::ToolResult);
    let trust = if role == Role::ToolResult { Trust::Untrusted } else { Trust::Trusted };
    Turn { number, role, tool: is_tool.then(|| "search".to_owned()), text: text.to_owned(), trust }
}

/// A system's turn, a question, and so many times: a call, its long result, words.
fn transcript(rounds: u64) -> Vec<Turn> {
    let mut turns = vec![turn(1, Role::System, "You help."), turn(2, Role::User, "What is new?")];
    for round in 0..rounds {
        let next = turns.len() as u64 + 1;
        turns.push(turn(next, Role::ToolCall, &format!("search {round}")));
        turns.push(turn(next + 1, Role::ToolResult, &format!("result {round} ").repeat(60)));
        turns.push(turn(next + 2, Role::Assistant, &format!("I have read {round}.")));
    }
    turns
}

fn made(turns: &[Turn], policy: Policy, window: usize, summaries: &Summaries) -> Made {
    view(turns, policy, (Family::Any, window), summaries, ("small", Digest::of(b"shorter"))).unwrap()
}

fn ready(turns: &[Turn], policy: Policy, window: usize) -> View {
    let mut summaries = Summaries::new();
    match made(turns, policy, window, &summaries) {
        Made::Ready(view) => view,
        Made::Summary(wanted) => {
            summaries.insert(wanted.key, "All was read.".to_owned());
            let Made::Ready(view) = made(turns, policy, window, &summaries) else { panic!("another summary") };
            view
        }
    }
}

#[test]
fn old_results_are_cleared_and_can_be_brought_back() {
    let turns = transcript(4);
    let view = ready(&turns, Policy { clear_tool_results: Some(1), ..Policy::default() }, 100_000);
    let how: Vec<Stood> = view.shown.iter().filter(|one| one.role == Role::ToolResult).map(|one| one.how).collect();
    assert_eq!(how, [Stood::Cleared, Stood::Cleared, Stood::Cleared, Stood::Whole]);
    assert!(view.shown[3].text.contains(&turns[3].handle().unwrap().to_string()), "{}", view.shown[3].text);
    assert!(view.shown[12].text.starts_with("<untrusted source=\"search\""), "{}", view.shown[12].text);
    assert!(view.total < view.full && view.tainted);
}

#[test]
fn the_last_turns_stay_with_the_calls_of_their_results() {
    let turns = transcript(4);
    let numbers = |last| {
        let view = ready(&turns, Policy { keep_last: Some(last), ..Policy::default() }, 100_000);
        view.shown.iter().map(|one| (one.from, one.to)).collect::<Vec<_>>()
    };
    assert_eq!(numbers(1), [(1, 1), (2, 2), (3, 13), (14, 14)]);
    // The second last is a result: its call stays with it.
    assert_eq!(numbers(2), [(1, 1), (2, 2), (3, 11), (12, 12), (13, 13), (14, 14)]);
    assert_eq!(numbers(100).len(), turns.len());
}

#[test]
fn above_a_share_of_the_window_a_summary_stands_for_the_older_turns() {
    let policy = Policy { compact_at: Some(0.7), ..Policy::default() };
    let view = ready(&transcript(20), policy, 2000);
    let summary = view.shown.iter().find(|one| one.how == Stood::Summarised).unwrap();
    assert!(summary.from == 3 && summary.text.contains("All was read."), "{summary:?}");
    assert!(view.total <= 1400, "{}", view.total);
    // The next turns change nothing of the beginning.
    let mut more = transcript(20);
    more.push(turn(63, Role::Assistant, "Done."));
    assert_eq!(ready(&more, policy, 2000).shown[..3], view.shown[..3]);
    assert!(ready(&transcript(2), policy, 2000).shown.iter().all(|one| one.how == Stood::Whole));
}

#[tokio::test]
async fn turns_are_kept_once_and_in_order_and_stay_readable() {
    let memory = Memory::open(Db::memory().await.unwrap()).await.unwrap();
    let owner = Owner { tenant: "acme".into(), user: "ann".into(), workflow: "w".into(), run: "r".into() };
    let (scope, origin) = (Scope::new("run", &owner).unwrap(), Provenance::person());
    let turns = transcript(2);
    for turn in &turns {
        let written = memory.append(&scope, "agent", turn, &origin, (1, None)).await.unwrap();
        assert_eq!(written, Written::New(turn.number));
    }
    for turn in &turns {
        let written = memory.append(&scope, "agent", turn, &origin, (2, None)).await.unwrap();
        assert_eq!(written, Written::Known(turn.number));
    }
    for wrong in [turn(2, Role::User, "another"), turn(10, Role::User, "too far"), turn(0, Role::User, "none")] {
        let error = memory.append(&scope, "agent", &wrong, &origin, (2, None)).await.unwrap_err();
        assert_eq!(error.code(), Code::MemoryInvalid);
    }
    assert_eq!(memory.turns(&scope, "agent", 1, 100).await.unwrap(), turns);
    assert_eq!(memory.next_turn(&scope, "agent").await.unwrap(), Some(turns.len() as u64 + 1));
    assert_eq!(memory.next_turn(&scope, "another").await.unwrap(), Some(1));
    // Pruning old versions leaves them alone, and no search finds them.
    memory.prune(3, 3).await.unwrap();
    let (_, text) = memory.recall(&scope, turns[3].handle().unwrap()).await.unwrap();
    assert_eq!(Turn::read(&text).unwrap(), turns[3]);
    assert!(memory.search(&owner, None, "result", 5, 3).await.unwrap().is_empty());
    memory.forget(&scope, 4).await.unwrap();
    memory.prune(5, 0).await.unwrap();
    assert!(memory.turns(&scope, "agent", 1, 100).await.unwrap().len() <= 1);
}

#[tokio::test]
async fn turns_leave_half_of_the_memory_to_notes() {
    let memory = Memory::open(Db::memory().await.unwrap()).await.unwrap();
    let owner = Owner { tenant: "acme".into(), user: "ann".into(), workflow: "w".into(), run: "r".into() };
    let scope = Scope::new("run", &owner).unwrap();
    let full = |fragments: u64, scope: &'static str| {
        let sql = "INSERT INTO memory_size (tenant, scope, owner, fragments, bytes) VALUES ('acme', ?1, 'r', ?2, 1)";
        vec![store::Statement::new(sql).with(scope).with(i64::try_from(fragments).unwrap())]
    };
    memory.db.execute(full(crate::limits::OF_SCOPE / 2, "run")).await.unwrap().done().unwrap();
    assert_eq!(memory.next_turn(&scope, "agent").await.unwrap(), None);
    let elsewhere = Scope::new("run", &Owner { run: "other".into(), ..owner }).unwrap();
    assert_eq!(memory.next_turn(&elsewhere, "agent").await.unwrap(), Some(1));
    memory.db.execute(full(crate::limits::OF_TENANT / 2, "project")).await.unwrap().done().unwrap();
    assert_eq!(memory.next_turn(&elsewhere, "agent").await.unwrap(), None);
}

fn roles() -> impl Strategy<Value = Role> {
    let all = [Role::System, Role::User, Role::Assistant, Role::ToolCall, Role::ToolResult];
    proptest::prop_oneof![Just(all[0]), Just(all[1]), Just(all[2]), Just(all[3]), Just(all[4])]
}

proptest! {
    #[test]
    fn every_turn_stands_somewhere_once_and_in_order(
        all in proptest::collection::vec((roles(), "[a-z ]{0,300}"), 0..40),
        keep_last in proptest::option::of(0..50_usize),
        clear_tool_results in proptest::option::of(0..20_usize),
        compact_at in proptest::option::of(0.0..1.0_f64),
        window in 0..2000_usize,
    ) {
        let turns: Vec<Turn> = (1..).zip(&all).map(|(number, (role, text))| turn(number, *role, text)).collect();
        let view = ready(&turns, Policy { keep_last, clear_tool_results, compact_at }, window);
        let mut next = 1;
        for shown in &view.shown {
            prop_assert_eq!(shown.from, next);
            prop_assert!(shown.to >= shown.from);
            next = shown.to + 1;
        }
        prop_assert_eq!(next, turns.len() as u64 + 1);
        prop_assert_eq!(view.total, view.shown.iter().map(|shown| shown.tokens).sum::<usize>());
    }
}
