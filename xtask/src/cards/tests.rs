use super::needed;

#[test]
fn only_what_is_needed_is_fetched() {
    let printed = "pocl-opencl-icd\n  Depends: libpocl2\nlibpocl2\n  Depends: clang-15\nclang-15\nlibc6\nlibpocl2-dev\nlibllvm15\n\
        libllvm15:i386\nlibclang-cpp15\n";
    assert_eq!(needed(printed), ["pocl-opencl-icd", "libpocl2", "libllvm15", "libclang-cpp15"]);
}
