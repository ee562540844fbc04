//! The bounds that a document must keep, checked before and while its tree is built.

/// Bounds on one XML document. [`DocumentLimits::default`] holds what the server uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentLimits {
    /// Size of the document in bytes, as received.
    pub document_bytes_max: usize,
    /// How deep XML elements may nest.
    pub depth_max: usize,
    /// XML nodes: elements, texts, comments and processing instructions.
    pub nodes_max: usize,
    /// Attributes in the whole document.
    pub attributes_max: usize,
    /// Attributes of one XML element. The tree builder compares each with all others of its element.
    pub attributes_per_element_max: usize,
    /// Namespace declarations in the whole document.
    pub namespaces_max: usize,
    /// Namespace declarations in scope at one XML element. The tree builder copies them where new ones are declared.
    pub namespaces_in_scope_max: usize,
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self {
            document_bytes_max: 4 * 1024 * 1024,
            depth_max: 128,
            nodes_max: 250_000,
            attributes_max: 500_000,
            attributes_per_element_max: 256,
            namespaces_max: 8_192,
            namespaces_in_scope_max: 64,
        }
    }
}
