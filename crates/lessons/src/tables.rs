//! What was learned in the store: a row for each route, class of requests and deployment.

use base::Result;
use routing::learning::{Class, Learner, Record};
use serde_json::Value;
use std::collections::BTreeMap;
use store::{Db, Statement};

const STEPS: &[&str] = &["CREATE TABLE model_learned (
    route TEXT NOT NULL,
    class TEXT NOT NULL,
    deployment TEXT NOT NULL,
    numbers TEXT NOT NULL,
    PRIMARY KEY (route, class, deployment)
)"];

/// Makes the table, and gives what was learned on each route. What cannot be read is learned again.
pub(super) async fn open(db: &Db) -> Result<BTreeMap<String, Learner>> {
    const ALL: &str = "SELECT route, class, deployment, numbers FROM model_learned";
    db.migrate("model_learned", STEPS).await?;
    let mut routes: BTreeMap<String, Vec<Record>> = BTreeMap::new();
    for row in db.query(Statement::new(ALL)).await? {
        if let Some(record) = record(row.text(1)?, row.text(2)?, row.text(3)?) {
            routes.entry(row.text(0)?.to_owned()).or_default().push(record);
        }
    }
    let learner = |(route, records): (String, Vec<Record>)| match Learner::restored(&records) {
        Ok(learner) => (route, learner),
        Err(error) => {
            tracing::warn!(%error, route, "what a route had learned is lost");
            (route, Learner::default())
        }
    };
    Ok(routes.into_iter().map(learner).collect())
}

/// A row; nothing for one that no version of this program writes.
fn record(class: &str, deployment: &str, numbers: &str) -> Option<Record> {
    // No name stands for all classes together.
    let class = if class.is_empty() { None } else { Some(Class::named(class)?) };
    let numbers: Value = base::json::from_text(numbers).ok()?;
    let numbers = numbers.as_array()?.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>()?;
    Some(Record { class, arm: deployment.into(), numbers: numbers.try_into().ok()? })
}

/// Keeps what was learned on a route.
pub(super) fn keep(route: &str, records: &[Record]) -> Vec<Statement> {
    const SQL: &str = "INSERT INTO model_learned (route, class, deployment, numbers) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (route, class, deployment) DO UPDATE SET numbers = excluded.numbers";
    let row = |record: &Record| {
        let class = record.class.map(Class::name).unwrap_or_default();
        let numbers = serde_json::json!(record.numbers).to_string();
        Statement::new(SQL).with(route).with(class).with(&*record.arm).with(numbers)
    };
    records.iter().map(row).collect()
}
