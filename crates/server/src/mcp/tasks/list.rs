//! The tasks of a legacy client at all upstreams.

use crate::Shared;
use crate::mcp::client::Client;
use base::{Result, clock};
use identity::tasks::Task;
use mcp::extension;
use mcp::{Method, raw, write};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tools::view::Route;
use tools::{Caller, Forward, Step};

/// The most pages of one upstream, and the most tasks of all.
const PAGES: usize = 50;
const TASKS: usize = 1000;

/// The most tasks of an upstream that has no list: each costs a request.
const REMEMBERED: usize = 50;

/// How long all upstreams together may take.
const LIMIT: Duration = Duration::from_secs(30);

/// Answers `tasks/list`: what the upstreams say that have such a list, as far as it is this client's; of the others, such
/// as all modern ones, the tasks that the hub remembers to be this client's. An upstream that fails is left out.
pub(crate) fn list(
    shared: &Arc<Shared>,
    client: &Client,
    id: &str,
    params: &str,
    caller: &Caller,
) -> Result<impl Future<Output = String> + Send + use<>> {
    let label = format!("{}/tasks", client.view.name);
    let start = match raw::get(params, "cursor") {
        None | Some("null") => 0,
        Some(cursor) => shared.hub.cursors().open(&label, &raw::text(cursor).unwrap_or_default())?.0,
    };
    let (shared, view, principal) =
        (Arc::clone(shared), Arc::clone(&client.view), Arc::clone(&client.visitor.principal));
    let (id, caller) = (id.to_owned(), caller.clone());
    Ok(async move {
        let mut found = Vec::new();
        let mut upstreams: Vec<&String> = view.upstreams.iter().collect();
        upstreams.sort_unstable();
        let deadline = clock::now() + LIMIT;
        for upstream in upstreams {
            let left = deadline.saturating_duration_since(clock::now());
            let all = of_upstream(&shared, &view, upstream, &caller, &principal, &mut found);
            let _ = tokio::time::timeout(left, all).await;
        }
        let page = found.get(start..).unwrap_or_default();
        let page = &page[..page.len().min(shared.hub.page())];
        let end = start + page.len();
        let more = (end < found.len()).then(|| shared.hub.cursors().seal(&label, end, "task"));
        let more = more.map(|cursor| format!(",\"nextCursor\":{}", raw::quote(&cursor))).unwrap_or_default();
        write::result(&id, &format!("{{\"tasks\":[{}]{more}}}", page.join(",")))
    })
}

async fn of_upstream(
    shared: &Shared,
    view: &tools::View,
    upstream: &str,
    caller: &Caller,
    principal: &str,
    found: &mut Vec<String>,
) {
    let known = shared.hub.upstream(upstream).filter(|upstream| upstream.settings.enabled);
    let Some(known) = known else { return };
    let catalogue = known.catalogue();
    if !raw::at(&catalogue.capabilities, &["tasks", "list"]).is_some_and(raw::is_object) {
        if extension::runs_tasks(&catalogue.capabilities) {
            remembered(shared, view, upstream, caller, principal, found).await;
        }
        return;
    }
    let knows_clients = known.settings.is_within();
    let mut params = "{}".to_owned();
    for _ in 0..PAGES {
        let route = Route { upstream: upstream.to_owned(), original: String::from("-"), mirrors: None };
        let forward = shared.hub.forward_to(route, view, &Method::TasksList, &params, caller.clone());
        let Ok(forward) = forward else { return };
        let Some(page) = result_of(forward).await else { return };
        for listed in raw::elements(raw::get(&page, "tasks").unwrap_or_default()) {
            let Some(raw_id) = raw::get(listed, "taskId") else { continue };
            let Some(id) = raw::text(raw_id) else { continue };
            let task = Task { upstream: upstream.to_owned(), id: id.into_owned() };
            // An upstream lists the tasks of all clients of the hub, unless it knows them.
            if found.len() < TASKS
                && (knows_clients || shared.tasks.is_of(&task, principal))
                && let Ok(sealed) = shared.tasks.seal(&task, principal)
            {
                let mut splice = raw::Splice::new(listed);
                splice.replace(raw_id, raw::quote(&sealed));
                found.push(splice.finish().into_owned());
            }
        }
        match raw::get(&page, "nextCursor").filter(|cursor| cursor.starts_with('"')) {
            Some(cursor) => params = format!("{{\"cursor\":{cursor}}}"),
            None => return,
        }
    }
}

/// The tasks of an upstream without a list, one by one.
async fn remembered(
    shared: &Shared,
    view: &tools::View,
    upstream: &str,
    caller: &Caller,
    principal: &str,
    found: &mut Vec<String>,
) {
    for task in shared.tasks.owned(upstream, principal, REMEMBERED.min(TASKS.saturating_sub(found.len()))) {
        let params = format!("{{\"taskId\":{}}}", raw::quote(&task.id));
        let route = Route { upstream: upstream.to_owned(), original: task.id.clone(), mirrors: None };
        let forward = shared.hub.forward_to(route, view, &Method::TasksGet, &params, caller.clone());
        let Ok(forward) = forward else { return };
        // One that the upstream has forgotten is none any more.
        let Some(shown) = result_of(forward).await else { continue };
        if let Some(raw_id) = raw::get(&shown, "taskId")
            && let Ok(sealed) = shared.tasks.seal(&task, principal)
        {
            let mut splice = raw::Splice::new(&shown);
            splice.replace(raw_id, raw::quote(&sealed));
            found.push(splice.finish().into_owned());
        }
    }
}

async fn result_of(mut forward: Forward) -> Option<String> {
    loop {
        match forward.next().await {
            Step::Result(result) => return Some(result),
            Step::Error(_) => return None,
            Step::Note(_) | Step::Ask(_) | Step::Withdraw(_) => {}
        }
    }
}
