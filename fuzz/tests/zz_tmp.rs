use std::fs;
use std::path::{Path, PathBuf};
fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() { return vec![path.to_owned()]; }
    fs::read_dir(path).unwrap().flat_map(|e| files(&e.unwrap().path())).collect()
}
#[test]
fn mutate() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut inputs: Vec<Vec<u8>> = ["fuzz/corpus/data_directory", "tests/data/data_directory"].iter().flat_map(|p| files(&root.join(p))).map(|f| fs::read(f).unwrap()).filter(|b| !b.is_empty() && b.len() < 30000).collect();
    inputs.push(b"1 ue 5 ct 1 nm a et 2\n".to_vec());
    let mut x: u64 = 88172645463325252;
    let mut rnd = move |n: usize| { x ^= x << 13; x ^= x >> 7; x ^= x << 17; (x % n as u64) as usize };
    let start = std::time::Instant::now();
    let mut count = 0u64;
    while start.elapsed().as_secs() < 240 {
        let mut b = inputs[rnd(inputs.len())].clone();
        for _ in 0..=rnd(6) {
            if b.is_empty() { break; }
            let at = rnd(b.len());
            match rnd(6) {
                0 => b[at] = rnd(256) as u8,
                1 => { b.truncate(at); }
                2 => { let o = &inputs[rnd(inputs.len())]; let s = rnd(o.len()); let e = s + rnd(o.len() - s); let p = o[s..e].to_vec(); b.splice(at..at, p); }
                3 => { let e = at + rnd(b.len() - at); b.drain(at..e); }
                4 => { let t: &[&[u8]] = &[b"<", b">", b"</", b"\n", b"\0", b"-", b"1e999", b"nan", b"\x1e", b"]]>", b"<![CDATA[", b" et ", b" nm "]; let p = t[rnd(t.len())].to_vec(); b.splice(at..at, p); }
                _ => { let e = at + rnd((b.len() - at).min(40)); let p = b[at..e].to_vec(); b.splice(at..at, p); }
            }
        }
        b.truncate(65536);
        fs::write("/tmp/zz_last", &b).unwrap();
        boinc_exporter_fuzz::data_directory::run(&b);
        count += 1;
    }
    println!("{count} inputs");
}
