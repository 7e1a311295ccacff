//! The functions between layers, listed once: names, parameters, values and slopes. Some of them a run chooses (the
//! columns of the comparison), the others a network has for good.

use serde::{Deserialize, Serialize};

/// An element-wise function. In a run's files it is two fields: `activation = "elu"` and, where it has a parameter,
/// `alpha = 0.3`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub enum Activation {
    /// What a run has whose network leaves no function open; as a layer the identity.
    None,
    /// max(x, 0).
    Relu,
    /// x where x > 0, slope·x elsewhere.
    LeakyRelu {
        /// The slope for negative input.
        slope: f64,
    },
    /// x where x > 0, α(eˣ − 1) elsewhere (Clevert et al. 2016).
    Elu {
        /// The value that large negative inputs saturate at, negated.
        alpha: f64,
    },
    /// x·Φ(x) by the error function (Hendrycks and Gimpel 2016); not the tanh approximation.
    Gelu,
    /// x/(1 + e⁻ˣ) (Elfwing et al. 2018).
    Silu,
    /// x².
    Square,
    /// ln(max(x, ε)), with slope 0 below ε.
    Log {
        /// The least value whose logarithm is taken.
        eps: f64,
    },
}

/// What is listed of a function.
struct Function {
    name: &'static str,
    title: &'static str,
    /// The parameter's name in a network's text, and PyTorch's default.
    parameter: Option<(&'static str, f64)>,
    /// Whether a run may choose it.
    free: bool,
    with: fn(f64) -> Activation,
}

/// Every function, those that a run may choose first.
const FUNCTIONS: [Function; 8] = {
    use Activation as A;
    [
        chosen("relu", "ReLU", None, |_| A::Relu),
        chosen("leaky_relu", "LeakyReLU", Some(("alpha", 0.01)), |slope| A::LeakyRelu { slope }),
        chosen("elu", "ELU", Some(("alpha", 1.0)), |alpha| A::Elu { alpha }),
        chosen("gelu", "GELU", None, |_| A::Gelu),
        chosen("silu", "SiLU", None, |_| A::Silu),
        fixed("square", "Square", None, |_| A::Square),
        fixed("log", "Log", Some(("eps", 1e-6)), |eps| A::Log { eps }),
        fixed("none", "none", None, |_| A::None),
    ]
};

/// One that a run may choose.
const fn chosen(
    name: &'static str,
    title: &'static str,
    parameter: Option<(&'static str, f64)>,
    with: fn(f64) -> Activation,
) -> Function {
    Function { name, title, parameter, free: true, with }
}

/// One that is part of a network.
const fn fixed(
    name: &'static str,
    title: &'static str,
    parameter: Option<(&'static str, f64)>,
    with: fn(f64) -> Activation,
) -> Function {
    Function { name, title, parameter, free: false, with }
}

impl Activation {
    /// The functions that a run may choose, with PyTorch's default parameters.
    pub fn choices() -> impl Iterator<Item = Activation> {
        FUNCTIONS.iter().filter(|function| function.free).map(Function::default)
    }

    /// Names of the functions that a run may choose, for a sentence: `relu, leaky_relu, … and silu`.
    pub fn choices_in_words() -> String {
        let names: Vec<_> = Self::choices().map(Activation::name).collect();
        match names.split_last() {
            Some((last, names)) => format!("{} and {last}", names.join(", ")),
            None => String::new(),
        }
    }

    /// Every function that a network may have as a layer, with PyTorch's default parameters.
    pub(super) fn layers() -> impl Iterator<Item = Activation> {
        FUNCTIONS.iter().map(Function::default).filter(|function| *function != Activation::None)
    }

    /// One that a run may choose, by name and optional parameter (PyTorch's default where absent); or `none`.
    pub fn new(name: &str, alpha: Option<f64>) -> Result<Self, String> {
        if let Some(alpha) = alpha
            && !alpha.is_finite()
        {
            return Err(format!("alpha must be a finite number, not {alpha}"));
        }
        let chosen = FUNCTIONS.iter().find(|function| function.name == name);
        let Some(function) = chosen.filter(|function| function.free || function.name == "none") else {
            return Err(format!("no activation is called '{name}'; there are {}", Self::choices_in_words()));
        };
        match (function.parameter, alpha) {
            (None, Some(_)) => Err(format!("{name} has no alpha; leave it out, or take leaky_relu or elu")),
            (None, None) => Ok(function.default()),
            (Some((_, default)), alpha) => Ok((function.with)(alpha.unwrap_or(default))),
        }
    }

    /// The same function with another parameter; itself where it has none.
    pub(super) fn with_parameter(self, value: f64) -> Self {
        (self.listed().with)(value)
    }

    fn listed(self) -> &'static Function {
        let same = |function: &&Function| {
            std::mem::discriminant(&function.default()) == std::mem::discriminant(&self)
        };
        // A test finds each of them.
        FUNCTIONS.iter().find(same).unwrap_or(&FUNCTIONS[0])
    }

    /// The name on the command line and in files.
    pub fn name(self) -> &'static str {
        self.listed().name
    }

    /// The function's name for people, whatever its parameter: `ELU`.
    pub fn family(self) -> &'static str {
        self.listed().title
    }

