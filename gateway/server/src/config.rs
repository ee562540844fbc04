//! Settings of the server: command line over environment over file over defaults.
//!
//! Every setting has one name in all three places: `--rest`, `RINGBOLT_REST`, `rest` in the TOML file.

mod checks;

pub use crate::api_config::ApiVersion;
use crate::cpus::{cpu_list, usable_cpus};
use crate::descriptors::connections_max;
use crate::document_config::documents;
pub use crate::export_config::{ExporterConfig, ExporterGiven, SinkConfig};
use crate::export_config::{READER_BUDGET_MIB_DEFAULT, READER_SPILL_MIB_DEFAULT, exporters};
use crate::flow_config::{expression_units_max, stream_credit, write_settings};
use crate::logging::{Level as LogLevel, LogFormat};
use crate::message_config::{MessageBounds, messages};
use crate::search_config::SearchSettings;
use crate::site_config::sites;
pub use crate::storage_config::StorageConfig;
use crate::storage_config::{history_ages, storage};
use crate::time_config::{evaluation_timeout, response_target_ms, timeout};
pub use crate::web_config::Web;
use crate::web_config::web;
pub use checks::ConfigError;
use checks::{address, lives, map_bytes, segment_bytes, test_endpoints, tls_files};
pub(crate) use checks::{error, mib};
use clap::Args;
use clap::builder::BoolishValueParser;
use ringbolt_api::schema::Level;
use ringbolt_broker::WriteSettings;
use ringbolt_http::{HostName, Origin, TlsFiles};
use ringbolt_partition::ReaderSettings;
use ringbolt_query::Ages;
use ringbolt_web::Mode;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the REST API listens unless told otherwise.
pub const REST_DEFAULT: &str = "127.0.0.1:8080";
/// Where the gRPC API listens unless told otherwise.
pub const GRPC_DEFAULT: &str = "127.0.0.1:26500";
/// Where metrics and health are served unless told otherwise.
pub const MANAGEMENT_DEFAULT: &str = "127.0.0.1:9600";
/// Where data is kept unless told otherwise.
pub const DATA_DIR_DEFAULT: &str = "ringbolt-data";
/// Variables of one request unless told otherwise, bytes.
pub const REQUEST_BYTES_DEFAULT: usize = 4 * 1024 * 1024;
/// How long a request's header may take to arrive unless told otherwise, ms.
pub const HEADER_TIMEOUT_MS_DEFAULT: u64 = 10_000;
/// How long a request's body may take to arrive unless told otherwise, ms.
pub const BODY_TIMEOUT_MS_DEFAULT: u64 = 30_000;
/// How long a client may take nothing of what it asked for unless told otherwise, ms.
pub const WRITE_TIMEOUT_MS_DEFAULT: u64 = 60_000;
/// Answers that one core may hold for clients that do not read them unless told otherwise, MiB.
pub const UNSENT_MIB_DEFAULT: u64 = 256;
/// Connections that one core may hold at one port unless told otherwise.
pub const CONNECTIONS_MAX_DEFAULT: usize = 10_000;
/// Size of a journal segment unless told otherwise, MiB.
pub const SEGMENT_MIB_DEFAULT: u64 = 64;
/// The smallest journal segment, MiB: the largest batch.
pub const SEGMENT_MIB_MIN: u64 = 32;
/// State of a partition that may change before a checkpoint, unless told otherwise, MiB.
pub const OVERLAY_MIB_DEFAULT: u64 = 64;
/// Address space for the state of one partition unless told otherwise, GiB: it takes no memory and no disk.
pub const MAP_GIB_DEFAULT: u64 = 64;
/// Address space for all states together, GiB: half of what a process has.
const MAPS_GIB_MAX: u64 = 64 * 1024;
/// Log of a partition that may grow before a checkpoint, unless told otherwise, MiB.
pub const CHECKPOINT_LOG_MIB_DEFAULT: u64 = 256;

