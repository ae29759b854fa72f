//! Times at which runs begin. The clock is the tests' own; that of the runner goes as it likes.

use super::*;
use crate::tests::house::House;
use std::sync::atomic::{AtomicU64, Ordering};

/// A full hour, in seconds since 1970.
const HOUR: u64 = 500_000 * 3_600;

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

const WAITS: &str = "
name: waits
triggers: { schedules: [{ cron: '0 * * * *' }] }
steps:
  - name: wait
    wait: { signal: go }
";

const OVERLAPS: &str = "
name: overlaps
triggers: { schedules: [{ cron: '0 * * * *', overlap: true }] }
steps:
  - name: wait
    wait: { signal: go }
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

/// Schedules with a clock that the test sets.
struct Watched {
    schedules: Schedules,
    now: Arc<AtomicU64>,
}

impl Watched {
    async fn of(house: &House, db: &Db, now: u64) -> Self {
        let now = Arc::new(AtomicU64::new(now * 1_000));
        let seen = Arc::clone(&now);
        let clock: Clock = Arc::new(move || seen.load(Ordering::Relaxed));
        Self { schedules: Schedules::with_clock(house.carried(), db.clone(), clock).await.unwrap(), now }
    }

    async fn at(&self, now: u64) -> Duration {
        self.now.store(now * 1_000, Ordering::Relaxed);
        self.schedules.look().await
    }
}

async fn times(house: &House) -> Vec<String> {
    let mut all = Vec::new();
    for run in house.runs().await.iter().filter(|run| run.workflow == "hourly") {
        all.push(house.runner.ended(run.id).await.unwrap().1.as_str().unwrap().to_owned());
    }
    all.sort();
    all
}

fn written(times: &[u64]) -> Vec<String> {
    times.iter().map(|time| clock::rfc3339(Duration::from_secs(*time))).collect()
}

#[tokio::test(start_paused = true)]
async fn a_run_begins_at_each_time_and_once() {
    let (house, db) = (House::of(&[HOURLY]).await, Db::memory().await.unwrap());
    // What lies before a schedule was seen is not made up for.
    let watched = Watched::of(&house, &db, HOUR + 60).await;
    assert_eq!(watched.at(HOUR + 60).await, LOOK);
    assert_eq!(watched.at(HOUR + 3_590).await, Duration::from_secs(10));
    assert_eq!(house.runs().await.len(), 0);
    for time in [3_600, 3_600, 3_700, 7_199, 7_200, 7_201, 10_801] {
        watched.at(HOUR + time).await;
        // Those that began are at their end before the next time.
        times(&house).await;
    }
    assert_eq!(times(&house).await, written(&[HOUR + 3_600, HOUR + 7_200, HOUR + 10_800]));
}

#[tokio::test(start_paused = true)]
async fn of_times_that_passed_while_nobody_looked_the_latest_counts() {
    let (house, db) = (House::of(&[HOURLY]).await, Db::memory().await.unwrap());
    Watched::of(&house, &db, HOUR + 60).await.at(HOUR + 60).await;
    let house = house.again(&[HOURLY]).await;
    let again = Watched::of(&house, &db, HOUR).await;
    again.at(HOUR + 5 * 3_600 + 60).await;
    assert_eq!(times(&house).await, written(&[HOUR + 5 * 3_600]));
    // What was begun before it could be marked is not begun again.
    let key = deduplication::key(&["schedule", "hourly", "0", "0 * * * *"]);
    let behind = Mark { at: HOUR + 60, run: None };
    again.schedules.kept.put(SPACE, &key, behind.written()).await.unwrap();
    again.at(HOUR + 5 * 3_600 + 120).await;
    assert_eq!(house.runs().await.len(), 1);
    // What lies further back than a day is over.
    again.schedules.kept.put(SPACE, &key, behind.written()).await.unwrap();
    again.at(HOUR + 100 * 3_600).await;
    assert_eq!(times(&house).await, written(&[HOUR + 5 * 3_600, HOUR + 100 * 3_600]));
}

