//! Notices while the configuration changes, and what is left of those that are over.

use super::*;

fn desk(scene: &Scene) -> (Desk, mpsc::UnboundedReceiver<Sent>) {
    let (ended, endings) = mpsc::unbounded_channel();
    (Desk::new(scene.house.carried().notices(), ended), endings)
}

/// A run that waits at its gate.
async fn waiting(scene: &Scene) -> RunId {
    let run = scene.start("open", json!({})).await;
    scene.house.stands(run, Status::Waiting).await;
    run
}

#[tokio::test]
async fn a_notice_that_is_removed_is_not_tried_again() {
    let scene = Scene::of(false).await;
    let run = waiting(&scene).await;
    let notices = scene.notices().await;
    let (mut desk, mut endings) = desk(&scene);
    notices.look(run, &mut desk, &scene.stop).await.unwrap();
    take(&scene.listener, 500).await;
    scene.house.tells(Vec::new());
    desk.follow(scene.house.carried().notices());
    let sent = endings.recv().await.unwrap();
    assert_eq!(sent.ending, Ending::Outdated);
    notices.end(&sent, &mut desk).await;
    notices.look(run, &mut desk, &scene.stop).await.unwrap();
    assert!(!desk.is_begun(run, &sent.id));
}

#[tokio::test]
async fn a_notice_that_is_corrected_goes_to_its_new_address_alone() {
    let scene = Scene::of(false).await;
    scene.works().await;
    let run = waiting(&scene).await;
    let first = take(&scene.listener, 500).await.json();
    let right = network::listen(([127, 0, 0, 1], 0).into()).await.unwrap();
    let url = format!("http://127.0.0.1:{}/", right.local_addr().unwrap().port());
    scene.house.tells(vec![Notice::new("chat", &url, "gates", &[]).unwrap()]);
    let second = take(&right, 200).await.json();
    assert_eq!((&second["id"], &second["run"]), (&first["id"], &json!(run.to_string())));
}

#[tokio::test]
async fn a_receiver_that_takes_nothing_holds_up_no_other() {
    let scene = Scene::of(false).await;
    let silent = network::listen(([127, 0, 0, 1], 0).into()).await.unwrap();
    let url = format!("http://127.0.0.1:{}/", silent.local_addr().unwrap().port());
    let mut notices = vec![Notice::new("silent", &url, "gates", &[]).unwrap()];
    notices.extend(scene.house.carried().notices().iter().cloned());
    scene.house.tells(notices);
    scene.works().await;
    let mut runs = HashSet::new();
    for _ in 0..12 {
        runs.insert(scene.start("open", json!({})).await.to_string());
    }
    while !runs.is_empty() {
        let told = take(&scene.listener, 200).await.json();
        runs.remove(told["run"].as_str().unwrap());
    }
}

#[tokio::test]
async fn nothing_is_kept_of_runs_that_are_over() {
    let scene = Scene::of(false).await;
    let (waits, over) = (waiting(&scene).await, waiting(&scene).await);
    let by = runner::By { actor: "local".to_owned(), everywhere: true, ..runner::By::default() };
    scene.house.runner.cancel(over, &by).await.unwrap();
    scene.house.runner.ended(over).await.unwrap();
    let forgotten = RunId::new(1, [1; 10]);
    let notices = scene.notices().await;
    for key in [waits.to_string(), over.to_string(), forgotten.to_string(), "no run".to_owned()] {
        notices.kept.put(SPACE, &key, "[]").await.unwrap();
    }
    let mut keys = Vec::new();
    notices.list(&mut keys).await.unwrap();
    notices.sweep(&mut keys).await.unwrap();
    let kept = notices.kept.list(SPACE).await.unwrap();
    let keys: Vec<&str> = kept.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(keys, [waits.to_string()]);
}

/// One run that cannot be read keeps nobody from the others, of which a few are looked at in one go.
#[tokio::test]
async fn what_cannot_be_read_ends_no_sweep() {
    let scene = Scene::of(false).await;
    let journal = Db::memory().await.unwrap();
    let (runner, carried) = House::stored(journal.clone(), &[OPEN]).await;
    let broken = runner.start(Start::of("open", serde_json::Map::new())).await.unwrap().run;
    let odd = store::Statement::new("UPDATE run SET status = 'odd'");
    journal.execute(vec![odd]).await.unwrap().done().unwrap();
    let notices = Notices::open(carried, scene.secrets.clone(), scene.db.clone()).await.unwrap();
    notices.kept.put(SPACE, &broken.to_string(), "[]").await.unwrap();
    for run in 0..PAGE {
        notices.kept.put(SPACE, &RunId::new(run as u64, [1; 10]).to_string(), "[]").await.unwrap();
    }
    let mut keys = Vec::new();
    notices.list(&mut keys).await.unwrap();
    let mut outcomes = Vec::new();
    for left in [1, 0, 0] {
        outcomes.push(notices.sweep(&mut keys).await.is_ok());
        assert_eq!(keys.len(), left);
    }
    outcomes.sort_unstable();
    assert_eq!(outcomes, [false, true, true], "it is told once");
    let kept = notices.kept.list(SPACE).await.unwrap();
    assert_eq!(kept.iter().map(|entry| &entry.key).collect::<Vec<_>>(), [&broken.to_string()]);
}
