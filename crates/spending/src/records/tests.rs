use super::{Group, Outcome, Question, Record, Row, tables};
use crate::Ledger;
use crate::ledger::tests::{NOW, ledger};
use store::Db;

const HOUR: u64 = 3_600;
/// 2026-11-22, at midnight.
const DAY: u64 = 1_795_305_600;

pub(super) fn record(seconds: u64, principal: &str, model: &str, cost: u64) -> Record {
    Record {
        at: seconds * 1_000,
        principal: principal.into(),
        team: "research".into(),
        model: model.into(),
        deployment: "openai/gpt-5".into(),
        provider: "openai".into(),
        run: "".into(),
        input: 10,
        output: 20,
        cache_read: 3,
        cache_write: 4,
        reasoning: 5,
        cost,
        price_version: "2026-11-01".into(),
        outcome: Outcome::Answered,
        estimated: false,
        latency_ms: 100,
        first_token_ms: Some(30),
        cached: false,
    }
}

fn question(by: &[Group]) -> Question {
    Question { since: 0, until: DAY + 1_000 * 24 * HOUR, of: None, by: by.to_vec(), most: 100 }
}

async fn told(ledger: &Ledger, by: &[Group]) -> Vec<(String, Option<u64>, u64, u64)> {
    let rows = ledger.usage(&question(by)).await.unwrap();
    rows.into_iter().map(|row| (row.key + &row.model, row.starts_at, row.requests, row.cost)).collect()
}

#[tokio::test]
async fn usage_is_told_in_groups() {
    let db = Db::memory().await.unwrap();
    let (ledger, _) = ledger(&db, &[]).await;
    for (at, principal, model, cost) in
        [(0, "alice", "fast", 5), (HOUR, "alice", "best", 70), (HOUR, "bob", "fast", 6), (25 * HOUR, "bob", "fast", 7)]
    {
        ledger.record(record(DAY + at, principal, model, cost));
    }
    let failed = Record { outcome: Outcome::Failed, estimated: true, cached: true, ..record(DAY, "alice", "fast", 0) };
    ledger.record(failed);
    ledger.flush().await.unwrap();
    let row = |name: &str, at, requests, cost| (name.to_owned(), at, requests, cost);
    assert_eq!(told(&ledger, &[Group::Key]).await, [row("alice", None, 3, 75), row("bob", None, 2, 13)]);
    let by_day =
        [row("best", Some(DAY), 1, 70), row("fast", Some(DAY), 3, 11), row("fast", Some(DAY + 24 * HOUR), 1, 7)];
    assert_eq!(told(&ledger, &[Group::Model, Group::Day]).await, by_day);
    let hours = told(&ledger, &[Group::Hour]).await;
    assert_eq!(hours.iter().map(|row| row.1).collect::<Vec<_>>(), [Some(DAY + HOUR), Some(DAY + 25 * HOUR), Some(DAY)]);
    let all = ledger.usage(&question(&[])).await.unwrap();
    let sum = Row { requests: 5, failed: 1, cached: 1, estimated: 1, input: 50, output: 100, ..Row::default() };
    let sum = Row { cache_read: 15, cache_write: 20, reasoning: 25, cost: 88, latency_ms: 500, ..sum };
    assert_eq!(all, [sum]);
    let early = Question { until: DAY + HOUR, ..question(&[]) };
    assert_eq!(ledger.usage(&early).await.unwrap()[0].requests, 2);
    let few = Question { most: 1, ..question(&[Group::Key]) };
    assert_eq!(ledger.usage(&few).await.unwrap().len(), 1);
    let outcomes: Vec<_> = ledger.recent(2).await.unwrap().iter().map(|record| record.outcome).collect();
    assert_eq!(outcomes, [Outcome::Failed, Outcome::Answered]);
}

#[tokio::test]
async fn usage_of_nothing_is_nothing() {
    let db = Db::memory().await.unwrap();
    let (ledger, _) = ledger(&db, &[]).await;
    assert_eq!(ledger.usage(&question(&[Group::Key])).await.unwrap(), []);
    assert_eq!(ledger.recent(10).await.unwrap(), []);
}

