//! GPUs, each value from the source that can be trusted. BOINC tells some things twice: as the vendor's own interface says
//! and as OpenCL says, and several releases garble the first.

use crate::client::gui_rpc::model::{Coproc, HostInfo, OpenclDevice};

const MEBI: f64 = 1_048_576.0;

/// What a memory size can be. Clients up to 7.16 send NVIDIA's with its upper half uninitialised.
const MEMORY: std::ops::Range<f64> = 1.0..8_796_093_022_208.0;

/// Where NVIDIA's memory size stops on clients that count it with 32 bits.
const FOUR_GIB: f64 = 4_294_967_295.0;

/// What a clock can be, hertz. The same clients send some of OpenCL's numbers uninitialised.
const CLOCK: std::ops::Range<f64> = 1e6..1e11;

/// What a number of compute units can be.
const UNITS: std::ops::Range<f64> = 1.0..1e6;

/// The driver's minor version as the client packs it; this and all higher ones are 99.
const CAPPED: i64 = 99;

/// The kinds of GPU of a host, by BOINC's names of the resources. Of the four known vendors the client describes the best GPU
/// and says how many there are; of any other it describes each, so their numbers are added up.
#[must_use]
pub fn gpus(host: &HostInfo) -> Vec<(String, Coproc)> {
    let Some(coprocs) = &host.coprocs else { return Vec::new() };
    let known = [
        ("NVIDIA", &coprocs.coproc_cuda),
        ("ATI", &coprocs.coproc_ati),
        ("intel_gpu", &coprocs.coproc_intel_gpu),
        ("apple_gpu", &coprocs.coproc_apple_gpu),
    ];
    let known = known.into_iter().flat_map(|(resource, gpus)| gpus.iter().map(move |gpu| (resource.to_owned(), gpu)));
    let other = coprocs.coproc.iter().map(|gpu| (gpu.kind.to_string(), gpu));
    let mut kinds: Vec<(String, Coproc)> = Vec::new();
    for (resource, gpu) in known.chain(other) {
        match kinds.iter_mut().find(|(kind, _)| *kind == resource) {
            Some((_, first)) => first.count = first.count.zip(gpu.count).map(|(a, b)| a + b).or(first.count),
            None => kinds.push((resource, gpu.clone())),
        }
    }
    kinds
}

/// How many GPUs are described.
#[must_use]
pub fn count(host: &HostInfo) -> f64 {
    gpus(host).iter().filter_map(|(_, gpu)| gpu.count).sum()
}

/// Bytes of memory of one GPU.
#[must_use]
pub fn memory(gpu: &Coproc) -> Option<f64> {
    let of_vendor = within(gpu.total_global_mem, &MEMORY).filter(|bytes| (bytes - FOUR_GIB).abs() >= 1.0);
    let of_opencl = within(opencl(gpu).and_then(|device| device.global_mem_size), &MEMORY);
    // AMD's counts mebibytes and is right; its OpenCL offers only a part.
    within(gpu.local_ram.map(|mebibytes| mebibytes * MEBI), &MEMORY).or(of_opencl).or(of_vendor)
}

/// Bytes of memory of one GPU that were free when the client started.
#[must_use]
pub fn available_memory(gpu: &Coproc) -> Option<f64> {
    within(gpu.available_ram, &MEMORY)
}

/// Hertz.
#[must_use]
pub fn clock(gpu: &Coproc) -> Option<f64> {
    let mega = |megahertz: Option<f64>| within(megahertz.map(|megahertz| megahertz * 1e6), &CLOCK);
    let nvidia = within(gpu.clock_rate.map(|kilohertz| kilohertz * 1e3), &CLOCK);
    nvidia.or(mega(gpu.engine_clock)).or(mega(opencl(gpu).and_then(|device| device.max_clock_frequency)))
}

/// Compute units of one GPU.
#[must_use]
pub fn compute_units(gpu: &Coproc) -> Option<f64> {
    let own = [gpu.multi_processor_count, gpu.number_of_simd, gpu.ncores].into_iter();
    let mut all = own.chain([opencl(gpu).and_then(|device| device.max_compute_units)]);
    all.find_map(|units| within(units, &UNITS))
}

/// Version of the driver, empty if nothing tells it.
#[must_use]
pub fn driver(gpu: &Coproc) -> String {
    let of_opencl = opencl(gpu).map_or("", |device| &*device.opencl_driver_version);
    if !of_opencl.is_empty() {
        return of_opencl.to_owned();
    }
    // 55054 is 550.54; the minor number takes two digits.
    match gpu.drv_version.filter(|version| *version > 0).map(|version| (version / 100, version % 100)) {
        Some((major, CAPPED)) => format!("{major}.{CAPPED}+"),
        Some((major, minor)) => format!("{major}.{minor:02}"),
        None => String::new(),
    }
}

fn opencl(gpu: &Coproc) -> Option<&OpenclDevice> {
    gpu.coproc_opencl.as_ref()
}

fn within(value: Option<f64>, range: &std::ops::Range<f64>) -> Option<f64> {
    value.filter(|value| range.contains(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::gui_rpc::model::Coprocs;

    #[test]
    fn numbers_that_cannot_be_are_not_believed() {
        let nvidia = |vendor: f64, opencl: Option<f64>| Coproc {
            total_global_mem: Some(vendor),
            coproc_opencl: opencl.map(|bytes| OpenclDevice { global_mem_size: Some(bytes), ..OpenclDevice::default() }),
            ..Coproc::default()
        };
        // A GTX 1060 on 7.16.3, a GTX 680 on 7.0.27, and both without OpenCL.
        assert_eq!(memory(&nvidia(4_294_967_295.0, Some(6_365_118_464.0))), Some(6_365_118_464.0));
        assert_eq!(memory(&nvidia(140_634_408_419_328.0, Some(4_294_246_400.0))), Some(4_294_246_400.0));
        assert_eq!(memory(&nvidia(4_294_967_295.0, None)), None);
        assert_eq!(memory(&nvidia(140_634_408_419_328.0, Some(0.0))), None);
        assert_eq!(memory(&nvidia(2_147_483_648.0, None)), Some(2_147_483_648.0));
        let opencl = OpenclDevice { max_clock_frequency: Some(4.761e18), ..OpenclDevice::default() };
        assert_eq!(clock(&Coproc { coproc_opencl: Some(opencl), ..Coproc::default() }), None);
    }

    #[test]
    fn a_capped_driver_version_says_so() {
        let gpu = |drv_version, opencl: &str| Coproc {
            drv_version,
            coproc_opencl: Some(OpenclDevice { opencl_driver_version: opencl.into(), ..OpenclDevice::default() }),
            ..Coproc::default()
        };
        let shown = [gpu(Some(58_099), "580.178.04"), gpu(Some(58_099), ""), gpu(Some(55_005), ""), gpu(None, "")];
        assert_eq!(shown.map(|gpu| driver(&gpu)), ["580.178.04", "580.99+", "550.05", ""]);
    }

    #[test]
    fn gpus_of_another_vendor_are_added_up() {
        let mali = Coproc { kind: "Mali-T628".into(), count: Some(1.0), ..Coproc::default() };
        let coprocs = Coprocs { coproc: vec![mali.clone(), mali], ..Coprocs::default() };
        let host = HostInfo { coprocs: Some(coprocs), ..HostInfo::default() };
        let counts: Vec<_> = gpus(&host).into_iter().map(|(resource, gpu)| (resource, gpu.count)).collect();
        assert_eq!(counts, [("Mali-T628".to_owned(), Some(2.0))]);
        assert!((count(&host) - 2.0).abs() < f64::EPSILON);
    }
}
