//! The README's table of keys is the program's. `UPDATE_README=1 cargo test --test readme` writes it anew.

use eeg_tui::tui::keymap::Keymap;
use std::path::Path;

#[test]
fn the_table_of_keys_is_the_programs() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once("<!-- keys -->\n").unwrap();
    let (table, after) = rest.split_once("<!-- /keys -->").unwrap();
    let wanted = Keymap::default().markdown();
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(&path, format!("{before}<!-- keys -->\n{wanted}<!-- /keys -->{after}")).unwrap();
    } else {
        assert_eq!(table, wanted, "run UPDATE_README=1 cargo test --test readme");
    }
}
