//! The computer and its GPUs.

use super::client::{known, time};
use super::{Metric, Row, Table};
use crate::client::collectors::Collector;
use crate::client::gui_rpc::codes::DOCKER_TYPE;
use crate::client::gui_rpc::model::{Coproc, HostInfo};

const MEBI: f64 = 1_048_576.0;
const MEGA: f64 = 1e6;

/// The computer.
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
            "1, with what the host is.",
            "domain_name, os_name, os_version, p_vendor, p_model, product_name",
            |h, emit| {
                let labels: [&str; 6] =
                    [&h.domain_name, &h.os_name, &h.os_version, &h.p_vendor, &h.p_model, &h.product_name];
                emit.sample(&labels, 1.0);
            },
        ),
        Metric::one("boinc_host_cpus", "CPUs that the client counts with.", "p_ncpus", |h| h.p_ncpus),
        Metric::one(
            "boinc_host_cpu_floating_point_operations_per_second",
            "Speed of one CPU by benchmark; 1e9 before the first.",
            "p_fpops",
            |h| h.p_fpops,
        ),
        Metric::one(
            "boinc_host_cpu_integer_operations_per_second",
            "Speed of one CPU by benchmark; 1e9 before the first.",
            "p_iops",
            |h| h.p_iops,
        ),
        Metric::one(
            "boinc_host_memory_bandwidth_bytes_per_second",
            "Memory bandwidth; BOINC does not measure it and always says 1e9.",
            "p_membw",
            |h| h.p_membw,
        ),
        Metric::one("boinc_host_benchmark_timestamp_seconds", "When the benchmarks ran.", "p_calculated", |h| {
            time(h.p_calculated)
        }),
        Metric::one("boinc_host_memory_bytes", "RAM.", "m_nbytes", |h| h.m_nbytes),
        Metric::one("boinc_host_swap_bytes", "Swap space; the commit limit on Windows.", "m_swap", |h| h.m_swap),
        Metric::one("boinc_host_cpu_cache_bytes", "Cache of a CPU; absent where it is not known.", "m_cache", |h| {
            known(h.m_cache)
        }),
        Metric::one("boinc_host_disk_size_bytes", "Disk that holds the client's data directory.", "d_total", |h| {
            h.d_total
        }),
        Metric::one(
            "boinc_host_disk_free_bytes",
            "Free on that disk when the client last looked; boinc_disk_free_bytes is newer.",
            "d_free",
            |h| h.d_free,
        ),
        Metric::one("boinc_host_timezone_offset_seconds", "Local standard time less UTC.", "timezone", |h| h.timezone),
        Metric::one(
            "boinc_host_vm_extensions_disabled",
            "Whether the CPU's virtualisation is switched off in firmware.",
            "p_vm_extensions_disabled",
            |h| h.p_vm_extensions_disabled.map(f64::from),
        ),
        Metric::one("boinc_host_coprocessors", "GPUs that the client can use.", "n_usable_coprocs", |h| {
            h.n_usable_coprocs
        }),
        Metric::one(
            "boinc_host_wsl_available",
            "Whether the Windows Subsystem for Linux is there; told by 7.12 to 8.0 only.",
            "wsl_available",
            |h| h.wsl_available.map(f64::from),
        ),
        Metric::many(
            "boinc_host_software_info",
            &["software", "version", "distro"],
            "1, with software in which the client can run tasks: docker, podman, compose, virtualbox, wsl.",
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
        ),
        Metric::many(
            "boinc_host_opencl_cpu_info",
            &["platform_vendor", "name", "device_version", "driver_version"],
            "1, with an OpenCL implementation for the CPU.",
            "opencl_cpu_prop",
            |h, emit| {
                for cpu in &h.opencl_cpu_prop {
                    let Some(info) = &cpu.opencl_cpu_info else { continue };
                    let labels: [&str; 4] =
                        [&cpu.platform_vendor, &info.name, &info.opencl_device_version, &info.opencl_driver_version];
                    emit.sample(&labels, 1.0);
                }
            },
        ),
    ],
};

fn model(gpu: &Coproc) -> &str {
    let opencl = gpu.coproc_opencl.as_ref().map_or("", |opencl| &*opencl.name);
    [&*gpu.name, &*gpu.model, opencl].into_iter().find(|name| !name.is_empty()).unwrap_or("")
}

/// A number that is 0 where the vendor's own library is missing and only OpenCL knows the GPU.
fn told<T: PartialOrd + Default>(number: Option<T>) -> Option<T> {
    number.filter(|number| *number > T::default())
}

/// 55099 is 550.99; macOS packs bytes, which look like nothing that can be split.
fn driver(version: i64) -> String {
    format!("{}.{:02}", version / 100, version % 100)
}

