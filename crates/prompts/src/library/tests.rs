use super::{Feedback, Kept, LATEST, Library, PRODUCTION};
use crate::gather::{File, gather};
use crate::prompt::Prompt;
use crate::sequential::{Metric, Rule};
use base::Code;
use serde_json::Value;
use store::Db;

fn prompts(texts: &[(&str, &str)]) -> Vec<Prompt> {
    let file = |(name, body): &(&str, &str)| File { path: format!("p/{name}.md"), text: format!("---\n---\n{body}") };
    gather(&texts.iter().map(file).collect::<Vec<_>>()).unwrap()
}

async fn library() -> Library {
    Library::open(Db::memory().await.unwrap()).await.unwrap()
}

async fn text(library: &Library, version: Option<&str>, key: Option<&str>) -> String {
    let served = library.serve("a", version, key).await.unwrap();
    served.prompt.render(&Default::default()).unwrap()[0].text.clone()
}

#[tokio::test]
async fn what_files_hold_becomes_versions_and_what_is_gone_is_not_served() {
    let library = library().await;
    library.take(&prompts(&[("a", "one"), ("b", "x")])).await.unwrap();
    library.take(&prompts(&[("a", "one"), ("b", "x")])).await.unwrap();
    library.take(&prompts(&[("a", "two")])).await.unwrap();
    assert_eq!(library.names().await.unwrap(), ["a"]);
    let versions = library.versions("a").await.unwrap();
    assert_eq!(versions.iter().map(|version| version.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(library.versions("b").await.unwrap().len(), 1);
    assert_eq!(library.serve("b", None, None).await.unwrap_err().code(), Code::PromptMissing);
    for (named, expected) in [("v1", "one"), ("2", "two"), ("latest", "two"), (&versions[0].digest[..6], "one")] {
        assert_eq!(text(&library, Some(named), None).await, expected, "{named}");
    }
    for wrong in ["v3", "0", "canary", "abc", ""] {
        assert_eq!(library.version("a", wrong).await.unwrap_err().code(), Code::PromptVersion, "{wrong}");
    }
    assert!(library.versions("aa").await.unwrap_err().next().contains("`a`") || library.versions("aa").await.is_err());
}

#[tokio::test]
async fn production_is_served_and_moves_back() {
    let library = library().await;
    for body in ["one", "two", "three"] {
        library.take(&prompts(&[("a", body)])).await.unwrap();
    }
    assert_eq!(text(&library, None, None).await, "three");
    library.roll_back("a", None).await.unwrap();
    assert_eq!(text(&library, None, None).await, "two");
    library.take(&prompts(&[("a", "four")])).await.unwrap();
    assert_eq!(
        text(&library, None, None).await,
        "two",
        "a change of the file is not served while production is elsewhere"
    );
    library.label("a", PRODUCTION, Some("v4")).await.unwrap();
    assert_eq!(text(&library, None, None).await, "four");
    library.roll_back("a", None).await.unwrap();
    assert_eq!(text(&library, None, None).await, "two");
    library.label("a", PRODUCTION, None).await.unwrap();
    assert_eq!(text(&library, None, None).await, "four");
    for wrong in [LATEST, "7", "v7", "abcd", "a b"] {
        assert!(library.label("a", wrong, Some("v1")).await.is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn versions_that_are_handed_in_are_checked() {
    let library = library().await;
    let kept = |text: &str| Kept {
        bundle: crate::Bundle { text: text.to_owned(), ..Default::default() },
        created_at: Some(5),
        origin: "git 1".to_owned(),
    };
    library.keep("a", vec![kept("---\n---\nx"), kept("---\n---\ny")], LATEST).await.unwrap();
    assert_eq!(text(&library, None, None).await, "y");
    assert_eq!(library.versions("a").await.unwrap()[0].created_at, 5);
    assert!(library.keep("a", vec![kept("nothing")], LATEST).await.is_err());
    assert!(library.keep("a", vec![kept("---\nname: b\n---\n")], LATEST).await.is_err());
    library.take(&[]).await.unwrap();
    assert_eq!(library.names().await.unwrap(), ["a"], "what was imported stays when files change");
}

#[tokio::test]
async fn an_experiment_assigns_counts_once_stops_and_promotes() {
    let library = library().await;
    library.take(&prompts(&[("a", "one")])).await.unwrap();
    library.take(&prompts(&[("a", "two")])).await.unwrap();
    let arms = vec![("control".to_owned(), "v1".to_owned(), 1), ("new".to_owned(), "v2".to_owned(), 1)];
    let rule = Rule { metric: Metric::Score, alpha: 0.05, most: 200 };
    library.start("a", arms.clone(), rule).await.unwrap();
    assert_eq!(library.start("a", arms, rule).await.unwrap_err().code(), Code::PromptExperiment);
    assert_eq!(text(&library, None, None).await, "two", "without a key no experiment chooses");
    let told = |score| Feedback { score, cost: Some(1_000), latency: Some(10) };
    assert!(library.feedback("a", "unseen", told(1.0)).await.unwrap()["counted"] == false);
    let mut last = Value::Null;
    for unit in 0..400 {
        let key = format!("user-{unit}");
        let one = text(&library, None, Some(&key)).await;
        assert_eq!(text(&library, None, Some(&key)).await, one, "sticky");
        last = library.feedback("a", &key, told(f64::from(u8::from(one == "two")))).await.unwrap();
        if last["over"] == true {
            break;
        }
        assert_eq!(library.feedback("a", &key, told(0.0)).await.unwrap()["counted"], false, "only the first counts");
    }
    assert_eq!((&last["over"], &last["winner"]), (&Value::Bool(true), &Value::from("new")));
    assert_eq!(library.feedback("a", "user-1", told(1.0)).await.unwrap_err().code(), Code::PromptExperiment);
    let status = library.experiments("a").await.unwrap();
    assert_eq!(
        (&status[0]["state"], &status[0]["winner"], &status[0]["arms"][1]["score"]),
        (&"ended".into(), &"new".into(), &1.0.into())
    );
    assert!(library.stop("a", false).await.is_err());
    library.stop("a", true).await.unwrap();
    assert_eq!(library.labels("a").await.unwrap()[PRODUCTION], library.version("a", "v2").await.unwrap().digest);
}
