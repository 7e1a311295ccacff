//! What a config file may say, and how mistakes in it are told.

use super::*;
use crate::tui::theme::Scheme;

fn load(text: &str) -> Result<Settings, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, text).unwrap();
    std::fs::create_dir(folder.path().join("themes")).unwrap();
    std::fs::write(folder.path().join("themes/dusk.toml"), "like = \"dark\"\n").unwrap();
    Config::load(&path)
}

#[test]
fn only_differences_need_to_be_said() {
    let Settings { config, keymap, themes } =
        load("mouse = true\n[keys]\nquit = \"Q\"\nundo = []\n").unwrap();
    assert!(config.mouse);
    assert_eq!(config.notify, Notify::default());
    assert_eq!(keymap.label(crate::tui::action::Action::Quit, true), "Q");
    assert_eq!(keymap.label(crate::tui::action::Action::Undo, true), "");
    assert_eq!(themes.name(), "terminal");
    assert!(Config::load(Path::new("/nowhere/config.toml")).is_err());
}

#[test]
fn a_theme_of_ones_own_lies_beside_the_file() {
    assert_eq!(load("theme = \"dusk\"").unwrap().themes.scheme(), Scheme::DARK);
    let message = load("theme = \"dawn\"").unwrap_err().to_string();
    assert!(message.contains("'dawn'") && message.contains("dusk"), "{message}");
}

#[test]
fn mistakes_name_the_file_and_the_place() {
    let wrong = [
        ("mous = true", "mous"),
        ("colours = \"lots\"", "lots"),
        ("[keys]\ncancel = \"p\"", "pause_or_resume"),
    ];
    for (text, named) in wrong {
        let message = load(text).unwrap_err().to_string();
        assert!(message.contains("config.toml") && message.contains(named), "{message}");
    }
}

#[test]
fn what_is_printed_can_be_used_as_it_is() {
    let settings = load("theme = \"dusk\"\nmouse = true\ncolours = \"16\"\n[keys]\nquit = \"Q\"\n").unwrap();
    let printed = Config::print(&settings);
    let again = load(&printed).unwrap();
    assert_eq!(again.keymap, settings.keymap, "{printed}");
    assert!(printed.contains("terminal, dark, light, contrast, dusk"), "{printed}");
    let said = |config: Config| Config { keys: BTreeMap::new(), ..config };
    assert_eq!(said(again.config), said(settings.config));
}
