//! What a network said about each test trial, as a table that people and spreadsheets read:
//! `trial,subject,label,predicted,p_<class>…`. Text in, text out: knows nothing of files.

use std::fmt::Write as _;

/// Predictions for a test set, one row a trial in the set's order.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictions {
    /// The classes' names; labels are indices into them.
    pub classes: Vec<String>,
    /// One a trial.
    pub rows: Vec<Prediction>,
}

/// What was said about one trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Its place in the data set's test trials, or in the training trials it was held out from.
    pub trial: usize,
    /// Whose trial it is.
    pub subject: String,
    /// The true class.
    pub label: u32,
    /// The class with the largest probability, the first of equals.
    pub predicted: u32,
    /// Probability of each class, as its text says it: float32's digits.
    pub probabilities: Vec<f64>,
}

/// Why a table of predictions can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PredictionsError {
    /// Not this kind of table.
    #[error("the predictions do not begin with 'trial,subject,label,predicted' and a p_ column a class")]
    Header,
    /// A row that makes no sense.
    #[error("line {line} of the predictions is not 'trial,subject,label,predicted,p_…': {found}")]
    Row {
        /// Counted from 1, the header being the first.
        line: usize,
        /// The row.
        found: String,
    },
}

/// The columns ahead of the probabilities.
const COLUMNS: [&str; 4] = ["trial", "subject", "label", "predicted"];

impl Predictions {
    /// Share of trials whose class was found.
    pub fn accuracy(&self) -> f64 {
        let right = self.rows.iter().filter(|row| row.label == row.predicted).count();
        right as f64 / self.rows.len().max(1) as f64
    }

    /// The trials of one subject.
    pub fn of_subject(&self, subject: &str) -> Predictions {
        let rows = self.rows.iter().filter(|row| row.subject == subject).cloned().collect();
        Predictions { classes: self.classes.clone(), rows }
    }

    /// Everyone whose trials these are, by name.
    pub fn subjects(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.rows.iter().map(|row| row.subject.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The mean of several models' probabilities on the same trials (an ensemble); `None` where the trials are not the same.
    pub fn averaged(several: &[&Predictions]) -> Option<Predictions> {
        let first = several.first()?;
        let alike = |other: &Predictions| {
            let pairs = || other.rows.iter().zip(&first.rows);
            other.classes == first.classes
                && other.rows.len() == first.rows.len()
                && pairs().all(|(a, b)| a.label == b.label && a.subject == b.subject && a.trial == b.trial)
        };
        if !several.iter().all(|other| alike(other)) {
            return None;
        }
        let row = |(place, row): (usize, &Prediction)| {
            let mean = |class: usize| {
                let of =
                    |said: &Predictions| said.rows[place].probabilities.get(class).copied().unwrap_or(0.0);
                several.iter().copied().map(of).sum::<f64>() / several.len() as f64
            };
            let probabilities: Vec<f64> = (0..first.classes.len()).map(mean).collect();
            let mut predicted = 0;
            for (class, probability) in probabilities.iter().enumerate() {
                if *probability > probabilities[predicted] {
                    predicted = class;
                }
            }
            Prediction { predicted: predicted as u32, probabilities, ..row.clone() }
        };
        let rows = first.rows.iter().enumerate().map(row).collect();
        Some(Predictions { classes: first.classes.clone(), rows })
    }

    /// The table. Labels are the classes' names.
    pub fn to_csv(&self) -> String {
        let mut text = COLUMNS.join(",");
        for class in &self.classes {
            let _ = write!(text, ",{}", quoted(&format!("p_{class}")));
        }
        text.push('\n');
        let name = |class: u32| quoted(self.classes.get(class as usize).map_or("", String::as_str));
        for row in &self.rows {
            let trial = row.trial;
            let (subject, label, predicted) = (quoted(&row.subject), name(row.label), name(row.predicted));
            let _ = write!(text, "{trial},{subject},{label},{predicted}");
            for probability in &row.probabilities {
                let _ = write!(text, ",{}", *probability as f32);
            }
            text.push('\n');
        }
        text
    }

    /// Reads a table.
    pub fn from_csv(text: &str) -> Result<Self, PredictionsError> {
        let mut lines = text.lines();
        let header = fields(lines.next().unwrap_or_default());
        if header.len() <= COLUMNS.len() || header[..COLUMNS.len()] != COLUMNS {
            return Err(PredictionsError::Header);
        }
        let class = |column: &String| column.strip_prefix("p_").map(str::to_string);
        let classes: Option<Vec<String>> = header[COLUMNS.len()..].iter().map(class).collect();
        let classes = classes.ok_or(PredictionsError::Header)?;
        let rows = (2..)
            .zip(lines)
            .map(|(line, text)| {
                row(text, &classes).ok_or_else(|| PredictionsError::Row { line, found: text.to_string() })
            })
            .collect::<Result<_, _>>()?;
        Ok(Predictions { classes, rows })
    }
}

fn row(text: &str, classes: &[String]) -> Option<Prediction> {
    let fields = fields(text);
    let [trial, subject, label, predicted, probabilities @ ..] = fields.as_slice() else { return None };
    let index = |name: &String| Some(classes.iter().position(|class| class == name)? as u32);
    let probabilities: Vec<f64> = probabilities.iter().map(|p| p.parse().ok()).collect::<Option<_>>()?;
    (probabilities.len() == classes.len()).then_some(Prediction {
        trial: trial.parse().ok()?,
        subject: subject.clone(),
        label: index(label)?,
        predicted: index(predicted)?,
        probabilities,
    })
}

/// A field as RFC 4180 has it; a line break, which no name should have, becomes a space.
fn quoted(field: &str) -> String {
    let field = field.replace(['\n', '\r'], " ");
    if field.contains([',', '"']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}

/// The fields of one line, quotes removed.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut inside = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if inside && characters.peek() == Some(&'"') => {
                characters.next();
                push(&mut fields, '"');
            }
            '"' => inside = !inside,
            ',' if !inside => fields.push(String::new()),
            _ => push(&mut fields, character),
        }
    }
    fields
}

