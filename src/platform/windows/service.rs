//! This program as a service: what it tells the service control manager, and what that tells it.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use tokio::sync::Notify;
use windows_service::service::{
    ServiceAccess, ServiceControl, ServiceControlAccept, ServiceErrorControl, ServiceExitCode, ServiceInfo,
    ServiceStartType, ServiceState, ServiceStatus, ServiceType, UserEventCode,
};
use windows_service::service_control_handler::{self, ServiceControlHandlerResult, ServiceStatusHandle};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};
use windows_service::{Error, define_windows_service, service_dispatcher};

/// The name of the service.
pub const NAME: &str = "boinc_exporter";

/// Has hardly any rights, and no password.
const ACCOUNT: &str = r"NT AUTHORITY\LocalService";

/// How long the manager waits for the next word: the configuration is read, or responses end, which takes ten seconds at most.
const PATIENCE: Duration = Duration::from_secs(30);

/// Errors of the manager that an operator meets.
/// <https://learn.microsoft.com/en-us/windows/win32/debug/system-error-codes>
const ACCESS_DENIED: i32 = 5;
const NOT_INSTALLED: i32 = 1060;
const NOT_STARTED_BY_THE_MANAGER: i32 = 1063;
const NOT_RUNNING: i32 = 1062;
const MARKED_FOR_DELETION: i32 = 1072;
const INSTALLED: i32 = 1073;

/// What [`reload`] sends: services give these codes a meaning of their own.
const RELOAD_CODE: u32 = 128;

/// The manager said so.
pub(super) static STOP: Notify = Notify::const_new();
pub(super) static RELOAD: Notify = Notify::const_new();

static STATUS: OnceLock<ServiceStatusHandle> = OnceLock::new();
static MAIN: OnceLock<Box<dyn Fn() -> bool + Send + Sync>> = OnceLock::new();

define_windows_service!(entry, service_main);

/// Why the manager does not do it, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// It is for administrators.
    #[error("only administrators may change services; open the terminal with \"Run as administrator\"")]
    Denied,
    /// There is one.
    #[error("the service {NAME} is installed already; remove it first: boinc_exporter service uninstall")]
    Installed,
    /// There is none.
    #[error("the service {NAME} is not installed")]
    NotInstalled,
    /// It is stopped.
    #[error("the service {NAME} is not running; start it: sc.exe start {NAME}")]
    NotRunning,
    /// Something holds it open.
    #[error("the service {NAME} is being removed; close the window of Services, then try again")]
    BeingRemoved,
    /// A person typed it.
    #[error("`service run` is for Windows, which starts the service; to run the exporter here, leave it out")]
    NotStartedByTheManager,
    /// Anything else.
    #[error("the service control manager refuses")]
    Other(#[source] Error),
}

impl From<Error> for ServiceError {
    fn from(error: Error) -> Self {
        let Error::Winapi(system) = &error else { return Self::Other(error) };
        match system.raw_os_error() {
            Some(ACCESS_DENIED) => Self::Denied,
            Some(INSTALLED) => Self::Installed,
            Some(NOT_INSTALLED) => Self::NotInstalled,
            Some(NOT_RUNNING) => Self::NotRunning,
            Some(MARKED_FOR_DELETION) => Self::BeingRemoved,
            Some(NOT_STARTED_BY_THE_MANAGER) => Self::NotStartedByTheManager,
            _ => Self::Other(error),
        }
    }
}

/// May install services.
pub struct Installer(ServiceManager);

impl Installer {
    /// For administrators.
    ///
    /// # Errors
    /// The manager refuses.
    pub fn open() -> Result<Self, ServiceError> {
        Ok(Self(manager(ServiceManagerAccess::CONNECT | ServiceManagerAccess::CREATE_SERVICE)?))
    }

    /// Installs this program as a service that starts with Windows, and starts it.
    ///
    /// # Errors
    /// The manager refuses.
    pub fn install(&self, program: PathBuf, arguments: Vec<OsString>) -> Result<(), ServiceError> {
        let info = ServiceInfo {
            name: NAME.into(),
            display_name: "BOINC exporter for Prometheus".into(),
            service_type: ServiceType::OWN_PROCESS,
            start_type: ServiceStartType::AutoStart,
            error_control: ServiceErrorControl::Normal,
            executable_path: program,
            launch_arguments: arguments,
            dependencies: Vec::new(),
            account_name: Some(ACCOUNT.into()),
            account_password: None,
        };
        let service = self.0.create_service(&info, ServiceAccess::CHANGE_CONFIG | ServiceAccess::START)?;
        service.set_description(env!("CARGO_PKG_DESCRIPTION"))?;
        service.start::<OsString>(&[])?;
        Ok(())
    }
}

