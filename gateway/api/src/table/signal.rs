//! Operations: signal.

use crate::call::Call;
use crate::error::ApiError;
use crate::json::{put, put_key, put_text};
use crate::objects::signal::{SIGNAL_BROADCAST_REQUEST, SIGNAL_BROADCAST_RESULT};
use crate::operation::{Group, Method, Version, Written, json, op};
use crate::request::Request;
use crate::schema::{Level, Object, Schema};
use ringbolt_record::command::BroadcastSignal;
use ringbolt_record::{DEFAULT_TENANT, Reply};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Signal",
    operations: &[op("broadcastSignal", Method::Post, "/signals/broadcast", Version::V8_6)
        .json(Schema::Object(&SIGNAL_BROADCAST_REQUEST))
        .says("Broadcasts a signal, to everybody who waits for one of its name")
        .new_work("BROADCAST", broadcast, broadcasted)
        .gives(&[json(200, Schema::Object(&SIGNAL_BROADCAST_RESULT))])
        .errors(&[400, 404, 500, 503])],
};

fn broadcast(call: &mut Call<'_>) -> Result<Request, ApiError> {
    const BODY: &Object = &SIGNAL_BROADCAST_REQUEST;
    call.check()?;
    let signal = BroadcastSignal {
        name: call.text_or_empty(const { BODY.at("signalName") }),
        variables: call.variables(const { BODY.at("variables") })?,
        tenant_id: call.text_or_empty(const { BODY.at("tenantId") }),
    };
    call.mapper.broadcast_signal(signal)
}

fn broadcasted(reply: &Reply, _: Level, out: &mut Vec<u8>) -> Written {
    let Reply::SignalBroadcasted { signal_key } = reply else { return Written::Unexpected };
    put(out, r#"{"tenantId":"#);
    put_text(out, DEFAULT_TENANT);
    put(out, r#","signalKey":"#);
    put_key(out, *signal_key);
    out.push(b'}');
    Written::Yes
}
