//! Devices by the names that people type. Knows nothing of what is computed there.

use candle_core::{Device, DeviceLocation};
use std::fmt;
use std::str::FromStr;

/// A device that was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The first accelerator that is compiled in and works, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The NVIDIA card with this number.
    Cuda(usize),
    /// The Apple GPU.
    Metal,
}

/// Why a device can't be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// No device has this name.
    #[error("no device is called '{0}'; there are auto, cpu, cuda, cuda:N and metal")]
    Unknown(String),
    /// The program was built without it.
    #[error(
        "this eeg-tui was built without {device}; build it with 'cargo build --release --features {feature}', or take --device cpu"
    )]
    NotBuiltIn {
        /// As it was asked for.
        device: DeviceChoice,
        /// Cargo's feature.
        feature: &'static str,
    },
    /// It is built in but does not start.
    #[error("{device} could not be started ({reason}); check its driver, or take --device cpu")]
    Unavailable {
        /// As it was asked for.
        device: DeviceChoice,
        /// What the driver says.
        reason: String,
    },
}

impl FromStr for DeviceChoice {
    type Err = DeviceError;

    fn from_str(text: &str) -> Result<Self, DeviceError> {
        let unknown = || DeviceError::Unknown(text.to_string());
        match text {
            "auto" => Ok(DeviceChoice::Auto),
            "cpu" => Ok(DeviceChoice::Cpu),
            "cuda" => Ok(DeviceChoice::Cuda(0)),
            "metal" => Ok(DeviceChoice::Metal),
            _ => {
                let number = text.strip_prefix("cuda:").ok_or_else(unknown)?;
                number.parse().map(DeviceChoice::Cuda).map_err(|_| unknown())
            }
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DeviceChoice::Auto => f.pad("auto"),
            DeviceChoice::Cpu => f.pad("cpu"),
            DeviceChoice::Cuda(number) => write!(f, "cuda:{number}"),
            DeviceChoice::Metal => f.pad("metal"),
        }
    }
}

impl DeviceChoice {
    /// Starts the device.
    pub fn open(self) -> Result<Device, DeviceError> {
        let unavailable = |error: candle_core::Error| DeviceError::Unavailable {
            device: self,
            reason: first_line(&error.to_string()),
        };
        let not_built_in = |feature| Err(DeviceError::NotBuiltIn { device: self, feature });
        match self {
            DeviceChoice::Auto => Ok(accelerator().unwrap_or(Device::Cpu)),
            DeviceChoice::Cpu => Ok(Device::Cpu),
            DeviceChoice::Cuda(_) if !candle_core::utils::cuda_is_available() => not_built_in("cuda"),
            DeviceChoice::Metal if !candle_core::utils::metal_is_available() => not_built_in("metal"),
            DeviceChoice::Cuda(number) => Device::new_cuda(number).map_err(unavailable),
            DeviceChoice::Metal => Device::new_metal(0).map_err(unavailable),
        }
    }
}

fn accelerator() -> Option<Device> {
    if candle_core::utils::cuda_is_available() {
        Device::new_cuda(0).ok()
    } else if candle_core::utils::metal_is_available() {
        Device::new_metal(0).ok()
    } else {
        None
    }
}

/// A driver's error may carry a backtrace; people need its first line.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_string()
}

/// The device's name for a run's provenance, such as `cpu` or `cuda:0 NVIDIA H100`.
pub fn device_name(device: &Device) -> String {
    match device.location() {
        DeviceLocation::Cpu => "cpu".into(),
        DeviceLocation::Cuda { gpu_id } => match card_name(device) {
            Some(name) => format!("cuda:{gpu_id} {name}"),
            None => format!("cuda:{gpu_id}"),
        },
        DeviceLocation::Metal { .. } => "metal".into(),
    }
}

#[cfg(feature = "cuda")]
fn card_name(device: &Device) -> Option<String> {
    device.as_cuda_device().ok()?.cuda_stream().context().name().ok()
}

#[cfg(not(feature = "cuda"))]
fn card_name(_device: &Device) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written() {
        for name in ["auto", "cpu", "cuda:0", "cuda:3", "metal"] {
            assert_eq!(name.parse::<DeviceChoice>().unwrap().to_string(), name);
        }
        assert_eq!("cuda".parse(), Ok(DeviceChoice::Cuda(0)));
        for name in ["gpu", "cuda:", "cuda:x", "CPU", ""] {
            assert_eq!(name.parse::<DeviceChoice>(), Err(DeviceError::Unknown(name.into())));
        }
    }

    #[test]
    fn the_cpu_is_always_there() {
        assert_eq!(device_name(&DeviceChoice::Cpu.open().unwrap()), "cpu");
        DeviceChoice::Auto.open().unwrap();
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn what_is_not_built_in_names_its_feature() {
        let error = DeviceChoice::Cuda(1).open().unwrap_err().to_string();
        assert!(error.contains("cuda:1") && error.contains("--features cuda"), "{error}");
    }
}