/// Stops and removes the service.
///
/// # Errors
/// The manager refuses.
pub fn uninstall() -> Result<(), ServiceError> {
    let access = ServiceAccess::STOP | ServiceAccess::DELETE;
    let service = manager(ServiceManagerAccess::CONNECT)?.open_service(NAME, access)?;
    match service.stop() {
        Err(Error::Winapi(error)) if error.raw_os_error() == Some(NOT_RUNNING) => {}
        stopped => drop(stopped?),
    }
    Ok(service.delete()?)
}

/// Makes the running service read its configuration anew.
///
/// # Errors
/// The manager refuses.
pub fn reload() -> Result<(), ServiceError> {
    let service = manager(ServiceManagerAccess::CONNECT)?.open_service(NAME, ServiceAccess::USER_DEFINED_CONTROL)?;
    service.notify(UserEventCode::from_raw(RELOAD_CODE).expect("services may use 128 to 255"))?;
    Ok(())
}

fn manager(access: ServiceManagerAccess) -> Result<ServiceManager, Error> {
    ServiceManager::local_computer(None::<&str>, access)
}

/// Runs as a service until it is stopped. `main` says whether it went well.
///
/// # Errors
/// The manager did not start this process.
pub fn run(main: impl Fn() -> bool + Send + Sync + 'static) -> Result<(), ServiceError> {
    // There is one service in a process.
    let _ = MAIN.set(Box::new(main));
    Ok(service_dispatcher::start(NAME, entry)?)
}

fn service_main(_: Vec<OsString>) {
    let Some(main) = MAIN.get() else { return };
    let Ok(manager) = service_control_handler::register(NAME, told) else { return };
    let _ = STATUS.set(manager);
    tell(ServiceState::StartPending, ServiceExitCode::NO_ERROR);
    let code = if main() { ServiceExitCode::NO_ERROR } else { ServiceExitCode::ServiceSpecific(1) };
    tell(ServiceState::Stopped, code);
}

fn told(what: ServiceControl) -> ServiceControlHandlerResult {
    match what {
        ServiceControl::Stop | ServiceControl::Shutdown => STOP.notify_one(),
        ServiceControl::ParamChange => RELOAD.notify_one(),
        ServiceControl::UserEvent(code) if code.to_raw() == RELOAD_CODE => RELOAD.notify_one(),
        ServiceControl::Interrogate => {}
        _ => return ServiceControlHandlerResult::NotImplemented,
    }
    ServiceControlHandlerResult::NoError
}

/// Reports that the exporter is ready, after startup or a reload.
pub fn ready() {
    tell(ServiceState::Running, ServiceExitCode::NO_ERROR);
}

/// A reload is no state of a service.
pub const fn reloading() {}

/// Reports that the shutdown has begun.
pub fn stopping() {
    tell(ServiceState::StopPending, ServiceExitCode::NO_ERROR);
}

/// Nobody is told if this process is not a service.
fn tell(state: ServiceState, exit_code: ServiceExitCode) {
    let is_pending = matches!(state, ServiceState::StartPending | ServiceState::StopPending);
    let controls = if state == ServiceState::Running {
        ServiceControlAccept::STOP | ServiceControlAccept::SHUTDOWN | ServiceControlAccept::PARAM_CHANGE
    } else {
        ServiceControlAccept::empty()
    };
    let status = ServiceStatus {
        service_type: ServiceType::OWN_PROCESS,
        current_state: state,
        controls_accepted: controls,
        exit_code,
        checkpoint: 0,
        wait_hint: if is_pending { PATIENCE } else { Duration::ZERO },
        process_id: None,
    };
    if let Some(Err(error)) = STATUS.get().map(|manager| manager.set_service_status(status)) {
        tracing::warn!(error = %io::Error::other(error), "cannot notify the service control manager");
    }
}
