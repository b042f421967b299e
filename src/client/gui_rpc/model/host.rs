//! The computer and its GPUs.

use super::MAX_DEVICES;
use crate::markup::element::element;
use crate::markup::text::{Escaped, Raw};

element! {
    /// Reply to `get_host_info`; also part of `get_state`.
    HostInfo {
        /// Seconds that local standard time is ahead of UTC.
        timezone: Option<f64>,
        /// Name of the host.
        domain_name: Raw,
        /// CPUs.
        p_ncpus: Option<f64>,
        /// Vendor of the CPU.
        p_vendor: Escaped,
        /// Model of the CPU.
        p_model: Escaped,
        /// Floating-point operations a second and CPU.
        p_fpops: Option<f64>,
        /// Integer operations a second and CPU.
        p_iops: Option<f64>,
        /// Bytes a second; never measured.
        p_membw: Option<f64>,
        /// When these were measured.
        p_calculated: Option<f64>,
        /// Virtualisation is switched off in firmware.
        p_vm_extensions_disabled: Option<bool>,
        /// Bytes of RAM.
        m_nbytes: Option<f64>,
        /// Bytes of CPU cache; −1 unknown.
        m_cache: Option<f64>,
        /// Bytes of swap.
        m_swap: Option<f64>,
        /// Bytes of the disk that holds the data directory.
        d_total: Option<f64>,
        /// Bytes free on it, as of the last look.
        d_free: Option<f64>,
        /// Operating system.
        os_name: Escaped,
        /// Its version, with kernel and libc.
        os_version: Escaped,
        /// GPUs that can be used.
        n_usable_coprocs: Option<f64>,
        /// Windows Subsystem for Linux is there; 7.12 to 8.0.
        wsl_available: Option<bool>,
        /// Its distributions.
        wsl: Option<Wsl>,
        /// Version of Docker or Podman; 8.2 and later.
        docker_version: Raw,
        /// 1 Docker, 2 Podman.
        docker_type: Option<i64>,
        /// Version of compose; 8.2 and later.
        docker_compose_version: Raw,
        /// Make and model of the machine.
        product_name: Escaped,
        /// Version of VirtualBox.
        virtualbox_version: Escaped,
        /// GPUs.
        coprocs: Option<Coprocs>,
        /// OpenCL implementations for the CPU.
        opencl_cpu_prop: Vec<OpenclCpu>,
    }
    not_read { "ip_addr" "mac_address" "host_cpid" "p_features" "docker_compose_type" }
}

element! {
    /// `wsl`.
    Wsl {
        /// Distributions.
        distro: Vec<WslDistro>,
    }
}

element! {
    /// `distro`: a distribution below WSL.
    WslDistro [at most MAX_DEVICES] {
        /// Name.
        distro_name: Escaped,
        /// Version of the distribution (8.2 and later: of its operating system).
        os_version: Escaped,
        /// Version; up to 8.0.
        version: Escaped,
        /// Docker or Podman in it.
        docker_version: Raw,
        /// 1 Docker, 2 Podman.
        docker_type: Option<i64>,
        /// Compose in it.
        docker_compose_version: Raw,
    }
    not_read {
        "name" "os_name" "wsl_version" "distro_version" "is_default" "disallowed" "libc_version" "docker_compose_type" "wsl_gpu"
    }
}

element! {
    /// `coprocs`: one element a kind of GPU, which stands for all GPUs of the kind.
    Coprocs {
        /// NVIDIA.
        coproc_cuda: Vec<Coproc>,
        /// AMD.
        coproc_ati: Vec<Coproc>,
        /// Intel.
        coproc_intel_gpu: Vec<Coproc>,
        /// Apple; 8.0 and later.
        coproc_apple_gpu: Vec<Coproc>,
        /// Any other.
        coproc: Vec<Coproc>,
    }
}

