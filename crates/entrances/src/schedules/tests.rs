//! Times at which runs begin.

use super::*;
use crate::tests::house::{House, NOW};

const HOURLY: &str = "
name: hourly
params: { at: { type: string } }
triggers: { schedules: [{ cron: '0 * * * *', params: { at: '{{ scheduled_at }}' } }] }
steps:
  - name: say
    tool: mcp://web/say
    effect: read
output: '{{ params.at }}'
";

const ENDLESS: &str = "
name: endless
triggers: { schedules: [{ cron: '0 * * * *' }] }
steps:
  - name: wait
    wait: 150m
";

const OVERLAPS: &str = "
name: overlaps
triggers: { schedules: [{ cron: '0 * * * *', overlap: true }] }
steps:
  - name: wait
    wait: 150m
";

const WRONG: &str = "
name: wrong
params: { at: { type: integer } }
triggers: { schedules: [{ cron: '0 * * * *', params: { at: '{{ scheduled_at }}' } }] }
steps:
  - name: say
    tool: mcp://web/say
    effect: read
";

async fn hours(count: u64) {
    tokio::time::sleep(Duration::from_secs(count * 3_600)).await;
}

async fn times(house: &House) -> Vec<String> {
    let mut all = Vec::new();
    for run in house.runs().await.iter().rev() {
        all.push(house.runner.ended(run.id).await.unwrap().1.as_str().unwrap().to_owned());
    }
    all
}

#[tokio::test(start_paused = true)]
async fn a_run_begins_at_each_time_and_once() {
    let house = House::of(&[HOURLY]).await;
    let db = Db::memory().await.unwrap();
    let schedules = Schedules::with_clock(house.carried(), db, house.time()).await.unwrap();
    // 1,800,000,000 is a full hour less five minutes … whatever it is, what lies before it is not made up for.
    schedules.look().await;
    assert_eq!(house.runs().await.len(), 0);
    for _ in 0..3 {
        hours(1).await;
        schedules.look().await;
        schedules.look().await;
    }
    let times = times(&house).await;
    assert_eq!(times.len(), 3);
    assert!(times.iter().all(|time| time.ends_with(":00:00Z")), "{times:?}");
    assert_eq!(times.iter().collect::<std::collections::BTreeSet<_>>().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn of_times_that_passed_while_nobody_looked_the_latest_counts() {
    let house = House::of(&[HOURLY]).await;
    let db = Db::memory().await.unwrap();
    let first = Schedules::with_clock(house.carried(), db.clone(), house.time()).await.unwrap();
    first.look().await;
    hours(5).await;
    let house = house.again(&[HOURLY]).await;
    let again = Schedules::with_clock(house.carried(), db.clone(), house.time()).await.unwrap();
    again.look().await;
    let all = times(&house).await;
    assert_eq!(all.len(), 1);
    let now = (house.time())() / 1_000;
    assert_eq!(all[0], clock::rfc3339(Duration::from_secs(now / 3_600 * 3_600)));
    // Another hub on the same runs that has not seen it does not begin it once more.
    let plan = &house.runner.workflows()["hourly"].plan.clone();
    let written = plan.triggers().schedules[0].cron.written();
    let key = deduplication::key(&["schedule", "hourly", "0", written]);
    let behind = Mark { at: NOW / 1_000, run: None };
    again.kept.put(SPACE, &key, behind.written()).await.unwrap();
    again.look().await;
    assert_eq!(house.runs().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn no_run_begins_while_the_one_before_goes_on_unless_they_may_overlap() {
    let house = House::of(&[ENDLESS, OVERLAPS]).await;
    let db = Db::memory().await.unwrap();
    let schedules = Schedules::with_clock(house.carried(), db, house.time()).await.unwrap();
    schedules.look().await;
    for _ in 0..4 {
        hours(1).await;
        schedules.look().await;
    }
    let runs = house.runs().await;
    let count = |name: &str| runs.iter().filter(|run| run.workflow == name).count();
    assert_eq!((count("endless"), count("overlaps")), (2, 4));
}

#[tokio::test(start_paused = true)]
async fn a_schedule_that_cannot_begin_harms_no_other() {
    let house = House::of(&[WRONG, HOURLY]).await;
    let db = Db::memory().await.unwrap();
    let schedules = Schedules::with_clock(house.carried(), db, house.time()).await.unwrap();
    schedules.look().await;
    hours(1).await;
    schedules.look().await;
    schedules.look().await;
    assert_eq!(times(&house).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn it_is_looked_again_when_the_next_time_comes() {
    let house = House::of(&[HOURLY]).await;
    let db = Db::memory().await.unwrap();
    let schedules = Schedules::with_clock(house.carried(), db, house.time()).await.unwrap();
    assert_eq!(schedules.look().await, LOOK);
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    let work = base::task::spawn("schedules", async move { schedules.work(stop).await });
    hours(3).await;
    shutdown.cancel();
    work.await.unwrap();
    assert_eq!(times(&house).await.len(), 3);
}

#[test]
fn marks_are_read_as_they_are_written() {
    let run = RunId::new(NOW, [7; 10]);
    for mark in [Mark { at: 1, run: None }, Mark { at: u64::MAX, run: Some(run) }] {
        assert_eq!(Mark::read(mark.written().as_bytes()), Some(mark));
    }
    assert_eq!(Mark::read(b"{}"), None);
}
