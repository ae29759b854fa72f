//! `tutti model chat`: a conversation with a model, a line for each turn.

mod conversation;
mod history;
mod input;

use super::turn::{self, Turn, Way};
use super::{name, named};
use base::{Code, Error, disk};
use clap::{Arg, ArgAction, ArgMatches};
use console::output::{Output, Style, one_line};
use conversation::Conversation;
use history::History;
use hubs::client::HubClient;
use hubs::signals::Signals;
use hubs::{Command, Context, Failures};
use input::{Input, Typed};
use serde_json::json;
use std::io::IsTerminal as _;

/// The command.
pub(super) const COMMAND: Command = Command { arguments, run };

fn arguments() -> clap::Command {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    clap::Command::new("chat")
        .about("Talk to a model, a line for each turn; also with a pipe")
        .arg(name())
        .arg(option("system", "TEXT", "What the model is told before all else"))
        .arg(option("tools", "VIEW", "Let the model call the tools of this view"))
        .arg(option("history", "WHERE", "A file for the conversations, or none to keep nothing"))
        .arg(
            Arg::new("continue")
                .long("continue")
                .action(ArgAction::SetTrue)
                .help("Go on with the last conversation that was kept"),
        )
        .after_help(
            "Examples:\n  tutti model chat default\n  echo 'What is a fugue?' | tutti model chat default --history none\n\n\
             In a conversation: /exit, /clear (begin anew), /save FILE, /model NAME; // begins a line that begins with /.\n\
             Ctrl-C ends an answer, and twice the conversation. Conversations are kept in chat.jsonl in the home of Tutti.",
        )
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    let mut history = History::open(context, text("history").as_deref())?;
    let mut conversation = Conversation::new(named(matches), text("system"), text("tools"));
    if matches.get_flag("continue") {
        conversation.go_on(history.last());
    }
    context.block_on(async {
        let client = super::hub(context).await?;
        let mut chat = Chat {
            context,
            client,
            signals: Signals::take()?,
            person: std::io::stdin().is_terminal() && !context.output.json,
            conversation,
            history,
            exit: 0,
        };
        chat.talk().await?;
        Ok(chat.exit)
    })
}

struct Chat<'a> {
    context: &'a Context,
    client: HubClient,
    signals: Signals,
    /// Whether a person types.
    person: bool,
    conversation: Conversation,
    history: History,
    /// What the program ends with.
    exit: u8,
}

impl Chat<'_> {
    fn output(&self) -> &Output {
        &self.context.output
    }

    async fn talk(&mut self) -> Result<(), Failures> {
        let mut input = Input::open();
        // Whether the last thing was a Ctrl-C.
        let mut interrupted = false;
        loop {
            if self.person {
                self.output().ask_for("> ");
            }
            let line = tokio::select! {
                line = input.next() => line,
                interrupt = self.signals.next_is_interrupt() => {
                    if interrupted || !interrupt {
                        self.exit = Code::Interrupted.exit();
                        return Ok(());
                    }
                    interrupted = true;
                    self.output().message("\nonce more to end");
                    continue;
                }
            };
            interrupted = false;
            match line {
                None | Some(Ok(Typed::Exit)) => return Ok(()),
                Some(Ok(Typed::Said(text))) => interrupted = self.ask(text).await?,
                Some(Ok(typed)) => self.obey(typed),
                Some(Err(error)) => self.complain(&error),
            }
        }
    }

    /// Does what a line says that is no turn.
    fn obey(&mut self, typed: Typed) {
        match typed {
            Typed::Clear => {
                self.conversation.clear();
                self.history.begin();
                self.output().message("begun anew");
            }
            Typed::Model(model) => {
                self.output().message(&format!("now asks {}", one_line(&model, 100)));
                self.conversation.model = model;
            }
            Typed::Save(file) => match self.save(&file) {
                Ok(()) => self.output().message(&format!("written to {}", one_line(&file, 200))),
                Err(error) => self.complain(&error),
            },
            Typed::Nothing | Typed::Exit | Typed::Said(_) => {}
        }
    }

    fn save(&self, file: &str) -> Result<(), Error> {
        let path = self.context.environment.working_directory().join(file);
        if path.exists() {
            let message = format!("there is a file {} already", path.display());
            return Err(Error::new(Code::FileExists, message, "name another"));
        }
        disk::write_atomic(&path, &self.conversation.markdown(), true)
    }

    /// One turn; answers whether it was ended by a Ctrl-C.
    async fn ask(&mut self, text: String) -> Result<bool, Failures> {
        self.conversation.ask(text);
        let (body, mut turn) = (self.conversation.body(), Turn::default());
        let output = self.context.output.clone();
        let mut say = |text: &str| {
            if !output.json {
                output.piece(text);
            }
        };
        let interrupt = tokio::select! {
            () = turn::ask(&self.client, &body, Way::default(), &mut turn, &mut say) => None,
            interrupt = self.signals.next_is_interrupt() => Some(interrupt),
        };
        self.tell(&turn, interrupt.is_some());
        let (model, kept) = self.conversation.answered(&turn.text);
        if let Err(error) = self.history.keep(model, kept) {
            self.output().complaints(&[error]);
        }
        self.fail(turn.error.as_ref());
        if interrupt == Some(false) {
            return Err(hubs::client::interrupted().into());
        }
        Ok(interrupt.is_some())
    }

    /// What came of a turn, behind what was said while it came.
    fn tell(&self, turn: &Turn, stopped: bool) {
        let output = self.output();
        let seconds = turn.first.map(|first| (first.as_secs_f64() * 100.0).round() / 100.0);
        if output.json {
            return output.value(&json!({
                "model": self.conversation.model,
                "answer": turn.text,
                "deployment": turn.deployment,
                "first_token": seconds,
                "tokens": {"input": turn.input, "output": turn.output},
                "stopped": stopped,
                "error": turn.error.as_ref().map(Error::to_json),
            }));
        }
        if !turn.text.ends_with('\n') && (!turn.text.is_empty() || stopped) {
            output.piece("\n");
        }
        output.complaints(turn.error.as_slice());
        if self.person && turn.error.is_none() && !stopped {
            let mut words: Vec<String> = turn.deployment.iter().map(|name| one_line(name, 100)).collect();
            words.extend(turn.output.map(|tokens| format!("{tokens} tokens")));
            words.extend(seconds.map(|seconds| format!("begun after {seconds} s")));
            output.message(&output.paint_message(Style::Faint, &words.join(", ")));
        }
    }

    fn complain(&mut self, error: &Error) {
        self.output().complaints(std::slice::from_ref(error));
        self.fail(Some(error));
    }

    /// A program learns at the end that something failed; a person has read it.
    fn fail(&mut self, error: Option<&Error>) {
        if let Some(error) = error.filter(|_| !self.person) {
            self.exit = error.code().exit();
        }
    }
}
