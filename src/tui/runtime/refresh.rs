//! When the next frame is due: at once for who pressed a key, at most ten times a second; what changes by itself waits
//! until a slow line has taken the last frame. Knows times and bytes, no terminal.

use std::time::{Duration, Instant};

/// The least time between two frames.
pub const FRAME: Duration = Duration::from_millis(100);
/// Bytes a second that frames may cost that change by themselves; with what else is sent that stays under 10 kB.
const RATE: f64 = 9_000.0;
/// The longest that such a frame waits, however large the last one was.
const REST: Duration = Duration::from_secs(2);

/// What is new since the last frame.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Change {
    #[default]
    Nothing,
    ByItself,
    Asked,
}

/// The frames' timetable.
#[derive(Debug)]
pub struct Refresh {
    change: Change,
    drawn: Option<Instant>,
    rest: Duration,
}

impl Refresh {
    /// A first frame is due at once.
    pub fn new() -> Self {
        Refresh { change: Change::Asked, drawn: None, rest: FRAME }
    }

    /// Something changed by itself.
    pub fn changed(&mut self) {
        self.change = self.change.max(Change::ByItself);
    }

    /// Somebody pressed a key: who waits for an answer waits for no line.
    pub fn asked(&mut self) {
        self.change = Change::Asked;
    }

    /// How long until a frame is due; `None` as long as nothing changed.
    pub fn wait(&self, now: Instant) -> Option<Duration> {
        let pause = match self.change {
            Change::Nothing => return None,
            Change::ByItself => self.rest,
            Change::Asked => FRAME,
        };
        Some(self.drawn.map_or(Duration::ZERO, |drawn| (drawn + pause).saturating_duration_since(now)))
    }

    /// A frame of so many bytes was drawn.
    pub fn drew(&mut self, now: Instant, bytes: usize) {
        let rest = Duration::from_secs_f64(bytes as f64 / RATE).clamp(FRAME, REST);
        *self = Refresh { change: Change::Nothing, drawn: Some(now), rest };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes that a minute of changes without end costs, at so many bytes a frame, and how many frames those are.
    fn minute(bytes: usize, change: fn(&mut Refresh)) -> (usize, usize) {
        let start = Instant::now();
        let (mut refresh, mut frames) = (Refresh::new(), 0);
        for now in (0..60_000).step_by(10).map(|passed| start + Duration::from_millis(passed)) {
            change(&mut refresh);
            if refresh.wait(now) == Some(Duration::ZERO) {
                refresh.drew(now, bytes);
                frames += 1;
            }
        }
        (frames * bytes, frames)
    }

    #[test]
    fn what_changes_by_itself_stays_within_a_slow_line() {
        for bytes in [1, 300, 2_000, 6_000, 18_000] {
            let (sent, frames) = minute(bytes, Refresh::changed);
            // The first frame of all is no part of the rate.
            assert!((sent - bytes) as f64 <= 60.0 * RATE, "{sent} bytes of frames of {bytes}");
            assert!((30..=600).contains(&frames), "{frames} frames of {bytes} bytes");
        }
    }

    #[test]
    fn a_frame_of_any_size_is_followed_by_another_in_two_seconds() {
        assert_eq!(minute(1_000_000, Refresh::changed).1, 30);
    }

    #[test]
    fn who_pressed_a_key_waits_for_no_line() {
        assert_eq!(minute(18_000, Refresh::asked).1, 600);
        let start = Instant::now();
        let mut refresh = Refresh::new();
        refresh.drew(start, 18_000);
        refresh.changed();
        assert_eq!(refresh.wait(start), Some(REST));
        refresh.asked();
        refresh.changed();
        assert_eq!(refresh.wait(start), Some(FRAME));
    }

    #[test]
    fn nothing_is_drawn_while_nothing_changes() {
        let start = Instant::now();
        let mut refresh = Refresh::new();
        refresh.drew(start, 100);
        assert_eq!(refresh.wait(start + Duration::from_secs(3600)), None);
        refresh.changed();
        assert_eq!(refresh.wait(start + Duration::from_secs(3600)), Some(Duration::ZERO));
    }
}
