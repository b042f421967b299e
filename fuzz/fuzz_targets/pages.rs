#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| boinc_exporter_fuzz::pages::run(bytes));
