//! Time-stamped annotation lists, the events of EDF+ and BDF+ (<https://www.edfplus.info/specs/edfplus.html>, 2.2.2):
//! `+onset␕duration␔text␔text␔␀`; the first list of a record has an empty text and says when the record begins.

use super::bytes::decode;
use super::event::Event;

const DURATION: u8 = 0x15;
const TEXT: u8 = 0x14;

/// What one record's annotations say.
#[derive(Debug, Default, PartialEq)]
pub struct Annotations {
    /// When the record begins, in seconds by the file's clock, where it says so.
    pub begins: Option<f64>,
    /// The events, by the file's clock.
    pub events: Vec<Event>,
}

/// Reads the annotations of one record. A list that can't be read is left out and counted.
pub fn parse(bytes: &[u8]) -> (Annotations, usize) {
    let mut found = Annotations::default();
    let mut bad = 0;
    for list in bytes.split(|&byte| byte == 0).filter(|list| !list.is_empty()) {
        match list_of(list) {
            Some((onset, duration, texts)) => {
                if found.begins.is_none() && texts.first().is_some_and(String::is_empty) {
                    found.begins = Some(onset);
                }
                let named = texts.into_iter().filter(|text| !text.is_empty());
                found.events.extend(named.map(|name| Event::new(onset, duration, name)));
            }
            None => bad += 1,
        }
    }
    (found, bad)
}

fn list_of(list: &[u8]) -> Option<(f64, f64, Vec<String>)> {
    let mut parts = list.split(|&byte| byte == TEXT);
    let stamp = parts.next()?;
    let mut stamp = stamp.splitn(2, |&byte| byte == DURATION);
    let onset = number(stamp.next()?, true)?;
    let duration = match stamp.next() {
        Some(text) if !text.is_empty() => number(text, false)?,
        _ => 0.0,
    };
    let mut texts: Vec<String> = parts.map(|text| decode(text).trim().to_owned()).collect();
    // What stands behind the last separator is no text.
    texts.pop()?;
    Some((onset, duration, texts))
}

fn number(bytes: &[u8], signed: bool) -> Option<f64> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    if signed && !text.starts_with(['+', '-']) {
        return None;
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_says_when_it_begins_and_what_happened() {
        let bytes = b"+12.5\x14\x14\x00+13\x150.25\x14left\x14hand\x14\x00-0.5\x14\xb5\x14\x00\x00\x00";
        let (found, bad) = parse(bytes);
        let event = Event::new;
        assert_eq!(found.begins, Some(12.5));
        assert_eq!(
            found.events,
            [event(13.0, 0.25, "left"), event(13.0, 0.25, "hand"), event(-0.5, 0.0, "µ")]
        );
        assert_eq!(bad, 0);
    }

    #[test]
    fn rubbish_is_counted_not_believed() {
        let (found, bad) = parse(b"12\x14a\x14\x00+x\x14a\x14\x00+1\x00+NaN\x14a\x14\x00+inf\x14a\x14\x00");
        assert_eq!((found.events.len(), found.begins, bad), (0, None, 5));
    }
}
