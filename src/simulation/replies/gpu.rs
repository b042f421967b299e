//! GPUs, one element per kind. Each vendor's element is different.

use super::text::Text;
use crate::simulation::state::{Client, Gpu, Host, Os, Vendor};

const MIB: f64 = 1_048_576.0;

/// The children of `coprocs`.
pub(super) fn gpus(text: &mut Text, client: &Client) {
    for gpu in client.host.gpus.iter().filter(|gpu| gpu.count > 0) {
        match gpu.vendor {
            Vendor::Nvidia => nvidia(text, gpu),
            Vendor::Amd => amd(text, client, gpu),
            Vendor::Intel => intel(text, client, gpu),
            Vendor::Apple => apple(text, gpu),
        }
    }
}

/// OpenCL for the CPU.
pub(super) fn opencl_cpu(text: &mut Text, host: &Host) {
    let device = OpenCl {
        tag: "opencl_cpu_info",
        name: &host.cpu_model,
        vendor: "Intel(R) Corporation",
        vendor_id: 32_902,
        memory: host.memory,
        local_memory: 32_768,
        clock: 3600,
        units: host.ncpus,
        capability: [0, 0],
        simd: [0, 0, 0],
        platform: "OpenCL 3.0 WINDOWS",
        device: "OpenCL 3.0 (Build 0)",
        driver: "2024.18.6.0.02_160000",
    };
    text.element([4, 6], "opencl_cpu_prop", |text| {
        text.raw("platform_vendor", "Intel(R) Corporation");
        device.write(text);
    });
}

/// Number of compute units with speed `each` in a GPU, at least one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts saturate, and it is static_fields")]
fn units(gpu: &Gpu, each: f64) -> u32 {
    (gpu.peak_flops / each).round().max(1.0) as u32
}

/// Clock of all GPUs in megahertz; it and the speed determine the number of compute units.
const CLOCK: u32 = 1800;

fn nvidia(text: &mut Text, gpu: &Gpu) {
    /// Operations per cycle and multiprocessor of the Ada generation: 128 lanes, two operations each.
    const OPERATIONS: f64 = 256.0;
    let multiprocessors = units(gpu, OPERATIONS * f64::from(CLOCK) * 1e6);
    text.element([0, 3], "coproc_cuda", |text| {
        text.integer("count", gpu.count);
        text.raw("name", &gpu.name);
        text.number("available_ram", (gpu.memory * 0.95).floor());
        text.switch("have_cuda", true);
        text.switch("have_opencl", true);
        text.number("peak_flops", gpu.peak_flops);
        text.integer("cudaVersion", 12_040);
        text.integer("drvVersion", driver_version(&gpu.driver));
        text.number("totalGlobalMem", gpu.memory);
        text.number("sharedMemPerBlock", 49_152.0);
        text.integer("regsPerBlock", 65_536);
        text.integer("warpSize", 32);
        text.number("memPitch", 2_147_483_647.0);
        text.integer("maxThreadsPerBlock", 1024);
        text.raw("maxThreadsDim", "1024 1024 64");
        text.raw("maxGridSize", "2147483647 65535 65535");
        text.integer("clockRate", CLOCK * 1000);
        text.number("totalConstMem", 65_536.0);
        text.integer("major", 8);
        text.integer("minor", 9);
        text.number("textureAlignment", 512.0);
        text.integer("deviceOverlap", 1);
        text.integer("multiProcessorCount", multiprocessors);
        let device = OpenCl {
            vendor: "NVIDIA Corporation",
            vendor_id: 4318,
            local_memory: 49_152,
            capability: [8, 9],
            platform: "OpenCL 3.0 CUDA 12.4.131",
            device: "OpenCL 3.0 CUDA",
            ..OpenCl::of(gpu, multiprocessors)
        };
        device.write(text);
        for slot in 0..gpu.count {
            text.element([0, 3], "pci_info", |text| {
                text.integer("bus_id", 1 + 64 * slot);
                text.integer("device_id", 0);
                text.integer("domain_id", 0);
            });
        }
    });
}

/// Major and minor version of the driver in one number. The minor is limited to two digits: 550.144.03 is 55099.
fn driver_version(driver: &str) -> u32 {
    let mut parts = driver.split('.').map(|part| part.parse().unwrap_or(0));
    let (major, minor): (u32, u32) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    major * 100 + minor.min(99)
}

