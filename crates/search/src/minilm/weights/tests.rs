use super::Weights;

#[test]
fn a_file_that_is_not_whole_is_refused() {
    assert!(Weights::read(b"").is_err());
    assert!(Weights::read(b"TUTTI EMBEDDER 1\xff\xff\xff\xff").is_err());
    assert!(Weights::read(b"SOMETHING ELSE 1\x00\x00\x00\x00").is_err());
}
