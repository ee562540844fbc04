//! Operations that are unlike others, and what is told by some of them.

/// Operations that are unlike others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    /// A form of resources.
    Deploy,
    /// A poll for jobs.
    ActivateJobs,
    /// A stream of jobs.
    StreamJobs,
    /// The cluster, with Ringbolt's version beside it.
    Topology,
    /// Something with the store of documents.
    Documents(Documents),
    /// The server is told something.
    Tell(Tell),
}

/// What the server is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tell {
    /// The clock stands still from now on.
    PinClock,
    /// The clock is the host's again.
    ResetClock,
    /// Exporters rest, or hold what they export.
    PauseExporting,
    /// Exporters export.
    ResumeExporting,
}

/// What exporters are told to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exporting {
    /// They export.
    #[default]
    Exporting,
    /// They export, but what they have exported stays in the log.
    SoftPaused,
    /// They rest.
    Paused,
}

impl Exporting {
    /// As the protocol writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exporting => "EXPORTING",
            Self::SoftPaused => "SOFT_PAUSED",
            Self::Paused => "PAUSED",
        }
    }
}

/// What a test wants of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockWish {
    /// It stands still at this time, milliseconds since 1970-01-01 UTC.
    Pin(i64),
    /// It is the host's again.
    Reset,
}

/// What is done with documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Documents {
    /// One of a form is kept.
    Create,
    /// All of a form are kept, each by itself.
    CreateAll,
    /// One is read.
    Get,
    /// One is deleted.
    Delete,
    /// A link to one is signed.
    Link,
    /// One is read through a link.
    Follow,
}
