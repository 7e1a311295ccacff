//! Trigger channels: every change to a code that is not zero is an event.

use super::records::Field;

/// EDF keeps 17 bits of a trigger's value, as MNE does.
const EDF_BITS: i64 = 0x1_ffff;
/// BioSemi's codes are the low 16 of a sample's 24 bits; the others tell the amplifier's state.
const BDF_BITS: i64 = 0xffff;

/// How codes are found in a trigger channel's values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Codes {
    /// The value in the file's own unit, truncated.
    Value {
        /// From the file's unit to the channel's.
        scale: f64,
    },
    /// The integer in a BDF file, from its physical value.
    Digital {
        /// The integer at the physical value `add`.
        subtract: f64,
        /// Physical units a step.
        gain: f64,
        /// The physical value of `subtract`.
        add: f64,
    },
}

impl Codes {
    /// The codes of a BDF signal.
    pub fn of_digital(field: &Field) -> Self {
        Codes::Digital {
            subtract: field.subtract,
            gain: field.gain * field.scale,
            add: field.add * field.scale,
        }
    }

    /// The code of a value.
    pub fn of(self, value: f64) -> u32 {
        let code = match self {
            Codes::Value { scale: 1.0 } => value as i64 & EDF_BITS,
            // What the change of units cost is less than this.
            Codes::Value { scale } => (value / scale * (1.0 + 1e-12)) as i64 & EDF_BITS,
            Codes::Digital { subtract, gain, add } => {
                ((value - add) / gain + subtract).round() as i64 & BDF_BITS
            }
        };
        code as u32
    }
}

/// Finds the changes in a trigger channel that comes in blocks.
#[derive(Debug)]
pub struct Changes {
    codes: Codes,
    sample: u64,
    last: u32,
    /// Sample and code of every change to a code that is not zero; a code at the first sample is one.
    pub found: Vec<(u64, u32)>,
}

impl Changes {
    /// Before the first sample.
    pub fn new(codes: Codes) -> Self {
        Changes { codes, sample: 0, last: 0, found: Vec::new() }
    }

    /// Takes the next values.
    pub fn take(&mut self, values: &[f64]) {
        for &value in values {
            let code = self.codes.of(value);
            if code != self.last && code != 0 {
                self.found.push((self.sample, code));
            }
            self.last = code;
            self.sample += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_to_a_code_is_an_event_whatever_the_blocks() {
        let mut changes = Changes::new(Codes::Value { scale: 1.0 });
        changes.take(&[3.0, 3.0, 0.0, 5.0]);
        changes.take(&[5.0, 2.9, 0.0]);
        assert_eq!(changes.found, [(0, 3), (3, 5), (5, 2)]);
    }

    #[test]
    fn a_code_is_what_the_file_says_whatever_its_unit() {
        // 3 V, read as µV.
        assert_eq!(Codes::Value { scale: 1e6 }.of(3e6), 3);
        let field = Field {
            at: 0,
            count: 1,
            number: crate::recording::bytes::Number::Signed(3),
            subtract: 0.0,
            gain: 0.25,
            add: 1.0,
            scale: 1e3,
        };
        assert_eq!(Codes::of_digital(&field).of((7.0 * 0.25 + 1.0) * 1e3), 7);
    }

    #[test]
    fn a_bdf_code_is_the_low_16_bits_of_the_integer() {
        let codes =
            Codes::Digital { subtract: -8_388_608.0, gain: 187_470.0 * 2.0 / 16_777_215.0, add: -187_470.0 };
        let Codes::Digital { subtract, gain, add } = codes else { return };
        let physical = |digital: f64| (digital - subtract) * gain + add;
        assert_eq!(codes.of(physical(f64::from(0x1c_0004))), 4);
        assert_eq!(codes.of(physical(-6_815_744.0 + 128.0)), 128);
    }
}
