use super::{Discovery, Found, merged};
use crate::catalogue::{Catalogue, Item};
use crate::config::ViewSettings;
use crate::view::{Source, View, build};
use globset::Glob;
use search::Embedder;
use std::sync::Arc;
use std::time::Duration;
use store::Db;

pub(super) fn source(name: &str, tools: &[(&str, &str)]) -> Source {
    let item = |(name, said): &(&str, &str)| Item {
        key: (*name).to_owned(),
        json: format!(r#"{{"name":"{name}","description":"{said}","inputSchema":{{"properties":{{}}}}}}"#),
    };
    let catalogue = Catalogue { tools: tools.iter().map(item).collect(), ..Catalogue::default() };
    Source { name: name.to_owned(), catalogue: Arc::new(catalogue) }
}

pub(super) fn sources() -> Vec<Source> {
    vec![
        source("mail", &[("send", "Sends a letter to somebody."), ("read", "Reads a letter.")]),
        source("files", &[("read_file", "Reads a file from disk."), ("delete_file", "Deletes a file.")]),
    ]
}

pub(super) fn view(sources: &[Source], deny: &str) -> View {
    let deny = vec![Glob::new(deny).unwrap().compile_matcher()];
    build("v", &ViewSettings { deny, ..ViewSettings::default() }, sources)
}

/// The names that a search finds.
pub(super) async fn names(discovery: &Discovery, view: &View, queries: &[&str]) -> Vec<String> {
    let queries: Vec<String> = queries.iter().map(|query| (*query).to_owned()).collect();
    let found = discovery.search(view, &discovery.read(&queries).await, None, 5);
    found.iter().map(|found| view.lists[0].items[found.place].key.clone()).collect()
}

/// An empty index.
pub(super) async fn discovery(embedder: Option<Arc<dyn Embedder>>) -> Arc<Discovery> {
    let db = Db::memory().await.unwrap();
    crate::tables::prepare(&db).await.unwrap();
    Discovery::new(embedder.map(|embedder| (embedder, db)))
}

/// Runs `test` with an index of `sources`.
fn with(sources: &[Source], test: impl AsyncFnOnce(Arc<Discovery>)) {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
        let discovery = discovery(None).await;
        follow(&discovery, sources).await;
        test(discovery).await;
    });
}

pub(super) async fn follow(discovery: &Discovery, sources: &[Source]) {
    discovery.follow(sources);
    discovery.settle(Duration::from_secs(60)).await;
}

#[test]
fn tools_are_found_by_what_they_do() {
    let sources = sources();
    with(&sources, async |discovery| {
        let all = view(&sources, "none");
        assert_eq!(names(&discovery, &all, &["delete a file"]).await[0], "files__delete_file");
        assert_eq!(names(&discovery, &all, &["send letters"]).await[0], "mail__send");
        assert_eq!(names(&discovery, &all, &["weather"]).await, Vec::<String>::new());
        let both = names(&discovery, &all, &["letter", "file"]).await;
        assert!(both[0].starts_with("mail__") && both[1].starts_with("files__"), "in turn: {both:?}");
    });
}

#[test]
fn a28_what_a_view_hides_is_not_found_in_it() {
    let sources = sources();
    with(&sources, async |discovery| {
        let all = view(&sources, "none");
        assert_eq!(names(&discovery, &all, &["delete file"]).await[0], "files__delete_file");
        let hiding = view(&sources, "files__*");
        assert_eq!(names(&discovery, &hiding, &["delete file"]).await, Vec::<String>::new());
        let renamed = ViewSettings {
            rename: vec![crate::config::Rename { from: "files__delete_file".into(), to: "bin".into() }],
            ..ViewSettings::default()
        };
        let renamed = build("r", &renamed, &sources);
        assert_eq!(
            names(&discovery, &renamed, &["delete file"]).await[0],
            "bin",
            "by the name that the view has for it"
        );
    });
}

#[test]
fn h29_what_is_in_quarantine_now_is_not_found_though_the_index_has_it() {
    let before = sources();
    with(&before, async |discovery| {
        // The view is built anew before the index is.
        let after = [source("mail", &[("read", "Reads a letter.")]), before[1].clone()];
        let view = view(&after, "none");
        assert_eq!(names(&discovery, &view, &["send letter"]).await, ["mail__read"]);
        follow(&discovery, &after).await;
        assert_eq!(names(&discovery, &view, &["send letter"]).await, ["mail__read"]);
    });
}

#[test]
fn index_follows_what_the_upstreams_have() {
    let before = sources();
    with(&before, async |discovery| {
        let after = [
            source("mail", &[("send", "Sends a telegram."), ("bin", "Throws a letter away.")]),
            source("weather", &[("forecast", "Tells tomorrow's weather.")]),
        ];
        follow(&discovery, &after).await;
        let view = view(&after, "none");
        assert_eq!(names(&discovery, &view, &["telegram"]).await, ["mail__send"]);
        assert_eq!(names(&discovery, &view, &["weather"]).await, ["weather__forecast"]);
        assert_eq!(names(&discovery, &view, &["file"]).await, Vec::<String>::new());
        assert_eq!(discovery.snapshot.load().index.len(), 3);
    });
}

#[test]
fn queries_take_turns_and_each_tool_comes_once() {
    let of = |query: usize, places: &[usize]| -> Vec<Found> {
        places.iter().map(|&place| Found { place, query, score: 1.0 }).collect()
    };
    let places = |found: Vec<Found>| found.iter().map(|found| (found.query, found.place)).collect::<Vec<_>>();
    let lists = vec![of(0, &[1, 2, 3, 4]), of(1, &[1, 2, 9]), of(2, &[])];
    assert_eq!(places(merged(lists.clone(), 10)), [(0, 1), (1, 2), (0, 3), (1, 9), (0, 4)]);
    assert_eq!(places(merged(lists, 2)), [(0, 1), (1, 2)]);
    assert_eq!(places(merged(Vec::new(), 2)), []);
}
