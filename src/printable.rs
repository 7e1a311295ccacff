//! Text from files, other programs and people, made safe for a terminal. Knows nothing of where it comes from or goes.

use std::borrow::Cow;

/// The same text without anything that a terminal would obey instead of show: control characters (escape sequences
/// begin with one) and marks that reorder or hide text. Each becomes `�`; line ends and tabs become blanks.
///
/// Everything that comes from a file, another program or a person passes through here before it is displayed.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(misleads) {
        return Cow::Borrowed(text);
    }
    text.chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            c if misleads(c) => '\u{fffd}',
            c => c,
        })
        .collect::<String>()
        .into()
}

/// The same for text of several lines, which keeps its line ends and tabs.
pub fn printable_page(text: &str) -> Cow<'_, str> {
    let kept = |c: char| matches!(c, '\n' | '\t') || !misleads(c);
    if text.chars().all(kept) {
        return Cow::Borrowed(text);
    }
    text.chars().map(|c| if kept(c) { c } else { '\u{fffd}' }).collect::<String>().into()
}

/// Control characters (C0, DEL, C1), bidirectional controls (Unicode TR 36) and the zero-width characters that hide text.
fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn harmless_text_is_not_copied() {
        assert!(matches!(printable("EEGNet, α = 0.3 ▇▅▃"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_page_keeps_its_lines() {
        assert!(matches!(printable_page("a\tb\nc\n"), Cow::Borrowed(_)));
        assert_eq!(printable_page("a\n\x1b[2J\u{202e}b\r\n"), "a\n\u{fffd}[2J\u{fffd}b\u{fffd}\n");
    }

    #[test]
    fn escape_sequences_lose_their_teeth() {
        assert_eq!(
            printable("\x1b]0;owned\x07\u{9b}31mred\r\nx"),
            "\u{fffd}]0;owned\u{fffd}\u{fffd}31mred  x"
        );
        assert_eq!(printable("a\u{202e}b"), "a\u{fffd}b");
    }

    proptest! {
        #[test]
        fn nothing_that_a_terminal_obeys_comes_through(text in "\\PC*|[\\x00-\\x{9f}\\u{2000}-\\u{2070}]*") {
            prop_assert!(!printable(&text).chars().any(misleads));
        }
    }
}
