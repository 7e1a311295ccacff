//! Lists the networks that come with the program: every text in the folder `networks`.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=networks");
    let folder = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("networks");
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == "toml") {
            texts.push(path);
        }
    }
    texts.sort(); // a folder has no order, and the same sources are to make the same program
    let lines: String = texts.iter().map(|path| format!("    include_str!({path:?}),\n")).collect();
    let list = format!("/// The texts of the networks.\nconst TEXTS: &[&str] = &[\n{lines}];\n");
    fs::write(Path::new(&variable("OUT_DIR")?).join("networks.rs"), list)
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(io::Error::other)
}
