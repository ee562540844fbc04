//! What is asked of a process instance whose tokens are to stand elsewhere.

use crate::ids::Key;
use crate::variables::VariableDocument;

/// See [`crate::Command::ModifyProcessInstance`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModifyProcessInstance {
    /// The instance.
    pub process_instance_key: Key,
    /// Elements to be entered, in order.
    pub activate: Vec<ActivateInstruction>,
    /// Element instances to be ended, in order, after the former.
    pub terminate: Vec<ElementInstanceSelector>,
    /// Element instances to be ended for each of which another element is entered.
    pub moves: Vec<MoveInstruction>,
}

/// An element to be entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivateInstruction {
    /// The element's id.
    pub element_id: String,
    /// The instance of a scope around it below which it is entered; with none the only instances of the scopes around it are meant.
    pub ancestor_element_instance_key: Key,
    /// Variables of the scopes around it, and its own.
    pub variables: Vec<VariableInstruction>,
}

/// Variables of a scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VariableInstruction {
    /// The scope's element; the process when empty.
    pub scope_id: String,
    /// Set in exactly this scope.
    pub variables: VariableDocument,
}

/// Which element instances are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ElementInstanceSelector {
    /// One.
    Key(Key),
    /// All of an element in the instance.
    ElementId(String),
}

/// See [`ModifyProcessInstance::moves`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoveInstruction {
    /// What is ended.
    pub source: ElementInstanceSelector,
    /// The element that is entered for each of them.
    pub target_element_id: String,
    /// Where it is entered.
    pub ancestor: AncestorScope,
    /// Variables of the scopes around it, and its own.
    pub variables: Vec<VariableInstruction>,
}

/// Where the target of a move is entered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AncestorScope {
    /// In the only instances of the scopes around it.
    #[default]
    Only,
    /// Below an instance of a scope around it.
    Direct(Key),
    /// Below the instance of a scope around it that is nearest around what is ended.
    Inferred,
    /// Below the element instance directly around what is ended.
    SourceParent,
}
