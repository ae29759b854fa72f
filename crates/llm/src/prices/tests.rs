use super::*;
use crate::config::PricesFrom;
use base::Code;
use model::Price;
use std::fmt::Write as _;

fn read(json: &str) -> Tables {
    let table = Table::read(json, "newer").unwrap();
    Tables(Some(Arc::new(Refreshed { table, from: "there".to_owned(), at: Duration::from_secs(7) })))
}

fn of(input: &str, output: &str) -> String {
    format!(
        r#"{{"gpt-5":{{"mode":"chat","litellm_provider":"openai","input_cost_per_token":{input},"output_cost_per_token":{output}}},
            "gpt-99":{{"mode":"chat","litellm_provider":"openai","input_cost_per_token":1e-6,"output_cost_per_token":1e-6}}}}"#
    )
}

fn price(tables: &Tables, model: &str) -> (Option<u64>, Source) {
    let found = tables.find("openai", model).unwrap();
    (found.entry.price.map(|Price { rates, .. }| rates.output), found.source)
}

#[test]
fn a_newer_table_says_what_it_knows_and_the_binary_the_rest() {
    let built_in = Tables::default();
    let (usual, source) = price(&built_in, "gpt-5");
    assert_eq!(source, Source::Table);
    assert!(built_in.find("openai", "gpt-99").is_none());
    let newer = read(&of("3e-6", "30e-6"));
    assert_eq!(price(&newer, "gpt-5"), (Some(30_000_000_000), Source::Refreshed));
    assert_eq!(price(&newer, "gpt-99"), (Some(1_000_000_000), Source::Refreshed));
    assert_eq!(price(&newer, "gpt-4.1").1, Source::Table);
    assert!(newer.version(Source::Refreshed).contains("newer"));
    assert_eq!(newer.version(Source::Table), built_in.version(Source::Refreshed));
    // What was lost on the way costs what it did.
    for broken in [of("0", "30e-6"), of("3e-6", "0"), of("0", "0"), of("null", "30e-6"), of("\"a\"", "null")] {
        assert_eq!(price(&read(&broken), "gpt-5"), (usual, Source::Table), "{broken}");
    }
}

#[test]
fn what_is_left_of_a_table_is_refused() {
    let table = |models: usize, priced: usize| {
        let mut json = String::from("{");
        for number in 0..models {
            let comma = if number > 0 { "," } else { "" };
            let price =
                if number < priced { r#","input_cost_per_token":1e-6,"output_cost_per_token":1e-6"# } else { "" };
            write!(json, r#"{comma}"m{number}":{{"mode":"chat","litellm_provider":"openai"{price}}}"#).unwrap();
        }
        Table::read(&(json + "}"), "x").unwrap()
    };
    let before = table(10, 8);
    for (models, priced, fine) in [(10, 8, true), (5, 4, true), (4, 4, false), (10, 3, false), (40, 0, false)] {
        let checked = check("there", &table(models, priced), &before);
        assert_eq!(
            checked.as_ref().map_err(Error::code).err(),
            (!fine).then_some(Code::ModelPrices),
            "{models} {priced}"
        );
    }
}

#[test]
fn what_was_kept_is_taken_only_whole_and_for_the_same_source() {
    let home = std::env::temp_dir()
        .join(format!("tutti-prices-{}", base::random::to_hex(&base::random::bytes::<8>().unwrap())));
    base::disk::create_folder(&home).unwrap();
    let from = PricesFrom::File("/a/prices.json".into());
    assert!(keep::load(&home, &from).unwrap().is_none());
    let Tables(Some(refreshed)) = read(&of("3e-6", "30e-6")) else { panic!("there is one") };
    keep::save(&home, &from, &refreshed).unwrap();
    let kept = keep::load(&home, &from).unwrap().unwrap();
    assert_eq!((kept.table.as_text(), kept.at), (refreshed.table.as_text(), refreshed.at));
    assert!(keep::load(&home, &PricesFrom::File("/b".into())).unwrap().is_none(), "of another source");
    let path = home.join("prices.tsv");
    let text = base::disk::read_text(&path, 1 << 20).unwrap();
    for broken in
        ["", "# x\n", &text[..text.len() - 20], &text.replace("chat", "talk"), &text.replacen("gpt-5", "zpt-5", 1)]
    {
        base::disk::write_atomic(&path, broken, true).unwrap();
        assert!(keep::load(&home, &from).unwrap().is_none(), "{broken}");
    }
    std::fs::remove_dir_all(home).unwrap();
}
