//! What is known of models, what was spent on them, and what may be.

use super::input::{Asked, Whose};
use super::operation::{Parameter, Shape};
use crate::Shared;
use crate::answer::{Refusal, plain_json};
use crate::body;
use crate::models::standing::{prices, shown};
use axum::extract::{Path, Request, State};
use axum::response::Response;
use base::config::duration_from_text;
use base::{Code, Error, clock};
use model::NanoDollars;
use serde_json::{Value, json};
use spending::{Group, Question, Row, Standing};
use std::sync::Arc;
use std::time::Duration;

/// Whether servers are asked.
pub(crate) const PROBE: Parameter = Parameter {
    name: "probe",
    about: "Whether the servers of the deployments are asked what they say of them; only for whoever runs the hub.",
    shape: Shape::Flag,
};

/// From when on.
pub(crate) const SINCE: Parameter = Parameter {
    name: "since",
    about: "From the hour of this moment on: seconds since 1970, or a time such as `7d` before now; `7d` unless said.",
    shape: Shape::Pattern(MOMENT),
};

/// Until when.
pub(crate) const UNTIL: Parameter = Parameter {
    name: "until",
    about: "Up to before the hour of this moment, written as `since`; all that there is unless said.",
    shape: Shape::Pattern(MOMENT),
};

/// By what.
pub(crate) const BY: Parameter = Parameter {
    name: "by",
    about: "By what it is told apart, with commas between: key, team, model, deployment, provider, run, day, hour.",
    shape: Shape::Pattern(
        "^((key|team|model|deployment|provider|run|day|hour)(,(key|team|model|deployment|provider|run|day|hour))*)?$",
    ),
};

/// What a moment looks like: seconds since 1970, or a time before now.
const MOMENT: &str = "^([0-9]{1,12}|[0-9]{1,6}(s|m|h|d))$";

/// The most rows of an answer.
const ROWS: usize = 1_000;

/// How far back usage is told where nobody says.
const USUAL: Duration = Duration::from_secs(7 * 86_400);

/// By what usage is told apart, as it is written.
const GROUPS: [(&str, Group); 8] = [
    ("key", Group::Key),
    ("team", Group::Team),
    ("model", Group::Model),
    ("deployment", Group::Deployment),
    ("provider", Group::Provider),
    ("run", Group::Run),
    ("day", Group::Day),
    ("hour", Group::Hour),
];

/// All names that can be asked for.
pub(crate) async fn list(State(shared): State<Arc<Shared>>, Whose(visitor): Whose) -> Response {
    let all = shared.models.standings(visitor.caller(), visitor.is_operator());
    let prices = prices(&shared.models.price_table(), visitor.is_operator());
    plain_json(json!({"models": all.iter().map(shown).collect::<Vec<_>>(), "prices": prices}).to_string())
}

/// One of them.
pub(crate) async fn one(
    State(shared): State<Arc<Shared>>,
    Whose(visitor): Whose,
    Path(name): Path<String>,
    asked: Asked,
) -> Result<Response, Refusal> {
    let standing = match asked.flag(&PROBE)? {
        false => shared.models.standing(&name, visitor.caller())?,
        true if visitor.is_operator() => shared.models.probed(&name, visitor.caller()).await?,
        true => {
            let message = "only whoever runs the hub may have servers asked what they are";
            return Err(Error::new(Code::KeyRestricted, message, "leave `probe` out").into());
        }
    };
    Ok(plain_json(shown(&standing).to_string()))
}

/// What was used and spent; with a client's key, with that key.
pub(crate) async fn usage(
    State(shared): State<Arc<Shared>>,
    Whose(visitor): Whose,
    asked: Asked,
) -> Result<Response, Refusal> {
    let now = clock::wall();
    let by = by(asked.text(&BY)?)?;
    let since = moment(&SINCE, asked.text(&SINCE)?, now)?.unwrap_or(now.saturating_sub(USUAL));
    // The hour under way belongs to it.
    let until = moment(&UNTIL, asked.text(&UNTIL)?, now)?.unwrap_or(now + Duration::from_secs(3_600));
    let of = (!visitor.is_operator()).then(|| visitor.caller().principal.as_ref().to_owned());
    let question = Question { since: since.as_secs(), until: until.as_secs(), of, by, most: ROWS };
    let ledger = shared.models.ledger();
    ledger.flush().await?;
    let rows = ledger.usage(&question).await?;
    let rows: Vec<Value> = rows.iter().map(|one| row(one, &question.by)).collect();
    Ok(plain_json(json!({"since": question.since, "until": question.until, "usage": rows}).to_string()))
}

