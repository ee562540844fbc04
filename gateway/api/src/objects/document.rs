//! Objects of the protocol: document.

use crate::objects::enums::DOCUMENT_TYPE;
use crate::schema::kinds::{BINARY, DATE_TIME, INT, KEY, LONG, MODEL_ID, TEXT, list, list_of};
use crate::schema::{Object, Schema, field};

/// `CreateDocumentData`.
pub static CREATE_DOCUMENT_DATA: Object = Object {
    name: "CreateDocumentData",
    fields: &[field("file", BINARY).required(), field("metadata", Schema::Object(&DOCUMENT_METADATA))],
};

/// `CreateDocumentsData`.
pub static CREATE_DOCUMENTS_DATA: Object = Object {
    name: "CreateDocumentsData",
    fields: &[
        field("files", list_of(&BINARY, 1, 0)).required(),
        field("metadataList", list(&Schema::Object(&DOCUMENT_METADATA))),
    ],
};

/// `DocumentCreationBatchResponse`.
pub static DOCUMENT_CREATION_BATCH_RESPONSE: Object = Object {
    name: "DocumentCreationBatchResponse",
    fields: &[
        field("failedDocuments", list(&Schema::Object(&DOCUMENT_CREATION_FAILURE_DETAIL))).required(),
        field("createdDocuments", list(&Schema::Object(&DOCUMENT_REFERENCE))).required(),
    ],
};

/// `DocumentCreationFailureDetail`.
pub static DOCUMENT_CREATION_FAILURE_DETAIL: Object = Object {
    name: "DocumentCreationFailureDetail",
    fields: &[
        field("fileName", TEXT).required(),
        field("status", INT).required(),
        field("title", TEXT).required(),
        field("detail", TEXT).required(),
    ],
};

/// `DocumentLink`.
pub static DOCUMENT_LINK: Object = Object {
    name: "DocumentLink",
    fields: &[field("url", TEXT).required(), field("expiresAt", DATE_TIME).required()],
};

/// `DocumentLinkRequest`.
pub static DOCUMENT_LINK_REQUEST: Object =
    Object { name: "DocumentLinkRequest", fields: &[field("timeToLive", LONG)] };

/// `DocumentMetadata`.
pub static DOCUMENT_METADATA: Object = Object {
    name: "DocumentMetadata",
    fields: &[
        field("contentType", TEXT),
        field("fileName", TEXT),
        field("expiresAt", DATE_TIME),
        field("size", LONG),
        field("processDefinitionId", MODEL_ID),
        field("processInstanceKey", KEY),
        field("customProperties", Schema::Document),
    ],
};

/// The parts of a form that say what its files are; no object of the protocol's.
pub static DOCUMENT_PARTS: Object = Object {
    name: "DocumentParts",
    fields: &[
        field("metadata", Schema::Object(&DOCUMENT_METADATA)),
        field("metadataList", list(&Schema::Object(&DOCUMENT_METADATA))),
    ],
};

/// `DocumentMetadataResponse`.
pub static DOCUMENT_METADATA_RESPONSE: Object = Object {
    name: "DocumentMetadataResponse",
    fields: &[
        field("contentType", TEXT).required(),
        field("fileName", TEXT).required(),
        field("expiresAt", DATE_TIME).required().nullable(),
        field("size", LONG).required(),
        field("processDefinitionId", MODEL_ID).required().nullable(),
        field("processInstanceKey", KEY).required().nullable(),
        field("customProperties", Schema::Document).required(),
    ],
};

/// `DocumentReference`.
pub static DOCUMENT_REFERENCE: Object = Object {
    name: "DocumentReference",
    fields: &[
        field("camunda.document.type", DOCUMENT_TYPE).required(),
        field("storeId", TEXT).required(),
        field("documentId", TEXT).required(),
        field("contentHash", TEXT).required().nullable(),
        field("metadata", Schema::Object(&DOCUMENT_METADATA_RESPONSE)).required(),
    ],
};
