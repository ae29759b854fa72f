//! Following a run while it goes on.

use base::{Code, Error};
use console::output::{Output, Style};
use console::runs::{self as show, Course};
use hubs::client::{HubClient, Wanted, path_segment};
use hubs::{Context, Failures};
use serde_json::{Value, json};
use std::sync::OnceLock;

/// Which run is followed and whether this process carries it out, once that is known: it goes on when the command is ended.
pub(crate) type Way = OnceLock<(String, bool)>;

/// Runs `work` with a hub that carries runs out. Who ends the command is told how the run goes on.
pub(crate) fn with_hub(
    context: &Context,
    wanted: &Wanted,
    work: &impl AsyncFn(&HubClient, &Way) -> Result<u8, Failures>,
) -> Result<u8, Failures> {
    let way = Way::default();
    let done = context.block_on(HubClient::with(context, wanted, async |client| work(client, &way).await));
    context.output.progress("");
    match (&done, way.get()) {
        (Err(Failures(errors)), Some((run, local))) if errors.iter().any(|error| error.code() == Code::Interrupted) => {
            context.output.message(&show::left(run, *local));
            Ok(Code::Interrupted.exit())
        }
        _ => done,
    }
}

/// Follows a run to its end, and tells what it gave. The exit code says how it ended.
pub(crate) async fn to_the_end(output: &Output, client: &HubClient, run: &str, way: &Way) -> Result<u8, Failures> {
    let _ = way.set((run.to_owned(), client.is_local()));
    let path = format!("/api/v1/runs/{}", path_segment(run));
    output.message(&output.paint_message(Style::Faint, &format!("run {run}")));
    let mut course = Course::default();
    let mut seen = 0_u64;
    loop {
        let mut events = client.events(&format!("{path}/events?from={}", seen + 1)).await?;
        while let Some(data) = events.next().await? {
            seen += 1;
            let entry: Value = base::json::from_text(&data).unwrap_or_default();
            if output.json {
                output.line(&json!({"run": run, "sequence": seen, "entry": entry}).to_string());
            } else {
                course.tell(output, &entry, client.is_local());
            }
            if entry["kind"] == "finished" {
                output.progress("");
                return Ok(show::finished(output, &client.get(&path).await?));
            }
        }
        // A hub that is being stopped ends its streams; whether another is there, the next request tells.
        if seen == 0 {
            let message = format!("nothing is told of the run {run}");
            return Err(Error::new(Code::HubAnswer, message, "look at it with `tutti run inspect`").into());
        }
    }
}
