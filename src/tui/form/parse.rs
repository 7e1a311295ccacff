//! Lists and ranges as people type them: `0.1, 0.3`, `0.1..1`, `0..4`.

/// More seeds or alphas than anyone means to enqueue at once.
const AT_MOST: usize = 200;

/// Numbers; a range goes in steps of 0.1.
pub fn numbers(text: &str) -> Result<Vec<f64>, String> {
    let mut numbers = Vec::new();
    for piece in pieces(text) {
        let number = |text: &str| match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(format!("'{}' is not a number", text.trim())),
        };
        match piece.split_once("..") {
            None => numbers.push(number(piece)?),
            Some((from, to)) => {
                let (from, to) = (number(from)?, number(to)?);
                let steps = ((to - from).abs() * 10.0).round();
                if steps >= AT_MOST as f64 {
                    return Err(format!("{piece} is more than {AT_MOST} steps of 0.1"));
                }
                // Whole tenths, so that 0.3 is 0.3 and not 0.30000000000000004.
                let step = |n: u32| ((from * 10.0 + f64::from(n) * (to - from).signum()) * 1e6).round() / 1e7;
                numbers.extend((0..=steps as u32).map(step));
            }
        }
    }
    Ok(numbers)
}

/// Seeds; at least one.
pub fn seeds(text: &str) -> Result<Vec<u64>, String> {
    let mut seeds = Vec::new();
    for piece in pieces(text) {
        let seed = |text: &str| {
            text.trim()
                .parse::<u64>()
                .map_err(|_| format!("'{}' is not a seed: a whole number from 0 on", text.trim()))
        };
        match piece.split_once("..").or_else(|| piece.split_once('-')) {
            None => seeds.push(seed(piece)?),
            Some((from, to)) => {
                let (from, to) = (seed(from)?, seed(to)?);
                if to < from || to - from >= AT_MOST as u64 {
                    return Err(format!("{piece} is no range of at most {AT_MOST} seeds; write it as 0..4"));
                }
                seeds.extend(from..=to);
            }
        }
    }
    if seeds.is_empty() { Err("give at least one seed, such as 0".into()) } else { Ok(seeds) }
}

fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|piece| !piece.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_go_both_ways_in_tenths() {
        assert_eq!(numbers("0.1..0.4").unwrap(), [0.1, 0.2, 0.3, 0.4]);
        assert_eq!(numbers("1..0.7, 2").unwrap(), [1.0, 0.9, 0.8, 0.7, 2.0]);
        assert_eq!(numbers(" ").unwrap(), [0.0; 0]);
        assert!(numbers("0..inf").is_err() && numbers("x").is_err() && numbers("0..1e9").is_err());
    }

    #[test]
    fn seeds_are_whole_numbers() {
        assert_eq!(seeds("0..2, 7").unwrap(), [0, 1, 2, 7]);
        assert_eq!(seeds("3-4").unwrap(), [3, 4]);
        for wrong in ["", "-1", "1.5", "4..2", "0..18446744073709551615"] {
            assert!(seeds(wrong).is_err(), "{wrong}");
        }
    }
}
