//! Operations: document.

use crate::objects::document::{
    CREATE_DOCUMENT_DATA, CREATE_DOCUMENTS_DATA, DOCUMENT_CREATION_BATCH_RESPONSE, DOCUMENT_LINK,
    DOCUMENT_LINK_REQUEST, DOCUMENT_REFERENCE,
};
use crate::operation::{Group, Limit, Method, Version, empty, json, media, op, path, query};
use crate::schema::Schema;
use crate::schema::kinds::{BINARY, TEXT};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Document",
    operations: &[
        op("createDocument", Method::Post, "/documents", Version::V8_6)
            .takes(&[query("storeId", TEXT), query("documentId", TEXT)])
            .form(Schema::Object(&CREATE_DOCUMENT_DATA), Limit::Deployment)
            .gives(&[json(201, Schema::Object(&DOCUMENT_REFERENCE))])
            .errors(&[400, 415]),
        op("createDocuments", Method::Post, "/documents/batch", Version::V8_7)
            .takes(&[query("storeId", TEXT)])
            .form(Schema::Object(&CREATE_DOCUMENTS_DATA), Limit::Deployment)
            .gives(&[
                json(201, Schema::Object(&DOCUMENT_CREATION_BATCH_RESPONSE)),
                json(207, Schema::Object(&DOCUMENT_CREATION_BATCH_RESPONSE)),
            ])
            .errors(&[400, 415]),
        op("deleteDocument", Method::Delete, "/documents/{documentId}", Version::V8_6)
            .takes(&[path("documentId", TEXT), query("storeId", TEXT)])
            .gives(&[empty(204)])
            .errors(&[404, 500]),
        op("getDocument", Method::Get, "/documents/{documentId}", Version::V8_6)
            .takes(&[path("documentId", TEXT), query("storeId", TEXT), query("contentHash", TEXT)])
            .gives(&[media(200, "application/octet-stream", BINARY)])
            .errors(&[404, 500]),
        op("createDocumentLink", Method::Post, "/documents/{documentId}/links", Version::V8_7)
            .takes(&[path("documentId", TEXT), query("storeId", TEXT), query("contentHash", TEXT)])
            .json_or_nothing(Schema::Object(&DOCUMENT_LINK_REQUEST))
            .gives(&[json(201, Schema::Object(&DOCUMENT_LINK))])
            .errors(&[400]),
    ],
};
