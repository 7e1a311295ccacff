//! Who was recorded, on which day and in which run: as given, by a pattern of the file's name, or as BIDS names say.

use super::super::arrays::SIGNALS;
use super::super::bids;
use super::ImportError;
use super::options::Options;
use std::path::Path;

/// What tells a recording from the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// A name.
    pub subject: String,
    /// Where it is known.
    pub session: Option<String>,
    /// Where it isn't known, the recording's place among those of its subject and session, from 1 on.
    pub run: String,
}

/// What names say, one for each recording.
pub fn of(paths: &[&Path], options: &Options) -> Result<Vec<Who>, ImportError> {
    let mut all: Vec<Who> = Vec::new();
    for path in paths {
        let told = told(path, options)?;
        let subject = options.subject.clone().or(told.subject).unwrap_or_else(|| stem(path));
        let session = options.session.clone().or(told.session);
        let run = options.run.clone().or(told.run).unwrap_or_else(|| {
            let before = all.iter().filter(|who| who.subject == subject && who.session == session).count();
            (before + 1).to_string()
        });
        all.push(Who { subject, session, run });
    }
    Ok(all)
}

/// Whether a person means this name: without case, leading zeros, and the `sub-`, `ses-`, `run-` of BIDS.
pub fn means(wanted: &str, name: &str) -> bool {
    plain(wanted) == plain(name)
}

fn plain(name: &str) -> String {
    let name = name.trim().to_lowercase();
    let name = ["sub-", "ses-", "run-"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(&name);
    match name.trim_start_matches('0') {
        "" => name.chars().take(1).collect(),
        rest if rest.starts_with(|c: char| c.is_ascii_digit()) => rest.to_owned(),
        _ => name.to_owned(),
    }
}

#[derive(Debug, Default, PartialEq)]
struct Told {
    subject: Option<String>,
    session: Option<String>,
    run: Option<String>,
}

fn stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let bare = ["_train", "_test", "_s"]
        .iter()
        .find_map(|end| stem.strip_suffix(end))
        .filter(|bare| !bare.is_empty());
    let bare = bare.unwrap_or(&stem).to_owned();
    // An array's own name is nobody's; the folder's may be.
    let folder = path.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    match (SIGNALS.contains(&bare.to_lowercase().as_str()), folder) {
        (true, Some(folder)) => folder,
        _ => bare,
    }
}

fn told(path: &Path, options: &Options) -> Result<Told, ImportError> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if let Some(pattern) = &options.pattern {
        let parts = parse(pattern)?;
        let found = name.char_indices().find_map(|(at, _)| matched(&parts, &name[at..]));
        return found.ok_or_else(|| {
            ImportError::Usage(format!(
                "--pattern {pattern} doesn't fit the file name '{name}'; write it as S{{subject}}R{{run}}"
            ))
        });
    }
    if let Some(subject) = bids::entity(path, "sub") {
        let (session, run) = (bids::entity(path, "ses"), bids::entity(path, "run"));
        return Ok(Told { subject: Some(subject), session, run });
    }
    Ok(physionet(&name).unwrap_or_default())
}

/// `S001R04`, as PhysioNet's motor imagery set has it: subject S001, run 4.
fn physionet(name: &str) -> Option<Told> {
    let (subject, run) = name.split_once('R')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let run: u32 = if digits(run) { run.parse().ok()? } else { return None };
    digits(subject.strip_prefix('S')?).then(|| Told {
        subject: Some(subject.to_owned()),
        session: None,
        run: Some(run.to_string()),
    })
}

#[derive(Debug, PartialEq)]
enum Piece {
    Text(String),
    Subject,
    Session,
    Run,
}

fn parse(pattern: &str) -> Result<Vec<Piece>, ImportError> {
    let bad = || {
        let what = "it is text with {subject}, {session} and {run} in it";
        ImportError::Usage(format!("--pattern {pattern} is not understood; {what}"))
    };
    let (mut pieces, mut rest) = (Vec::new(), pattern);
    while !rest.is_empty() {
        let (text, field) = rest.split_once('{').unwrap_or((rest, ""));
        if !text.is_empty() {
            pieces.push(Piece::Text(text.to_owned()));
        }
        if text.len() == rest.len() {
            break;
        }
        let (field, after) = field.split_once('}').ok_or_else(bad)?;
        pieces.push(match field {
            "subject" => Piece::Subject,
            "session" => Piece::Session,
            "run" => Piece::Run,
            _ => return Err(bad()),
        });
        rest = after;
    }
    match pieces.iter().any(|piece| !matches!(piece, Piece::Text(_))) {
        true => Ok(pieces),
        false => Err(bad()),
    }
}

/// A field takes letters and digits up to where what follows it begins.
fn matched(pieces: &[Piece], name: &str) -> Option<Told> {
    let Some((piece, rest)) = pieces.split_first() else { return Some(Told::default()) };
    if let Piece::Text(text) = piece {
        return matched(rest, name.strip_prefix(text.as_str())?);
    }
    let longest = name.find(|c: char| !c.is_alphanumeric()).unwrap_or(name.len());
    // A field at the end takes all; one before a text as little as it can.
    let mut ends: Vec<usize> =
        name.char_indices().map(|(at, c)| at + c.len_utf8()).filter(|&end| end <= longest).collect();
    if rest.is_empty() {
        ends.reverse();
    }
    ends.into_iter().find_map(|end| {
        let mut told = matched(rest, &name[end..])?;
        let value = Some(name[..end].to_owned());
        match piece {
            Piece::Subject => told.subject = value,
            Piece::Session => told.session = value,
            _ => told.run = value,
        }
        Some(told)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(name: &str, options: &Options) -> Who {
        of(&[Path::new(name)], options).unwrap().remove(0)
    }

    fn named(subject: &str, session: Option<&str>, run: &str) -> Who {
        Who { subject: subject.into(), session: session.map(str::to_owned), run: run.into() }
    }

    #[test]
    fn names_tell_who_was_recorded() {
        let none = Options::default();
        assert_eq!(who("S001R04.edf", &none), named("S001", None, "4"));
        assert_eq!(who("sub-03_ses-2_task-mi_run-05_eeg.vhdr", &none), named("03", Some("2"), "05"));
        assert_eq!(who("A01T.gdf", &none), named("A01T", None, "1"));
        let pattern = Options { pattern: Some("{subject}_{session}-r{run}".into()), ..Options::default() };
        assert_eq!(who("x_AB_day1-r12.edf", &pattern), named("x", Some("AB"), "1").with("AB", "day1", "12"));
        let given = Options { subject: Some("me".into()), run: Some("7".into()), ..Options::default() };
        assert_eq!(who("S001R04.edf", &given), named("me", None, "7"));
    }

    impl Who {
        fn with(mut self, subject: &str, session: &str, run: &str) -> Self {
            (self.subject, self.session, self.run) = (subject.into(), Some(session.into()), run.into());
            self
        }
    }

    #[test]
    fn runs_that_nobody_names_are_counted_for_each_subject() {
        let options = Options { subject: Some("me".into()), ..Options::default() };
        let all = of(&[Path::new("a.edf"), Path::new("b.edf")], &options).unwrap();
        assert_eq!([&all[0].run, &all[1].run], ["1", "2"]);
    }

    #[test]
    fn a_person_means_a_name_without_its_zeros() {
        assert!(means("4", "04") && means("S3", "s3") && means("sub-01", "1") && means("0", "00"));
        assert!(!means("4", "40") && !means("S3", "S03"));
    }
}
