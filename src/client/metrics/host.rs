//! The host and its GPUs.

use super::client::time;
use super::{Metric, Row, Table, details};
use crate::client::collectors::Collector;
use crate::client::gui_rpc::codes::DOCKER_TYPE;
use crate::client::gui_rpc::model::{Coproc, HostInfo};
use crate::client::snapshot::gpus;

const MEGA: f64 = 1e6;

/// One row per client.
pub const HOST: Table<HostInfo> = Table {
    title: "Host",
    collector: Collector::State,
    origin: "get_state host_info",
    labels: &[],
    rows: |snapshot| snapshot.host.iter().map(|item| Row { labels: vec![], item }).collect(),
    metrics: &[
        Metric::many(
            "boinc_host_info",
            &["domain_name", "os_name", "os_version", "cpu_vendor", "cpu_model", "product_name"],
            "Always 1; labels tell the host's name, operating system and CPU.",
            "domain_name, os_name, os_version, p_vendor, p_model, product_name",
            |h, emit| {
                let labels: [&str; 6] =
                    [&h.domain_name, &h.os_name, &h.os_version, &h.p_vendor, &h.p_model, &h.product_name];
                emit.sample(&labels, 1.0);
            },
        ),
        Metric::one(
            "boinc_host_cpus",
            "Number of CPUs as seen by the client; cc_config.xml can override it.",
            "p_ncpus",
            |h| h.p_ncpus,
        ),
        Metric::one(
            "boinc_host_cpu_floating_point_operations_per_second",
            "Floating-point benchmark (Whetstone) of one CPU, in FLOPS; absent before the first.",
            "p_fpops",
            |h| measured(h.p_fpops),
        ),
        details(Metric::one(
            "boinc_host_cpu_integer_operations_per_second",
            "Integer benchmark (Dhrystone) of one CPU, in operations per second; absent before the first.",
            "p_iops",
            |h| measured(h.p_iops),
        )),
        details(Metric::one(
            "boinc_host_benchmark_timestamp_seconds",
            "When the CPU benchmarks last ran.",
            "p_calculated",
            |h| time(h.p_calculated),
        )),
        Metric::one("boinc_host_memory_bytes", "Physical memory (RAM) of the host.", "m_nbytes", |h| {
            positive(h.m_nbytes)
        }),
        details(Metric::one(
            "boinc_host_swap_bytes",
            "Size of the swap space; on Windows, the commit limit.",
            "m_swap",
            |h| h.m_swap,
        )),
        details(Metric::one(
            "boinc_host_cpu_cache_bytes",
            "Size of the CPU cache; absent if unknown.",
            "m_cache",
            |h| positive(h.m_cache),
        )),
        details(Metric::one(
            "boinc_host_disk_size_bytes",
            "Size of the disk that holds the client's data directory.",
            "d_total",
            |h| positive(h.d_total),
        )),
        details(Metric::one(
            "boinc_host_disk_free_bytes",
            "Free disk space when the client last checked; boinc_disk_free_bytes is more recent.",
            "d_free",
            |h| h.d_free,
        )),
        details(Metric::one(
            "boinc_host_timezone_offset_seconds",
            "Offset of local time from UTC, as the client has it: usually standard time, but it can include daylight saving time.",
            "timezone",
            |h| h.timezone,
        )),
        details(Metric::one(
            "boinc_host_vm_extensions_disabled",
            "Whether the CPU's virtualization extensions are disabled in firmware.",
            "p_vm_extensions_disabled",
            |h| h.p_vm_extensions_disabled.map(f64::from),
        )),
        details(Metric::one("boinc_host_gpus", "Number of GPUs that the client can use.", "n_usable_coprocs", |h| {
            // Some 7.16 clients always say 0: then, as many as they describe.
            h.n_usable_coprocs.map(|usable| if usable > 0.0 { usable } else { gpus::count(h) })
        })),
        details(Metric::one(
            "boinc_host_wsl_available",
            "Whether Windows Subsystem for Linux is available; reported by BOINC 7.12 to 8.0 only.",
            "wsl_available",
            |h| h.wsl_available.map(f64::from),
        )),
        details(Metric::many(
            "boinc_host_software_info",
            &["software", "version", "distro"],
            "Always 1, with software that can run tasks: docker, podman, compose, virtualbox or wsl.",
            "docker_version, docker_type, docker_compose_version, virtualbox_version, wsl",
            |h, emit| {
                let docker = |kind: Option<i64>| DOCKER_TYPE.name(kind.unwrap_or(1)).into_owned();
                let mut software = |name: &str, version: &str, distro: &str| {
                    if !version.is_empty() {
                        emit.sample(&[name, version, distro], 1.0);
                    }
                };
                software(&docker(h.docker_type), &h.docker_version, "");
                software("compose", &h.docker_compose_version, "");
                software("virtualbox", &h.virtualbox_version, "");
                for distro in h.wsl.iter().flat_map(|wsl| &wsl.distro) {
                    let version = if distro.os_version.is_empty() { &distro.version } else { &distro.os_version };
                    software("wsl", if version.is_empty() { "unknown" } else { version }, &distro.distro_name);
                    software(&docker(distro.docker_type), &distro.docker_version, &distro.distro_name);
                    software("compose", &distro.docker_compose_version, &distro.distro_name);
                }
            },
        )),
        details(Metric::many(
            "boinc_host_opencl_cpu_info",
            &["platform_vendor", "name", "device_version", "driver_version"],
            "Always 1, with an OpenCL implementation for the CPU.",
            "opencl_cpu_prop",
            |h, emit| {
                for cpu in &h.opencl_cpu_prop {
                    let Some(info) = &cpu.opencl_cpu_info else { continue };
                    let labels: [&str; 4] =
                        [&cpu.platform_vendor, &info.name, &info.opencl_device_version, &info.opencl_driver_version];
                    emit.sample(&labels, 1.0);
                }
            },
        )),
    ],
};