/// Settings as they are given, any of them absent.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Given {
    /// Directory of log and state [default: ringbolt-data].
    #[arg(long, value_name = "DIR", env = "RINGBOLT_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// Address of the REST API, HTTP/1.1 and HTTP/2 [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDR", env = "RINGBOLT_REST")]
    pub rest: Option<String>,
    /// Address of the gRPC API [default: 127.0.0.1:26500].
    #[arg(long, value_name = "ADDR", env = "RINGBOLT_GRPC")]
    pub grpc: Option<String>,
    /// Address of metrics and health [default: 127.0.0.1:9600].
    #[arg(long, value_name = "ADDR", env = "RINGBOLT_MANAGEMENT")]
    pub management: Option<String>,
    /// Level of the protocols: as Camunda 8.9 or 8.10 [default: 8.10].
    #[arg(long, value_name = "VERSION", env = "RINGBOLT_API_VERSION")]
    pub api_version: Option<ApiVersion>,
    /// Certificate chain of REST and gRPC, PEM; turns TLS on [default: none, plain].
    #[arg(long, value_name = "FILE", env = "RINGBOLT_TLS_CERT")]
    pub tls_cert: Option<PathBuf>,
    /// Its private key, PEM.
    #[arg(long, value_name = "FILE", env = "RINGBOLT_TLS_KEY")]
    pub tls_key: Option<PathBuf>,
    /// Serve metrics and health under TLS too.
    #[arg(long, env = "RINGBOLT_TLS_MANAGEMENT", value_parser = BoolishValueParser::new())]
    #[serde(default)]
    pub tls_management: bool,
    /// Names by which a port may be called besides those of its own machine: `engine.example,10.1.2.3` [default: none].
    #[arg(long, value_name = "LIST", env = "RINGBOLT_ALLOWED_HOSTS")]
    pub allowed_hosts: Option<String>,
    /// Origins whose pages may use the API: `https://app.example,http://localhost:3000` [default: none].
    #[arg(long, value_name = "LIST", env = "RINGBOLT_CORS_ORIGINS")]
    pub cors_origins: Option<String>,
    /// Pages for people on the REST port [default: on where it is on loopback, else off].
    #[arg(long, value_name = "MODE", env = "RINGBOLT_WEB")]
    pub web: Option<Web>,
    /// CPUs to run on, one core each: `0,1` or `0-3` [default: all that the process may use].
    #[arg(long, value_name = "LIST", env = "RINGBOLT_CORES")]
    pub cores: Option<String>,
    /// Number of partitions; fixed when the data directory is made [default: one per core].
    #[arg(long, value_name = "N", env = "RINGBOLT_PARTITIONS")]
    pub partitions: Option<u16>,
    /// Longest request body, bytes [default: 4194304].
    #[arg(long, value_name = "BYTES", env = "RINGBOLT_REQUEST_BYTES_MAX")]
    pub request_bytes_max: Option<usize>,
    /// All documents of one request, MiB [default: 10].
    #[arg(long, value_name = "MIB", env = "RINGBOLT_DOCUMENT_MIB")]
    pub document_mib: Option<u64>,
    /// Documents that are kept [default: 100000].
    #[arg(long, value_name = "N", env = "RINGBOLT_DOCUMENTS_MAX")]
    pub documents_max: Option<u64>,
    /// Files of all documents that are kept, MiB [default: 1024].
    #[arg(long, value_name = "MIB", env = "RINGBOLT_DOCUMENTS_TOTAL_MIB")]
    pub documents_total_mib: Option<u64>,
    /// Messages that a partition keeps for those who do not wait for them yet [default: 10000000].
    #[arg(long, value_name = "N", env = "RINGBOLT_MESSAGES_MAX")]
    pub messages_max: Option<u64>,
    /// Texts and variables of all messages that a partition keeps, MiB [default: 4096].
    #[arg(long, value_name = "MIB", env = "RINGBOLT_MESSAGES_MIB")]
    pub messages_mib: Option<u64>,
    /// Timers, subscriptions and user tasks of a partition together at which clients' new instances are refused, at least 1 [default: 100000000].
    #[arg(long, value_name = "N", env = "RINGBOLT_WAITS_MAX")]
    pub waits_max: Option<u64>,
    /// Of each process and owner only one instance that was not called has a business id at a time: another one is refused [default: off].
    #[arg(long, env = "RINGBOLT_UNIQUE_BUSINESS_IDS", value_parser = BoolishValueParser::new())]
    #[serde(default)]
    pub unique_business_ids: bool,
    /// How long a request's header may take to arrive, ms [default: 10000].
    #[arg(long, value_name = "MS", env = "RINGBOLT_HEADER_TIMEOUT_MS")]
    pub header_timeout_ms: Option<u64>,
    /// How long a request's body may take to arrive, ms [default: 30000].
    #[arg(long, value_name = "MS", env = "RINGBOLT_BODY_TIMEOUT_MS")]
    pub body_timeout_ms: Option<u64>,
    /// How long a client may take nothing of what it asked for, ms [default: 60000].
    #[arg(long, value_name = "MS", env = "RINGBOLT_WRITE_TIMEOUT_MS")]
    pub write_timeout_ms: Option<u64>,
    /// Answers that one core may hold for clients that do not read them, and as much of requests that are still arriving, MiB [default: 256].
    #[arg(long, value_name = "MIB", env = "RINGBOLT_UNSENT_MIB")]
    pub unsent_mib: Option<u64>,
    /// Connections that one core may hold at one port [default: 10000, or what the limit of open files allows].
    #[arg(long, value_name = "N", env = "RINGBOLT_CONNECTIONS_MAX")]
    pub connections_max: Option<usize>,
    /// Turn new work away early when requests take longer than this, ms; 0 never [default: 200].
    #[arg(long, value_name = "MS", env = "RINGBOLT_RESPONSE_TARGET_MS")]
    pub response_target_ms: Option<u32>,
    /// Records a second that new work may add to a partition [default: as many as it can].
    #[arg(long, value_name = "N", env = "RINGBOLT_WRITE_LIMIT")]
    pub write_limit: Option<u32>,
    /// Throttle new work while an exporter is further behind than so many records [default: never].
    #[arg(long, value_name = "N", env = "RINGBOLT_EXPORT_BACKLOG_MAX")]
    pub export_backlog_max: Option<u64>,
    /// Jobs that one job stream may have outstanding [default: 4096].
    #[arg(long, value_name = "N", env = "RINGBOLT_STREAM_CREDIT")]
    pub stream_credit: Option<u32>,
    /// Units of work, about a nanosecond each, of all expressions and decisions of one log entry [default: 2000000].
    #[arg(long, value_name = "N", env = "RINGBOLT_EXPRESSION_UNITS_MAX")]
    pub expression_units_max: Option<u64>,
    /// How long an expression that a client sends may wait and take, ms [default: 1000].
    #[arg(long, value_name = "MS", env = "RINGBOLT_EVALUATION_TIMEOUT_MS")]
    pub evaluation_timeout_ms: Option<u64>,
    /// Size of a journal segment, MiB [default: 64].
    #[arg(long, value_name = "MIB", env = "RINGBOLT_SEGMENT_MIB")]
    pub segment_mib: Option<u64>,
    /// Checkpoint when a partition's changed state exceeds this, MiB [default: 64].
    #[arg(long, value_name = "MIB", env = "RINGBOLT_OVERLAY_MIB")]
    pub overlay_mib: Option<u64>,
    /// Checkpoint when a partition's log since the last one exceeds this, MiB [default: 256].
    #[arg(long, value_name = "MIB", env = "RINGBOLT_CHECKPOINT_LOG_MIB")]
    pub checkpoint_log_mib: Option<u64>,
    /// Largest state of a partition, GiB; address space only, may be raised with any start [default: 64].
    #[arg(long, value_name = "GIB", env = "RINGBOLT_MAP_GIB")]
    pub map_gib: Option<u64>,
    /// Export every record as JSON lines to files in this directory.
    #[arg(long, value_name = "DIR", env = "RINGBOLT_EXPORT_JSONL")]
    pub export_jsonl: Option<PathBuf>,
    /// Lives of another history, as a refusal names them, whose records exporters may set aside to begin anew.
    #[arg(long, value_name = "LIST", env = "RINGBOLT_EXPORT_ANEW")]
    pub export_anew: Option<String>,
    /// Exporters by name; in the file only.
    #[arg(skip)]
    #[serde(default)]
    pub exporters: BTreeMap<String, ExporterGiven>,
    /// Log that an exporter that is behind may keep, for each partition, MiB [default: 256].
    #[arg(long, value_name = "MIB", env = "RINGBOLT_READER_BUDGET_MIB")]
    pub reader_budget_mib: Option<u64>,
    /// Copies of entries that an exporter over its budget may keep, for each partition, MiB [default: 1024].
    #[arg(long, value_name = "MIB", env = "RINGBOLT_READER_SPILL_MIB")]
    pub reader_spill_mib: Option<u64>,
    /// Run without secondary storage: nothing can be searched.
    #[arg(long, env = "RINGBOLT_NO_SECONDARY_STORAGE", value_parser = BoolishValueParser::new())]
    #[serde(default)]
    pub no_secondary_storage: bool,
    /// How long finished instances can be searched, days [default: 30].
    #[arg(long, value_name = "DAYS", env = "RINGBOLT_HISTORY_DAYS")]
    pub history_days: Option<u64>,
    /// The same for some processes, by their ids: `order=7,invoice=3650` [default: none].
    #[arg(long, value_name = "LIST", env = "RINGBOLT_HISTORY_DAYS_OF")]
    pub history_days_of: Option<String>,
    /// Files of secondary storage, MiB: beyond it the oldest finished instances go [default: half of the free space at the first start].
    #[arg(long, value_name = "MIB", env = "RINGBOLT_HISTORY_MIB")]
    pub history_mib: Option<u64>,
    /// How long after history was deleted its bytes are gone, hours [default: 24].
    #[arg(long, value_name = "HOURS", env = "RINGBOLT_HISTORY_REWRITE_HOURS")]
    pub history_rewrite_hours: Option<u64>,
    /// Records of a partition that secondary storage may be behind before new instances are slowed [default: 1000000].
    #[arg(long, value_name = "N", env = "RINGBOLT_STORAGE_BACKLOG_MAX")]
    pub storage_backlog_max: Option<u64>,
    /// Threads that search, 1 to 64 [default: 2].
    #[arg(long, value_name = "COUNT", env = "RINGBOLT_SEARCH_THREADS")]
    pub search_threads: Option<u64>,
    /// Searches that wait for a thread, 1 to 100000; one more is refused [default: 256].
    #[arg(long, value_name = "COUNT", env = "RINGBOLT_SEARCH_QUEUE")]
    pub search_queue: Option<u64>,
    /// How long a search may take, 10 to 600000 ms; then it is refused [default: 10000].
    #[arg(long, value_name = "MS", env = "RINGBOLT_SEARCH_TIME_MS")]
    pub search_time_ms: Option<u64>,
    /// How long a read waits for the position that it names, 1 to 600000 ms [default: 5000].
    #[arg(long, value_name = "MS", env = "RINGBOLT_SEARCH_WAIT_MS")]
    pub search_wait_ms: Option<u64>,
    /// Let tests set the clock and empty the server; all ports must be on loopback.
    #[arg(long, env = "RINGBOLT_TEST_ENDPOINTS", value_parser = BoolishValueParser::new())]
    #[serde(default)]
    pub test_endpoints: bool,
    /// Run on epoll even where io_uring is available.
    #[arg(long, env = "RINGBOLT_EPOLL", value_parser = BoolishValueParser::new())]
    #[serde(default)]
    pub epoll: bool,
    /// How lines of the log look: auto is text on a terminal, logfmt elsewhere [default: auto].
    #[arg(long, value_name = "FORMAT", env = "RINGBOLT_LOG_FORMAT")]
    pub log_format: Option<LogFormat>,
    /// Least level of lines that are written [default: info].
    #[arg(long, value_name = "LEVEL", env = "RINGBOLT_LOG_LEVEL")]
    pub log_level: Option<LogLevel>,
}

