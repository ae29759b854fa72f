//! The suite: how it is called, and what servers it is pointed at.

use super::expectations::Judged;
use super::requirements::Requirements;
use super::{Era, Room, pair_name, verdict};
use crate::failure::{Failure, Result};
use crate::served::{Hub, Served};
use crate::{http, process, system};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// All scenarios of one set take well under a minute; this is for a busy machine and for scenarios that hang.
pub(super) const LIMIT: Duration = Duration::from_secs(1200);
/// How long a server may take to answer the first question.
const ANSWER: Duration = Duration::from_secs(60);

/// The installed suite.
pub(super) struct Suite {
    node: PathBuf,
    package: PathBuf,
}

impl Suite {
    /// The suite among the packages in `packages`.
    pub(super) fn new(packages: &Path) -> Self {
        let package = packages.join("npm/conformance/node_modules/@modelcontextprotocol/conformance");
        Self { node: packages.join("bin/node24"), package }
    }

    /// What the version `revision` demands.
    pub(super) fn requirements(&self, revision: &str) -> Result<Requirements> {
        Requirements::parse(&system::text(&self.package.join(format!("requirements/{revision}.yaml")))?)
    }

    /// A call of the suite in its mode `mode`, for one scenario or all of the version.
    pub(super) fn command(&self, mode: &str, era: Era, scenario: Option<&str>, results: &Path) -> Command {
        let mut command = process::command(&self.node, [self.package.join("dist/index.js")]);
        command.arg(mode).arg("--output-dir").arg(results);
        match scenario {
            // Extensions belong to no version, and run all the same when a whole version does.
            Some(scenario) => command.args(["--scenario", scenario, "--spec-version", era.revision(), "--force"]),
            None => command.args(["--requirements", era.revision()]),
        };
        command
    }
}

impl Room {
    /// The fixture of `era` by itself: what it fails, nobody can pass through the hub.
    pub(super) fn directly(&self, era: Era) -> Result<Judged> {
        let name = format!("direct-{}", era.name());
        let folder = self.fresh(&name)?;
        let mut fixture = self.fixture(era, &folder)?;
        let url = fixture.url().to_owned();
        self.against(&name, era, &url, &folder, &mut fixture)
    }

    /// The fixture of one era behind a hub, for a client of one era.
    pub(super) fn through_hub(&self, pair: (Era, Era)) -> Result<Judged> {
        let (client, upstream) = pair;
        let name = pair_name(pair);
        let folder = self.fresh(&name)?;
        let fixture = self.fixture(upstream, &folder)?;
        let config = folder.join("tutti.yaml");
        system::write(&config, &configuration(fixture.url()))?;
        let mut hub = self.hub(&config, &folder)?;
        if hub.settle()? != 1 {
            let next = format!("see the hub's log: {}", hub.log().display());
            return Err(Failure::new("the hub does not get on with the fixture", next));
        }
        let url = hub.url().to_owned();
        let judged = self.against(&name, client, &format!("{url}/suite"), &folder, &mut hub)?;
        hub.stop()?;
        Ok(judged)
    }

    /// A folder for the run `name`, with nothing in it.
    pub(super) fn fresh(&self, name: &str) -> Result<PathBuf> {
        let folder = self.results.join(name);
        system::remove_folder(&folder)?;
        system::create_folder(&folder.join("home"))?;
        Ok(folder)
    }

    /// A hub with this configuration, whose state and log are in `folder`.
    pub(super) fn hub(&self, config: &Path, folder: &Path) -> Result<Served> {
        let home = folder.join("home");
        Hub { binary: &self.tutti, config, home: &home, log: folder.join("tutti.log"), variables: &[] }.start()
    }

    fn fixture(&self, era: Era, folder: &Path) -> Result<Served> {
        let program = self.programs.join(format!("fixture{}", std::env::consts::EXE_SUFFIX));
        Served::start("the fixture", &mut process::command(program, [era.name()]), folder.join("fixture.log"))
    }

    /// Points the suite at `url`, where `server` must answer before and after.
    fn against(&self, name: &str, era: Era, url: &str, folder: &Path, server: &mut Served) -> Result<Judged> {
        answers(url, era)?;
        let results = folder.join("results");
        let requirements = self.requirements(era)?;
        let scored = self.wanted(&requirements.server);
        let mut command = self.suite.command("server", era, self.scenario.as_deref(), &results);
        let output = process::capture(command.args(["--url", url]), LIMIT)?;
        system::write(&folder.join("suite.log"), &format!("{}{}", output.stdout, output.stderr))?;
        if !server.is_running() {
            let message = format!("the server of {name} ended while the suite ran");
            return Err(Failure::new(message, format!("see its log: {}", server.log().display())));
        }
        answers(url, era)?;
        let verdicts = verdict::all(&results, "server-")?;
        Ok(self.judge(name, &scored, &requirements.server_extensions, &verdicts))
    }
}

/// The fixture as the only server, under its own names and addresses; it may ask clients for all that there is.
fn configuration(url: &str) -> String {
    let offers = "[elicitation, roots, sampling]";
    let server = format!("servers:\n  fixture: {{ url: \"{url}\", start: eager, offers: {offers} }}\n");
    server + "views:\n  suite: { servers: [fixture], names: own }\n"
}

/// Fails unless a server of `era` answers at `url`: the suite passes much at a port that nobody listens at.
fn answers(url: &str, era: Era) -> Result<()> {
    let info = json!({ "name": "xtask", "version": "0" });
    let (method, params) = match era {
        Era::Legacy => {
            let params = json!({ "protocolVersion": era.revision(), "capabilities": {}, "clientInfo": info });
            ("initialize", params)
        }
        Era::Modern => {
            let meta = json!({
                "io.modelcontextprotocol/protocolVersion": era.revision(),
                "io.modelcontextprotocol/clientInfo": info,
                "io.modelcontextprotocol/clientCapabilities": {},
            });
            ("server/discover", json!({ "_meta": meta }))
        }
    };
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
    let version = format!("MCP-Protocol-Version: {}", era.revision());
    let method = format!("Mcp-Method: {method}");
    let headers: &[&str] = if era == Era::Modern { &[&version, &method] } else { &[] };
    let next = "start it by hand and see what it says";
    let answer = http::post(url, headers, &request, ANSWER)
        .map_err(|error| Failure::new(format!("nobody answers at {url}: {error}"), next))?;
    if answer.contains("\"capabilities\"") {
        return Ok(());
    }
    Err(Failure::new(format!("what is at {url} does not speak {}:\n{answer}", era.revision()), next))
}
