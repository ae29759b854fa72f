use super::{Listed, Wanted, one, read};
use serde_json::json;

fn files(paths: &[&str]) -> Vec<Listed> {
    paths.iter().filter_map(|path| read(&json!({"type": "file", "path": path, "size": 7}))).collect()
}

fn chosen(paths: &[&str], wanted: &Wanted) -> Result<String, String> {
    one(files(paths), wanted).map(|file| file.path)
}

#[test]
fn the_usual_one_of_several_is_taken() {
    let word = |word: &str| Wanted::Quantization(word.to_owned());
    let many = ["m-Q8_0.gguf", "m-Q4_K_M.gguf", "m-IQ4_K_M.gguf", "README.md", "mmproj-m-F16.gguf", "x/m-Q4_0.gguf"];
    let cases = [
        (&many[..], Wanted::Usual, "m-Q4_K_M.gguf"),
        (&many, word("q8_0"), "m-Q8_0.gguf"),
        (&many, word("Q4_0"), "x/m-Q4_0.gguf"),
        (&many, Wanted::Path("mmproj-m-F16.gguf".to_owned()), "mmproj-m-F16.gguf"),
        (&["only.gguf", "only-00001-of-00002.gguf"], Wanted::Usual, "only.gguf"),
        (&["a.Q8_0.gguf", "b.gguf"], Wanted::Usual, "a.Q8_0.gguf"),
    ];
    for (paths, wanted, expected) in cases {
        assert_eq!(chosen(paths, &wanted).as_deref(), Ok(expected), "{wanted:?}");
    }
    let refused = [
        (&many[..], word("Q5_K_M"), "several"),
        (&["a.gguf", "b.gguf"], Wanted::Usual, "a.gguf, b.gguf"),
        (&["a-Q8_0.gguf", "b-Q8_0.gguf"], Wanted::Usual, "several"),
        (&["m-00001-of-00002.gguf"], Wanted::Usual, "no model"),
        (&["../m.gguf", "m.bin"], Wanted::Usual, "no model"),
        (&many, Wanted::Path("n.gguf".to_owned()), "no file n.gguf"),
    ];
    for (paths, wanted, why) in refused {
        let error = chosen(paths, &wanted).unwrap_err();
        assert!(error.contains(why), "{wanted:?}: {error}");
    }
}

#[test]
fn digests_of_large_files_are_known() {
    let digest = "ab".repeat(32);
    let entry =
        json!({"type": "file", "path": "m.gguf", "size": 7, "lfs": {"oid": digest, "size": 9, "pointerSize": 130}});
    let file = read(&entry).unwrap();
    assert_eq!((file.linked.digest, file.linked.bytes), (Some([0xab; 32]), Some(9)));
}