/// Settings as they are used.
#[derive(Clone, Debug)]
pub struct Config {
    /// Directory of log and state.
    pub data_dir: PathBuf,
    /// Address of the REST API.
    pub rest: SocketAddr,
    /// Address of the gRPC API.
    pub grpc: SocketAddr,
    /// Address of metrics and health.
    pub management: SocketAddr,
    /// Level of the protocols.
    pub level: Level,
    /// Certificate and key of REST and gRPC; none for plain ports.
    pub tls: Option<TlsFiles>,
    /// The management port speaks TLS too.
    pub tls_management: bool,
    /// Names by which a port may be called besides those of its own machine.
    pub allowed_hosts: Vec<HostName>,
    /// Origins whose pages may use the API.
    pub cors_origins: Vec<Origin>,
    /// What the pages for people may do.
    pub web: Mode,
    /// CPUs, one core each.
    pub cores: Vec<usize>,
    /// Number of partitions; none keeps what the data directory has, or takes one per core.
    pub partitions: Option<u16>,
    /// Longest request body, bytes.
    pub request_bytes_max: usize,
    /// What the store of documents holds.
    pub documents: ringbolt_documents::Limits,
    /// What a partition keeps of messages, and how much may wait there.
    pub messages: MessageBounds,
    /// Of each process one instance at a time has a business id.
    pub unique_business_ids: bool,
    /// How long a request's header may take to arrive.
    pub header_timeout: Duration,
    /// How long a request's body may take to arrive.
    pub body_timeout: Duration,
    /// How long a client may take nothing of what it asked for.
    pub write_timeout: Duration,
    /// Answers that one core may hold for clients that do not read them, bytes.
    pub unsent_bytes_max: u64,
    /// Connections that one core may hold at one port; none for as many as files may be open, up to the default.
    pub connections_max: Option<usize>,
    /// How much new work may write.
    pub write: Option<WriteSettings>,
    /// Jobs that one stream may have outstanding.
    pub stream_credit: u32,
    /// Units of work of all expressions of one log entry.
    pub expression_units_max: u64,
    /// How long an expression that a client sends may wait and take.
    pub evaluation_timeout: Duration,
    /// Size of a journal segment, bytes.
    pub segment_bytes: u64,
    /// Changed state that starts a checkpoint, bytes.
    pub overlay_bytes: usize,
    /// Log that starts a checkpoint, bytes.
    pub checkpoint_log_bytes: u64,
    /// Address space for the state of one partition, bytes.
    pub map_bytes: usize,
    /// Exporters, by rising name.
    pub exporters: Vec<ExporterConfig>,
    /// Lives of another history whose records exporters may set aside.
    pub export_anew: Vec<u128>,
    /// What one exporter may keep of one partition.
    pub readers: ReaderSettings,
    /// Rows that can be searched; none to run without.
    pub storage: Option<StorageConfig>,
    /// How long finished instances of some processes are kept, milliseconds, by the process's id.
    pub history_ages: Ages,
    /// Bounds of searches.
    pub searches: SearchSettings,
    /// Tests may set the clock and empty the server.
    pub test_endpoints: bool,
    /// The response-time target, ms; none when new work is never turned away for its age.
    pub response_target_ms: Option<u32>,
    /// Run on epoll even where io_uring is available.
    pub epoll: bool,
}

