use super::*;
use crate::shape::TINY;
use crate::{SEED, training};

/// The file that is kept is the one that this code makes, as far as it is made without learning.
#[test]
fn the_kept_file_has_the_header_of_this_code() {
    let kept = include_bytes!("../../data/tiny.gguf");
    let model = Model::new(TINY);
    let tokenizer = training::tokenizer(SEED, TINY.vocabulary);
    let header = header(&model, &tokenizer, Kept::Quantized);
    assert!(kept.starts_with(&header), "run `cargo xtask generate tiny`");
    let numbers = vec![0.0; model.layout.length];
    assert_eq!(file(&model, &numbers, &tokenizer, Kept::Quantized).len(), kept.len());
    assert_eq!(model.layout.length, 164_160);
}
