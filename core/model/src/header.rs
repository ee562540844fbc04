//! What the model says beside the work of an element, by name.

/// One task header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Not empty, unique in its task.
    pub key: Box<str>,
    /// Not empty.
    pub value: Box<str>,
}

/// One `zeebe:property`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// May be empty.
    pub name: Box<str>,
    /// May be empty.
    pub value: Box<str>,
}
