//! `tutti ask`: one question to a model or to several.

mod course;
mod input;
mod reply;
mod rewrite;

use base::{Code, Error, Result};
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use course::Judged;
use hubs::client::interrupted;
use hubs::signals::Signals;
use hubs::{Command, Context, Failures};
use reply::{Asker, Reply};
use rewrite::Rewritten;
use serde_json::{Value, json};

/// The command.
pub const COMMAND: Command = Command { arguments, run };

/// The most models that are asked at once.
const MOST: usize = 16;

fn arguments() -> clap::Command {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    clap::Command::new("ask")
        .about("Ask a model a question, or several, and compare what they say")
        .arg(Arg::new("question").value_name("QUESTION").help("The question; `-` or nothing reads standard input"))
        .arg(
            option("models", "NAMES", "Who is asked, with commas between them")
                .short('m')
                .value_delimiter(',')
                .default_value("default"),
        )
        .arg(flag("compare", "Have a model say which answer is the best, and why").conflicts_with("chain"))
        .arg(option("judge", "NAME", "Who compares [default: the first that is asked]").requires("compare"))
        .arg(flag("chain", "Ask one after the other, each to make the answer before better"))
        .arg(
            option("reformulate", "NAME", "Have a model say the question better first [default: the first]")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value(""),
        )
        .arg(flag("yes", "Ask what --reformulate makes of the question without asking you").short('y'))
        .arg(option("system", "TEXT", "What the models are told before all else"))
        .arg(
            option("max-tokens", "NUMBER", "The most tokens of an answer")
                .value_parser(value_parser!(u64).range(1..)),
        )
        .after_help(
            "Examples:\n  tutti ask 'What is a fugue?'\n  tutti ask 'What is a fugue?' -m default,local/qwen3 --compare\n  \
             git diff | tutti ask --system 'Review this change.' --models default\n\n\
             One answer is printed as it comes, several when they are there. With --chain the last is printed, the others go to \
             standard error.",
        )
}

/// What is asked of whom.
struct Order {
    models: Vec<String>,
    question: String,
    system: Option<String>,
    way: Way,
    /// Who says the question better first.
    rewriter: Option<String>,
    yes: bool,
}

/// How several models are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Way {
    /// All at once.
    Each,
    /// All at once, and then this judge.
    Compare(String),
    /// One after the other.
    Chain,
}

impl Way {
    fn name(&self) -> &'static str {
        match self {
            Self::Each => "each",
            Self::Compare(_) => "compare",
            Self::Chain => "chain",
        }
    }
}

impl Order {
    fn read(matches: &ArgMatches) -> Result<Self> {
        let text = |name: &str| matches.get_one::<String>(name).cloned();
        let models: Vec<String> = matches.get_many::<String>("models").into_iter().flatten().cloned().collect();
        let first = models.first().cloned().unwrap_or_default();
        if models.iter().any(|model| model.trim().is_empty()) {
            return Err(Error::new(Code::Usage, "a model has no name", "write --models a,b; see `tutti model list`"));
        }
        if models.len() > MOST {
            let message = format!("{} models are more than {MOST}", models.len());
            return Err(Error::new(Code::Usage, message, "ask fewer at once"));
        }
        let way = match (matches.get_flag("compare"), matches.get_flag("chain")) {
            (true, _) => Way::Compare(text("judge").unwrap_or_else(|| first.clone())),
            (_, true) => Way::Chain,
            _ => Way::Each,
        };
        if way != Way::Each && models.len() < 2 {
            let message = format!("--{} takes at least two models", way.name());
            return Err(Error::new(Code::Usage, message, "name them with --models a,b"));
        }
        Ok(Self {
            question: input::question(text("question").as_deref())?,
            rewriter: text("reformulate").map(|named| if named.is_empty() { first } else { named }),
            system: text("system"),
            yes: matches.get_flag("yes"),
            models,
            way,
        })
    }
}

fn run(context: &Context, matches: &ArgMatches) -> Result<u8, Failures> {
    let order = Order::read(matches)?;
    context.block_on(async {
        let max_tokens = matches.get_one::<u64>("max-tokens").copied();
        let asker = Asker { output: &context.output, client: super::model::hub(context).await?, max_tokens };
        let mut signals = Signals::take()?;
        tokio::select! {
            // Boxed: what several models are asked at once is large.
            done = Box::pin(carry_out(&asker, order)) => Ok(done?),
            // What is under way ends with its connections, and the hub ends it at the providers.
            () = signals.next() => Err(interrupted().into()),
        }
    })
}

/// Asks, tells, and answers with the exit code.
async fn carry_out(asker: &Asker<'_>, order: Order) -> Result<u8> {
    let Order { models, question, system, way, rewriter, yes } = order;
    let system = system.as_deref();
    let rewritten = match rewriter {
        Some(model) => {
            rewrite::can_be_shown(asker, yes)?;
            Some(rewrite::rewrite(asker, &model, question.clone(), yes).await?)
        }
        None => None,
    };
    let asked = rewritten.as_ref().map_or(question.as_str(), |rewritten| rewritten.question.as_str());
    let (replies, judged) = match (&way, models.as_slice()) {
        (Way::Chain, models) => (course::chain(asker, models, system, asked).await?, None),
        (_, [model]) => (vec![course::one(asker, model, system, asked).await?], None),
        (Way::Each, models) => (course::all(asker, models, system, asked).await?, None),
        (Way::Compare(judge), models) => {
            let replies = course::all(asker, models, system, asked).await?;
            let judged = course::judge(asker, judge, asked, &replies).await?;
            (replies, judged)
        }
    };
    let last = decisive(&way, &replies, judged.as_ref());
    let error = last.and_then(|reply| reply.turn.error.as_ref());
    if asker.output.json {
        asker.output.value(&json!({
            "question": question,
            "asked": asked,
            "way": way.name(),
            "reformulated": rewritten.as_ref().map(|Rewritten { reply, .. }| reply.to_json()),
            "answers": replies.iter().map(Reply::to_json).collect::<Value>(),
            "judge": judged.as_ref().map(|judged| judged.reply.to_json()),
            "best": judged.as_ref().and_then(|judged| judged.best.clone()),
            "why": judged.as_ref().map(|judged| judged.verdict.why.clone()),
        }));
    }
    Ok(error.map_or(0, |error| error.code().exit()))
}

/// The answer that says how the command ends: that of the judge, the last of a chain, and of several the first that failed where
/// all did.
fn decisive<'a>(way: &Way, replies: &'a [Reply], judged: Option<&'a Judged>) -> Option<&'a Reply> {
    match (way, judged) {
        (_, Some(judged)) => Some(&judged.reply),
        (Way::Chain, None) => replies.last(),
        _ => replies.iter().find(|reply| reply.is_whole()).or(replies.first()),
    }
}
