//! Documents: forms of files with what is said of them, attachments, links.

use crate::answer::{Answer, AnswerBody, Attachment};
use crate::form::{self, Part, absent};
use crate::problem::Problem;
use crate::rest::{Head, Rest};
use crate::route::may_be_part;
use crate::validate;
use bytes::{BufMut as _, Bytes, BytesMut};
use ringbolt_api::call::{Call, Parameters};
use ringbolt_api::documents::{
    DocumentReply, DocumentWish, METADATA_BYTES_MAX, NAME_BYTES_MAX, NewDocument, STORE_ID,
};
use ringbolt_api::json::{put, put_list, put_name, put_number, put_text, put_text_or_null};
use ringbolt_api::objects::document::{DOCUMENT_LINK_REQUEST, DOCUMENT_PARTS};
use ringbolt_api::operation::{Documents, Operation};
use ringbolt_api::time::{put_time, unix_ms_of};
use ringbolt_api::value::Value;
use ringbolt_api::{ApiError, Broker, ErrorKind};

/// Parts of a form beyond the files.
const OTHER_PARTS_MAX: usize = 16;
/// What a file is of which nobody says what it is.
const OCTETS: &str = "application/octet-stream";
/// How long a link lives unless the client says otherwise, milliseconds: an hour, as with Camunda.
const LINK_MS_DEFAULT: i64 = 3_600_000;

/// What became of a file of a form.
type Kept = (NewDocument, Result<DocumentReply, ApiError>);

impl<B: Broker> Rest<B> {
    pub(crate) async fn documents(
        &self,
        what: Documents,
        operation: &'static Operation,
        parameters: &Parameters<'_>,
        head: Head<'_>,
        body: Bytes,
    ) -> Result<Answer<B::JobStream>, Problem> {
        let wish = {
            let body = if what == Documents::Link { body.clone() } else { Bytes::new() };
            let mut call = self.call(operation, parameters, head, body)?;
            self.checked(what, &mut call)?
        };
        match wish {
            Wish::KeepAll => self.keep_all(head, body).await,
            Wish::Keep(id) => self.keep(id, head, body).await,
            Wish::Store(wish) => self.answered(wish, head).await,
        }
    }

    /// What the path and the query ask.
    fn checked(&self, what: Documents, call: &mut Call<'_>) -> Result<Wish, ApiError> {
        if let Some(store) = call.query("storeId").filter(|store| *store != STORE_ID) {
            return Err(ApiError::invalid(format!("Document store with id '{store}' does not exist")));
        }
        let id = match what {
            Documents::Create => call.query("documentId").unwrap_or_default().to_owned(),
            Documents::CreateAll => String::new(),
            Documents::Get | Documents::Delete | Documents::Link | Documents::Follow => {
                call.path_text(0).to_owned()
            }
        };
        let bytes_max = self.limits().id_bytes_max;
        if id.len() > bytes_max {
            call.violated(format!("The provided documentId exceeds the limit of {bytes_max} characters"));
        }
        if what == Documents::Create && !id.is_empty() && !may_be_part(&id) {
            // It could be kept, and never be asked for.
            call.violated("The provided documentId must be a part of a path: not '.', not '..', without control characters");
        }
        let hash = call.query("contentHash").map(str::to_owned);
        let lives_ms = call.long(const { DOCUMENT_LINK_REQUEST.at("timeToLive") });
        call.check_positive(const { DOCUMENT_LINK_REQUEST.at("timeToLive") }, &DOCUMENT_LINK_REQUEST);
        call.check()?;
        Ok(match what {
            Documents::Create => Wish::Keep(id),
            Documents::CreateAll => Wish::KeepAll,
            Documents::Get => Wish::Store(DocumentWish::Get { id, hash }),
            Documents::Delete => Wish::Store(DocumentWish::Delete { id }),
            Documents::Link => {
                Wish::Store(DocumentWish::Link { id, hash, lives_ms: lives_ms.unwrap_or(LINK_MS_DEFAULT) })
            }
            Documents::Follow => Wish::Store(DocumentWish::Follow {
                id,
                until_ms: call.query("until").and_then(|until| until.parse().ok()).unwrap_or_default(),
                signature: call.query("signature").unwrap_or_default().to_owned(),
            }),
        })
    }

