//! Formats that are known by sight but not read, and the few lines that convert them.

/// What a file is, if it is one of those, in a sentence that completes "FILE …".
pub fn known(start: &[u8]) -> Option<String> {
    const FIF: [u8; 8] = [0, 0, 0, 100, 0, 0, 0, 31];
    if start.starts_with(&FIF) {
        return Some(format!("is a FIF file, which isn't read here; MNE converts it:\n\n{}", mne(FIF_LINES)));
    }
    if start.starts_with(b"\x89HDF") || start.starts_with(b"MATLAB 7.3") {
        let what = "is a MAT-file of version 7.3 or another HDF5 file, which isn't read here";
        let or = "save it again in MATLAB with save(…, '-v7'), or let Python convert it";
        return Some(format!("{what}; {or}:\n\n{}", mne(HDF5_LINES)));
    }
    None
}

const FIF_LINES: &str = "raw = mne.io.read_raw_fif('recording_raw.fif', preload=True)
events, ids = mne.events_from_annotations(raw)      # or mne.find_events(raw)
classes = {'left': ids['T1'], 'right': ids['T2']}   # the events that are your classes
epochs = mne.Epochs(raw, events, classes, tmin=0, tmax=4 - 1 / raw.info['sfreq'],
                    baseline=None, picks='eeg', preload=True)";

const HDF5_LINES: &str =
    "raw = mne.io.read_raw_eeglab('recording.set', preload=True)   # for EEGLAB's; other files: h5py
events, ids = mne.events_from_annotations(raw)
classes = {'left': ids['left'], 'right': ids['right']}        # the events that are your classes
epochs = mne.Epochs(raw, events, classes, tmin=0, tmax=4 - 1 / raw.info['sfreq'],
                    baseline=None, picks='eeg', preload=True)";

/// The whole script: these lines between the imports and the saving.
fn mne(lines: &str) -> String {
    format!(
        "import mne, numpy as np
{lines}
signal = epochs.get_data().transpose(0, 2, 1) * 1e6     # (trial, time, electrode), volts to µV
np.savez('S1.npz', signal=signal.astype('float32'), label=epochs.events[:, 2],
         sfreq=raw.info['sfreq'], ch_names=np.array(epochs.ch_names))"
    )
}
