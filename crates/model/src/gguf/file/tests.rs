use super::{Array, File};

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
}

fn array(key: &str, kind: u32, length: u64, elements: &[u8]) -> Vec<u8> {
    [&text(key)[..], &9_u32.to_le_bytes(), &kind.to_le_bytes(), &length.to_le_bytes(), elements].concat()
}

fn tensor(name: &str, dimensions: &[u64], offset: u64) -> Vec<u8> {
    let lengths: Vec<u8> = dimensions.iter().flat_map(|length| length.to_le_bytes()).collect();
    let count = (dimensions.len() as u32).to_le_bytes();
    [&text(name)[..], &count, &lengths, &0_u32.to_le_bytes(), &offset.to_le_bytes()].concat()
}

fn file(pairs: &[Vec<u8>], tensors: &[Vec<u8>], data: usize) -> Vec<u8> {
    let mut bytes = b"GGUF\x03\0\0\0".to_vec();
    bytes.extend((tensors.len() as u64).to_le_bytes());
    bytes.extend((pairs.len() as u64).to_le_bytes());
    bytes.extend(pairs.concat());
    bytes.extend(tensors.concat());
    bytes.resize(bytes.len().next_multiple_of(32) + data, 7);
    bytes
}

fn whole() -> Vec<u8> {
    let pairs = [
        array("names", 8, 2, &[text("a"), text("bc")].concat()),
        array("kinds", 5, 2, &[1_i32.to_le_bytes(), (-3_i32).to_le_bytes()].concat()),
        array("scores", 6, 1, &0.5_f32.to_le_bytes()),
    ];
    file(&pairs, &[tensor("one", &[4, 2], 0), tensor("two", &[8], 32)], 64)
}

#[test]
fn arrays_and_tensors_are_found() {
    let bytes = whole();
    let read = File::read(&bytes).unwrap();
    assert_eq!(read.arrays["names"], Array::Texts(vec![b"a", b"bc"]));
    assert_eq!(read.arrays["kinds"], Array::Integers(vec![1, -3]));
    assert_eq!(read.arrays["scores"], Array::Numbers(vec![0.5]));
    let data = bytes.len() - 64;
    let found: Vec<_> =
        read.tensors.iter().map(|tensor| (tensor.name.as_str(), &tensor.dimensions[..], tensor.start)).collect();
    assert_eq!(found, [("one", &[4, 2][..], data), ("two", &[8][..], data + 32)]);
}

#[test]
fn a_file_that_ends_early_is_refused_wherever_it_ends() {
    let bytes = whole();
    for end in 0..bytes.len() - 64 {
        assert!(File::read(&bytes[..end]).is_err(), "{end}");
    }
}

#[test]
fn what_no_program_writes_is_refused() {
    let cases = [
        (file(&[], &[tensor("a", &[1], 0), tensor("a", &[1], 0)], 8), "twice"),
        (file(&[], &[tensor("a", &[u64::MAX, 2], 0)], 8), "size"),
        (file(&[], &[tensor("a", &[1; 5], 0)], 8), "dimensions"),
        (file(&[], &[tensor("a", &[1], u64::MAX)], 8), "ends before"),
        (file(&[], &[tensor("a", &[1], 4096)], 8), "ends before"),
    ];
    for (bytes, cause) in cases {
        let fault = File::read(&bytes).unwrap_err().to_string();
        assert!(fault.contains(cause), "{fault}");
    }
}
