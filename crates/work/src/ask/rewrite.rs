//! A question that a model says better before it is asked.

use super::input::{Consent, consent, typed};
use super::reply::{Asker, Reply};
use base::{Code, Error, Result};
use console::output::{Style, clean, one_line};
use hybrid::asked;

/// What became of a question.
pub(super) struct Rewritten {
    /// What is to be asked.
    pub(super) question: String,
    /// What the model said.
    pub(super) reply: Reply,
}

/// Whether somebody is there who can say yes, or has said so before.
///
/// # Errors
/// [`Code::Usage`] where neither is so: nothing has been asked yet.
pub(super) fn can_be_shown(asker: &Asker<'_>, yes: bool) -> Result<()> {
    if yes || asker.output.can_ask() {
        return Ok(());
    }
    let message = "the question would be rewritten, and nobody can be asked: standard input is no terminal";
    Err(Error::new(Code::Usage, message, "say --yes to ask whatever comes of it"))
}

/// Has `model` say a question better, and asks the person which is meant. With `yes` nobody is asked.
pub(super) async fn rewrite(asker: &Asker<'_>, model: &str, question: String, yes: bool) -> Result<Rewritten> {
    let reply = asker.ask_silently(model, Some(asked::REWRITER), &asked::rewrite(&question)).await?;
    if let Some(error) = &reply.turn.error {
        let message = format!("{} did not rewrite the question: {}", one_line(model, 100), error.message());
        return Err(Error::new(error.code(), message, error.next()));
    }
    let Some(better) = asked::rewritten(&reply.turn.text) else {
        let message = format!("{} made nothing of the question", one_line(model, 100));
        return Err(Error::new(Code::HubAnswer, message, "ask without --reformulate, or name another model for it"));
    };
    let output = asker.output;
    let title = output.paint_message(Style::Strong, &format!("The question, as {} says it:", one_line(model, 100)));
    let shown = format!("{title}\n\n{}\n", clean(&better));
    if yes {
        output.message(&shown);
        return Ok(Rewritten { question: better, reply });
    }
    output.say(&shown);
    loop {
        output.ask_for("Ask this? [Y]es, [e]dit, [n]o, as it was: ");
        match consent(&typed().await.ok_or_else(hubs::client::interrupted)?) {
            Some(Consent::Yes) => return Ok(Rewritten { question: better, reply }),
            Some(Consent::No) => return Ok(Rewritten { question, reply }),
            Some(Consent::Edit) => {
                output.ask_for("The question, on one line: ");
                let line = typed().await.ok_or_else(hubs::client::interrupted)?;
                if !line.trim().is_empty() {
                    return Ok(Rewritten { question: line.trim().to_owned(), reply });
                }
            }
            None => {}
        }
    }
}