fn gpu_name(gpu: &Coproc) -> &str {
    let opencl = gpu.coproc_opencl.as_ref().map_or("", |opencl| &*opencl.name);
    [&*gpu.name, &*gpu.model, opencl].into_iter().find(|name| !name.is_empty()).unwrap_or("")
}

/// The result of a benchmark. Before the first one the client says exactly this.
fn measured(speed: Option<f64>) -> Option<f64> {
    const NEVER: f64 = 1e9;
    speed.filter(|speed| (speed - NEVER).abs() > f64::EPSILON && *speed > 0.0)
}

/// Drops the zeros that the client sends where the vendor's library is missing and only OpenCL describes the GPU.
fn positive<T: PartialOrd + Default>(number: Option<T>) -> Option<T> {
    number.filter(|number| *number > T::default())
}

/// One row per GPU type.
pub const GPUS: Table<Coproc> = Table {
    title: "GPUs",
    collector: Collector::State,
    origin: "get_state host_info/coprocs",
    labels: &["resource", "model"],
    rows: |snapshot| {
        // A kind that was configured without a device has nothing to tell.
        let rows = snapshot.gpus.iter().filter(|(_, gpu)| gpu.count != Some(0.0) || !gpu_name(gpu).is_empty());
        rows.map(|(resource, gpu)| Row { labels: vec![resource.as_str(), gpu_name(gpu)], item: gpu }).collect()
    },
    metrics: &[
        Metric::many(
            "boinc_gpu_info",
            &["vendor", "driver_version", "api_version", "compute_capability", "opencl_version"],
            "Always 1, with details of the best GPU of this type.",
            "drvVersion, cudaVersion, CALVersion, metal_support, major, minor, version, coproc_opencl",
            |g, emit| {
                let opencl = g.coproc_opencl.as_ref();
                let api = match (positive(g.cuda_version), g.metal_support) {
                    (Some(cuda), _) => format!("{}.{}", cuda / 1000, cuda % 1000 / 10),
                    (_, Some(metal)) => metal.to_string(),
                    _ => [&*g.cal_version, &*g.version].into_iter().find(|v| !v.is_empty()).unwrap_or("").to_owned(),
                };
                let capability = positive(g.major).zip(g.minor).map(|(major, minor)| format!("{major}.{minor}"));
                emit.sample(
                    &[
                        opencl.map_or("", |o| &*o.vendor),
                        &gpus::driver(g),
                        &api,
                        &capability.unwrap_or_default(),
                        opencl.map_or("", |o| &*o.opencl_device_version),
                    ],
                    1.0,
                );
            },
        ),
        Metric::one("boinc_gpu_devices", "Number of GPUs of this type.", "count", |g| g.count),
        Metric::one(
            "boinc_gpu_peak_floating_point_operations_per_second",
            "Theoretical peak speed of one GPU in FLOPS.",
            "peak_flops",
            |g| positive(g.peak_flops),
        ),
        Metric::one(
            "boinc_gpu_memory_bytes",
            "Memory of one GPU.",
            "totalGlobalMem, localRAM, coproc_opencl/global_mem_size",
            gpus::memory,
        ),
        details(Metric::one(
            "boinc_gpu_memory_available_at_start_bytes",
            "Memory of one GPU that was free when the client started.",
            "available_ram",
            gpus::available_memory,
        )),
        details(Metric::many(
            "boinc_gpu_api_supported",
            &["api"],
            "Whether applications can use the GPU through this API.",
            "have_cuda, have_cal, have_opencl, have_metal",
            |g, emit| {
                let apis =
                    [("cuda", g.have_cuda), ("cal", g.have_cal), ("opencl", g.have_opencl), ("metal", g.have_metal)];
                apis.into_iter().for_each(|(api, have)| emit.flag(&[api], have));
            },
        )),
        details(Metric::one(
            "boinc_gpu_opencl_available",
            "Whether OpenCL reports the GPU as available.",
            "coproc_opencl/available",
            |g| g.coproc_opencl.as_ref()?.available.map(f64::from),
        )),
        details(Metric::one(
            "boinc_gpu_local_memory_bytes",
            "Local memory of one compute unit.",
            "coproc_opencl/local_mem_size",
            |g| positive(g.coproc_opencl.as_ref()?.local_mem_size),
        )),
        details(Metric::one(
            "boinc_gpu_compute_units",
            "Number of compute units of one GPU.",
            "multiProcessorCount, numberOfSIMD, ncores, coproc_opencl/max_compute_units",
            gpus::compute_units,
        )),
        details(Metric::one(
            "boinc_gpu_clock_hertz",
            "Clock frequency of the GPU.",
            "clockRate, engineClock, coproc_opencl/max_clock_frequency",
            gpus::clock,
        )),
        details(Metric::one(
            "boinc_gpu_memory_clock_hertz",
            "Clock frequency of the GPU's memory.",
            "memoryClock",
            |g| Some(positive(g.memory_clock)? * MEGA),
        )),
        details(Metric::many(
            "boinc_gpu_pci_info",
            &["gpu", "bus_id", "device_id", "domain_id"],
            "Always 1, with the PCI address of one GPU of this type.",
            "pci_info",
            |g, emit| {
                for (index, pci) in g.pci_info.iter().enumerate() {
                    let ids = [pci.bus_id, pci.device_id, pci.domain_id]
                        .map(|id| id.map(|id| id.to_string()).unwrap_or_default());
                    emit.sample(&[&index.to_string(), &ids[0], &ids[1], &ids[2]], 1.0);
                }
            },
        )),
    ],
};
