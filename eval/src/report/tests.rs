use super::{COLUMNS, of_set, table, verdicts};
use crate::data::{Query, Set, Tool};
use serde_json::json;
use tools::catalogue::Item;

fn tool(key: &str, description: &str) -> Tool {
    let json = format!(r#"{{"name":"{key}","description":"{description}"}}"#);
    Tool { key: key.to_owned(), server: "s".to_owned(), item: Item { key: key.to_owned(), json } }
}

#[test]
fn a_set_has_its_rows_and_the_table_has_them_too() {
    let tools =
        vec![tool("send_mail", "Sends a letter"), tool("read_file", "Reads a file"), tool("send_mail", "Again")];
    let queries = vec![Query { text: "send the letter by mail".to_owned(), relevant: vec!["send_mail".to_owned()] }];
    let rows = of_set(&Set { name: "small".to_owned(), tools, queries }).unwrap();
    let methods: Vec<_> = rows.iter().map(|row| row["method"].as_str().unwrap()).collect();
    assert_eq!(methods, ["text", "vectors", "fused"]);
    assert!(rows.iter().all(|row| row["r1"] == 100.0), "{rows:?}");
    assert_eq!(table(COLUMNS, &rows).lines().count(), 1 + rows.len());
}

#[test]
fn a_set_has_its_verdict() {
    let row = |method: &str, ndcg10: f64, r1: f64| json!({"set": "small", "method": method, "ndcg10": ndcg10, "r1": r1, "r5": 50.0, "r10": 50.0, "mrr": 50.0});
    let rows = [row("text", 70.0, 60.5), row("vectors", 80.0, 40.0), row("fused", 80.25, 60.0)];
    assert_eq!(
        verdicts(&rows),
        "small: fused ndcg10 beats both, r1 loses to text by 0.50, r5 equals text, r10 equals text, mrr equals text"
    );
    assert_eq!(verdicts(&[json!({"set": "dev", "measure": "pairs"})]), "", "the other evaluation has no such rows");
}
