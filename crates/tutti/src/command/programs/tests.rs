use super::{find, missing};
use base::disk;

#[test]
fn programs_are_found_by_name_and_by_path() {
    let folder = tempfile::tempdir().unwrap();
    let (bin, other) = (folder.path().join("bin"), folder.path().join("other"));
    disk::write_atomic(&bin.join("prog"), "", false).unwrap();
    disk::create_folder(&other).unwrap();
    let path = std::env::join_paths([&other, &bin]).unwrap().into_string().unwrap();
    assert_eq!(find("prog", &other, &path), Some(bin.join("prog")));
    assert_eq!(find("bin/prog", folder.path(), ""), Some(folder.path().join("bin/prog")));
    assert_eq!(find("./prog", &bin, ""), Some(bin.join("./prog")));
    assert_eq!(find("bin/prog", &other, &path), None);
    assert_eq!(find("prog-that-nobody-has", &bin, ""), None);
    assert_eq!(find("bin", folder.path(), &folder.path().display().to_string()), None);
}

#[test]
fn what_is_missing_is_told_with_what_to_install() {
    assert_eq!(missing("npx"), "`npx` is not on the PATH: install Node.js");
    assert_eq!(missing("./x"), "`./x` is not there: install ./x, or name it by its full path");
}
