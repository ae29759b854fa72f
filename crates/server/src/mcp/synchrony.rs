//! Keeps the sessions of this replica as the others have them.

use super::replicas::{CHANGED, Found, OVER, Replicas};
use super::session::Session;
use super::watching;
use crate::Shared;
use serde_json::Value;
use std::sync::Arc;
use store::redis::{Away, Heard};
use tokio::sync::broadcast::error::RecvError;

/// How many sessions are looked up together.
const TOGETHER: usize = 16;

/// Listens to the other replicas for as long as the hub serves.
pub(crate) async fn follow(shared: Arc<Shared>) {
    let Some(replicas) = shared.sessions.memory.replicas().cloned() else { return };
    let mut news = replicas.redis.news();
    // What the store has kept the Redis may have lost.
    let mut missed = Some(true);
    loop {
        if let Some(empty) = missed.take()
            && synchronise(&shared, &replicas, empty).await.is_err()
        {
            tracing::debug!("not all sessions could be looked up; that is done when the redis is back");
        }
        match news.recv().await {
            Ok(Heard::Said { topic, body }) => heard(&shared, &topic, &body).await,
            Ok(Heard::Back { empty }) => missed = Some(empty),
            Err(RecvError::Lagged(_)) => missed = Some(false),
            Err(RecvError::Closed) => return,
        }
    }
}

async fn heard(shared: &Arc<Shared>, topic: &str, body: &[u8]) {
    let Ok(body) = std::str::from_utf8(body) else { return };
    match topic {
        CHANGED => {
            if let Some(session) = shared.sessions.with_id(body) {
                adopt(shared, &session).await;
            }
        }
        OVER => {
            let parts: Value = base::json::from_text(body).unwrap_or_default();
            if let (Some(id), Some(name)) = (parts[0].as_str(), parts[1].as_str()) {
                over(shared, id, name);
            }
        }
        _ => {}
    }
}

/// A session that ended at another replica ends here too.
fn over(shared: &Shared, id: &str, name: &str) {
    if let Some(session) = shared.sessions.ended_elsewhere(id, name) {
        shared.subscribers.end_session(id);
        shared.hub.forget_client(session.number);
    }
}

/// Takes over what a session has set at another replica.
async fn adopt(shared: &Arc<Shared>, session: &Arc<Session>) {
    let (Some(replicas), Some(name)) = (shared.sessions.memory.replicas(), &session.name) else { return };
    // A change of this replica's own is either told of before, or made after.
    let turn = session.keeping.lock().await;
    match replicas.recall(name).await {
        Ok(Found::Ended) => over(shared, &session.id, name),
        Ok(Found::State(kept)) => watching::set(shared, session, kept),
        Ok(Found::Nothing) | Err(Away) => {}
    }
    drop(turn);
}

/// Tells what could not be told, and looks what others have told. `empty` says that the Redis may have lost all.
async fn synchronise(shared: &Arc<Shared>, replicas: &Replicas, empty: bool) -> Result<(), Away> {
    for (id, ended) in replicas.take_untold() {
        match (ended, shared.sessions.with_id(&id)) {
            (Some(name), _) => replicas.end(&name, &id).await,
            (None, Some(session)) => put_whole(replicas, &session).await,
            (None, None) => {}
        }
    }
    if empty {
        for names in shared.sessions.over().chunks(TOGETHER) {
            replicas.put_ended(names).await?;
        }
    }
    for sessions in shared.sessions.all().chunks(TOGETHER) {
        let names: Vec<&str> = sessions.iter().map(|session| session.name.as_deref().unwrap_or_default()).collect();
        for (session, found) in sessions.iter().zip(replicas.recall_all(&names).await?) {
            match found {
                Found::Ended => over(shared, &session.id, session.name.as_deref().unwrap_or_default()),
                Found::State(_) => adopt(shared, session).await,
                Found::Nothing if session.kept().is_any() => put_whole(replicas, session).await,
                Found::Nothing => {}
            }
        }
    }
    Ok(())
}

async fn put_whole(replicas: &Replicas, session: &Session) {
    let Some(name) = &session.name else { return };
    let _turn = session.keeping.lock().await;
    replicas.put_whole(name, &session.id, &session.kept()).await;
}
