//! Devices by the names that people type.

use super::error::DeviceError;
use super::place::Place;
use std::fmt;
use std::str::FromStr;

/// Devices that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// Whichever is the fastest for a network among those that work.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The NVIDIA cards with these numbers; runs are spread over them.
    Cuda(Vec<usize>),
    /// The Apple GPU.
    Metal,
}

impl FromStr for DeviceChoice {
    type Err = DeviceError;

    fn from_str(text: &str) -> Result<Self, DeviceError> {
        let unknown = || DeviceError::Unknown(text.to_string());
        match text {
            "auto" => Ok(DeviceChoice::Auto),
            "cpu" => Ok(DeviceChoice::Cpu),
            "cuda" => Ok(DeviceChoice::Cuda(vec![0])),
            "metal" => Ok(DeviceChoice::Metal),
            _ => {
                let mut numbers: Vec<usize> = Vec::new();
                for word in text.strip_prefix("cuda:").ok_or_else(unknown)?.split(',') {
                    let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
                    let number = word.parse().ok().filter(|_| digits).ok_or_else(unknown)?;
                    if numbers.contains(&number) {
                        return Err(DeviceError::Twice { device: Place::Cuda(number) });
                    }
                    numbers.push(number);
                }
                Ok(DeviceChoice::Cuda(numbers))
            }
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DeviceChoice::Auto => f.pad("auto"),
            DeviceChoice::Cpu => f.pad("cpu"),
            DeviceChoice::Cuda(numbers) => {
                let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
                write!(f, "cuda:{}", numbers.join(","))
            }
            DeviceChoice::Metal => f.pad("metal"),
        }
    }
}

impl DeviceChoice {
    /// The devices that it names; none where it leaves that open.
    pub fn named(&self) -> Vec<Place> {
        match self {
            DeviceChoice::Auto => Vec::new(),
            DeviceChoice::Cpu => vec![Place::Cpu],
            DeviceChoice::Cuda(numbers) => numbers.iter().map(|&number| Place::Cuda(number)).collect(),
            DeviceChoice::Metal => vec![Place::Metal],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written() {
        for name in ["auto", "cpu", "cuda:0", "cuda:3", "cuda:0,1", "cuda:2,0,1", "metal"] {
            assert_eq!(name.parse::<DeviceChoice>().unwrap().to_string(), name);
        }
        assert_eq!("cuda".parse(), Ok(DeviceChoice::Cuda(vec![0])));
        for name in ["gpu", "cuda:", "cuda:x", "cuda:0,", "cuda:,1", "cuda:+1", "cuda:0;1", "CPU", ""] {
            assert_eq!(name.parse::<DeviceChoice>(), Err(DeviceError::Unknown(name.into())));
        }
        let twice = "cuda:1,1".parse::<DeviceChoice>().unwrap_err();
        assert_eq!(twice.to_string(), "cuda:1 is named twice in --device; name each card once");
    }
}
