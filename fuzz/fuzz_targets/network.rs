#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| eeg_tui_fuzz::network(eeg_tui_fuzz::place(), bytes));
