//! Objects of the protocol: signal.

use crate::schema::kinds::{KEY, TENANT, TEXT};
use crate::schema::{Object, Schema, field};

/// `SignalBroadcastRequest`.
pub static SIGNAL_BROADCAST_REQUEST: Object = Object {
    name: "SignalBroadcastRequest",
    fields: &[
        field("signalName", TEXT).required(),
        field("variables", Schema::Document),
        field("tenantId", TENANT),
    ],
};

/// `SignalBroadcastResult`.
pub static SIGNAL_BROADCAST_RESULT: Object = Object {
    name: "SignalBroadcastResult",
    fields: &[field("tenantId", TENANT).required(), field("signalKey", KEY).required()],
};
