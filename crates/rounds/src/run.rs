//! Carrying a talk out: models are asked, tools called, several at once, until there is an answer.

use super::calls::{Client, Means, answer_all, keep, record, reply};
use super::offer::Offer;
use super::rounds::Rounds;
use super::talk::{Call, Next, Talk, words};
use super::wanted::Wanted;
use base::ports::Spoken;
use base::{Code, Error, Result, clock};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use llm::Dialect;
use llm::answer::{Answer, Body};
use llm::gateway::Gateway;
use llm::request::Asked;
use tokio::time::Instant;

/// The header that says which tools were called.
const TOOLS: &str = "x-tutti-tools";
/// The header that says what became of the request at each deployment.
const ATTEMPTS: &str = "x-tutti-attempts";
/// The header that says what could not be told.
const LOST: &str = "x-tutti-lost";
/// The most bytes of the attempts.
const LONGEST: usize = 2000;

/// What a client gets.
pub enum Served {
    /// What a model answered, whole, or why none did.
    Answer(Answer),
    /// The streams of all rounds as one.
    Rounds(HeaderMap, Box<Rounds>),
}

/// Answers a request of `client` that wants tools of the hub. What is found on the way is told beside it, whatever the end.
///
/// # Errors
/// The request cannot be read, the view is gone, or no deployment could answer.
pub async fn ask(gateway: &Gateway, asked: &Asked, wanted: &Wanted, client: Client) -> (Result<Served>, HeaderMap) {
    let until = Instant::from_std(clock::now() + gateway.tools().time);
    let means = Means { gateway: gateway.clone(), client, until };
    match begin(&means, asked, wanted).await {
        Ok(talk) => carry_out(means, talk, asked.stream).await,
        Err(error) => (Err(error), HeaderMap::new()),
    }
}

/// Reads what is asked, and finds the tools for it.
async fn begin(means: &Means, asked: &Asked, wanted: &Wanted) -> Result<Talk> {
    let (endpoint, settings, client) = (asked.endpoint, means.gateway.tools(), &means.client);
    let bare = Asked::read(endpoint, Some(&asked.model), wanted.body.clone())?;
    let said = bare.said()?;
    let tools = client.tools.offer(&said.last_words(), settings.top).await?;
    let offer = Offer::new(tools, &said);
    let mut request = (*said).clone();
    let is_clear = client.past.put_back(&client.caller.principal, endpoint.dialect(), &mut request);
    let talk = Talk::new((endpoint, &asked.model), said, request, (offer, settings)).choosing_as(asked);
    let talk = if is_clear { talk } else { talk.lacks_past() };
    // What nobody keeps could not be given back.
    Ok(talk.made_shorter(client.shortening.filter(|_| client.tools.record().is_some())))
}

async fn carry_out(means: Means, mut talk: Talk, streams: bool) -> (Result<Served>, HeaderMap) {
    let mut course = HeaderMap::new();
    loop {
        let asked = match talk.asked() {
            Ok(asked) => asked,
            Err(error) => return (Err(error), course),
        };
        let (outcome, told) = means.ask(&asked).await;
        add(&mut course, told);
        let answer = match outcome {
            Ok(answer) if answer.status == StatusCode::OK => answer,
            other => return (other.map(Served::Answer), course),
        };
        let Answer { status, mut headers, body, cached } = answer;
        let bytes = match body {
            Body::Whole(bytes) if !streams => bytes,
            Body::Whole(bytes) => {
                return (Ok(Served::Answer(Answer { status, headers, body: Body::Whole(bytes), cached })), course);
            }
            stream => {
                tell_lost(&mut headers, &talk);
                return match reply(&talk) {
                    Ok(reply) => {
                        (Ok(Served::Rounds(headers, Box::new(Rounds::new(means, talk, reply, stream)))), course)
                    }
                    Err(error) => (Err(error), course),
                };
            }
        };
        match whole(&mut talk, &bytes, means.client.tools.record().is_some()) {
            Ok(Step::Done(body, said)) => {
                record(&means, said.map(Spoken::Words).into_iter().collect()).await;
                keep(&means, &mut talk);
                tell_lost(&mut headers, &talk);
                talk.called().header().into_iter().for_each(|value| drop(course.insert(TOOLS, value)));
                return (Ok(Served::Answer(Answer { status, headers, body: Body::Whole(body), cached })), course);
            }
            Ok(Step::Calls(calls)) => answer_all(&means, &mut talk, calls).await,
            Err(error) => return (Err(error), course),
        }
    }
}

/// Says what the model could not be told, beside what the translation could not.
fn tell_lost(headers: &mut HeaderMap, talk: &Talk) {
    let lost = talk.lost();
    if let Some(value) = HeaderValue::from_str(&lost.to_string()).ok().filter(|_| !lost.is_empty()) {
        headers.append(LOST, value);
    }
}

enum Step {
    /// The answer, and what the model said in the last round, where that is recorded.
    Done(bytes::Bytes, Option<String>),
    Calls(Vec<Call>),
}

/// What follows a whole answer. One with which the hub has nothing to do goes on as it came.
fn whole(talk: &mut Talk, bytes: &bytes::Bytes, is_recorded: bool) -> Result<Step> {
    let dialect = talk.dialect();
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let answer = dialects::read_answer(dialect, text).map_err(|fault| unreadable(dialect, &fault))?;
    let said = is_recorded.then(|| words(&answer.items));
    if talk.leaves(&answer) {
        talk.leave(answer);
        return Ok(Step::Done(bytes.clone(), said));
    }
    Ok(match talk.take(answer) {
        Next::Answer(answer) => Step::Done(dialects::write_answer(dialect, &answer, &reply(talk)?).body.into(), said),
        Next::Calls(calls) => Step::Calls(calls),
    })
}

fn unreadable(dialect: Dialect, fault: &conversation::Fault) -> Error {
    let message = format!("an answer cannot be read as {}: {fault}", dialect.title());
    Error::new(Code::ModelBroken, message, "ask again, or look at the `kind` and `url` of the provider")
}

/// Puts what is told of a round behind what was told of those before.
fn add(course: &mut HeaderMap, told: HeaderMap) {
    let before = course.get(ATTEMPTS).and_then(|value| value.to_str().ok()).map(str::to_owned);
    course.extend(told);
    let now = course.get(ATTEMPTS).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if let Some(before) = before {
        let all = format!("{before}, {now}");
        // A header is ASCII.
        let all = all.get(..LONGEST).unwrap_or(&all);
        if let Ok(value) = HeaderValue::from_str(all) {
            course.insert(HeaderName::from_static(ATTEMPTS), value);
        }
    }
}
