//! Arguments of the tools of the `files` upstream, on a folder with links that lead out of it: nothing outside is read or
//! changed, whatever is asked for.

use super::input;
use files::{Files, Options};
use std::os::unix::fs::symlink;
use std::path::Path;

/// What stands outside.
const OUTSIDE: &str = "kept-from-everybody-9f31";

pub(crate) fn feed(data: &[u8]) {
    let (chosen, data) = input::choice(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    let folder = input::Folder::new();
    let root = folder.path().join("root");
    if set_up(folder.path(), &root).is_err() {
        panic!("the folder of the test cannot be made");
    }
    let Ok(files) = Files::open(Options { root, write: true }) else { panic!("it is not served") };
    let tools: Vec<String> = files.tools().iter().filter_map(|tool| tool["name"].as_str().map(str::to_owned)).collect();
    // Several calls, one after another, so that one makes what the next one meets.
    for (place, text) in text.split('\u{1e}').take(4).enumerate() {
        let Some(arguments) = input::object(text) else { continue };
        let name = &tools[(chosen + place * (1 + chosen / tools.len())) % tools.len()];
        let Ok(result) = files.call(name, &arguments) else { panic!("{name} is not there") };
        assert!(result["content"].as_array().is_some_and(|content| !content.is_empty()), "no result: {result}");
        assert!(result["isError"] == true || result["structuredContent"].is_object(), "no result: {result}");
        let shown = result.to_string();
        assert!(!shown.contains(OUTSIDE) || text.contains(OUTSIDE), "{name} reads what is outside");
    }
    let outside = std::fs::read(folder.path().join("outside/secret.txt")).ok();
    assert_eq!(outside.as_deref(), Some(OUTSIDE.as_bytes()), "what is outside was changed");
    let names = |path: &Path| std::fs::read_dir(path).map_or(0, Iterator::count);
    assert_eq!((names(folder.path()), names(&folder.path().join("outside"))), (2, 1), "something came or went outside");
}

fn set_up(folder: &Path, root: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(root.join("b/c"))?;
    std::fs::create_dir_all(folder.join("outside"))?;
    let write = |path: &Path, text: &[u8]| {
        std::fs::File::create(path).and_then(|mut file| std::io::Write::write_all(&mut file, text))
    };
    write(&folder.join("outside/secret.txt"), OUTSIDE.as_bytes())?;
    write(&root.join("a.txt"), b"one\ntwo\r\nthree two\nlast")?;
    write(&root.join("b/c/d.md"), "# \u{e4}\n\n* two\n".as_bytes())?;
    write(&root.join("b/e.bin"), &[0, 159, 146, 150, 10, 255])?;
    symlink("../outside", root.join("out"))?;
    symlink("../outside/secret.txt", root.join("b/out.txt"))?;
    symlink("a.txt", root.join("in.txt"))?;
    symlink("..", root.join("b/up"))?;
    symlink("loop", root.join("loop"))
}
