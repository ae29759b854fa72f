use super::{Form, OF_API, OF_TOOL, Wanted};
use crate::catalogue::{Catalogue, Item};
use crate::config::ViewSettings;
use crate::view::{Source, View, build};
use base::Code;
use proptest::prelude::*;
use std::sync::Arc;

fn view() -> View {
    let item = Item { key: "read".to_owned(), json: r#"{"name":"read","inputSchema":{}}"#.to_owned() };
    let catalogue = Catalogue { tools: vec![item], ..Catalogue::default() };
    build("v", &ViewSettings::default(), &[Source { name: "files".to_owned(), catalogue: Arc::new(catalogue) }])
}

fn read(form: &Form, request: &str) -> Result<Wanted, Code> {
    Wanted::read(form, request, &view()).map_err(|error| error.code())
}

#[test]
fn both_read_the_same() {
    for request in [
        r#"{"queries":["a","b"],"servers":["files"],"risk":["read_only"],"capabilities":"task","limit":20,"tokens":900}"#,
        r#"{"query":"a","server":"files","limit":3.0,"tokens":1e3,"servers":[]}"#,
        r#"{"queries":"a"}"#,
    ] {
        let (one, other) = (read(&OF_TOOL, request), read(&OF_API, request));
        assert!(one.is_ok() && one == other, "{request}: {one:?} {other:?}");
    }
    let wanted = read(&OF_API, r#"{"queries":["a","b"],"text":"c"}"#).unwrap();
    assert_eq!((wanted.queries, wanted.limit, wanted.tokens), (["a", "b", "c"].map(str::to_owned).to_vec(), 11, None));
}

#[test]
fn what_is_no_request_is_refused() {
    for request in [
        "[]",
        "{}",
        r#"{"queries":[]}"#,
        r#"{"queries":1}"#,
        r#"{"queries":["1","2","3","4","5","6","7","8","9"]}"#,
        r#"{"query":"a","k":1}"#,
        r#"{"query":"a","limit":0}"#,
        r#"{"query":"a","limit":1.5}"#,
        r#"{"query":"a","limit":101}"#,
        r#"{"query":"a","limit":"5"}"#,
        r#"{"query":"a","tokens":0}"#,
        r#"{"query":"a","tokens":-1}"#,
        r#"{"query":"a","tokens":1e300}"#,
        r#"{"query":"a","risk":["safe"]}"#,
        r#"{"query":"a","capabilities":[1]}"#,
    ] {
        for form in [&OF_TOOL, &OF_API] {
            assert_eq!(read(form, request).err(), Some(Code::InvalidParams), "{request}");
        }
    }
    let unknown = r#"{"query":"a","servers":["mail"]}"#;
    assert_eq!(read(&OF_TOOL, unknown).err(), Some(Code::InvalidParams));
    assert_eq!(read(&OF_API, unknown).err(), Some(Code::ServerUnknown));
    // A model means nothing by null; a program that sends it is at fault.
    let null = r#"{"query":"a","limit":null}"#;
    assert_eq!((read(&OF_TOOL, null).is_ok(), read(&OF_API, null).err()), (true, Some(Code::InvalidParams)));
    // Of what people write much is read, and of what models ask little.
    let long = format!(r#"{{"query":"{}"}}"#, "x".repeat(3_000));
    assert_eq!(read(&OF_TOOL, &long).err(), Some(Code::InvalidParams));
    assert_eq!(read(&OF_API, &long).unwrap().queries[0].len(), 2_000);
    let blank = r#"{"queries":[" "]}"#;
    assert_eq!(read(&OF_TOOL, blank).err(), Some(Code::InvalidParams));
    assert_eq!(read(&OF_API, blank).unwrap().queries, Vec::<String>::new());
}

proptest! {
    #[test]
    fn a_budget_is_kept_and_filled(sizes in prop::collection::vec(0usize..500, 0..30), budget in 1usize..2000) {
        let wanted = read(&OF_API, &format!(r#"{{"query":"a","tokens":{budget}}}"#)).unwrap();
        let fits = wanted.fitting(sizes.iter().copied());
        let used: usize = sizes.iter().zip(&fits).filter(|(_, fits)| **fits).map(|(size, _)| size).sum();
        prop_assert!(used <= budget && fits.len() == sizes.len());
        prop_assert!(sizes.iter().zip(&fits).all(|(size, fits)| *fits || used + size > budget));
    }
}