/// How good an answer was: `{"id": "…", "score": 0.5}`.
pub(crate) async fn feedback(
    State(shared): State<Arc<Shared>>,
    Whose(visitor): Whose,
    request: Request,
) -> Result<Response, Refusal> {
    body::check_type(request.headers())?;
    let bytes = body::read(request.into_body(), &shared.limits).await?;
    let said: Value = base::json::from_bytes(&bytes).unwrap_or_default();
    let score = said["score"].as_f64().filter(|score| (0.0..=1.0).contains(score));
    let (Some(id), Some(score)) = (said["id"].as_str(), score) else {
        let message = "the body is no JSON object with a text `id` and a `score` from 0 to 1";
        return Err(Error::new(Code::InvalidParams, message, "send `{\"id\": \"…\", \"score\": 0.5}`").into());
    };
    let taken = shared.models.score(&visitor.caller().principal, id, score)?;
    Ok(plain_json(json!({"answers": taken}).to_string()))
}

/// How budgets stand; with a client's key, its own and that of its team.
pub(crate) async fn budgets(State(shared): State<Arc<Shared>>, Whose(visitor): Whose) -> Response {
    let caller = visitor.caller();
    let own = format!("key:{}", caller.principal);
    let team = caller.team.as_ref().map(|team| format!("team:{team}"));
    let mut all = shared.models.ledger().budgets();
    all.retain(|one| visitor.is_operator() || one.name == own || Some(&one.name) == team.as_ref());
    plain_json(json!({"budgets": all.iter().map(budget).collect::<Vec<_>>()}).to_string())
}

fn by(text: Option<&str>) -> Result<Vec<Group>, Error> {
    let mut by = Vec::new();
    for word in text.filter(|text| !text.is_empty()).into_iter().flat_map(|text| text.split(',')) {
        match GROUPS.iter().find(|(known, _)| *known == word) {
            Some((_, group)) if by.contains(group) => {}
            Some((_, group)) => by.push(*group),
            None => {
                let known: Vec<&str> = GROUPS.iter().map(|(known, _)| *known).collect();
                let message = format!("the parameter `{}` of the query has a word that is not known", BY.name);
                return Err(Error::new(Code::InvalidParams, message, format!("write some of {}", known.join(", "))));
            }
        }
    }
    Ok(by)
}

/// A moment, since 1970.
fn moment(parameter: &Parameter, text: Option<&str>, now: Duration) -> Result<Option<Duration>, Error> {
    let Some(text) = text else { return Ok(None) };
    let number = text.trim_end_matches(['s', 'm', 'h', 'd']);
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let moment = match (number.len(), text.len() - number.len()) {
        (1..=12, 0) if digits => text.parse().ok().map(Duration::from_secs),
        (1..=6, 1) if digits => duration_from_text(text).map(|ago| now.saturating_sub(ago)),
        _ => None,
    };
    moment.map(Some).ok_or_else(|| {
        let message = format!("the parameter `{}` of the query is no moment", parameter.name);
        Error::new(Code::InvalidParams, message, "write seconds since 1970, or a time before now such as `36h` or `7d`")
    })
}

fn row(row: &Row, by: &[Group]) -> Value {
    let name = |group: Group, name: &str| by.contains(&group).then(|| name.to_owned());
    json!({
        "key": name(Group::Key, &row.key),
        "team": name(Group::Team, &row.team),
        "model": name(Group::Model, &row.model),
        "deployment": name(Group::Deployment, &row.deployment),
        "provider": name(Group::Provider, &row.provider),
        "run": name(Group::Run, &row.run),
        "starts_at": row.starts_at,
        "requests": row.requests,
        "failed": row.failed,
        "cached": row.cached,
        "estimated": row.estimated,
        "tokens": {
            "input": row.input,
            "output": row.output,
            "cache_read": row.cache_read,
            "cache_write": row.cache_write,
            "reasoning": row.reasoning,
        },
        "cost": amount(row.cost),
        "unaccounted": amount(row.unaccounted),
        "latency_ms": row.latency_ms,
    })
}

fn budget(standing: &Standing) -> Value {
    json!({
        "name": standing.name,
        "period": standing.period.word(),
        "limit": amount(standing.limit),
        "spent": amount(standing.spent),
        "reserved": amount(standing.reserved),
        "unaccounted": amount(standing.unaccounted),
        "left": amount(standing.limit.saturating_sub(standing.spent).saturating_sub(standing.reserved)),
        "resets_at": standing.resets_at,
    })
}

/// An amount of money, for programs and for people.
fn amount(nano: u64) -> Value {
    json!({"nano_dollars": nano, "text": NanoDollars(nano).to_string()})
}

#[cfg(test)]
mod tests;
