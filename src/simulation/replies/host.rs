//! `host_info`.

use super::gpu;
use super::text::Text;
use crate::simulation::state::{Client, Host, Os, Vendor};

const FEATURES: &str = "fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse \
                        sse2 ht syscall nx pdpe1gb rdtscp lm constant_tsc rep_good nopl xtopology cpuid pni pclmulqdq \
                        ssse3 fma cx16 sse4_1 sse4_2 movbe popcnt aes xsave avx f16c rdrand lahf_lm abm 3dnowprefetch \
                        fsgsbase bmi1 avx2 smep bmi2 erms rdseed adx smap clflushopt sha_ni xsaveopt xsavec xgetbv1";

/// The reply to `get_host_info`, and the beginning of the reply to `get_state`.
pub(super) fn host(text: &mut Text, client: &Client) {
    let host = &client.host;
    let mac = client.os == Os::Mac;
    text.element([0, 4], "host_info", |text| {
        text.integer("timezone", host.timezone);
        text.raw("domain_name", &host.domain_name);
        text.raw("ip_addr", &host.ip_addr);
        text.raw("host_cpid", &host.cpid);
        text.integer("p_ncpus", host.ncpus);
        text.escaped("p_vendor", &host.cpu_vendor);
        text.escaped("p_model", &host.cpu_model);
        text.escaped("p_features", if mac { "" } else { FEATURES });
        text.number("p_fpops", host.fpops);
        text.number("p_iops", host.iops);
        text.number("p_membw", 1e9);
        text.number("p_calculated", host.benchmarked);
        text.switch("p_vm_extensions_disabled", false);
        text.number("m_nbytes", host.memory);
        text.number("m_cache", if mac { -1.0 } else { 1_048_576.0 });
        text.number("m_swap", host.swap);
        text.number("d_total", host.disk_total);
        text.number("d_free", host.disk_free_seen);
        text.escaped("os_name", &host.os_name);
        text.escaped("os_version", &host.os_version);
        text.integer("n_usable_coprocs", host.gpus.iter().map(|gpu| gpu.count).sum::<u32>());
        containers(text, client);
        if !host.product_name.is_empty() {
            text.escaped("product_name", &host.product_name);
        }
        if !host.virtualbox_version.is_empty() {
            text.escaped("virtualbox_version", &host.virtualbox_version);
        }
        text.element([4, 0], "coprocs", |text| gpu::gpus(text, client));
        if client.os == Os::Windows && host.cpu_vendor == "GenuineIntel" {
            gpu::opencl_cpu(text, host);
        }
    });
}

/// On Windows these are in its Subsystem for Linux; on other systems Docker or Podman runs next to the client.
fn containers(text: &mut Text, client: &Client) {
    match client.os {
        Os::Windows if client.at_least(8, 2) => distributions(text, client),
        Os::Windows => {
            text.switch("wsl_available", true);
            text.element([4, 8], "wsl", |text| {
                text.element([8, 12], "distro", |text| {
                    text.escaped("distro_name", "Ubuntu");
                    text.escaped("name", "Ubuntu 22.04.5 LTS");
                    text.escaped("version", "22.04");
                    text.switch("is_default", true);
                });
            });
        }
        Os::Linux | Os::Mac if client.at_least(8, 2) => docker(text, &client.host, client.os == Os::Mac),
        Os::Linux | Os::Mac => text.switch("wsl_available", false),
    }
}

/// `wsl` as reported by clients since 8.2: one of the user's distributions, and the client's own.
fn distributions(text: &mut Text, client: &Client) {
    text.element([4, 8], "wsl", |text| {
        text.element([8, 12], "distro", |text| {
            text.escaped("distro_name", "Ubuntu");
            text.escaped("os_name", "Ubuntu");
            text.escaped("os_version", "Ubuntu 24.04.1 LTS [5.15.167.4-microsoft-standard-WSL2|libc 2.39]");
            text.integer("wsl_version", 2);
            text.flag("is_default", true);
            text.flag("disallowed", true);
            text.raw("libc_version", "2.39");
        });
        text.element([8, 12], "distro", |text| {
            text.escaped("distro_name", "boinc-buda-runner");
            text.escaped("os_name", "Alpine Linux");
            text.escaped("os_version", "3.21.3");
            text.integer("wsl_version", 2);
            text.integer("distro_version", 5);
            text.raw("libc_version", "");
            docker(text, &client.host, true);
            if client.at_least(8, 3) {
                client.host.gpus.iter().filter(|gpu| gpu.vendor == Vendor::Nvidia).for_each(|gpu| {
                    text.element([12, 16], "wsl_gpu", |text| {
                        text.escaped("name", &gpu.name);
                        text.flag("has_cuda", true);
                        text.flag("has_opencl", true);
                    });
                });
            }
        });
    });
}

fn docker(text: &mut Text, host: &Host, podman: bool) {
    if host.docker_version.is_empty() {
        return;
    }
    let kind = if podman { 2 } else { 1 };
    text.raw("docker_version", &host.docker_version);
    text.integer("docker_type", kind);
    text.raw("docker_compose_version", if podman { "1.3.0" } else { "2.35.0" });
    text.integer("docker_compose_type", kind);
}
