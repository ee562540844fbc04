//! Message subscriptions, and what they were correlated with.

use crate::codes::{MESSAGE_SUBSCRIPTION_STATES, MESSAGE_SUBSCRIPTION_TYPES};
use crate::view::{Kind, Place, View, own, plain};
use crate::views::{business_id, of_definition, of_element, tenant};

/// A property that the model gives an element.
macro_rules! property {
    ($name:literal, $property:literal) => {
        plain(
            $name,
            concat!(
                "(SELECT json_extract(n.properties, '$.\"", $property, "\"') FROM elements n \
                 WHERE n.process_definition_key = m.process_definition_key AND n.element_id = m.element_id)"
            ),
            Kind::Text,
        )
    };
}

/// Message subscriptions.
pub static MESSAGE_SUBSCRIPTIONS: View = View {
    thing: "Message Subscription",
    from: "message_subscriptions m",
    key: &["m.message_subscription_key"],
    place: Place::Instances,
    columns: &[
        own("messageSubscriptionKey", "m.message_subscription_key"),
        own("processInstanceKey", "m.process_instance_key"),
        plain("processDefinitionKey", "m.process_definition_key", Kind::Key),
        of_definition!("processDefinitionId", "m", "process_definition_id", Text),
        of_definition!("processDefinitionName", "m", "name", Text),
        of_definition!("processDefinitionVersion", "m", "version", Int),
        plain("rootProcessInstanceKey", "m.root_process_instance_key", Kind::Key),
        own("elementInstanceKey", "m.element_instance_key"),
        plain("elementId", "m.element_id", Kind::Text),
        business_id!("m", "message_subscription_key"),
        plain(
            "messageSubscriptionState",
            "m.message_subscription_state",
            Kind::Enum(&MESSAGE_SUBSCRIPTION_STATES),
        ),
        plain(
            "messageSubscriptionType",
            "m.message_subscription_type",
            Kind::Enum(&MESSAGE_SUBSCRIPTION_TYPES),
        ),
        plain("lastUpdatedDate", "m.last_updated_date", Kind::Time),
        plain("messageName", "m.message_name", Kind::Text),
        plain("correlationKey", "m.correlation_key", Kind::Text),
        property!("toolName", "io.camunda.tool:name"),
        property!("inboundConnectorType", "inbound.type"),
        of_element!("toolProperties", "m", "properties", Json),
        of_element!("extensionProperties", "m", "properties", Json),
        tenant!("m"),
    ],
};

/// Correlations.
pub static CORRELATED_MESSAGE_SUBSCRIPTIONS: View = View {
    thing: "Correlated Message Subscription",
    from: "correlated_message_subscriptions c",
    key: &["c.subscription_key", "c.message_key"],
    place: Place::Instances,
    columns: &[
        // Of a subscription that starts instances it is of the definition.
        plain("subscriptionKey", "c.subscription_key", Kind::Key),
        plain("messageKey", "c.message_key", Kind::Key),
        own("processInstanceKey", "c.process_instance_key"),
        plain("processDefinitionKey", "c.process_definition_key", Kind::Key),
        of_definition!("processDefinitionId", "c", "process_definition_id", Text),
        plain("rootProcessInstanceKey", "c.root_process_instance_key", Kind::Key),
        own("elementInstanceKey", "c.element_instance_key"),
        plain("elementId", "c.element_id", Kind::Text),
        business_id!("c", "subscription_key"),
        plain("correlationTime", "c.correlation_time", Kind::Time),
        plain("messageName", "c.message_name", Kind::Text),
        plain("correlationKey", "c.correlation_key", Kind::Text),
        plain("partitionId", "c.partition_id", Kind::Int),
        tenant!("c"),
    ],
};