#[tokio::test(start_paused = true)]
async fn no_run_begins_while_the_one_before_goes_on_unless_they_may_overlap() {
    let (house, db) = (House::of(&[WAITS, OVERLAPS]).await, Db::memory().await.unwrap());
    let watched = Watched::of(&house, &db, HOUR).await;
    watched.at(HOUR).await;
    for hour in 1..=3 {
        watched.at(HOUR + hour * 3_600).await;
    }
    let runs = house.runs().await;
    let of = |name: &str| runs.iter().filter(|run| run.workflow == name).map(|run| run.id).collect::<Vec<_>>();
    assert_eq!((of("waits").len(), of("overlaps").len()), (1, 3));
    house.runner.signal(of("waits")[0], "go", "1", &json!(null)).await.unwrap();
    house.runner.ended(of("waits")[0]).await.unwrap();
    watched.at(HOUR + 4 * 3_600).await;
    assert_eq!(house.runs().await.iter().filter(|run| run.workflow == "waits").count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_schedule_that_cannot_begin_harms_no_other() {
    let (house, db) = (House::of(&[WRONG, HOURLY]).await, Db::memory().await.unwrap());
    let watched = Watched::of(&house, &db, HOUR).await;
    for time in [1, 3_600, 3_660] {
        watched.at(HOUR + time).await;
    }
    assert_eq!(house.runs().await.len(), 1);
}

/// Is not ready as often as it is told.
struct Unready(Arc<dyn Runs>, AtomicU64);

impl Runs for Unready {
    fn runner(&self) -> &dyn runner::Runner {
        self.0.runner()
    }

    fn roles(&self, principal: &str) -> Vec<String> {
        self.0.roles(principal)
    }

    fn notices(&self) -> Arc<Vec<crate::Notice>> {
        self.0.notices()
    }

    fn ready(&self) -> base::ports::Wait<'_, ()> {
        let left = self.1.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        let error = || base::Error::new(base::Code::StoreFailed, "the disk is full", "make room");
        Box::pin(async move { left.map_or(Ok(()), |_| Err(error())) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_time_is_not_lost_by_an_error_that_passes() {
    let (house, db) = (House::of(&[HOURLY]).await, Db::memory().await.unwrap());
    let now = Arc::new(AtomicU64::new(HOUR * 1_000));
    let seen = Arc::clone(&now);
    let clock: Clock = Arc::new(move || seen.load(Ordering::Relaxed));
    let runs = Arc::new(Unready(house.carried(), AtomicU64::new(4)));
    let schedules = Schedules::with_clock(runs, db, clock).await.unwrap();
    let watched = Watched { schedules, now };
    watched.at(HOUR).await;
    for time in [3_600, 3_605, 3_610] {
        assert_eq!(watched.at(HOUR + time).await, AGAIN);
    }
    assert_eq!(house.runs().await.len(), 0);
    // The next time is due meanwhile: the one before is over.
    assert_eq!(watched.at(HOUR + 7_200).await, AGAIN);
    for time in [7_205, 7_210] {
        assert_eq!(watched.at(HOUR + time).await, LOOK);
    }
    assert_eq!(times(&house).await, written(&[HOUR + 7_200]));
}

#[tokio::test(start_paused = true)]
async fn it_is_looked_until_the_end() {
    let (house, db) = (House::of(&[HOURLY]).await, Db::memory().await.unwrap());
    let watched = Watched::of(&house, &db, HOUR + 1).await;
    watched.at(HOUR + 1).await;
    watched.now.store((HOUR + 3_600) * 1_000, Ordering::Relaxed);
    let shutdown = CancellationToken::new();
    let (stop, schedules) = (shutdown.clone(), watched.schedules);
    let work = base::task::spawn("schedules", async move { schedules.work(stop).await });
    while house.runs().await.is_empty() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    shutdown.cancel();
    work.await.unwrap();
}

#[test]
fn marks_are_read_as_they_are_written() {
    let run = RunId::new(HOUR, [7; 10]);
    for mark in [Mark { at: 1, run: None }, Mark { at: u64::MAX, run: Some(run) }] {
        assert_eq!(Mark::read(mark.written().as_bytes()), Some(mark));
    }
    assert_eq!(Mark::read(b"{}"), None);
}