    /// The parameter's name in a network's text, and its value.
    pub fn parameter(self) -> Option<(&'static str, f64)> {
        let value = match self {
            Activation::LeakyRelu { slope } => slope,
            Activation::Elu { alpha } => alpha,
            Activation::Log { eps } => eps,
            _ => return None,
        };
        self.listed().parameter.map(|(name, _)| (name, value))
    }

    /// Whether its parameter, if it has one, is PyTorch's default.
    pub(super) fn has_default_parameter(self) -> bool {
        self == self.listed().default()
    }

    /// ELU's α or LeakyReLU's slope.
    pub fn alpha(self) -> Option<f64> {
        self.parameter().filter(|(name, _)| *name == "alpha").map(|(_, alpha)| alpha)
    }

    /// The name in prose and tables: `ReLU`, `LeakyReLU`, `ELU 0.3`; a slope other than 0.01 is shown too.
    pub fn title(self) -> String {
        let title = self.listed().title;
        match self {
            Activation::LeakyRelu { slope: 0.01 } => title.into(),
            Activation::Elu { alpha: 1.0 } => format!("{title} 1.0"),
            _ => match self.parameter() {
                Some((_, value)) => format!("{title} {value}"),
                None => title.into(),
            },
        }
    }

    /// The function's value.
    pub fn value(self, x: f64) -> f64 {
        match self {
            Activation::None => x,
            Activation::Relu => x.max(0.0),
            Activation::LeakyRelu { slope } => {
                if x > 0.0 {
                    x
                } else {
                    slope * x
                }
            }
            Activation::Elu { alpha } => {
                if x > 0.0 {
                    x
                } else {
                    alpha * x.exp_m1()
                }
            }
            Activation::Gelu => x * normal_distribution(x),
            Activation::Silu => x / (1.0 + (-x).exp()),
            Activation::Square => x * x,
            Activation::Log { eps } => x.max(eps).ln(),
        }
    }

    /// Its derivative; at a kink the one of the negative side, as in PyTorch.
    pub fn slope(self, x: f64) -> f64 {
        match self {
            Activation::None => 1.0,
            Activation::Relu => f64::from(x > 0.0),
            Activation::LeakyRelu { slope } => {
                if x > 0.0 {
                    1.0
                } else {
                    slope
                }
            }
            Activation::Elu { alpha } => {
                if x > 0.0 {
                    1.0
                } else {
                    alpha * x.exp()
                }
            }
            Activation::Gelu => {
                let density = (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
                normal_distribution(x) + x * density
            }
            Activation::Silu => {
                let logistic = 1.0 / (1.0 + (-x).exp());
                logistic * (1.0 + x * (1.0 - logistic))
            }
            Activation::Square => 2.0 * x,
            Activation::Log { eps } => {
                if x > eps {
                    x.recip()
                } else {
                    0.0
                }
            }
        }
    }
}

impl Function {
    fn default(&self) -> Activation {
        (self.with)(self.parameter.map_or(0.0, |(_, default)| default))
    }
}

/// Φ(x), the standard normal distribution.
fn normal_distribution(x: f64) -> f64 {
    0.5 * (1.0 + libm::erf(x * std::f64::consts::FRAC_1_SQRT_2))
}

/// The two fields of a run's files.
#[derive(Serialize, Deserialize)]
struct Stored {
    activation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    alpha: Option<f64>,
}

impl From<Activation> for Stored {
    fn from(activation: Activation) -> Self {
        Stored { activation: activation.name().into(), alpha: activation.alpha() }
    }
}

impl TryFrom<Stored> for Activation {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        Activation::new(&stored.activation, stored.alpha)
    }
}
