//! Messages about listeners: what their workers are told, and what they answer.

use bytes::Bytes;
use prost::Message;

/// What a listener or an ad-hoc sub-process answers.
#[derive(Clone, PartialEq, Message)]
pub struct JobResult {
    #[prost(bool, optional, tag = "1")]
    pub denied: Option<bool>,
    #[prost(message, optional, tag = "2")]
    pub corrections: Option<JobResultCorrections>,
    #[prost(string, optional, tag = "3")]
    pub denied_reason: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub r#type: Option<String>,
    #[prost(message, repeated, tag = "5")]
    pub activate_elements: Vec<JobResultActivateElement>,
    #[prost(bool, optional, tag = "6")]
    pub is_completion_condition_fulfilled: Option<bool>,
    #[prost(bool, optional, tag = "7")]
    pub is_cancel_remaining_instances: Option<bool>,
}

/// An element of an ad-hoc sub-process that is to be entered.
#[derive(Clone, PartialEq, Message)]
pub struct JobResultActivateElement {
    #[prost(string, tag = "1")]
    pub element_id: String,
    #[prost(bytes = "bytes", tag = "2")]
    pub variables: Bytes,
}

/// Attributes of a user task that its listener wants otherwise.
#[derive(Clone, PartialEq, Message)]
pub struct JobResultCorrections {
    #[prost(string, optional, tag = "1")]
    pub assignee: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub due_date: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub follow_up_date: Option<String>,
    #[prost(message, optional, tag = "4")]
    pub candidate_users: Option<StringList>,
    #[prost(message, optional, tag = "5")]
    pub candidate_groups: Option<StringList>,
    #[prost(int32, optional, tag = "6")]
    pub priority: Option<i32>,
}

#[derive(Clone, PartialEq, Message)]
pub struct StringList {
    #[prost(string, repeated, tag = "1")]
    pub values: Vec<String>,
}

/// The user task that a listener is asked about.
#[derive(Clone, PartialEq, Message)]
pub struct UserTaskProperties {
    #[prost(string, optional, tag = "1")]
    pub action: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub assignee: Option<String>,
    #[prost(string, repeated, tag = "3")]
    pub candidate_groups: Vec<String>,
    #[prost(string, repeated, tag = "4")]
    pub candidate_users: Vec<String>,
    #[prost(string, repeated, tag = "5")]
    pub changed_attributes: Vec<String>,
    #[prost(string, optional, tag = "6")]
    pub due_date: Option<String>,
    #[prost(string, optional, tag = "7")]
    pub follow_up_date: Option<String>,
    #[prost(int64, optional, tag = "8")]
    pub form_key: Option<i64>,
    #[prost(int32, optional, tag = "9")]
    pub priority: Option<i32>,
    #[prost(int64, optional, tag = "10")]
    pub user_task_key: Option<i64>,
}
