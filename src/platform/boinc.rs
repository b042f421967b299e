//! Where clients on this computer keep their data.

#[cfg(all(unix, not(target_os = "macos")))]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(windows)]
mod windows;

#[cfg(all(unix, not(target_os = "macos")))]
pub use self::linux::directories;
#[cfg(target_os = "macos")]
pub use self::macos::directories;
#[cfg(windows)]
pub use self::windows::directories;