fn push(fields: &mut [String], character: char) {
    if let Some(field) = fields.last_mut() {
        field.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn predictions() -> Predictions {
        let row = |trial, subject: &str, label, predicted| Prediction {
            trial,
            subject: subject.into(),
            label,
            predicted,
            probabilities: vec![0.25, 0.33333334],
        };
        Predictions {
            classes: vec!["1".into(), "left, \"imagined\"".into()],
            rows: vec![row(0, "S4b", 0, 0), row(1, "a,b", 1, 0), row(2, "", 1, 1)],
        }
    }

    #[test]
    fn a_table_gives_it_back() {
        let text = predictions().to_csv();
        assert!(
            text.starts_with(
                "trial,subject,label,predicted,p_1,\"p_left, \"\"imagined\"\"\"\n0,S4b,1,1,0.25,"
            )
        );
        assert_eq!(Predictions::from_csv(&text).unwrap(), predictions());
    }

    #[test]
    fn accuracy_is_the_share_of_right_rows() {
        assert_eq!(predictions().accuracy(), 2.0 / 3.0);
        assert_eq!(Predictions { classes: vec![], rows: vec![] }.accuracy(), 0.0);
    }

    #[test]
    fn an_ensemble_says_what_its_mean_says() {
        let said = |p: f64| {
            let row = Prediction {
                trial: 0,
                subject: "s".into(),
                label: 0,
                predicted: u32::from(p < 0.5),
                probabilities: vec![p, 1.0 - p],
            };
            Predictions { classes: vec!["1".into(), "2".into()], rows: vec![row] }
        };
        let mean = Predictions::averaged(&[&said(0.9), &said(0.4), &said(0.45)]).unwrap();
        assert!((mean.rows[0].probabilities[0] - 1.75 / 3.0).abs() < 1e-12);
        assert_eq!((mean.rows[0].predicted, mean.accuracy()), (0, 1.0));
        let shorter = Predictions { rows: vec![], ..said(0.9) };
        assert_eq!(Predictions::averaged(&[&said(0.9), &shorter]), None);
    }

    #[test]
    fn a_bad_row_is_refused_by_its_line() {
        let header = "trial,subject,label,predicted,p_a,p_b\n";
        for row in ["0,S,a,b,0.5", "0,S,a,c,0.5,0.5", "0,S,a,b,0.5,x", ""] {
            let error = Predictions::from_csv(&format!("{header}{row}\n")).unwrap_err();
            assert_eq!(error, PredictionsError::Row { line: 2, found: row.into() });
        }
        assert_eq!(Predictions::from_csv("a,b\n"), Err(PredictionsError::Header));
        assert_eq!(Predictions::from_csv(""), Err(PredictionsError::Header));
    }
}
