//! Small recordings that the tests make.

use std::fmt::Write as _;

/// A signal of an EDF file.
#[derive(Clone, Debug)]
pub struct Signal {
    pub label: &'static str,
    pub unit: &'static str,
    pub per_record: usize,
    pub digital: Vec<i16>,
}

/// An EDF file: signals of so many samples a record, physical = digital / 10, and annotations for each record.
#[derive(Clone, Debug)]
pub struct Edf {
    pub signals: Vec<Signal>,
    pub duration: &'static str,
    /// The text of each record's annotations; none makes a plain EDF file.
    pub annotations: Vec<String>,
}

const ANNOTATION_BYTES: usize = 120;

impl Edf {
    /// Ten seconds of two channels at 100 Hz, whose values tell channel and sample, with left and right events.
    pub fn sound() -> Edf {
        let signal = |label, from: i16| Signal {
            label,
            unit: "uV",
            per_record: 100,
            digital: (0..1000).map(|i: i16| from + (i % 37) * 10 - (i % 11) * 7).collect(),
        };
        let annotations = (0..10).map(|record| {
            let mut text = format!("+{record}\x14\x14\0");
            if record < 9 {
                let name = if record % 2 == 0 { "left" } else { "right" };
                let _ = write!(text, "+{record}.25\x150.5\x14{name}\x14\0");
            }
            text
        });
        Edf {
            signals: vec![signal("C3", 0), signal("C4", 500)],
            duration: "1",
            annotations: annotations.collect(),
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let plus = !self.annotations.is_empty();
        let records = self.signals[0].digital.len() / self.signals[0].per_record;
        let count = self.signals.len() + usize::from(plus);
        let mut text = String::new();
        let field = |text: &mut String, value: &str, width: usize| {
            let _ = write!(text, "{value:<width$}");
        };
        for (value, width) in [("0", 8), ("X", 80), ("Startdate X", 80), ("01.01.20", 8), ("00.00.00", 8)] {
            field(&mut text, value, width);
        }
        field(&mut text, &(256 * (count + 1)).to_string(), 8);
        field(&mut text, if plus { "EDF+C" } else { "" }, 44);
        field(&mut text, &records.to_string(), 8);
        field(&mut text, self.duration, 8);
        field(&mut text, &count.to_string(), 4);
        let annotation = Signal {
            label: "EDF Annotations",
            unit: "",
            per_record: ANNOTATION_BYTES / 2,
            digital: Vec::new(),
        };
        let all: Vec<&Signal> = self.signals.iter().chain(plus.then_some(&annotation)).collect();
        let column = |text: &mut String, width: usize, value: &dyn Fn(&Signal) -> String| {
            for signal in &all {
                field(text, &value(signal), width);
            }
        };
        column(&mut text, 16, &|it| it.label.into());
        column(&mut text, 80, &|_| String::new());
        column(&mut text, 8, &|it| it.unit.into());
        for (value, _) in [("-3276.8", 0), ("3276.7", 0), ("-32768", 0), ("32767", 0)] {
            column(&mut text, 8, &|_| value.into());
        }
        column(&mut text, 80, &|_| String::new());
        column(&mut text, 8, &|it| it.per_record.to_string());
        column(&mut text, 32, &|_| String::new());
        let mut bytes = text.into_bytes();
        for record in 0..records {
            for signal in &self.signals {
                let part = &signal.digital[record * signal.per_record..][..signal.per_record];
                bytes.extend(part.iter().flat_map(|value| value.to_le_bytes()));
            }
            if plus {
                let mut part = self.annotations[record].clone().into_bytes();
                part.resize(ANNOTATION_BYTES, 0);
                bytes.extend(part);
            }
        }
        bytes
    }
}

/// A GDF 2.20 file of one 32-bit floating point channel at 50 Hz with two events in mode 3.
pub fn gdf() -> Vec<u8> {
    gdf_of([769, 770])
}

/// The same with other types of events.
pub fn gdf_of(kinds: [u16; 2]) -> Vec<u8> {
    let mut bytes = vec![0; 512];
    bytes[..8].copy_from_slice(b"GDF 2.20");
    bytes[184..186].copy_from_slice(&2u16.to_le_bytes());
    bytes[236..244].copy_from_slice(&4i64.to_le_bytes());
    bytes[244..248].copy_from_slice(&1u32.to_le_bytes());
    bytes[248..252].copy_from_slice(&1u32.to_le_bytes());
    bytes[252..254].copy_from_slice(&1u16.to_le_bytes());
    let channel = &mut bytes[256..];
    channel[..2].copy_from_slice(b"Cz");
    channel[102..104].copy_from_slice(&4275u16.to_le_bytes());
    for (at, value) in [(104, -1.0f64), (112, 1.0), (120, -1.0), (128, 1.0)] {
        channel[at..at + 8].copy_from_slice(&value.to_le_bytes());
    }
    channel[216..220].copy_from_slice(&50u32.to_le_bytes());
    channel[220..224].copy_from_slice(&16u32.to_le_bytes());
    bytes.extend((0..200).flat_map(|i| (i as f32 / 2.0).to_le_bytes()));
    bytes.extend([3, 2, 0, 0]);
    bytes.extend(50f32.to_le_bytes());
    bytes.extend([11u32, 101].iter().flat_map(|at| at.to_le_bytes()));
    bytes.extend(kinds.iter().flat_map(|kind| kind.to_le_bytes()));
    bytes.extend([0u16, 0].iter().flat_map(|channel| channel.to_le_bytes()));
    bytes.extend([25u32, 0].iter().flat_map(|length| length.to_le_bytes()));
    bytes
}

/// A MAT-file of level 5 with a (trial, channel, sample) array `X`, labels `y` and a rate `fs`, not compressed.
pub fn mat() -> Vec<u8> {
    let mut bytes = mat_head();
    let x: Vec<f64> = (0..4 * 3 * 50).map(|i| f64::from(i % 83) - 41.0).collect();
    bytes.extend(variable("X", &[4, 3, 50], &x));
    bytes.extend(variable("y", &[4, 1], &[1.0, 2.0, 1.0, 2.0]));
    bytes.extend(variable("fs", &[1, 1], &[100.0]));
    bytes
}

fn mat_head() -> Vec<u8> {
    let mut bytes = format!("{:<124}", "MATLAB 5.0 MAT-file").into_bytes();
    bytes.extend([0, 1, b'I', b'M']);
    bytes
}

/// A MAT-file of labels, as competitions hand them out afterwards.
pub fn mat_of_labels(labels: &[f64]) -> Vec<u8> {
    let mut bytes = mat_head();
    bytes.extend(variable("classlabel", &[labels.len() as u32, 1], labels));
    bytes
}

/// An EEGLAB set of two channels with these names and types, ten samples at 100 Hz, its fields at the top of the file.
pub fn eeglab(channels: [(&str, &str); 2]) -> Vec<u8> {
    let mut bytes = mat_head();
    for (name, value) in [("nbchan", 2.0), ("pnts", 10.0), ("trials", 1.0), ("srate", 100.0)] {
        bytes.extend(variable(name, &[1, 1], &[value]));
    }
    bytes.extend(variable("data", &[2, 10], &(0..20).map(f64::from).collect::<Vec<_>>()));
    let places = channels.map(|(name, kind)| [characters(name), characters(kind)].concat()).concat();
    // Names of fields have a common length.
    let fields = [element(5, &7u32.to_le_bytes()), element(1, b"labels\0type\0\0\0")].concat();
    bytes.extend(matrix(2, "chanlocs", &[1, 2], &[fields, places].concat()));
    bytes
}

fn element(kind: u32, bytes: &[u8]) -> Vec<u8> {
    let mut element = [kind.to_le_bytes(), (bytes.len() as u32).to_le_bytes()].concat();
    element.extend(bytes);
    element.resize(element.len().next_multiple_of(8), 0);
    element
}

fn matrix(class: u8, name: &str, shape: &[u32], content: &[u8]) -> Vec<u8> {
    let shape = shape.iter().flat_map(|size| size.to_le_bytes()).collect::<Vec<_>>();
    let head = [element(6, &[class, 0, 0, 0, 0, 0, 0, 0]), element(5, &shape), element(1, name.as_bytes())];
    element(14, &[head.concat(), content.to_vec()].concat())
}

fn variable(name: &str, shape: &[u32], values: &[f64]) -> Vec<u8> {
    let values = values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>();
    matrix(6, name, shape, &element(9, &values))
}

fn characters(text: &str) -> Vec<u8> {
    matrix(4, "", &[1, text.len() as u32], &element(16, text.as_bytes()))
}

/// A BrainVision header for two channels at 100 Hz, of text samples in `NAME.dat` and markers in `NAME.vmrk`.
pub fn vhdr(format: &str, orientation: &str) -> String {
    format!(
        "Brain Vision Data Exchange Header File Version 1.0\n[Common Infos]\nCodepage=UTF-8\nDataFile=$b.dat\n\
         MarkerFile=$b.vmrk\nDataFormat={format}\nDataOrientation={orientation}\nNumberOfChannels=2\n\
         SamplingInterval=10000\n[ASCII Infos]\nDecimalSymbol=,\nSkipLines={}\nSkipColumns={}\n[Binary Infos]\n\
         BinaryFormat=INT_16\n[Channel Infos]\nCh1=C3,,0.5,µV\nCh2=a\\1b,,2,mV\n",
        if orientation == "MULTIPLEXED" { 1 } else { 0 },
        if orientation == "MULTIPLEXED" { 0 } else { 1 },
    )
}
