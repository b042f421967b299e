//! What a sentence can say about work.

macro_rules! classes {
    ($($(#[$doc:meta])* $class:ident $name:literal;)*) => {
        /// A class of sentences: the label `reason`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Class { $($(#[$doc])* $class),* }

        impl Class {
            /// The value of the label.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$class => $name),* }
            }
        }
    };
}

classes! {
    /// The client asked for work.
    Asked "asked";
    /// The reply to that brought tasks.
    Tasks "tasks";
    /// It brought none; why, if the project says so, comes as another sentence.
    NoneSent "none_sent";
    /// The project has nothing for this computer now.
    NoWork "no_work";
    /// The cache is full, or another project is due.
    NotNeeded "not_needed";
    /// A contact without a request for work, and no reason given.
    NotRequested "not_requested";
    /// The user does not want more tasks of the project.
    NoNewTasks "no_new_tasks";
    /// The project is suspended.
    Suspended "suspended";
    /// A task of it is suspended.
    TaskSuspended "task_suspended";
    /// A download does not get on.
    DownloadsStalled "downloads_stalled";
    /// Too many uploads wait.
    UploadsPending "uploads_pending";
    /// Back-off, too early, or the project serves this computer already.
    Deferred "deferred";
    /// A limit of tasks at a time: the project's or the client's own.
    Limit "limit";
    /// The tasks of a day are used up.
    Quota "quota";
    /// Not enough disk space, or not allowed.
    Disk "disk";
    /// Not enough memory, or not allowed.
    Memory "memory";
    /// A task would not be done in time, or the network is too slow.
    TooSlow "too_slow";
    /// Preferences, an account manager or the client's configuration rule it out.
    Preferences "preferences";
    /// No version for this operating system, processor or kind of computer.
    Platform "platform";
    /// The client must be updated.
    ClientTooOld "client_too_old";
    /// The GPU is missing, too small, too old, not usable now, or its driver too old.
    Gpu "gpu";
    /// `VirtualBox` is missing, unusable or not allowed.
    VirtualBox "virtualbox";
    /// Docker, Podman or WSL is missing, unusable or not allowed.
    Docker "docker";
    /// The `app_info.xml` of the anonymous platform.
    AppInfo "app_info";
    /// The account key or the project's signing key changed: remove the project and add it again.
    Reattach "reattach";
    /// The project does not talk to this computer, or refused what it sent.
    Refused "refused";
    /// The project is stopped on purpose.
    Maintenance "maintenance";
    /// The project is broken behind its web server.
    ServerDown "server_down";
    /// No answer by HTTP: name, connection, TLS, time-out, cut off.
    Unreachable "unreachable";
    /// An HTTP error, or a reply that cannot be used.
    RequestFailed "request_failed";
    /// A sentence of the project that no rule knows.
    Other "other";
}
