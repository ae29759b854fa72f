use super::{COLUMNS, of_set, table};
use crate::data::{Query, Set, Tool};
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