impl Given {
    /// Reads a TOML file.
    ///
    /// # Errors
    /// When it cannot be read, is no TOML, or names a setting that does not exist.
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let text =
            std::fs::read_to_string(path).map_err(|e| error("config", format!("{}: {e}", path.display())))?;
        toml::from_str(&text).map_err(|e| error("config", format!("{}: {e}", path.display())))
    }

    /// These settings, and those of `file` where these are absent.
    #[must_use]
    pub fn over(self, file: Self) -> Self {
        Self {
            data_dir: self.data_dir.or(file.data_dir),
            rest: self.rest.or(file.rest),
            grpc: self.grpc.or(file.grpc),
            management: self.management.or(file.management),
            api_version: self.api_version.or(file.api_version),
            tls_cert: self.tls_cert.or(file.tls_cert),
            tls_key: self.tls_key.or(file.tls_key),
            tls_management: self.tls_management || file.tls_management,
            allowed_hosts: self.allowed_hosts.or(file.allowed_hosts),
            cors_origins: self.cors_origins.or(file.cors_origins),
            web: self.web.or(file.web),
            cores: self.cores.or(file.cores),
            partitions: self.partitions.or(file.partitions),
            request_bytes_max: self.request_bytes_max.or(file.request_bytes_max),
            document_mib: self.document_mib.or(file.document_mib),
            documents_max: self.documents_max.or(file.documents_max),
            documents_total_mib: self.documents_total_mib.or(file.documents_total_mib),
            messages_max: self.messages_max.or(file.messages_max),
            messages_mib: self.messages_mib.or(file.messages_mib),
            waits_max: self.waits_max.or(file.waits_max),
            unique_business_ids: self.unique_business_ids || file.unique_business_ids,
            header_timeout_ms: self.header_timeout_ms.or(file.header_timeout_ms),
            body_timeout_ms: self.body_timeout_ms.or(file.body_timeout_ms),
            write_timeout_ms: self.write_timeout_ms.or(file.write_timeout_ms),
            unsent_mib: self.unsent_mib.or(file.unsent_mib),
            connections_max: self.connections_max.or(file.connections_max),
            response_target_ms: self.response_target_ms.or(file.response_target_ms),
            write_limit: self.write_limit.or(file.write_limit),
            export_backlog_max: self.export_backlog_max.or(file.export_backlog_max),
            stream_credit: self.stream_credit.or(file.stream_credit),
            expression_units_max: self.expression_units_max.or(file.expression_units_max),
            evaluation_timeout_ms: self.evaluation_timeout_ms.or(file.evaluation_timeout_ms),
            segment_mib: self.segment_mib.or(file.segment_mib),
            overlay_mib: self.overlay_mib.or(file.overlay_mib),
            checkpoint_log_mib: self.checkpoint_log_mib.or(file.checkpoint_log_mib),
            map_gib: self.map_gib.or(file.map_gib),
            export_jsonl: self.export_jsonl.or(file.export_jsonl),
            export_anew: self.export_anew.or(file.export_anew),
            exporters: file.exporters,
            reader_budget_mib: self.reader_budget_mib.or(file.reader_budget_mib),
            reader_spill_mib: self.reader_spill_mib.or(file.reader_spill_mib),
            no_secondary_storage: self.no_secondary_storage || file.no_secondary_storage,
            history_days: self.history_days.or(file.history_days),
            history_days_of: self.history_days_of.or(file.history_days_of),
            history_mib: self.history_mib.or(file.history_mib),
            history_rewrite_hours: self.history_rewrite_hours.or(file.history_rewrite_hours),
            storage_backlog_max: self.storage_backlog_max.or(file.storage_backlog_max),
            search_threads: self.search_threads.or(file.search_threads),
            search_queue: self.search_queue.or(file.search_queue),
            search_time_ms: self.search_time_ms.or(file.search_time_ms),
            search_wait_ms: self.search_wait_ms.or(file.search_wait_ms),
            test_endpoints: self.test_endpoints || file.test_endpoints,
            epoll: self.epoll || file.epoll,
            log_format: self.log_format.or(file.log_format),
            log_level: self.log_level.or(file.log_level),
        }
    }

    /// Fills in defaults and checks everything.
    ///
    /// # Errors
    /// Names the first setting that cannot be used.
    pub fn resolve(self) -> Result<Config, ConfigError> {
        let usable = usable_cpus();
        let cores = match &self.cores {
            Some(list) => cpu_list(list)?,
            None => usable.clone(),
        };
        if let Some(cpu) = cores.iter().find(|cpu| !usable.contains(cpu)) {
            return Err(error("cores", format!("this process may not run on CPU {cpu}, only on {usable:?}")));
        }
        let map_bytes = map_bytes(self.map_gib, self.partitions, cores.len())?;
        let request_bytes_max = self.request_bytes_max.unwrap_or(REQUEST_BYTES_DEFAULT);
        if !(1024..=12 * 1024 * 1024).contains(&request_bytes_max) {
            let why = format!("{request_bytes_max} is not between 1 KiB and 12 MiB");
            return Err(error("request-bytes-max", why));
        }
        if self.partitions.is_some_and(|n| n == 0 || n > ringbolt_record::ids::PARTITION_ID_MAX) {
            return Err(error("partitions", "not between 1 and 4095"));
        }
        let readers = ReaderSettings {
            budget_bytes: mib("reader-budget-mib", self.reader_budget_mib, READER_BUDGET_MIB_DEFAULT)?,
            spill_bytes_max: mib("reader-spill-mib", self.reader_spill_mib, READER_SPILL_MIB_DEFAULT)?,
            ..ReaderSettings::default()
        };
        let overlay_bytes = mib("overlay-mib", self.overlay_mib, OVERLAY_MIB_DEFAULT)?;
        let rest = address("rest", self.rest.as_deref(), REST_DEFAULT)?;
        Ok(Config {
            exporters: exporters(self.exporters.clone(), self.export_jsonl.clone())?,
            readers,
            data_dir: self.data_dir.clone().unwrap_or_else(|| DATA_DIR_DEFAULT.into()),
            web: web(self.web, rest),
            rest,
            grpc: address("grpc", self.grpc.as_deref(), GRPC_DEFAULT)?,
            management: address("management", self.management.as_deref(), MANAGEMENT_DEFAULT)?,
            level: self.api_version.unwrap_or_default().level(),
            tls: tls_files(&self)?,
            tls_management: self.tls_management,
            allowed_hosts: sites("allowed-hosts", self.allowed_hosts.as_deref(), HostName::parse)?,
            cors_origins: sites("cors-origins", self.cors_origins.as_deref(), Origin::parse)?,
            cores,
            partitions: self.partitions,
            request_bytes_max,
            documents: documents(self.document_mib, self.documents_max, self.documents_total_mib)?,
            messages: messages(self.messages_max, self.messages_mib, self.waits_max)?,
            unique_business_ids: self.unique_business_ids,
            header_timeout: timeout("header-timeout-ms", self.header_timeout_ms, HEADER_TIMEOUT_MS_DEFAULT)?,
            body_timeout: timeout("body-timeout-ms", self.body_timeout_ms, BODY_TIMEOUT_MS_DEFAULT)?,
            write_timeout: timeout("write-timeout-ms", self.write_timeout_ms, WRITE_TIMEOUT_MS_DEFAULT)?,
            unsent_bytes_max: mib("unsent-mib", self.unsent_mib, UNSENT_MIB_DEFAULT)?,
            connections_max: connections_max(self.connections_max)?,
            response_target_ms: response_target_ms(self.response_target_ms)?,
            write: write_settings(self.write_limit, self.export_backlog_max)?,
            stream_credit: stream_credit(self.stream_credit)?,
            expression_units_max: expression_units_max(self.expression_units_max)?,
            evaluation_timeout: evaluation_timeout(self.evaluation_timeout_ms)?,
            segment_bytes: segment_bytes(self.segment_mib)?,
            overlay_bytes: usize::try_from(overlay_bytes).map_err(|e| error("overlay-mib", e))?,
            checkpoint_log_bytes: mib(
                "checkpoint-log-mib",
                self.checkpoint_log_mib,
                CHECKPOINT_LOG_MIB_DEFAULT,
            )?,
            export_anew: lives(self.export_anew.as_deref())?,
            storage: storage(&self)?,
            history_ages: history_ages(&self)?,
            searches: self.searches()?,
            test_endpoints: test_endpoints(&self)?,
            map_bytes,
            epoll: self.epoll,
        })
    }
}

#[cfg(test)]
mod tests;
