//! Preferences in force.

use crate::markup::element::element;

element! {
    /// `global_preferences`. Percentages are 0 to 100, hours 0 to 24.
    GlobalPreferences {
        /// When they were changed.
        mod_time: Option<f64>,
        /// Least charge of the battery, %.
        battery_charge_min_pct: Option<f64>,
        /// Most heat of the battery, °C.
        battery_max_temperature: Option<f64>,
        /// Compute on batteries.
        run_on_batteries: Option<bool>,
        /// Compute while the computer is in use.
        run_if_user_active: Option<bool>,
        /// Compute on GPUs while the computer is in use.
        run_gpu_if_user_active: Option<bool>,
        /// Stop when nobody used the computer for so many minutes.
        suspend_if_no_recent_input: Option<f64>,
        /// Stop when others use more than so many % of the CPUs.
        suspend_cpu_usage: Option<f64>,
        /// Computing allowed from.
        start_hour: Option<f64>,
        /// Computing allowed until.
        end_hour: Option<f64>,
        /// Network allowed from.
        net_start_hour: Option<f64>,
        /// Network allowed until.
        net_end_hour: Option<f64>,
        /// Suspended tasks stay in memory.
        leave_apps_in_memory: Option<bool>,
        /// Ask before connecting.
        confirm_before_connecting: Option<bool>,
        /// Hang up when done.
        hangup_if_dialed: Option<bool>,
        /// Do not check image files.
        dont_verify_images: Option<bool>,
        /// Days of work to keep.
        work_buf_min_days: Option<f64>,
        /// Days of work to get beyond that.
        work_buf_additional_days: Option<f64>,
        /// Use at most so many % of the CPUs.
        max_ncpus_pct: Option<f64>,
        /// The same while the computer is not in use; 7.22 and later.
        niu_max_ncpus_pct: Option<f64>,
        /// Use at most so many % of the CPU time while the computer is not in use; 7.22 and later.
        niu_cpu_usage_limit: Option<f64>,
        /// As `suspend_cpu_usage`, while the computer is not in use; 7.22 and later.
        niu_suspend_cpu_usage: Option<f64>,
        /// Minutes between switches of tasks.
        cpu_scheduling_period_minutes: Option<f64>,
        /// Seconds between checkpoints.
        disk_interval: Option<f64>,
        /// Use at most so many GiB; 0 no limit.
        disk_max_used_gb: Option<f64>,
        /// Use at most so many % of the disk.
        disk_max_used_pct: Option<f64>,
        /// Leave at least so many GiB.
        disk_min_free_gb: Option<f64>,
        /// Use at most so many % of swap.
        vm_max_used_pct: Option<f64>,
        /// Use at most so many % of RAM while the computer is in use.
        ram_max_used_busy_pct: Option<f64>,
        /// Use at most so many % of RAM while it is not.
        ram_max_used_idle_pct: Option<f64>,
        /// Minutes without input after which the computer is not in use.
        idle_time_to_run: Option<f64>,
        /// Bytes a second; 0 no limit.
        max_bytes_sec_up: Option<f64>,
        /// Bytes a second; 0 no limit.
        max_bytes_sec_down: Option<f64>,
        /// Use at most so many % of the CPU time.
        cpu_usage_limit: Option<f64>,
        /// Transfer at most so many MiB …
        daily_xfer_limit_mb: Option<f64>,
        /// … in so many days.
        daily_xfer_period_days: Option<f64>,
        /// Local preferences override those from the web.
        override_file_present: Option<bool>,
        /// Use the network over Wi-Fi only.
        network_wifi_only: Option<bool>,
        /// Use at most so many CPUs (old form).
        max_cpus: Option<f64>,
        /// Hours that differ on a day of the week.
        day_prefs: Vec<DayPreferences>,
    }
    not_read { "source_project" }
}

element! {
    /// `day_prefs`.
    DayPreferences [at most 7] {
        /// 0 is Sunday.
        day_of_week: Option<i64>,
        /// Computing allowed from.
        start_hour: Option<f64>,
        /// Computing allowed until.
        end_hour: Option<f64>,
        /// Network allowed from.
        net_start_hour: Option<f64>,
        /// Network allowed until.
        net_end_hour: Option<f64>,
    }
}
