//! Following a run while it goes on.

use base::{Code, Error};
use console::output::{Output, Style};
use console::runs::{self as show, Course, Live};
use hubs::client::exchange::Events;
use hubs::client::{HubClient, Wanted, path_segment};
use hubs::{Context, Failures};
use serde_json::{Value, json};
use std::pin::pin;
use std::sync::OnceLock;
use std::time::Duration;

/// How often it is looked whether there is something new to draw.
const LOOK: Duration = Duration::from_millis(200);
/// After so many looks it is drawn anew, because time goes on.
const CLOCK: u32 = 5;

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
    let mut sight = match Live::begin(output) {
        Some(live) => Sight::Drawn(Box::new(Drawn { live, stale: true, looks: 0 })),
        None => Sight::Told(Course::default()),
    };
    let mut seen = 0_u64;
    loop {
        let mut events = client.events(&format!("{path}/events?from={}", seen + 1)).await?;
        while let Some(data) = next(&mut events, &mut sight, output, client, &path).await? {
            seen += 1;
            let entry: Value = base::json::from_text(&data).unwrap_or_default();
            if output.json {
                output.value(&json!({"run": run, "sequence": seen, "entry": entry}));
            } else {
                sight.note(output, &entry, client.is_local());
            }
            if entry["kind"] == "finished" {
                return Ok(sight.end(output, &client.get(&path).await?));
            }
        }
        // A hub that is being stopped ends its streams; whether another is there, the next request tells.
        if seen == 0 {
            let message = format!("nothing is told of the run {run}");
            return Err(Error::new(Code::HubAnswer, message, "look at it with `tutti run inspect`").into());
        }
    }
}

/// How a person sees a run go on.
enum Sight {
    /// As lines, one below the other.
    Told(Course),
    /// As a tree that is drawn in place.
    Drawn(Box<Drawn>),
}

/// A tree, and what is known of it.
struct Drawn {
    live: Live,
    /// Whether something happened since it was drawn.
    stale: bool,
    /// How often it was looked since.
    looks: u32,
}

impl Sight {
    fn note(&mut self, output: &Output, entry: &Value, local: bool) {
        match self {
            Sight::Told(course) => course.tell(output, entry, local),
            Sight::Drawn(drawn) => drawn.stale = true,
        }
    }

    /// Tells how the run ended. The tree stays.
    fn end(&mut self, output: &Output, said: &Value) -> u8 {
        match self {
            Sight::Told(_) => {
                output.progress("");
                show::finished(output, said)
            }
            Sight::Drawn(drawn) => {
                drawn.live.show(output, said);
                show::ended(output, said)
            }
        }
    }
}

/// The next event. Until it comes, the tree is kept as things are.
async fn next(
    events: &mut Events,
    sight: &mut Sight,
    output: &Output,
    client: &HubClient,
    path: &str,
) -> Result<Option<String>, Failures> {
    let Sight::Drawn(drawn) = sight else { return Ok(events.next().await?) };
    let mut event = pin!(events.next());
    loop {
        if let Ok(event) = tokio::time::timeout(LOOK, &mut event).await {
            return Ok(event?);
        }
        drawn.looks = drawn.looks.saturating_add(1);
        if drawn.stale {
            drawn.live.show(output, &client.get(path).await?);
        } else if drawn.looks >= CLOCK {
            drawn.live.again(output);
        } else {
            continue;
        }
        (drawn.stale, drawn.looks) = (false, 0);
    }
}