/// Kinds of GPU.
pub const GPUS: Table<Coproc> = Table {
    title: "GPUs",
    collector: Collector::State,
    origin: "get_state host_info/coprocs",
    labels: &["resource", "name"],
    rows: |snapshot| {
        let rows = snapshot.gpus.iter();
        rows.map(|(resource, gpu)| Row { labels: vec![resource.as_str(), model(gpu)], item: gpu }).collect()
    },
    metrics: &[
        Metric::many(
            "boinc_gpu_info",
            &["vendor", "driver_version", "api_version", "compute_capability", "opencl_version"],
            "1, with a kind of GPU. BOINC describes the best of the kind.",
            "drvVersion, cudaVersion, CALVersion, metal_support, major, minor, version, coproc_opencl",
            |g, emit| {
                let opencl = g.coproc_opencl.as_ref();
                let api = match (told(g.cuda_version), g.metal_support) {
                    (Some(cuda), _) => format!("{}.{}", cuda / 1000, cuda % 1000 / 10),
                    (_, Some(metal)) => metal.to_string(),
                    _ => [&*g.cal_version, &*g.version].into_iter().find(|v| !v.is_empty()).unwrap_or("").to_owned(),
                };
                let capability = told(g.major).zip(g.minor).map(|(major, minor)| format!("{major}.{minor}"));
                let of_opencl = opencl.map(|o| o.opencl_driver_version.to_string());
                emit.sample(
                    &[
                        opencl.map_or("", |o| &*o.vendor),
                        &told(g.drv_version).map(driver).or(of_opencl).unwrap_or_default(),
                        &api,
                        &capability.unwrap_or_default(),
                        opencl.map_or("", |o| &*o.opencl_device_version),
                    ],
                    1.0,
                );
            },
        ),
        Metric::one("boinc_gpu_devices", "GPUs of the kind.", "count", |g| g.count),
        Metric::one(
            "boinc_gpu_peak_floating_point_operations_per_second",
            "Speed of one GPU, computed from its data sheet.",
            "peak_flops",
            |g| g.peak_flops,
        ),
        Metric::one(
            "boinc_gpu_memory_bytes",
            "Memory of one GPU.",
            "totalGlobalMem, localRAM, coproc_opencl/global_mem_size",
            |g| {
                let of_opencl = g.coproc_opencl.as_ref().and_then(|o| o.global_mem_size);
                told(g.total_global_mem).or(told(g.local_ram).map(|mebibytes| mebibytes * MEBI)).or(of_opencl)
            },
        ),
        Metric::one(
            "boinc_gpu_memory_available_at_start_bytes",
            "Memory of one GPU that was free when the client started.",
            "available_ram",
            |g| g.available_ram,
        ),
        Metric::many(
            "boinc_gpu_api_supported",
            &["api"],
            "Whether applications can use the GPU this way.",
            "have_cuda, have_cal, have_opencl, have_metal",
            |g, emit| {
                let apis =
                    [("cuda", g.have_cuda), ("cal", g.have_cal), ("opencl", g.have_opencl), ("metal", g.have_metal)];
                apis.into_iter().for_each(|(api, have)| emit.flag(&[api], have));
            },
        ),
        Metric::one(
            "boinc_gpu_opencl_available",
            "Whether OpenCL says the GPU can be used.",
            "coproc_opencl/available",
            |g| g.coproc_opencl.as_ref()?.available.map(f64::from),
        ),
        Metric::one(
            "boinc_gpu_local_memory_bytes",
            "Local memory of a compute unit.",
            "coproc_opencl/local_mem_size",
            |g| g.coproc_opencl.as_ref()?.local_mem_size,
        ),
        Metric::one(
            "boinc_gpu_compute_units",
            "Compute units of one GPU.",
            "multiProcessorCount, numberOfSIMD, ncores, coproc_opencl/max_compute_units",
            |g| {
                let own = told(g.multi_processor_count).or(told(g.number_of_simd)).or(g.ncores);
                own.or(g.coproc_opencl.as_ref()?.max_compute_units)
            },
        ),
        Metric::one(
            "boinc_gpu_clock_hertz",
            "Clock of the GPU.",
            "clockRate, engineClock, coproc_opencl/max_clock_frequency",
            |g| {
                let own = told(g.clock_rate).map(|kilohertz| kilohertz * 1e3);
                let own = own.or(told(g.engine_clock).map(|megahertz| megahertz * MEGA));
                own.or_else(|| Some(g.coproc_opencl.as_ref()?.max_clock_frequency? * MEGA))
            },
        ),
        Metric::one("boinc_gpu_memory_clock_hertz", "Clock of the GPU's memory.", "memoryClock", |g| {
            Some(told(g.memory_clock)? * MEGA)
        }),
        Metric::many(
            "boinc_gpu_pci_info",
            &["gpu", "bus_id", "device_id", "domain_id"],
            "1, with where a GPU of the kind sits.",
            "pci_info",
            |g, emit| {
                for (index, pci) in g.pci_info.iter().enumerate() {
                    let ids = [pci.bus_id, pci.device_id, pci.domain_id]
                        .map(|id| id.map(|id| id.to_string()).unwrap_or_default());
                    emit.sample(&[&index.to_string(), &ids[0], &ids[1], &ids[2]], 1.0);
                }
            },
        ),
    ],
};
