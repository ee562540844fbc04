//! What records say about user tasks. The variables of a task that is completed stand in `VariableRecord`.

use super::InstanceRef;
use crate::ids::{ElementIndex, Key, TimestampMs};
use rkyv::Archive;
use rkyv::with::{InlineAsBox, Map};

/// A user task, as it is with the event.
#[derive(Archive, rkyv::Serialize, Debug)]
pub struct UserTaskRecord<'a> {
    /// Definition and instance.
    pub instance: InstanceRef,
    /// The element instance that waits for it.
    pub element_instance_key: Key,
    /// The element.
    pub element_index: ElementIndex,
    /// Who has it, or when it is being created, who is to get it; empty for nobody.
    #[rkyv(with = InlineAsBox)]
    pub assignee: &'a str,
    /// The groups whose members may do it.
    #[rkyv(with = Map<InlineAsBox>)]
    pub candidate_groups: Vec<&'a str>,
    /// The people who may do it.
    #[rkyv(with = Map<InlineAsBox>)]
    pub candidate_users: Vec<&'a str>,
    /// When it is to be done; empty for never.
    #[rkyv(with = InlineAsBox)]
    pub due_date: &'a str,
    /// When it is to be looked after; empty for never.
    #[rkyv(with = InlineAsBox)]
    pub follow_up_date: &'a str,
    /// From 0 to 100.
    pub priority: i32,
    /// Its form; none when it has none that was deployed.
    pub form_key: Key,
    /// A form that somebody else keeps; empty when it has none.
    #[rkyv(with = InlineAsBox)]
    pub external_form_reference: &'a str,
    /// The attributes that the event changes, see [`crate::ChangedAttributes`].
    pub changed_attributes: u8,
    /// The client's word for what it does; empty when no client does it.
    #[rkyv(with = InlineAsBox)]
    pub action: &'a str,
    /// Why a listener is against a change; empty where none is.
    #[rkyv(with = InlineAsBox)]
    pub denied_reason: &'a str,
    /// Whether listeners are asked before the change that is under way is done: it is kept until then.
    pub asks: bool,
    /// What the command brought, the text of a JSON object; empty for nothing, and where no listeners are asked.
    #[rkyv(with = InlineAsBox)]
    pub variables: &'a [u8],
    /// Of the change of variables that this is; none where it is none, or where no listeners are asked.
    pub document_key: Key,
    /// Whether those variables are set where the task stands, and nowhere else.
    pub document_is_local: bool,
    /// When it was created.
    pub creation_timestamp: TimestampMs,
    /// The custom headers as a JSON object; written when it is being created, empty after.
    #[rkyv(with = InlineAsBox)]
    pub custom_headers: &'a str,
    /// Owner.
    #[rkyv(with = InlineAsBox)]
    pub tenant_id: &'a str,
}
