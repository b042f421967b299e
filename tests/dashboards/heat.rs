//! Simulated hardware: what `node_exporter`, `dcgm-exporter` and `nvidia_gpu_exporter` would tell of the computers of some
//! simulated clients. They are not run: these are their metrics and labels, with made-up values.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::catalogue::OTHERS;
use super::past::{END, Past};

/// A series, and its value while somebody is at the computer and while it computes with all it has. Of counters, what they
/// grow in a second.
struct Series(&'static str, &'static str, f64, f64);

/// With a chip of each kind, and with each way in which an exporter may call a computer: with a port, a domain, capitals, and
/// at an address of its own.
const HARDWARE: [Series; 30] = [
    Series(OTHERS[0], r#"instance="study:9100",chip="pci0000:00_0000:00:18_3",sensor="temp1""#, 52., 78.),
    Series(OTHERS[0], r#"instance="study:9100",chip="pci0000:00_0000:00:18_3",sensor="temp3""#, 49., 75.),
    Series(OTHERS[0], r#"instance="study:9100",chip="0000:00:03_1_0000:09:00_0",sensor="temp1""#, 44., 66.),
    Series(OTHERS[0], r#"instance="study:9100",chip="0000:00:03_1_0000:09:00_0",sensor="temp2""#, 48., 81.),
    Series(OTHERS[0], r#"instance="study:9100",chip="nvme_nvme0",sensor="temp1""#, 38., 43.),
    Series(OTHERS[0], r#"instance="study:9100",chip="platform_nct6775_656",sensor="temp1""#, 33., 37.),
    // Nothing is connected to it.
    Series(OTHERS[0], r#"instance="study:9100",chip="platform_nct6775_656",sensor="temp4""#, 127.5, 127.5),
    Series(OTHERS[0], r#"instance="attic.lan:9100",chip="pci0000:00_0000:00:18_3",sensor="temp1""#, 60., 84.),
    Series(OTHERS[0], r#"instance="cellar",chip="platform_coretemp_0",sensor="temp1""#, 45., 71.),
    Series(OTHERS[0], r#"instance="rack-1:9100",chip="pci0000:00_0000:00:18_3",sensor="temp1""#, 50., 63.),
    Series(OTHERS[1], r#"instance="study:9100",chip="pci0000:00_0000:00:18_3",chip_name="k10temp""#, 1., 1.),
    Series(OTHERS[1], r#"instance="study:9100",chip="0000:00:03_1_0000:09:00_0",chip_name="amdgpu""#, 1., 1.),
    Series(OTHERS[1], r#"instance="study:9100",chip="nvme_nvme0",chip_name="nvme""#, 1., 1.),
    Series(OTHERS[1], r#"instance="study:9100",chip="platform_nct6775_656",chip_name="nct6798""#, 1., 1.),
    Series(OTHERS[1], r#"instance="attic.lan:9100",chip="pci0000:00_0000:00:18_3",chip_name="k10temp""#, 1., 1.),
    Series(OTHERS[1], r#"instance="cellar",chip="platform_coretemp_0",chip_name="coretemp""#, 1., 1.),
    Series(OTHERS[1], r#"instance="rack-1:9100",chip="pci0000:00_0000:00:18_3",chip_name="k10temp""#, 1., 1.),
    Series(OTHERS[1], r#"instance="rack-1:9100",chip="lnxsybus:00_acpi000d:00",chip_name="power_meter""#, 1., 1.),
    Series(OTHERS[2], r#"instance="study:9100",chip="0000:00:03_1_0000:09:00_0",sensor="ppt""#, 22., 164.),
    Series(OTHERS[2], r#"instance="rack-1:9100",chip="lnxsybus:00_acpi000d:00",sensor="power1""#, 190., 255.),
    Series(OTHERS[3], r#"instance="study:9100",index="0",path="/sys/class/powercap/intel-rapl:0""#, 34., 75.),
    Series(OTHERS[3], r#"instance="cellar",index="0",path="/sys/class/powercap/intel-rapl:0""#, 40., 95.),
    Series(OTHERS[3], r#"instance="cellar",index="0",path="/sys/class/powercap/intel-rapl-mmio:0""#, 40., 95.),
    Series(OTHERS[3], r#"instance="rack-1:9100",index="0",path="/sys/class/powercap/intel-rapl:0""#, 105., 150.),
    Series(
        OTHERS[4],
        r#"instance="10.42.0.7:9400",gpu="0",UUID="GPU-1c5a9b7e",modelName="NVIDIA GeForce GTX 1080 Ti",Hostname="Cellar""#,
        47.,
        74.,
    ),
    Series(
        OTHERS[5],
        r#"instance="10.42.0.7:9400",gpu="0",UUID="GPU-1c5a9b7e",modelName="NVIDIA GeForce GTX 1080 Ti",Hostname="Cellar""#,
        55.,
        230.,
    ),
    Series(
        OTHERS[5],
        r#"instance="10.42.0.7:9400",gpu="1",UUID="GPU-8e21d604",modelName="NVIDIA GeForce GTX 1080 Ti",Hostname="Cellar""#,
        52.,
        215.,
    ),
    Series(OTHERS[6], r#"instance="attic.lan:9835",uuid="df6e7a7c-7314-46f8-abc4-b88b36dcf3aa""#, 41., 68.),
    Series(OTHERS[7], r#"instance="attic.lan:9835",uuid="df6e7a7c-7314-46f8-abc4-b88b36dcf3aa""#, 14., 185.),
    Series(
        OTHERS[8],
        r#"instance="attic.lan:9835",uuid="df6e7a7c-7314-46f8-abc4-b88b36dcf3aa",name="NVIDIA GeForce RTX 4070""#,
        1.,
        1.,
    ),
];

/// How much a computer computes: less while somebody is at it, and never quite the same.
fn load(time: u64) -> f64 {
    let hour = time / 3600 % 24;
    let unrest = (time / 600 * 7 % 11) as f64 / 100.;
    if (17..21).contains(&hour) { unrest } else { 1. - unrest }
}

fn samples(Series(metric, labels, low, high): &Series, past: &Past, into: &mut String) {
    let step = past.step.as_secs();
    let mut sum = 0.;
    let mut time = END - past.length.as_secs();
    while time <= END {
        let now = low + (high - low) * load(time);
        sum += now * step as f64;
        let value = if metric.ends_with("_total") { sum } else { now };
        writeln!(into, "{metric}{{job=\"hardware\",{labels}}} {value} {time}").expect("a text takes all");
        time += step;
    }
}

/// What the warmest sensor shows at the end of a past, of the chip of this name in `study`.
pub fn at_the_end(name: &str) -> f64 {
    let label = |labels: &str, name: &str| {
        let (_, rest) = labels.split_once(&format!("{name}=\""))?;
        Some(rest.split_once('"')?.0.to_owned())
    };
    let of_study = || HARDWARE.iter().filter(|series| series.1.contains(r#"instance="study:9100""#));
    let is_name = |series: &&Series| series.0 == OTHERS[1] && label(series.1, "chip_name").as_deref() == Some(name);
    let chip = of_study().find(is_name).and_then(|series| label(series.1, "chip"));
    let sensors = of_study().filter(|series| series.0 == OTHERS[0] && label(series.1, "chip") == chip);
    sensors.map(|Series(.., low, high)| low + (high - low) * load(END)).fold(0.0, f64::max)
}

/// Writes all of it to the end of a past in OpenMetrics.
pub fn add(file: &Path, past: &Past) {
    const END_OF_FILE: &str = "# EOF\n";
    let mut text = String::new();
    for metric in OTHERS {
        let (family, kind) = metric.strip_suffix("_total").map_or((metric, "gauge"), |family| (family, "counter"));
        writeln!(text, "# TYPE {family} {kind}").expect("a text takes all");
        HARDWARE.iter().filter(|series| series.0 == metric).for_each(|series| samples(series, past, &mut text));
    }
    // In place: the past is hundreds of megabytes.
    let mut file = OpenOptions::new().read(true).write(true).open(file).expect("the past was written");
    let back = i64::try_from(END_OF_FILE.len()).expect("it is short");
    let end = file.seek(SeekFrom::End(-back)).expect("it is not empty");
    let mut last = String::new();
    file.read_to_string(&mut last).expect("it is text");
    assert_eq!(last, END_OF_FILE, "a past ends with this");
    file.seek(SeekFrom::Start(end)).expect("it is that long");
    file.write_all((text + END_OF_FILE).as_bytes()).expect("a temporary folder is writable");
}
