//! Asking several models: at once, with a judge behind them, or one after the other.

use super::reply::{Asker, Reply};
use base::{Code, Error, Result};
use console::output::{Style, clean, one_line};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use hybrid::asked::{self, Verdict};

/// What a judge said.
pub(super) struct Judged {
    /// Its answer.
    pub(super) reply: Reply,
    /// What it means.
    pub(super) verdict: Verdict,
    /// The best model.
    pub(super) best: Option<String>,
}

/// Asks one model, whose answer is told as it comes.
pub(super) async fn one(asker: &Asker<'_>, model: &str, system: Option<&str>, question: &str) -> Result<Reply> {
    let output = asker.output;
    let mut say = |text: &str| {
        if !output.json {
            output.piece(text);
        }
    };
    let reply = asker.ask(model, system, question, &mut say).await?;
    if !output.json && !reply.turn.text.is_empty() && !reply.turn.text.ends_with('\n') {
        output.piece("\n");
    }
    asker.tell(&reply);
    Ok(reply)
}

/// Asks all at once. Each answer is told when it is there; they are given in the order of the models.
pub(super) async fn all(
    asker: &Asker<'_>,
    models: &[String],
    system: Option<&str>,
    question: &str,
) -> Result<Vec<Reply>> {
    let ask = |(place, model): (usize, &String)| {
        let model = model.clone();
        async move { (place, asker.ask_silently(&model, system, question).await) }
    };
    let mut asked: FuturesUnordered<_> = models.iter().enumerate().map(ask).collect();
    let mut replies = Vec::new();
    while let Some((place, reply)) = asked.next().await {
        let reply = reply?;
        if !asker.output.json && !reply.turn.text.is_empty() {
            asker.heading(&one_line(&reply.model, 100));
            asker.output.line(&format!("{}\n", clean(reply.turn.text.trim_end())));
        }
        asker.tell(&reply);
        replies.push((place, reply));
    }
    replies.sort_by_key(|(place, _)| *place);
    Ok(replies.into_iter().map(|(_, reply)| reply).collect())
}

/// Asks a judge which of the answers is the best, and why. Nothing where there are not two to choose from.
pub(super) async fn judge(asker: &Asker<'_>, judge: &str, question: &str, replies: &[Reply]) -> Result<Option<Judged>> {
    let whole: Vec<&Reply> = replies.iter().filter(|reply| reply.is_whole()).collect();
    if whole.len() < 2 {
        return Ok(None);
    }
    let answers: Vec<&str> = whole.iter().map(|reply| reply.turn.text.as_str()).collect();
    let models: Vec<&str> = whole.iter().map(|reply| reply.model.as_str()).collect();
    let mut reply = asker.ask_silently(judge, Some(asked::JUDGE), &asked::which(question, &answers)).await?;
    let verdict = asked::verdict(&reply.turn.text, &models);
    let best = verdict.best.and_then(|best| models.get(best)).map(|model| (*model).to_owned());
    if reply.is_whole() && best.is_none() {
        let message = "the judge names no answer as the best";
        reply.turn.error = Some(Error::new(Code::HubAnswer, message, "name another with --judge"));
    }
    let output = asker.output;
    if !output.json && reply.is_whole() {
        asker.heading(&format!("Best: {}", best.as_deref().map(|model| one_line(model, 100)).unwrap_or_default()));
        output.line(&clean(&verdict.why));
    }
    asker.tell(&reply);
    Ok(Some(Judged { reply, verdict, best }))
}

/// Asks one after the other, each to make the answer before better. The last one is told as it comes, the others beside it. A
/// model that fails is passed over.
pub(super) async fn chain(
    asker: &Asker<'_>,
    models: &[String],
    system: Option<&str>,
    question: &str,
) -> Result<Vec<Reply>> {
    let output = asker.output;
    let mut replies: Vec<Reply> = Vec::new();
    for (number, model) in (1..).zip(models) {
        let before = replies.iter().rev().find(|reply| reply.is_whole());
        let text = before.map_or_else(|| question.to_owned(), |before| asked::better(question, &before.turn.text));
        if number == models.len() {
            replies.push(one(asker, model, system, &text).await?);
            break;
        }
        let reply = asker.ask_silently(model, system, &text).await?;
        if !output.json && reply.is_whole() {
            output.message(&output.paint_message(Style::Strong, &format!("# {}\n", one_line(model, 100))));
            output.message(&format!("{}\n", clean(reply.turn.text.trim_end())));
        }
        asker.tell(&reply);
        replies.push(reply);
    }
    // Who asked gets the best that there is, and learns by the exit code that it is not all.
    let said_nothing = replies.last().is_some_and(|last| !last.is_whole() && last.turn.text.is_empty());
    if let Some(before) = replies.iter().rev().find(|reply| reply.is_whole()).filter(|_| said_nothing && !output.json) {
        output.line(&clean(before.turn.text.trim_end()));
    }
    Ok(replies)
}
