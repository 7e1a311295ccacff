//! How the trials of a set are parted into those that are learned from and those that are judged on.

use std::fmt;
use std::str::FromStr;

/// How trials are parted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Split {
    /// As the files have it: `_train` and `_test`.
    #[default]
    Given,
    /// Stratified folds, each judged on once. Blocks of neighbouring trials, unless they are shuffled first.
    KFold {
        /// How many, 2 or more.
        folds: u64,
        /// Whether the seed mixes the trials of each class first. Neighbours in time are alike: that lets them leak.
        shuffled: bool,
    },
    /// All trials of one subject, session or run are judged on, all others learned from.
    LeaveOut(By),
}

/// What trials are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// Who was recorded.
    Subject,
    /// When they were there.
    Session,
    /// Which recording of that day.
    Run,
}

impl By {
    /// Every grouping.
    pub const ALL: [By; 3] = [By::Subject, By::Session, By::Run];

    /// The name on the command line, in files and in sentences.
    pub fn name(self) -> &'static str {
        match self {
            By::Subject => "subject",
            By::Session => "session",
            By::Run => "run",
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Split::Given => f.write_str("given"),
            Split::KFold { folds, shuffled: false } => write!(f, "kfold:{folds}"),
            Split::KFold { folds, shuffled: true } => write!(f, "kfold:{folds}:shuffled"),
            Split::LeaveOut(by) => write!(f, "leave_out:{}", by.name()),
        }
    }
}

impl FromStr for Split {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = || {
            "given, kfold:K with K from 2 on (kfold:K:shuffled mixes the trials first), leave_out:subject, \
             leave_out:session or leave_out:run"
                .to_owned()
        };
        let parts: Vec<&str> = text.split(':').collect();
        match parts[..] {
            ["given"] => Ok(Split::Given),
            ["kfold", folds] | ["kfold", folds, "shuffled"] => match folds.parse() {
                Ok(folds) if folds >= 2 => Ok(Split::KFold { folds, shuffled: parts.len() == 3 }),
                _ => Err(wanted()),
            },
            ["leave_out", by] => {
                By::ALL.into_iter().find(|known| known.name() == by).map(Split::LeaveOut).ok_or_else(wanted)
            }
            _ => Err(wanted()),
        }
    }
}

/// Whose trials a run is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Subjects {
    /// Everybody's.
    #[default]
    All,
    /// One subject's at a time: a grid makes one run of each, no run has it.
    Each,
    /// Theirs; in rising order, each once.
    Named(Vec<String>),
}

impl fmt::Display for Subjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subjects::All => f.write_str("all"),
            Subjects::Each => f.write_str("each"),
            Subjects::Named(names) => f.write_str(&names.join(",")),
        }
    }
}

impl FromStr for Subjects {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut names: Vec<String> =
            text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        names.sort();
        names.dedup();
        match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => Err("all, each, or names with commas between them".into()),
            ["all"] => Ok(Subjects::All),
            ["each"] => Ok(Subjects::Each),
            _ => Ok(Subjects::Named(names)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_again() {
        for text in [
            "given",
            "kfold:5",
            "kfold:10:shuffled",
            "leave_out:subject",
            "leave_out:session",
            "leave_out:run",
        ] {
            assert_eq!(text.parse::<Split>().unwrap().to_string(), text);
        }
        for text in ["all", "each", "S1,S2"] {
            assert_eq!(text.parse::<Subjects>().unwrap().to_string(), text);
        }
        assert_eq!("b, a ,b".parse::<Subjects>().unwrap().to_string(), "a,b");
    }

    #[test]
    fn what_no_split_is_is_refused() {
        for text in
            ["", "kfold", "kfold:1", "kfold:-2", "kfold:5:mixed", "leave_out", "leave_out:trial", "random"]
        {
            assert!(text.parse::<Split>().unwrap_err().contains("kfold:K"), "{text}");
        }
        assert!(" , ".parse::<Subjects>().is_err());
    }
}
