//! `eeg-tui man`: one page for everything, from the tables that the program itself goes by: commands and options from the
//! definition of the command line, keys from the screen's table.

use super::{Cli, Outcome, print};
use crate::tui::keymap::Keymap;
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, italic, roman};
use std::io;

/// What lies where, beside what options say.
const FILES: [(&str, &str); 4] = [
    (
        "~/.config/eeg-tui/config.toml",
        "settings of the screen; 'eeg-tui --print-config' prints all there are",
    ),
    ("~/.config/eeg-tui/themes/NAME.toml", "colours of your own, for theme = \"NAME\""),
    ("~/.local/state/eeg-tui/", "what the screen remembers, and its log"),
    ("runs/", "the notebook: one folder a run, and exports/ with what was copied"),
];

/// Prints the page.
pub fn run() -> Outcome {
    let mut page = Vec::new();
    write(&mut page)?;
    print(&String::from_utf8_lossy(&page))
}

fn write(page: &mut Vec<u8>) -> io::Result<()> {
    let man = Man::new(Cli::command());
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    Roff::new().control("SH", ["COMMANDS"]).to_writer(page)?;
    for command in Cli::command().get_subcommands() {
        describe(command, command.get_name(), page)?;
    }
    keys().to_writer(page)?;
    files().to_writer(page)?;
    man.render_version_section(page)
}

/// A command, what it is for and its own options; then the commands within it.
fn describe(command: &Command, name: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    Roff::new().control("SS", [name]).text([roman(about)]).to_writer(page)?;
    let mut options = Vec::new();
    Man::new(command.clone().disable_help_flag(true)).render_options_section(&mut options)?;
    // They stand under the command's own heading.
    let options = String::from_utf8_lossy(&options).replace(".SH OPTIONS\n", "");
    page.extend(options.replace(".SH ", ".PP\n.B ").into_bytes());
    for inner in command.get_subcommands() {
        describe(inner, &format!("{name} {}", inner.get_name()), page)?;
    }
    Ok(())
}

fn keys() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["KEYS OF THE SCREEN"]);
    for binding in Keymap::default().bindings() {
        let mut line = Vec::new();
        for key in &binding.keys {
            line.extend([bold(key.to_string()), roman("  ")]);
        }
        line.extend(binding.panes().map(|panes| italic(format!("({panes})"))));
        roff.control("TP", []).text(line).text([roman(&binding.help)]);
    }
    roff
}

fn files() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["FILES"]);
    for (path, what) in FILES {
        roff.control("TP", []).text([italic(path)]).text([roman(what)]);
    }
    roff
}
