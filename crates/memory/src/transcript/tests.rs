use super::{Role, Turn};
use crate::{Memory, Owner, Provenance, Scope, Trust, Written};
use base::Code;
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

#[test]
fn what_is_called_back_is_marked_and_no_longer_than_it_may_be() {
    let result = turn(4, Role::ToolResult, "äöü");
    let shown = result.shown(100);
    assert!(shown.starts_with("<untrusted source=\"search\"") && shown.contains("\näöü\n</untrusted"), "{shown}");
    let cut = result.shown(3);
    assert!(cut.contains("\nä\n</untrusted") && cut.ends_with("\n[4 more bytes are left out]"), "{cut}");
    assert_eq!(turn(1, Role::System, "You help.").shown(100), "You help.");
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
