//! The bounds that a document must keep. They are checked before and while the tree is built.

use ringbolt_record::ID_BYTES_MAX;
use ringbolt_xml::DocumentLimits;

/// Bounds on one BPMN resource. [`Limits::default`] holds what the server uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size of the document in bytes, as received.
    pub document_bytes_max: usize,
    /// How deep XML elements may nest. It also bounds the nesting of sub-processes.
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
    /// Flow elements (with sequence flows) of one process.
    pub flow_elements_max: usize,
    /// Length of an id in bytes: ids become parts of keys in the state.
    pub id_bytes_max: usize,
    /// Length of a name in bytes.
    pub name_bytes_max: usize,
    /// Length of the static name of a message or signal in bytes: clients name them, and their requests take no longer ones.
    pub known_name_bytes_max: usize,
    /// Length of a job type in bytes, as written in the model: job types become parts of keys in the state.
    pub job_type_bytes_max: usize,
    /// Length of one expression or static value in bytes.
    pub expression_bytes_max: usize,
    /// Input mappings of one element, and output mappings: each becomes a record of one entry.
    pub mappings_max: usize,
    /// Linked resources of one element: its job names each in its headers.
    pub linked_resources_max: usize,
    /// Execution listeners of one element, and task listeners: each is a job.
    pub listeners_max: usize,
    /// Parts of the path that a mapping sets: contexts nest as deep.
    pub mapping_path_parts_max: usize,
    /// Length of one part of such a path in bytes: the first is a variable's name, and part of a key in the state.
    pub variable_name_bytes_max: usize,
}

impl Limits {
    /// The part of them that holds for any XML document.
    pub(crate) fn document(&self) -> DocumentLimits {
        DocumentLimits {
            document_bytes_max: self.document_bytes_max,
            depth_max: self.depth_max,
            nodes_max: self.nodes_max,
            attributes_max: self.attributes_max,
            attributes_per_element_max: self.attributes_per_element_max,
            namespaces_max: self.namespaces_max,
            namespaces_in_scope_max: self.namespaces_in_scope_max,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document_bytes_max: 4 * 1024 * 1024,
            depth_max: 128,
            nodes_max: 250_000,
            attributes_max: 500_000,
            attributes_per_element_max: 256,
            namespaces_max: 8_192,
            namespaces_in_scope_max: 64,
            flow_elements_max: 20_000,
            id_bytes_max: 255,
            name_bytes_max: 32 * 1024,
            known_name_bytes_max: ID_BYTES_MAX,
            job_type_bytes_max: 255,
            expression_bytes_max: 64 * 1024,
            mappings_max: 20_000,
            linked_resources_max: 1_000,
            listeners_max: 1_000,
            mapping_path_parts_max: 100,
            variable_name_bytes_max: 400,
        }
    }
}
