//! Runs are killed at every append and every effect, before and after, and end as if nothing had happened.
//!
//! Each life of a run is a process of its own (`victim`), which kills itself with SIGKILL at a point that it is told. All that the
//! next has is the journal on the disk, and the ledger, which stands for the world: a line for each effect, synced. Points are the
//! appends and all else that changes the store, and the effects. For effects of which nobody knows, a person who can read the
//! ledger decides.

mod judge;
mod points;
mod victim;

use base::environment::Environment;
use judge::{Outcome, Tally};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;
use victim::Life;

/// Set by who wants more than the ordinary tests do: how many runs are killed twice and more at random.
const SEEDS: &str = "TUTTI_TEST_CRASH_SEEDS";
/// A run that has not ended after so many lives is lost.
const LIVES: u32 = 16;

/// A workflow whose runs are killed.
struct Case {
    name: &'static str,
    text: &'static str,
    /// Whether its budget may be too small, once crashes have left reservations behind.
    may_run_out: bool,
    /// What of its points the ordinary tests take: each of so many.
    stride: usize,
}

static CASES: [Case; 4] = [
    Case { name: "line", text: include_str!("crashing/line.yaml"), may_run_out: false, stride: 2 },
    Case { name: "fan", text: include_str!("crashing/fan.yaml"), may_run_out: false, stride: 29 },
    Case { name: "trip", text: include_str!("crashing/trip.yaml"), may_run_out: false, stride: 3 },
    Case { name: "dear", text: include_str!("crashing/dear.yaml"), may_run_out: true, stride: 7 },
];

/// What is done with one run: in which of its lives it is killed, and at which point of these.
struct Job {
    case: usize,
    kills: Vec<u64>,
}

#[test]
fn runs_that_are_killed_end_as_if_nothing_had_happened() {
    let tally = matrix(|case, point| point % case.stride == 0, 8);
    assert!(tally.kills > 20 && tally.is_clean(), "{}", tally.json());
}

#[test]
#[ignore = "takes minutes: cargo xtask crash"]
fn every_point_and_many_seeds() {
    let environment = Environment::of_process().unwrap();
    let seeds = environment.get(SEEDS).map_or(500, |seeds| seeds.parse().unwrap());
    let tally = matrix(|_, _| true, seeds);
    println!("crash {}", tally.json());
    assert!(tally.is_clean(), "{}", tally.json());
}

/// One life of a run, in a process of its own.
#[test]
#[ignore = "is started by the others"]
fn a_life() {
    if let Some(life) = Environment::of_process().unwrap().get(victim::LIFE) {
        victim::live(&Life::parse(life));
    }
}

fn matrix(wanted: impl Fn(&Case, usize) -> bool, seeds: u64) -> Tally {
    let whole: Vec<(Outcome, u64)> = (0..CASES.len()).map(|case| uncrashed(&Job { case, kills: Vec::new() })).collect();
    let mut jobs = Vec::new();
    for (case, (_, points)) in whole.iter().enumerate() {
        let of_case = (1..=*points).filter(|point| wanted(&CASES[case], *point as usize));
        jobs.extend(of_case.map(|point| Job { case, kills: vec![point] }));
    }
    jobs.extend((0..seeds).map(|seed| {
        let case = seed as usize % CASES.len();
        Job { case, kills: at_random(seed, whole[case].1) }
    }));
    let (next, tally) = (AtomicUsize::new(0), Mutex::new(Tally::default()));
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let folder = tempfile::tempdir().unwrap();
                    let (outcome, kills) = lives(job, folder.path());
                    let case = &CASES[job.case];
                    tally.lock().unwrap().add(kills, &outcome, &whole[job.case].0, case.may_run_out, &job.kills);
                }
            });
        }
    });
    tally.into_inner().unwrap()
}

/// Two to four kills, each anywhere in the life that it ends.
fn at_random(seed: u64, points: u64) -> Vec<u64> {
    let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x1234_5678_9abc_def1);
    let mut draw = |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below.max(1)
    };
    let kills = 2 + draw(3);
    // Later lives have less to do, so that they are killed early.
    (0..kills).map(|life| 1 + draw(points / (life + 1) + 1)).collect()
}

/// How a run of the case ends that nobody kills, and how many points it has.
fn uncrashed(job: &Job) -> (Outcome, u64) {
    let folder: TempDir = tempfile::tempdir().unwrap();
    let (outcome, kills) = lives(job, folder.path());
    assert_eq!(kills, 0);
    assert!(outcome.ended.is_some(), "a run that nobody kills does not end");
    let points = base::disk::read_text(&folder.path().join("points"), 1 << 10).unwrap();
    (outcome, points.lines().map(|points| points.parse::<u64>().unwrap()).max().unwrap())
}

/// Lets a run live until its end. Gives what is left, and how often it was killed.
fn lives(job: &Job, folder: &Path) -> (Outcome, usize) {
    let mut kills = 0;
    let mut at = job.kills.iter().copied();
    for number in 0..LIVES {
        let life = Life { folder: folder.to_owned(), case: job.case, number, kill: at.next().unwrap_or(0) };
        let test = concat!(module_path!(), "::a_life");
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([
            test.strip_prefix("runner::").unwrap(),
            "--exact",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ]);
        command.env(victim::LIFE, life.text()).stdout(Stdio::null());
        let status = command.status().unwrap();
        if std::os::unix::process::ExitStatusExt::signal(&status) == Some(9) {
            kills += 1;
            continue;
        }
        assert!(status.success(), "a life ended badly: {status}");
        if victim::is_over(folder) {
            break;
        }
    }
    (judge::outcome(folder), kills)
}
