//! Records of forms, other resources and deletions as lines of text.

use crate::print::{Line, Names};
use ringbolt_record::values::{
    ArchivedDeploymentRecord, ArchivedResourceMetadata, ArchivedResourceRecord, FormRecord,
    ResourceDeletionRecord, ResourceRecord,
};
use ringbolt_record::{Key, RecordRef, ValueType};

/// What a deployment brought of forms and resources.
pub(crate) fn metadata(value: &ArchivedDeploymentRecord<'_>, line: &mut Line) {
    let inner = |[id, key]: [&str; 2], it: &ArchivedResourceMetadata<'_>| {
        let mut inner = Line::default();
        if it.is_duplicate {
            inner.field("duplicate", true);
        }
        inner.text(id, &it.resource_id).field(key, Key::of(&it.resource_key));
        inner.text("resourceName", &it.resource_name).field("version", it.version);
        inner.text("versionTag", &it.version_tag);
        inner
    };
    let (form, resource) = (["formId", "formKey"], ["resourceId", "resourceKey"]);
    line.list("formMetadata", value.forms.iter().map(|it| inner(form, it)));
    line.list("resourceMetadata", value.resources.iter().map(|it| inner(resource, it)));
}

pub(crate) fn deployed(record: &RecordRef<'_>, line: &mut Line, names: &mut Names) {
    match record.header.intent.value_type() {
        ValueType::Form => {
            let value = &record.value::<FormRecord<'_>>().unwrap().0;
            resource(record, value, ["formId", "formKey"], &mut names.forms, line);
        }
        ValueType::Resource => {
            let value = record.value::<ResourceRecord<'_>>().unwrap();
            resource(record, value, ["resourceId", "resourceKey"], &mut names.resources, line);
        }
        _ => {
            let value = record.value::<ResourceDeletionRecord<'_>>().unwrap();
            line.field("resourceKey", Key::of(&value.resource_key));
        }
    }
}

fn resource(
    record: &RecordRef<'_>,
    value: &ArchivedResourceRecord<'_>,
    [id, key]: [&str; 2],
    made: &mut Vec<Key>,
    line: &mut Line,
) {
    if record.header.intent.name() == "CREATED" {
        made.push(record.header.key);
    }
    line.text(id, &value.resource_id).field("version", value.version).text("versionTag", &value.version_tag);
    line.field(key, Key::of(&value.resource_key)).text("resourceName", &value.resource_name);
}
