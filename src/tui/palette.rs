//! The palette: any action by a few letters of its name.

use super::action::Action;
use super::input::Line;
use super::keymap::{Binding, Keymap};
use super::pane::Pane;

/// What is typed, and which of the matches is chosen.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    /// What is typed.
    pub line: Line,
    /// The chosen match, counted from the best.
    pub chosen: usize,
}

impl Palette {
    /// The bindings that match in a pane, best first.
    pub fn matches<'a>(&self, keymap: &'a Keymap, pane: Pane) -> Vec<&'a Binding> {
        let wanted = self.line.text();
        let mut found: Vec<(u32, &Binding)> = keymap
            .of(pane)
            .filter_map(|binding| score(binding, &wanted).map(|score| (score, binding)))
            .collect();
        // Stable: equals keep the table's order.
        found.sort_by_key(|(score, _)| *score);
        found.into_iter().map(|(_, binding)| binding).collect()
    }

    /// The action that Enter calls.
    pub fn action(&self, keymap: &Keymap, pane: Pane) -> Option<Action> {
        self.matches(keymap, pane).get(self.chosen).map(|binding| binding.action)
    }
}

/// How badly a binding fits: letters skipped between those that were typed. `None` where they don't occur in order.
fn score(binding: &Binding, wanted: &str) -> Option<u32> {
    let name = binding.action.name().replace('_', " ");
    let by_name = names(binding.action, &name).filter_map(|name| by_name(&name, wanted)).min();
    // What the name says counts for more than the description.
    let by_help = gaps(&binding.help, wanted).map(|gaps| gaps + 60);
    by_name.into_iter().chain(by_help).min()
}

/// What else people call an action.
const SYNONYMS: [(Action, &[&str]); 20] = [
    (Action::Cancel, &["kill", "stop", "abort"]),
    (Action::Remove, &["delete", "trash"]),
    (Action::CancelJobs, &["scancel", "slurm"]),
    (Action::WriteReport, &["html", "page", "paper"]),
    (Action::Copy, &["export", "yank", "clipboard", "save"]),
    (Action::Filter, &["search", "find runs", "query"]),
    (Action::PauseOrResume, &["resume", "continue", "hold"]),
    (Action::Retry, &["again", "restart", "rerun"]),
    (Action::NewRun, &["train", "form", "add"]),
    (Action::Presets, &["experiments", "lab report", "reproduce"]),
    (Action::ChooseData, &["data set", "dataset", "recordings"]),
    (Action::ImportData, &["import recordings", "read edf", "convert", "peek"]),
    (Action::PageDown, &["more electrodes", "channels"]),
    (Action::NextTheme, &["colours", "colors", "dark", "light"]),
    (Action::NextAxis, &["wall clock", "relative time", "x axis"]),
    (Action::Limits, &["range", "y axis", "vertical limits"]),
    (Action::Tags, &["labels"]),
    (Action::Notes, &["comment", "write"]),
    (Action::Quit, &["exit", "leave"]),
    (Action::ToggleSmoothing, &["smooth", "ema"]),
];

/// All that an action may be called: a pane by its title alone, too.
fn names(action: Action, name: &str) -> impl Iterator<Item = String> {
    let pane = match action {
        Action::Show(pane) => Some(pane.title().to_lowercase()),
        _ => None,
    };
    let synonyms = SYNONYMS.iter().find(|(known, _)| *known == action).map_or(&[][..], |(_, words)| words);
    [name.to_owned()].into_iter().chain(pane).chain(synonyms.iter().map(|word| (*word).to_owned()))
}

/// A whole name comes first, then what begins with what was typed, then a word that does, then scattered letters.
fn by_name(name: &str, wanted: &str) -> Option<u32> {
    let wanted = wanted.trim().to_lowercase().replace('_', " ");
    if wanted.is_empty() || name == wanted {
        return Some(0);
    }
    if name.starts_with(&wanted) {
        return Some(1);
    }
    if name.split(' ').any(|word| word.starts_with(&wanted)) {
        return Some(2);
    }
    gaps(name, &wanted).map(|gaps| gaps + 3)
}

fn gaps(text: &str, wanted: &str) -> Option<u32> {
    let mut letters = text.chars().flat_map(char::to_lowercase);
    let mut gaps = 0;
    let mut before = ' ';
    for letter in wanted.chars().flat_map(char::to_lowercase).filter(|letter| !letter.is_whitespace()) {
        let mut skipped = 0;
        loop {
            let next = letters.next()?;
            if next == letter {
                break;
            }
            skipped += u32::from(next != ' ');
            before = next;
        }
        // To the beginning of another word is a short way.
        gaps += if before == ' ' { skipped.min(1) } else { skipped };
        before = letter;
    }
    Some(gaps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(typed: &str) -> Option<Action> {
        Palette { line: Line::new(typed), chosen: 0 }.action(&Keymap::default(), Pane::Runs)
    }

    #[test]
    fn a_few_letters_find_an_action() {
        assert_eq!(best("pause"), Some(Action::PauseOrResume));
        assert_eq!(best("sweep"), Some(Action::SweepAlpha));
        assert_eq!(best("quit"), Some(Action::Quit));
        assert_eq!(best("shmat"), Some(Action::Show(Pane::Matrix)));
        assert_eq!(best("undo"), Some(Action::Undo));
        assert_eq!(best("qqq"), None);
    }

    #[test]
    fn a_whole_name_or_what_people_call_it_selects_it() {
        let known = [
            ("compare", Action::Show(Pane::Compare)),
            ("alpha", Action::Show(Pane::Alpha)),
            ("delete", Action::Remove),
            ("kill", Action::Cancel),
            ("export", Action::Copy),
            ("search", Action::Filter),
            ("retry", Action::Retry),
            ("runs", Action::Show(Pane::Runs)),
            ("sort", Action::Sort),
            ("copy", Action::Copy),
        ];
        for (typed, action) in known {
            assert_eq!(best(typed), Some(action), "{typed}");
        }
        for binding in Keymap::default().of(Pane::Runs) {
            assert_eq!(best(&binding.action.name()), Some(binding.action), "{:?}", binding.action);
        }
    }

    #[test]
    fn nothing_typed_lists_all_of_this_pane() {
        let keymap = Keymap::default();
        let all = Palette::default().matches(&keymap, Pane::Data).len();
        assert_eq!(all, keymap.of(Pane::Data).count());
    }
}
