//! What time it is by the machine's clock. A clock that was set to a time that can't be written down stands at the last one that
//! can; who dates something asks whether it does. Knows nothing of what is dated.

use jiff::Timestamp;
use std::time::SystemTime;

/// The time, or the first or last that there is: a clock set beyond the year 9999 ends nothing.
pub fn now() -> Timestamp {
    nearest(SystemTime::now())
}

/// Whether a time is one that a clock stands at because its own can't be written down.
pub fn is_beyond(time: Timestamp) -> bool {
    time == Timestamp::MAX || time == Timestamp::MIN
}

fn nearest(time: SystemTime) -> Timestamp {
    let end = if time < SystemTime::UNIX_EPOCH { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::try_from(time).unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_clock_may_be_set_to_anything() {
        let at = |seconds| nearest(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(86_400).to_string(), "1970-01-02T00:00:00Z");
        assert_eq!(at(1 << 40), Timestamp::MAX);
        assert!(is_beyond(at(1 << 40)) && !is_beyond(at(1 << 30)));
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1 << 40);
        assert_eq!(nearest(before), Timestamp::MIN);
    }
}
