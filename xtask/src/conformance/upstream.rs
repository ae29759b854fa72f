//! Tutti as a client of upstreams: the suite is the server, a hub stands before it, and a driver calls through the hub.

use super::expectations::Judged;
use super::suite::LIMIT;
use super::verdict;
use super::{Era, Room};
use crate::failure::{Failure, Result};
use crate::{process, system};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Scenarios at a time. Each is a Node, a driver and a hub; the suite itself would start all of them at once.
const WORKERS: usize = 3;
/// How long the driver of one scenario may take, in milliseconds.
const PATIENCE: &str = "150000";

impl Room {
    /// The suite's scenarios for clients of `era`.
    pub(super) fn as_client(&self, era: Era) -> Result<Judged> {
        let name = format!("client-{}", era.name());
        let results = self.fresh(&name)?.join("results");
        let requirements = self.requirements(era)?;
        let (scored, others) = (self.wanted(&requirements.client), self.wanted(&requirements.client_not_scored));
        let all: Vec<_> = scored.iter().chain(&others).collect();
        let next = AtomicUsize::new(0);
        let work = || -> Result<()> {
            while let Some(scenario) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                self.drive(era, scenario, &results)?;
            }
            Ok(())
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(work)).collect();
            let lost = || Err(Failure::new("a thread panicked", "this is a bug of xtask: see the message above"));
            workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|_| lost()))
        })?;
        let verdicts = verdict::all(&results, "")?;
        Ok(self.judge(&name, &scored, &requirements.client_extensions, &verdicts))
    }

    /// Runs one scenario. What its checks say is read afterwards; what the driver said stands beside them.
    fn drive(&self, era: Era, scenario: &str, results: &Path) -> Result<()> {
        let driver = self.programs.join(format!("driver{}", std::env::consts::EXE_SUFFIX));
        let line = format!("{} {}", driver.display(), self.tutti.display());
        let mut command = self.suite.command("client", era, Some(scenario), results);
        let output = process::capture(command.args(["--timeout", PATIENCE, "--command", &line]), LIMIT)?;
        let log = results.join(format!("{}.log", scenario.replace('/', "-")));
        system::create_folder(results)?;
        system::write(&log, &format!("{}{}", output.stdout, output.stderr))
    }
}
