use super::*;
use routing::Strategy;
use routing::learning::Worth;

fn learning() -> Learning {
    Learning { worth: Worth { per_dollar: 10.0, per_second: 0.0 }, explore: 0.0, decides: true }
}

/// A request of the route `r`.
fn pupil(lessons: &Lessons) -> Pupil {
    lessons.pupil("r", learning(), &Need::default())
}

async fn lessons(folder: &tempfile::TempDir) -> (Db, Arc<Lessons>) {
    let db = Db::open(&folder.path().join("tutti.db")).await.unwrap();
    (db.clone(), Lessons::open(db).await.unwrap())
}

/// Who is asked, and why.
fn decided(pupil: &Pupil, strategy: Strategy) -> (Vec<usize>, String) {
    let candidates = ["p/bad", "p/left", "p/good"].map(Candidate::new);
    let policy = Policy { strategy, ..Policy::default() };
    let (need, preferences) = (Need::default(), Preferences::default());
    let made = pupil.decide(&policy, &candidates, (&need, &preferences), &mut || 0.5).unwrap();
    (made.indices().collect(), made.why)
}

#[tokio::test]
async fn what_was_learned_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (db, first) = lessons(&folder).await;
    let lesson = pupil(&first).lesson();
    for _ in 0..5 {
        lesson.ended("p/good", true, 1_000, Duration::from_secs(1));
        lesson.ended("p/bad", false, 0, Duration::from_secs(1));
    }
    first.write().await;
    db.close().await;
    let (_db, second) = lessons(&folder).await;
    let (order, why) = decided(&pupil(&second), Strategy::Learned);
    assert_eq!(order, [2, 1, 0]);
    assert!(why.starts_with("learned: p/good worth 0."), "{why}");
    let names = ["p/good", "p/bad", "p/left"].map(Arc::from);
    let standing = second.standing("r", &learning(), &names);
    let seen: Vec<(&str, &str)> = standing.seen.iter().map(|seen| (&*seen.class, &*seen.deployment)).collect();
    assert_eq!(seen, [("short", "p/bad"), ("short", "p/good")]);
    assert!(standing.seen.iter().all(|seen| seen.requests > 4.9 && seen.scores == 0.0), "{standing:?}");
    // Of deployments that are no more of the route nothing is told.
    assert!(second.standing("r", &learning(), &[]).seen.is_empty());
    assert!(second.standing("other", &learning(), &names).seen.is_empty());
}

#[tokio::test]
async fn who_only_watches_tells_what_it_would_do() {
    let folder = tempfile::tempdir().unwrap();
    let (_db, lessons) = lessons(&folder).await;
    pupil(&lessons).lesson().ended("p/bad", false, 0, Duration::from_secs(1));
    pupil(&lessons).lesson().ended("p/good", true, 0, Duration::from_secs(1));
    let watching = Learning { decides: false, ..learning() };
    let watcher = lessons.pupil("r", watching, &Need::default());
    let (order, why) = decided(&watcher, Strategy::Order);
    assert_eq!(order, [0, 1, 2]);
    assert!(why.starts_with("order: p/bad, p/left, p/good; learned would ask p/good worth 0."), "{why}");
    let standing = lessons.standing("r", &watching, &[]);
    assert_eq!((standing.decides, standing.decided, standing.agreed, standing.explored), (false, 1, 0, 0));
}

#[tokio::test]
async fn an_answer_is_scored_once_and_by_its_client_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (_db, lessons) = lessons(&folder).await;
    let (alice, run): (Arc<str>, Arc<str>) = ("alice".into(), "run-1".into());
    let lesson = pupil(&lessons).lesson();
    let given = || lessons.answered(&alice, Some(&run), &"p/a".into(), &lesson).unwrap();
    let (one, _, _) = (given(), given(), given());
    let unknown = |principal: &str, id: &str| lessons.scored(principal, id, 1.0).unwrap_err().code();
    assert_eq!(unknown("bob", &one), Code::AnswerUnknown);
    assert_eq!(unknown("bob", "run-1"), Code::AnswerUnknown);
    assert_eq!(unknown("alice", "run-2"), Code::AnswerUnknown);
    assert_eq!(lessons.scored("alice", &one, 1.0).unwrap(), 1);
    assert_eq!(lessons.scored("alice", &one, 0.0).unwrap(), 0);
    assert_eq!(lessons.scored("alice", "run-1", 0.0).unwrap(), 2);
    let standing = lessons.standing("r", &learning(), &["p/a".into()]);
    assert!(standing.seen[0].scores > 2.9, "{standing:?}");
}

#[tokio::test]
async fn only_the_last_answers_are_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let (_db, lessons) = lessons(&folder).await;
    let (alice, lesson) = ("alice".into(), pupil(&lessons).lesson());
    let first = lessons.answered(&alice, None, &"p/a".into(), &lesson).unwrap();
    for _ in 0..4_096 {
        lessons.answered(&alice, None, &"p/a".into(), &lesson).unwrap();
    }
    assert_eq!(lessons.scored("alice", &first, 1.0).unwrap_err().code(), Code::AnswerUnknown);
}
