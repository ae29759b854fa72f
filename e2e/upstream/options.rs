//! The flags of the faulty upstream.

use std::path::PathBuf;
use std::time::Duration;

/// Which eras the upstream speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaks {
    Legacy,
    Modern,
    /// Both, in any order, in one process.
    Dual,
    /// Both, but a process stays with the era of its first message, as servers made with Python `mcp` 2.x do.
    DualPinned,
}

/// What a legacy upstream does with `server/discover`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DiscoverAnswer {
    Error(i64),
    Silent,
    /// The process ends.
    Exit,
}

/// How the upstream behaves.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// Stands in every text that the upstream answers with, so that a test sees who answered.
    pub(crate) name: String,
    pub(crate) http: bool,
    /// The HTTP transport of version 2024-11-05.
    pub(crate) sse: bool,
    /// What that transport says that messages are sent to.
    pub(crate) endpoint: Option<String>,
    pub(crate) websocket: bool,
    /// A Unix socket.
    pub(crate) socket: Option<PathBuf>,
    /// Over HTTP: answer with plain JSON where no notification comes first, instead of always with an event stream.
    pub(crate) json: bool,
    /// Over HTTP: `ask` of the legacy era asks on the stream that belongs to no request, as servers made with the
    /// TypeScript SDK do.
    pub(crate) asks_aside: bool,
    /// Over HTTP: a header `name: value` without which everything is refused with 401.
    pub(crate) require_header: Option<(String, String)>,
    pub(crate) speaks: Speaks,
    pub(crate) discover: DiscoverAnswer,
    /// How many tools `tool_0001` and so on are listed besides the built-in ones.
    pub(crate) tools: usize,
    pub(crate) page_size: Option<usize>,
    pub(crate) tools_file: Option<PathBuf>,
    pub(crate) prompts_file: Option<PathBuf>,
    /// Where the resources are listed.
    pub(crate) resources_file: Option<PathBuf>,
    /// Where the instructions are read from, with every greeting.
    pub(crate) instructions_file: Option<PathBuf>,
    /// The scheme of the resources.
    pub(crate) scheme: String,
    pub(crate) endless_cursor: bool,
    /// Every page of the tools names itself as the next.
    pub(crate) same_cursor: bool,
    pub(crate) exit_on_list: bool,
    pub(crate) never_start: bool,
    pub(crate) silent: bool,
    pub(crate) noise: bool,
    pub(crate) start_delay_file: Option<PathBuf>,
    pub(crate) start_delay: Duration,
    pub(crate) extra_capabilities: bool,
    /// Has the tools `job` and `job_only`, which run as tasks.
    pub(crate) tasks: bool,
    /// Goes on after SIGTERM and after the end of standard input.
    pub(crate) stubborn: bool,
    pub(crate) record: Option<PathBuf>,
    /// How long resources may be kept, in milliseconds, and for whom: `60000:public`.
    pub(crate) keep: (u64, String),
    /// Has no effect of its own: it makes the process and its children findable in `/proc`.
    pub(crate) marker: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            name: "fixture".to_owned(),
            http: false,
            sse: false,
            endpoint: None,
            websocket: false,
            socket: None,
            json: false,
            asks_aside: false,
            require_header: None,
            speaks: Speaks::Dual,
            discover: DiscoverAnswer::Error(-32601),
            tools: 0,
            page_size: None,
            tools_file: None,
            prompts_file: None,
            resources_file: None,
            instructions_file: None,
            scheme: "test".to_owned(),
            endless_cursor: false,
            same_cursor: false,
            exit_on_list: false,
            never_start: false,
            silent: false,
            noise: false,
            start_delay_file: None,
            start_delay: Duration::ZERO,
            extra_capabilities: false,
            tasks: false,
            stubborn: false,
            record: None,
            keep: (0, "public".to_owned()),
            marker: None,
        }
    }
}

impl Options {
    /// Reads the flags. An unknown one is an error, so that a typing mistake in a test does not pass for good behaviour.
    pub(crate) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(flag) = arguments.next() {
            if !options.switch(&flag) {
                let value = arguments.next().ok_or_else(|| format!("{flag} is unknown or lacks its value"))?;
                options.set(&flag, value)?;
            }
        }
        Ok(options)
    }

    fn switch(&mut self, flag: &str) -> bool {
        let place = match flag {
            "--http" => &mut self.http,
            "--sse" => &mut self.sse,
            "--websocket" => &mut self.websocket,
            "--json" => &mut self.json,
            "--asks-aside" => &mut self.asks_aside,
            "--endless-cursor" => &mut self.endless_cursor,
            "--same-cursor" => &mut self.same_cursor,
            "--exit-on-list" => &mut self.exit_on_list,
            "--never-start" => &mut self.never_start,
            "--silent" => &mut self.silent,
            "--noise" => &mut self.noise,
            "--tasks" => &mut self.tasks,
            "--extra-capabilities" => &mut self.extra_capabilities,
            "--stubborn" => &mut self.stubborn,
            _ => return false,
        };
        *place = true;
        true
    }

    fn set(&mut self, flag: &str, value: String) -> Result<(), String> {
        match flag {
            "--endpoint" => self.endpoint = Some(value),
            "--socket" => self.socket = Some(value.into()),
            "--name" => self.name = value,
            "--scheme" => self.scheme = value,
            "--marker" => self.marker = Some(value),
            "--era" => self.speaks = speaks(&value)?,
            "--discover-error" => self.discover = discover(&value)?,
            "--tools" => self.tools = number(flag, &value)?,
            "--page-size" => self.page_size = Some(number(flag, &value)?),
            "--tools-file" => self.tools_file = Some(value.into()),
            "--prompts-file" => self.prompts_file = Some(value.into()),
            "--resources-file" => self.resources_file = Some(value.into()),
            "--instructions-file" => self.instructions_file = Some(value.into()),
            "--start-delay-file" => self.start_delay_file = Some(value.into()),
            "--start-delay-seconds" => self.start_delay = Duration::from_secs(number(flag, &value)?),
            "--record" => self.record = Some(value.into()),
            "--keep" => {
                let (time, scope) = value.split_once(':').ok_or("--keep wants `milliseconds:scope`")?;
                self.keep = (number(flag, time)?, scope.to_owned());
            }
            "--require-header" => {
                let (name, wanted) = value.split_once(": ").ok_or("--require-header wants `name: value`")?;
                self.require_header = Some((name.to_lowercase(), wanted.to_owned()));
            }
            _ => return Err(format!("there is no flag {flag}")),
        }
        Ok(())
    }
}

fn speaks(word: &str) -> Result<Speaks, String> {
    match word {
        "legacy" => Ok(Speaks::Legacy),
        "modern" => Ok(Speaks::Modern),
        "dual" => Ok(Speaks::Dual),
        "dual-pinned" => Ok(Speaks::DualPinned),
        _ => Err(format!("there is no era {word}")),
    }
}

fn discover(word: &str) -> Result<DiscoverAnswer, String> {
    match word {
        "silent" => Ok(DiscoverAnswer::Silent),
        "exit" => Ok(DiscoverAnswer::Exit),
        code => code.parse().map(DiscoverAnswer::Error).map_err(|_| format!("{code} is no answer to server/discover")),
    }
}

fn number<N: std::str::FromStr>(flag: &str, text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("{flag} wants a number, not {text}"))
}
