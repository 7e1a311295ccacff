//! The rows of the form, one for each option of an import.

use crate::recording::import::Options;

/// One row.
#[derive(Debug)]
pub struct Row {
    /// Its name for people.
    pub title: &'static str,
    /// What may stand there.
    pub hint: &'static str,
    /// Takes what is typed; an error says what is wrong with it.
    pub set: fn(&mut Options, &str) -> Result<(), String>,
}

impl Row {
    /// The place of the row of files.
    pub const FILES: usize = 0;
    /// The place of the set's name.
    pub const NAME: usize = 1;

    /// Every row, in its order on the screen.
    pub const ALL: &[Row] = &[
        Row {
            title: "files",
            hint: "recordings with blanks between them, or a BIDS folder; * stands for any letters, tab completes",
            set: |_, _| Ok(()),
        },
        Row { title: "name", hint: "what the data set is to be called", set: |_, _| Ok(()) },
        Row {
            title: "classes",
            hint: "the events that are the classes, such as T1=left,T2=right; empty where the files have labels",
            set: |options, text| list(&mut options.events, text),
        },
        Row {
            title: "window",
            hint: "seconds from the event, up to and without the last, such as 0..4; empty where trials are cut already",
            set: |options, text| word(&mut options.window, text),
        },
        Row {
            title: "test",
            hint: "run:12, session:2, subject:S3, or the last share of each recording such as 0.3; empty: a run's split makes it",
            set: |options, text| list(&mut options.test, text),
        },
        Row {
            title: "channels",
            hint: "names with commas, in their order; empty: all EEG channels",
            set: |options, text| list(&mut options.picks, text),
        },
        Row {
            title: "reference",
            hint: "average, or the channels that are taken away from every other; empty: none",
            set: |options, text| list(&mut options.reference, text),
        },
        Row {
            title: "band",
            hint: "Hz that pass, such as 8..30, 0.5.. or ..40; empty: all",
            set: |options, text| word(&mut options.band, text),
        },
        Row {
            title: "resample",
            hint: "the new sampling rate, Hz; empty: as it is",
            set: |options, text| rate(&mut options.resample, text),
        },
        Row {
            title: "reject",
            hint: "µV from peak to peak beyond which a trial is dropped, or artifacts; empty: none",
            set: |options, text| list(&mut options.reject, text),
        },
        Row {
            title: "stim channel",
            hint: "the channel whose codes are the events; empty: annotations and markers",
            set: |options, text| word(&mut options.stim, text),
        },
        Row {
            title: "unit",
            hint: "V, mV, uV or nV, for channels that don't say theirs",
            set: |options, text| word(&mut options.unit, text),
        },
        Row {
            title: "true labels",
            hint: "files with the classes of all trials (text, or a MAT-file of labels), one for each recording",
            set: |options, text| {
                options.true_labels = super::paths(text).into_iter().map(Into::into).collect();
                Ok(())
            },
        },
        Row {
            title: "pattern",
            hint: "how file names tell subject, session and run, such as S{subject}R{run}; empty: as BIDS and PhysioNet name files",
            set: |options, text| word(&mut options.pattern, text),
        },
        Row {
            title: "subject",
            hint: "whose all recordings are; empty: as their names say",
            set: |options, text| word(&mut options.subject, text),
        },
        Row {
            title: "session",
            hint: "on which day all were made; empty: as their names say",
            set: |options, text| word(&mut options.session, text),
        },
        Row {
            title: "run",
            hint: "which run all are; empty: as their names say, or counted",
            set: |options, text| word(&mut options.run, text),
        },
        Row {
            title: "rate",
            hint: "Hz, of files that don't say theirs",
            set: |options, text| rate(&mut options.rate, text),
        },
        Row {
            title: "signal",
            hint: "the array that holds the trials, where a file of arrays has several",
            set: |options, text| word(&mut options.signal, text),
        },
        Row {
            title: "labels",
            hint: "the array, or the npy file, that holds their labels",
            set: |options, text| word(&mut options.labels, text),
        },
        Row {
            title: "axes",
            hint: "trial, time and electrode in the array's order, with commas; empty: told by its lengths",
            set: |options, text| list(&mut options.axes, text),
        },
        Row {
            title: "overlap",
            hint: "yes: trials may share samples; empty: they must not",
            set: |options, text| match text {
                "yes" | "no" => {
                    options.overlap = text == "yes";
                    Ok(())
                }
                _ => Err(format!("'{text}' is neither yes nor no")),
            },
        },
    ];
}

fn rate(option: &mut Option<f64>, text: &str) -> Result<(), String> {
    *option = Some(text.parse().map_err(|_| format!("'{text}' is no sampling rate"))?);
    Ok(())
}

fn word(option: &mut Option<String>, text: &str) -> Result<(), String> {
    *option = Some(text.to_owned());
    Ok(())
}

fn list(option: &mut Vec<String>, text: &str) -> Result<(), String> {
    *option =
        text.split(',').map(|piece| piece.trim().to_owned()).filter(|piece| !piece.is_empty()).collect();
    Ok(())
}
