use super::{Part, beside, forget};
use base::Code;
use base::random::sha256;
use std::path::Path;

const MODEL: &[u8] = include_bytes!("../../../../tiny/data/tiny.gguf");

fn left(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_part_is_gone_on_with_by_the_next_process() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("m.gguf");
    let mut part = Part::open(&target, "here").unwrap();
    part.set_tag(Some("\"1\"")).unwrap();
    part.write(&MODEL[..1_000]).unwrap();
    assert!(Part::open(&target, "here").is_err(), "two write the same");
    drop(part);
    let mut part = Part::open(&target, "here").unwrap();
    assert_eq!((part.length(), part.tag()), (1_000, Some("\"1\"")));
    part.write(&MODEL[1_000..]).unwrap();
    part.finish(&target, Some(sha256(MODEL))).unwrap();
    assert_eq!(std::fs::read(&target).unwrap(), MODEL);
    assert_eq!(left(folder.path()), ["m.gguf"]);
}

#[test]
fn a_part_of_another_file_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("m.gguf");
    Part::open(&target, "here").unwrap().write(b"abc").unwrap();
    assert_eq!(Part::open(&target, "there").unwrap().length(), 0);
    forget(&target).unwrap();
    assert!(left(folder.path()).is_empty());
}

#[test]
fn what_is_wrong_is_thrown_away() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("m.gguf");
    for (bytes, wanted, code) in [(MODEL, Some([1; 32]), Code::ModelPull), (&b"<html>"[..], None, Code::ModelFile)] {
        let mut part = Part::open(&target, "here").unwrap();
        part.write(bytes).unwrap();
        assert_eq!(part.finish(&target, wanted).unwrap_err().code(), code);
        assert!(left(folder.path()).is_empty());
    }
    Part::open(&target, "here").unwrap().discard().unwrap();
    assert!(left(folder.path()).is_empty());
    assert_eq!(beside(Path::new("a"), ".b"), Path::new("a.b"));
}
