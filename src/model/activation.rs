//! The three activation functions of the comparison, with their one parameter.

use serde::{Deserialize, Serialize};

/// An activation function. In files it is two fields: `activation = "elu"` and, where it has one, `alpha = 0.3`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "activation", rename_all = "snake_case")]
pub enum Activation {
    /// max(x, 0).
    Relu,
    /// x where x > 0, slope·x elsewhere.
    LeakyRelu {
        /// The slope for negative input.
        #[serde(rename = "alpha")]
        slope: f64,
    },
    /// x where x > 0, α(eˣ − 1) elsewhere (Clevert et al. 2016).
    Elu {
        /// The value that large negative inputs saturate at, negated.
        alpha: f64,
    },
}

impl Activation {
    /// The three columns of the lab's table, with PyTorch's default parameters.
    pub const LAB: [Activation; 3] =
        [Activation::Relu, Activation::LeakyRelu { slope: 0.01 }, Activation::Elu { alpha: 1.0 }];

    /// By name and optional parameter (PyTorch's default where absent). ReLU takes none.
    pub fn new(name: &str, alpha: Option<f64>) -> Result<Self, String> {
        if let Some(alpha) = alpha
            && !alpha.is_finite()
        {
            return Err(format!("alpha must be a finite number, not {alpha}"));
        }
        match (name, alpha) {
            ("relu", None) => Ok(Activation::Relu),
            ("relu", Some(_)) => Err("relu has no alpha; leave it out, or take leaky_relu or elu".into()),
            ("leaky_relu", slope) => Ok(Activation::LeakyRelu { slope: slope.unwrap_or(0.01) }),
            ("elu", alpha) => Ok(Activation::Elu { alpha: alpha.unwrap_or(1.0) }),
            _ => Err(format!("no activation is called '{name}'; there are relu, leaky_relu and elu")),
        }
    }

    /// The name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Activation::Relu => "relu",
            Activation::LeakyRelu { .. } => "leaky_relu",
            Activation::Elu { .. } => "elu",
        }
    }

    /// ELU's α or LeakyReLU's slope.
    pub fn alpha(self) -> Option<f64> {
        match self {
            Activation::Relu => None,
            Activation::LeakyRelu { slope } => Some(slope),
            Activation::Elu { alpha } => Some(alpha),
        }
    }

    /// The name in prose and tables: `ReLU`, `LeakyReLU`, `ELU 0.3`; a slope other than 0.01 is shown too.
    pub fn title(self) -> String {
        match self {
            Activation::Relu => "ReLU".into(),
            Activation::LeakyRelu { slope: 0.01 } => "LeakyReLU".into(),
            Activation::LeakyRelu { slope } => format!("LeakyReLU {slope}"),
            Activation::Elu { alpha: 1.0 } => "ELU 1.0".into(),
            Activation::Elu { alpha } => format!("ELU {alpha}"),
        }
    }

    /// The function's value.
    pub fn value(self, x: f64) -> f64 {
        match self {
            Activation::Relu => x.max(0.0),
            _ if x > 0.0 => x,
            Activation::LeakyRelu { slope } => slope * x,
            Activation::Elu { alpha } => alpha * x.exp_m1(),
        }
    }

    /// Its derivative; at 0 the one of the negative side, as in PyTorch.
    pub fn slope(self, x: f64) -> f64 {
        match self {
            Activation::Relu => f64::from(x > 0.0),
            _ if x > 0.0 => 1.0,
            Activation::LeakyRelu { slope } => slope,
            Activation::Elu { alpha } => alpha * x.exp(),
        }
    }
}
