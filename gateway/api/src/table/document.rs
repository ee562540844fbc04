//! Operations: document.

use crate::objects::document::{
    CREATE_DOCUMENT_DATA, CREATE_DOCUMENTS_DATA, DOCUMENT_CREATION_BATCH_RESPONSE, DOCUMENT_LINK,
    DOCUMENT_LINK_REQUEST, DOCUMENT_REFERENCE,
};
use crate::operation::{
    Documents, Group, Limit, Method, Special, Version, empty, json, media, op, path, query, query_required,
};
use crate::schema::Schema;
use crate::schema::kinds::{BINARY, LONG, TEXT};

/// By path.
pub(super) static GROUP: Group = Group {
    tag: "Document",
    operations: &[
        op("createDocument", Method::Post, "/documents", Version::V8_6)
            .takes(&[query("storeId", TEXT), query("documentId", TEXT)])
            .form(Schema::Object(&CREATE_DOCUMENT_DATA), Limit::Documents)
            .says("Keeps a document")
            .special(Special::Documents(Documents::Create))
            .gives(&[json(201, Schema::Object(&DOCUMENT_REFERENCE))])
            .errors(&[400, 415])
            .errors_own(&[409, 413, 503]),
        op("createDocuments", Method::Post, "/documents/batch", Version::V8_7)
            .takes(&[query("storeId", TEXT)])
            .form(Schema::Object(&CREATE_DOCUMENTS_DATA), Limit::Documents)
            .says("Keeps documents, each by itself")
            .special(Special::Documents(Documents::CreateAll))
            .gives(&[
                json(201, Schema::Object(&DOCUMENT_CREATION_BATCH_RESPONSE)),
                json(207, Schema::Object(&DOCUMENT_CREATION_BATCH_RESPONSE)),
            ])
            .errors(&[400, 415])
            .errors_own(&[409, 413, 503]),
        op("deleteDocument", Method::Delete, "/documents/{documentId}", Version::V8_6)
            .takes(&[path("documentId", TEXT), query("storeId", TEXT)])
            .says("Deletes a document; links to it are dead from then on")
            .special(Special::Documents(Documents::Delete))
            .gives(&[empty(204)])
            .errors(&[404, 500])
            .errors_own(&[400, 503]),
        op("getDocument", Method::Get, "/documents/{documentId}", Version::V8_6)
            .takes(&[path("documentId", TEXT), query("storeId", TEXT), query("contentHash", TEXT)])
            .says("Reads a document, as an attachment")
            .special(Special::Documents(Documents::Get))
            .gives(&[media(200, "application/octet-stream", BINARY)])
            .errors(&[404, 500])
            .errors_own(&[400, 503]),
        op("createDocumentLink", Method::Post, "/documents/{documentId}/links", Version::V8_7)
            .takes(&[path("documentId", TEXT), query("storeId", TEXT), query("contentHash", TEXT)])
            .json_or_nothing(Schema::Object(&DOCUMENT_LINK_REQUEST))
            .says("Signs a link by which a document can be read for a time")
            .special(Special::Documents(Documents::Link))
            .gives(&[json(201, Schema::Object(&DOCUMENT_LINK))])
            .errors(&[400])
            .errors_own(&[404, 503]),
        op("followDocumentLink", Method::Get, "/documents/{documentId}/content", Version::Own)
            .takes(&[
                path("documentId", TEXT),
                query_required("until", LONG),
                query_required("signature", TEXT),
            ])
            .says("Reads a document through a link")
            .special(Special::Documents(Documents::Follow))
            .gives(&[media(200, "application/octet-stream", BINARY)])
            .errors(&[400, 403, 503]),
    ],
};