    async fn answered(&self, wish: DocumentWish, head: Head<'_>) -> Result<Answer<B::JobStream>, Problem> {
        let id = match &wish {
            DocumentWish::Link { id, .. } => id.clone(),
            _ => String::new(),
        };
        match self.gateway.document(wish).await? {
            DocumentReply::Content { content, content_type, file_name } => Ok(Answer {
                status: 200,
                content_type: None,
                extra: None,
                incomplete: None,
                body: AnswerBody::Attachment(Attachment { content, content_type, file_name }),
            }),
            DocumentReply::Deleted => Ok(Answer::no_content()),
            DocumentReply::Signed { until_ms, signature } => {
                let mut out = Vec::with_capacity(320);
                put(&mut out, r#"{"url":"#);
                let (scheme, authority) = (self.limits().scheme, head.authority);
                let id = encoded(&id);
                let path = format!("/v2/documents/{id}/content?until={until_ms}&signature={signature}");
                put_text(&mut out, &format!("{scheme}://{authority}{path}"));
                put(&mut out, r#","expiresAt":"#);
                put_time(&mut out, until_ms);
                out.push(b'}');
                Ok(Answer { status: 201, ..Answer::json(out) })
            }
            DocumentReply::Created { .. } => Err(unexpected()),
        }
    }

    /// The file of a form.
    async fn keep(&self, id: String, head: Head<'_>, body: Bytes) -> Result<Answer<B::JobStream>, Problem> {
        let mut parts = form::read(head, body, 1 + OTHER_PARTS_MAX).await?;
        let metadata = parts.iter().find(|part| part.name == "metadata").map(|part| part.content.clone());
        if let Some(metadata) = &metadata {
            check_metadata("metadata", metadata, 1)?;
        }
        let Some(file) = parts.extract_if(.., |part| part.name == "file").next() else {
            return Err(absent("file"));
        };
        let document = new_document(id, file, metadata.as_deref().map(Value::new))?;
        let reply = self.gateway.document(DocumentWish::Create(document.clone())).await?;
        let mut out = Vec::with_capacity(256 + document.metadata.len());
        put_reference(&mut out, &document, &reply);
        Ok(Answer { status: 201, ..Answer::json(out) })
    }

    /// All files of a form, each by itself.
    async fn keep_all(&self, head: Head<'_>, body: Bytes) -> Result<Answer<B::JobStream>, Problem> {
        let mut parts = form::read(head, body, self.limits().documents_max + OTHER_PARTS_MAX).await?;
        let files: Vec<Part> = parts.extract_if(.., |part| part.name == "files").collect();
        if files.is_empty() {
            return Err(absent("files"));
        }
        let list = parts.into_iter().find(|part| part.name == "metadataList").map(|part| part.content);
        if let Some(list) = &list {
            check_metadata("metadataList", list, files.len())?;
        }
        let listed = list.as_deref().map(|list| Value::new(list).items().collect::<Vec<_>>());
        if listed.as_ref().is_some_and(|listed| listed.len() != files.len()) {
            let what = "The number of items in metadataList must be that of the files.";
            return Err(ApiError::invalid(what).into());
        }
        for file in files.iter().filter(|_| listed.is_none()) {
            file.metadata.as_ref().map_or(Ok(()), |metadata| check_metadata("metadata", metadata, 1))?;
        }
        let mut documents = Vec::with_capacity(files.len());
        for (at, file) in files.into_iter().enumerate() {
            let own = file.metadata.clone();
            let metadata = match &listed {
                Some(listed) => listed.get(at).copied(),
                None => own.as_deref().map(Value::new),
            };
            documents.push(new_document(String::new(), file, metadata)?);
        }
        let mut kept: Vec<Kept> = Vec::with_capacity(documents.len());
        for document in documents {
            let reply = self.gateway.document(DocumentWish::Create(document.clone())).await;
            kept.push((document, reply));
        }
        Ok(batch(&kept))
    }
}

/// What is asked, beside a form.
enum Wish {
    /// A file is kept under this id; under one of its own if it is empty.
    Keep(String),
    /// Files are kept under ids of their own.
    KeepAll,
    /// Something that the store does at once.
    Store(DocumentWish),
}

fn unexpected() -> Problem {
    ApiError::new(
        ErrorKind::Internal,
        "Unexpected error occurred during the request processing: another document",
    )
    .into()
}

/// What a part says of so many documents, held against its schema. What is too large is not looked at.
fn check_metadata(name: &str, content: &Bytes, documents: usize) -> Result<(), Problem> {
    if content.len() > METADATA_BYTES_MAX.saturating_mul(documents) {
        return Err(too_large());
    }
    let mut whole = BytesMut::with_capacity(content.len() + 32);
    whole.put_slice(format!("{{\"{name}\":").as_bytes());
    whole.put_slice(content);
    whole.put_u8(b'}');
    let read = validate::required(whole.freeze(), &DOCUMENT_PARTS)?;
    // What ends its own value and goes on would be read as something else than what was looked at.
    if !validate::is_one_value(content) {
        return Err(Problem::bad_request(format!(
            "Failed to read request: part '{name}' is not one JSON value"
        )));
    }
    if read.violations.is_empty() { Ok(()) } else { Err(ApiError::violations(&read.violations).into()) }
}

fn too_large() -> Problem {
    let what = format!("The metadata of a document has more than {METADATA_BYTES_MAX} bytes");
    Problem::new(413, "Payload Too Large", what)
}

/// What a client says of a document. Of what it says twice the last one holds, and `null` says nothing.
#[derive(Default)]
struct Said<'a> {
    content_type: Option<Value<'a>>,
    file_name: Option<Value<'a>>,
    expires_at: Option<Value<'a>>,
    process_definition_id: Option<Value<'a>>,
    process_instance_key: Option<Value<'a>>,
    custom_properties: Option<Value<'a>>,
}

impl<'a> Said<'a> {
    fn of(metadata: Value<'a>) -> Self {
        let mut said = Self::default();
        for (name, value) in metadata.members() {
            let place = match &*name {
                "contentType" => &mut said.content_type,
                "fileName" => &mut said.file_name,
                "expiresAt" => &mut said.expires_at,
                "processDefinitionId" => &mut said.process_definition_id,
                "processInstanceKey" => &mut said.process_instance_key,
                "customProperties" => &mut said.custom_properties,
                _ => continue,
            };
            *place = Some(value).filter(|value| !value.is_null());
        }
        said
    }
}

/// A file, and what is said of it, as a document.
fn new_document(id: String, file: Part, metadata: Option<Value<'_>>) -> Result<NewDocument, Problem> {
    if metadata.is_some_and(|metadata| metadata.bytes().len() > METADATA_BYTES_MAX) {
        return Err(too_large());
    }
    let said = metadata.map(Said::of).unwrap_or_default();
    let text = |value: Option<Value<'_>>| value?.text().map(|text| text.into_owned());
    let file_name = text(said.file_name).or(file.file_name).filter(|name| !name.is_empty());
    let file_name =
        file_name.unwrap_or_else(|| if id.is_empty() { "document".to_owned() } else { id.clone() });
    let content_type = text(said.content_type).or(file.content_type).unwrap_or_else(|| OCTETS.to_owned());
    for (name, value) in [("fileName", &file_name), ("contentType", &content_type)] {
        if value.len() > NAME_BYTES_MAX {
            let what = format!("The provided {name} exceeds the limit of {NAME_BYTES_MAX} bytes");
            return Err(ApiError::violations(&[what]).into());
        }
    }
    // Its schema has seen to it that it is a moment.
    let expires_at_ms = text(said.expires_at).and_then(|time| unix_ms_of(&time));
    let mut out = Vec::with_capacity(256);
    put(&mut out, r#"{"contentType":"#);
    put_text(&mut out, &content_type);
    put_name(&mut out, "fileName");
    put_text(&mut out, &file_name);
    put_name(&mut out, "expiresAt");
    match expires_at_ms {
        None => put(&mut out, "null"),
        Some(at_ms) => put_time(&mut out, at_ms),
    }
    put_name(&mut out, "size");
    put_number(&mut out, file.content.len());
    put_name(&mut out, "processDefinitionId");
    put_text_or_null(&mut out, &text(said.process_definition_id).unwrap_or_default());
    put_name(&mut out, "processInstanceKey");
    put_text_or_null(&mut out, &text(said.process_instance_key).unwrap_or_default());
    put_name(&mut out, "customProperties");
    out.extend_from_slice(said.custom_properties.map_or(b"{}", Value::bytes));
    out.push(b'}');
    // It was checked, or written here.
    let metadata = String::from_utf8(out).unwrap_or_default();
    Ok(NewDocument { id, content: file.content, content_type, file_name, expires_at_ms, metadata })
}

/// A document that is kept, as clients refer to it.
fn put_reference(out: &mut Vec<u8>, document: &NewDocument, reply: &DocumentReply) {
    let DocumentReply::Created { id, hash } = reply else { return put(out, "null") };
    put(out, r#"{"camunda.document.type":"camunda","storeId":"#);
    put_text(out, STORE_ID);
    put_name(out, "documentId");
    put_text(out, id);
    put_name(out, "contentHash");
    put_text(out, hash);
    put_name(out, "metadata");
    put(out, &document.metadata);
    out.push(b'}');
}

/// The answer to a form of several files: 207 if any of them was not kept.
fn batch<S>(kept: &[Kept]) -> Answer<S> {
    let failed = kept.iter().filter_map(|(document, reply)| Some((document, reply.as_ref().err()?)));
    let created = kept.iter().filter_map(|(document, reply)| Some((document, reply.as_ref().ok()?)));
    let mut out = Vec::with_capacity(64 + 512 * kept.len());
    put(&mut out, r#"{"failedDocuments":"#);
    let status = if failed.clone().next().is_some() { 207 } else { 201 };
    put_list(&mut out, failed, |out, (document, error)| {
        put(out, r#"{"fileName":"#);
        put_text(out, &document.file_name);
        put_name(out, "status");
        put_number(out, error.kind.http_status());
        put_name(out, "title");
        put_text(out, error.kind.title());
        put_name(out, "detail");
        put_text(out, &error.message);
        out.push(b'}');
    });
    put(&mut out, r#","createdDocuments":"#);
    put_list(&mut out, created, |out, (document, reply)| put_reference(out, document, reply));
    out.push(b'}');
    Answer { status, ..Answer::json(out) }
}

/// A text as a part of a URI: everything but letters, digits and `-._~` with percent signs.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