fn amd(text: &mut Text, client: &Client, gpu: &Gpu) {
    // Windows drivers supported CAL until about the time of the clients that still report it.
    let cal = client.os == Os::Windows && !client.at_least(8, 0);
    let or_none = |value: u32| if cal { value } else { 0 };
    let simds = units(gpu, 128.0 * f64::from(CLOCK) * 1e6);
    text.element([0, 3], "coproc_ati", |text| {
        text.integer("count", gpu.count);
        text.raw("name", &gpu.name);
        text.number("available_ram", (gpu.memory * 0.95).floor());
        text.switch("have_cal", cal);
        text.switch("have_opencl", true);
        text.number("peak_flops", gpu.peak_flops);
        text.raw("CALVersion", if cal { "1.4.1848" } else { "" });
        text.integer("target", or_none(20));
        text.whole("localRAM", (gpu.memory / MIB).floor());
        text.integer("uncachedRemoteRAM", or_none(2047));
        text.integer("cachedRemoteRAM", or_none(2047));
        text.integer("engineClock", CLOCK);
        text.integer("memoryClock", or_none(1250));
        text.integer("wavefrontSize", or_none(64));
        text.integer("numberOfSIMD", or_none(simds));
        text.integer("doublePrecision", or_none(1));
        text.integer("pitch_alignment", or_none(256));
        text.integer("surface_alignment", or_none(4096));
        text.integer("maxResource1DWidth", or_none(16_384));
        text.integer("maxResource2DWidth", or_none(16_384));
        text.integer("maxResource2DHeight", or_none(16_384));
        text.flag("atirt_detected", cal);
        text.flag("amdrt_detected", cal);
        let device = OpenCl {
            vendor: "Advanced Micro Devices, Inc.",
            vendor_id: 4098,
            simd: [4, 16, 1],
            platform: "OpenCL 2.1 AMD-APP (3590.0)",
            device: "OpenCL 2.0",
            ..OpenCl::of(gpu, simds)
        };
        device.write(text);
    });
}

fn intel(text: &mut Text, client: &Client, gpu: &Gpu) {
    text.element([0, 3], "coproc_intel_gpu", |text| {
        text.integer("count", gpu.count);
        text.raw("name", &gpu.name);
        text.number("available_ram", (gpu.memory * 0.95).floor());
        text.switch("have_opencl", true);
        text.number("peak_flops", gpu.peak_flops);
        if !client.at_least(8, 2) {
            text.raw("version", "");
        }
        let device = OpenCl {
            vendor: "Intel(R) Corporation",
            vendor_id: 32_902,
            platform: "OpenCL 3.0",
            device: "OpenCL 3.0 NEO",
            ..OpenCl::of(gpu, units(gpu, 16.0 * f64::from(CLOCK) * 1e6))
        };
        device.write(text);
    });
}

fn apple(text: &mut Text, gpu: &Gpu) {
    /// Speed of a second-generation core.
    const CORE: f64 = 3.58e11;
    text.element([0, 3], "coproc_apple_gpu", |text| {
        text.integer("count", gpu.count);
        text.raw("model", &gpu.name);
        text.number("available_ram", (gpu.memory * 0.7).floor());
        text.switch("have_metal", true);
        text.switch("have_opencl", true);
        text.integer("ncores", units(gpu, CORE));
        text.integer("metal_support", 3);
        text.number("peak_flops", gpu.peak_flops);
        let device = OpenCl {
            vendor: "Apple",
            vendor_id: 16_940_800,
            platform: "OpenCL 1.2 (Apr 18 2025 21:45:30)",
            device: "OpenCL 1.2",
            ..OpenCl::of(gpu, units(gpu, CORE))
        };
        device.write(text);
    });
}

/// `coproc_opencl` and `opencl_cpu_info`.
struct OpenCl<'a> {
    tag: &'static str,
    name: &'a str,
    vendor: &'static str,
    vendor_id: u32,
    memory: f64,
    local_memory: u32,
    clock: u32,
    units: u32,
    /// Major and minor compute capability, for NVIDIA.
    capability: [u32; 2],
    /// SIMD units per compute unit, width and instruction width, for AMD.
    simd: [u32; 3],
    platform: &'static str,
    device: &'static str,
    driver: &'a str,
}

impl<'a> OpenCl<'a> {
    fn of(gpu: &'a Gpu, units: u32) -> Self {
        Self {
            tag: "coproc_opencl",
            name: &gpu.name,
            vendor: "",
            vendor_id: 0,
            memory: gpu.memory,
            local_memory: 65_536,
            clock: CLOCK,
            units,
            capability: [0, 0],
            simd: [0, 0, 0],
            platform: "",
            device: "",
            driver: &gpu.driver,
        }
    }

    fn write(&self, text: &mut Text) {
        text.element([3, 6], self.tag, |text| {
            text.raw("name", self.name);
            text.raw("vendor", self.vendor);
            text.integer("vendor_id", self.vendor_id);
            text.switch("available", true);
            text.integer("half_fp_config", 0);
            text.integer("single_fp_config", 191);
            text.integer("double_fp_config", 63);
            text.switch("endian_little", true);
            text.integer("execution_capabilities", 1);
            text.raw("extensions", "cl_khr_fp64 cl_khr_global_int32_base_atomics cl_khr_global_int32_extended_atomics");
            text.whole("global_mem_size", self.memory);
            text.integer("local_mem_size", self.local_memory);
            text.integer("max_clock_frequency", self.clock);
            text.integer("max_compute_units", self.units);
            text.integer("nv_compute_capability_major", self.capability[0]);
            text.integer("nv_compute_capability_minor", self.capability[1]);
            text.integer("amd_simd_per_compute_unit", self.simd[0]);
            text.integer("amd_simd_width", self.simd[1]);
            text.integer("amd_simd_instruction_width", self.simd[2]);
            text.raw("opencl_platform_version", self.platform);
            text.raw("opencl_device_version", self.device);
            text.raw("opencl_driver_version", self.driver);
        });
    }
}