#[tokio::test]
async fn an_end_in_order_writes_what_waits_and_takes_no_more() {
    let db = Db::memory().await.unwrap();
    let (first, _) = ledger(&db, &[]).await;
    for _ in 0..2_500 {
        first.record(record(DAY, "alice", "fast", 1));
    }
    first.close().await.unwrap();
    first.record(record(DAY, "alice", "fast", 1));
    assert_eq!(first.dropped(), 1);
    first.close().await.unwrap();
    let (second, _) = ledger(&db, &[]).await;
    assert_eq!(told(&second, &[]).await[0].2, 2_500);
    second.record(record(DAY, "bob", "fast", 1));
    second.flush().await.unwrap();
    assert_eq!(&*second.recent(1).await.unwrap()[0].principal, "bob");
    assert_eq!(second.recent(usize::MAX).await.unwrap().len(), 2_501);
}

#[tokio::test]
async fn more_than_there_is_room_for_is_counted_and_forgotten() {
    let db = Db::memory().await.unwrap();
    let (ledger, _) = ledger(&db, &[]).await;
    // Nothing is written meanwhile: there is one thread, and this does not wait.
    for _ in 0..super::buffer::MOST + 5 {
        ledger.record(record(DAY, "alice", "fast", u64::MAX));
    }
    assert_eq!(ledger.dropped(), 5);
    ledger.flush().await.unwrap();
    assert_eq!(told(&ledger, &[]).await[0].2, super::buffer::MOST as u64);
    let kept = ledger.recent(usize::MAX).await.unwrap().len();
    assert_eq!(kept, 10_000);
}

#[tokio::test]
async fn records_that_cannot_be_written_wait() {
    let buffer = super::buffer::Buffer::default();
    buffer.push(record(DAY, "alice", "fast", 1));
    let group = buffer.take();
    buffer.push(record(DAY, "bob", "fast", 1));
    buffer.put_back(group.records);
    let names: Vec<_> = buffer.take().records.iter().map(|record| record.principal.to_string()).collect();
    assert_eq!(names, ["alice", "bob"]);
    buffer.push(record(DAY, "bob", "fast", 1));
    buffer.put_back(vec![record(DAY, "alice", "fast", 1); super::buffer::MOST]);
    assert_eq!((buffer.take().records.len(), buffer.dropped()), (super::buffer::MOST, 1));
}

#[tokio::test]
async fn old_hours_become_days() {
    let db = Db::memory().await.unwrap();
    tables::prepare(&db).await.unwrap();
    let records: Vec<_> = (0..48).map(|hour| record(DAY + hour * HOUR, "alice", "fast", 1)).collect();
    tables::write(&db, 1, &records).await.unwrap();
    for _ in 0..2 {
        tables::fold(&db, DAY + 24 * HOUR + 62 * 24 * HOUR).await.unwrap();
        let by_hour = tables::usage(&db, &question(&[Group::Hour])).await.unwrap();
        assert_eq!(by_hour.len(), 25);
        assert_eq!((by_hour[0].starts_at, by_hour[0].requests), (Some(DAY), 24));
    }
}

#[tokio::test]
async fn what_is_unaccounted_for_stands_with_whose_it_is() {
    let db = Db::memory().await.unwrap();
    let (first, accounts) = ledger(&db, &[("key:alice", 6_400)]).await;
    let hold = first.reserve(&accounts, 50, NOW).await.unwrap();
    let granted = accounts[0].standing().granted;
    std::mem::forget(hold);
    first.kill().await;
    let (second, accounts) = ledger(&db, &[("key:alice", 6_400)]).await;
    assert_eq!((accounts[0].standing().spent, accounts[0].standing().unaccounted), (granted, granted));
    let everywhen = |by| Question { until: u64::MAX, ..question(by) };
    let rows = second.usage(&everywhen(&[Group::Key])).await.unwrap();
    assert_eq!(rows, [Row { key: "alice".to_owned(), unaccounted: granted, ..Row::default() }]);
    assert_eq!(second.usage(&everywhen(&[Group::Team])).await.unwrap(), []);
    second.record(record(base::clock::wall().as_secs(), "alice", "fast", 1));
    second.flush().await.unwrap();
    let rows = second.usage(&everywhen(&[Group::Key, Group::Day])).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.unaccounted).sum::<u64>(), granted);
    assert_eq!(second.usage(&everywhen(&[Group::Key, Group::Model])).await.unwrap()[0].unaccounted, 0);
}
