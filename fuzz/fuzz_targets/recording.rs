#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| eeg_tui_fuzz::recording(eeg_tui_fuzz::place(), bytes));