element! {
    /// A kind of GPU. The vendors' elements differ: a field is there where theirs has it.
    Coproc [at most MAX_DEVICES] {
        /// The kind, where the element's name does not say it.
        kind as "type": Raw,
        /// How many.
        count: Option<f64>,
        /// Model.
        name: Raw,
        /// Model (Apple).
        model: Raw,
        /// Bytes free when the client started.
        available_ram: Option<f64>,
        /// CUDA can be used.
        have_cuda: Option<bool>,
        /// CAL can be used.
        have_cal: Option<bool>,
        /// Metal can be used.
        have_metal: Option<bool>,
        /// OpenCL can be used.
        have_opencl: Option<bool>,
        /// Floating-point operations a second and GPU.
        peak_flops: Option<f64>,
        /// CUDA version: 12040 is 12.4.
        cuda_version as "cudaVersion": Option<i64>,
        /// Driver version: 55099 is 550.99 or later.
        drv_version as "drvVersion": Option<i64>,
        /// Bytes of memory (NVIDIA).
        total_global_mem as "totalGlobalMem": Option<f64>,
        /// Kilohertz (NVIDIA).
        clock_rate as "clockRate": Option<f64>,
        /// Compute capability (NVIDIA).
        major: Option<i64>,
        /// Compute capability (NVIDIA).
        minor: Option<i64>,
        /// Compute units (NVIDIA).
        multi_processor_count as "multiProcessorCount": Option<f64>,
        /// CAL version (AMD).
        cal_version as "CALVersion": Raw,
        /// Mebibytes of memory (AMD).
        local_ram as "localRAM": Option<f64>,
        /// Megahertz (AMD).
        engine_clock as "engineClock": Option<f64>,
        /// Megahertz (AMD).
        memory_clock as "memoryClock": Option<f64>,
        /// Compute units (AMD).
        number_of_simd as "numberOfSIMD": Option<f64>,
        /// Version (Intel).
        version: Raw,
        /// Compute units (Apple).
        ncores: Option<f64>,
        /// Metal family (Apple).
        metal_support: Option<i64>,
        /// What OpenCL says of it.
        coproc_opencl: Option<Box<OpenclDevice>>,
        /// Where it sits, once a GPU.
        pci_info: Vec<PciInfo>,
    }
    not_read {
        "sharedMemPerBlock" "regsPerBlock" "warpSize" "memPitch" "maxThreadsPerBlock" "maxThreadsDim" "maxGridSize"
        "totalConstMem" "textureAlignment" "deviceOverlap" "target" "uncachedRemoteRAM" "cachedRemoteRAM" "wavefrontSize"
        "doublePrecision" "pitch_alignment" "surface_alignment" "maxResource1DWidth" "maxResource2DWidth" "maxResource2DHeight"
        "atirt_detected" "amdrt_detected" "device_nums"
    }
}

element! {
    /// `coproc_opencl` and `opencl_cpu_info`.
    OpenclDevice {
        /// Model.
        name: Raw,
        /// Vendor.
        vendor: Raw,
        /// Can be used.
        available: Option<bool>,
        /// Bytes of memory.
        global_mem_size: Option<f64>,
        /// Bytes of local memory.
        local_mem_size: Option<f64>,
        /// Megahertz.
        max_clock_frequency: Option<f64>,
        /// Compute units.
        max_compute_units: Option<f64>,
        /// Version of the device.
        opencl_device_version: Raw,
        /// Version of the driver.
        opencl_driver_version: Raw,
    }
    not_read {
        "vendor_id" "half_fp_config" "single_fp_config" "double_fp_config" "endian_little" "execution_capabilities" "extensions"
        "nv_compute_capability_major" "nv_compute_capability_minor" "amd_simd_per_compute_unit" "amd_simd_width"
        "amd_simd_instruction_width" "opencl_platform_version"
    }
}

element! {
    /// `pci_info`.
    PciInfo [at most MAX_DEVICES] {
        /// Bus.
        bus_id: Option<i64>,
        /// Device.
        device_id: Option<i64>,
        /// Domain.
        domain_id: Option<i64>,
    }
}

element! {
    /// `opencl_cpu_prop`.
    OpenclCpu [at most MAX_DEVICES] {
        /// Who made the implementation.
        platform_vendor: Raw,
        /// The implementation.
        opencl_cpu_info: Option<OpenclDevice>,
    }
}
