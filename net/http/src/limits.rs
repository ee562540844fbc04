//! Every bound of a server, as named settings with their defaults.

use std::time::Duration;

use ringbolt_http2::Bounds;

/// The most header fields of an HTTP/1.1 request; more is answered with 431. Not a setting: the parser keeps this many on its stack.
pub const HEADERS_MAX: usize = ringbolt_http1::HEADERS_MAX;

/// Bounds of one server on one core.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Open connections; one more is closed at once.
    pub connections_max: usize,
    /// How long a client may owe something, then the connection is closed: its first byte; a TLS handshake; the rest of a request's header
    /// from its first byte (HTTP/1.1); preface and SETTINGS, the rest of a header block or of any frame but DATA
    /// (HTTP/2). Checked four times within that time.
    pub header_read_timeout: Duration,
    /// Bytes of a request's header; more is answered with 431.
    pub header_bytes_max: u32,
    /// How long an HTTP/1.1 connection may be idle between requests.
    pub idle_timeout: Duration,
    /// How long a client may take nothing of what waits for it: then its connection is cut.
    pub write_timeout: Duration,
    /// [`Limits::idle_timeout`] for HTTP/2; `None` keeps idle connections, as gRPC channels expect. Dead ones are found by pings.
    pub h2_idle_timeout: Option<Duration>,
    /// What is held of a client's bytes on an HTTP/1.1 connection until somebody takes them: of a body, or of requests that wait; in bytes, at
    /// least 8192.
    pub h1_buffer_bytes_max: usize,
    /// Requests at a time on one HTTP/2 connection. What a client asks beyond that waits at its own side; answering so many, and be it
    /// with a refusal, is a wave that everybody else waits for.
    pub h2_streams_max: u32,
    /// What a client may send on one stream before it is read.
    pub h2_stream_window_bytes: u32,
    /// What a client may send on one connection before it is read.
    pub h2_connection_window_bytes: u32,
    /// The largest frame a client may send; 16,384 to 16,777,215.
    pub h2_frame_bytes_max: u32,
    /// Response bytes of one stream that are made ready to be written in one go; then the others have their turn.
    pub h2_send_buffer_bytes: usize,
    /// Streams that a client opened and reset before they were accepted; more closes the connection (reset flood).
    pub h2_pending_resets_max: usize,
    /// Streams that were reset for the client's errors; more closes the connection.
    pub h2_error_resets_max: usize,
    /// Bytes of a client's table of header fields (HPACK).
    pub h2_header_table_bytes: u32,
    /// Frames a second that carry neither headers nor data (PING, SETTINGS, WINDOW_UPDATE, PRIORITY, resets, unknown ones); a
    /// client that sends more is cut.
    pub h2_control_frames_max: u32,
    /// Of these, resets of streams: each may have cost the start of a request.
    pub h2_resets_max: u32,
    /// How often an HTTP/2 client that sends nothing is asked whether it lives; `None` never asks.
    pub h2_ping_interval: Option<Duration>,
    /// How long it may take to answer.
    pub h2_ping_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections_max: 10_000,
            header_read_timeout: Duration::from_secs(10),
            header_bytes_max: 32 * 1024,
            idle_timeout: Duration::from_secs(75),
            write_timeout: Duration::from_secs(60),
            h2_idle_timeout: None,
            h1_buffer_bytes_max: 128 * 1024,
            h2_streams_max: 4096,
            h2_stream_window_bytes: 1024 * 1024,
            h2_connection_window_bytes: 4 * 1024 * 1024,
            h2_frame_bytes_max: 64 * 1024,
            h2_send_buffer_bytes: 64 * 1024,
            h2_pending_resets_max: 64,
            h2_error_resets_max: 256,
            h2_header_table_bytes: 4096,
            h2_control_frames_max: 20_000,
            h2_resets_max: 4096,
            h2_ping_interval: Some(Duration::from_secs(60)),
            h2_ping_timeout: Duration::from_secs(20),
        }
    }
}

impl Limits {
    /// Those that HTTP/2 itself knows.
    pub(crate) fn h2_bounds(&self) -> Bounds {
        Bounds {
            streams_max: self.h2_streams_max,
            stream_window: self.h2_stream_window_bytes,
            connection_window: self.h2_connection_window_bytes,
            frame_bytes_max: self.h2_frame_bytes_max,
            header_bytes_max: self.header_bytes_max,
            header_table_bytes: self.h2_header_table_bytes,
            error_resets_max: self.h2_error_resets_max,
        }
    }
}
