//! Three-valued logic: `and`, `or`, `not`, `if`, `some`, `every`.

use super::{Eval, Outcome};
use crate::error::Stop;
use crate::program::NodeId;
use crate::value::Val;

/// Which truth value decides a series of conditions at once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Decides {
    True,
    False,
}

/// The state while conditions are combined: undecided, or unknown because one had no truth value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Combined {
    Undecided,
    Unknown,
    Decided,
}

impl<'v> Eval<'v> {
    pub(super) fn all_of(&mut self, operands: &[NodeId]) -> Outcome<'v> {
        self.combine_nodes(operands, Decides::False)
    }

    pub(super) fn any_of(&mut self, operands: &[NodeId]) -> Outcome<'v> {
        self.combine_nodes(operands, Decides::True)
    }

    fn combine_nodes(&mut self, operands: &[NodeId], decides: Decides) -> Outcome<'v> {
        let mut state = Combined::Undecided;
        for operand in operands {
            let outcome = self.node(*operand);
            state = self.combine(state, outcome, decides)?;
            if state == Combined::Decided {
                break;
            }
        }
        Ok(result(state, decides))
    }

    /// Takes one more condition into account.
    pub(super) fn combine(
        &mut self,
        state: Combined,
        outcome: Outcome<'v>,
        decides: Decides,
    ) -> Result<Combined, Stop> {
        let wanted = decides == Decides::True;
        match outcome {
            Ok(Val::Bool(b)) if b == wanted => Ok(Combined::Decided),
            Ok(Val::Bool(_)) => Ok(state),
            Ok(other) => {
                // Once unknown, further values without truth are not reported.
                if state == Combined::Undecided {
                    self.wrong_type("boolean", &other);
                }
                Ok(Combined::Unknown)
            }
            Err(Stop::Error(_)) => Ok(Combined::Unknown),
            Err(stop) => Err(stop),
        }
    }

    pub(super) fn not(&mut self, value: NodeId) -> Outcome<'v> {
        let outcome = self.node(value);
        self.negated(outcome)
    }

    /// The opposite of a boolean, null for anything else.
    pub(super) fn negated(&mut self, outcome: Outcome<'v>) -> Outcome<'v> {
        match outcome {
            Ok(Val::Bool(b)) => Ok(Val::Bool(!b)),
            Ok(other) => {
                self.wrong_type("boolean", &other);
                Ok(Val::Null)
            }
            Err(Stop::Error(_)) => Ok(Val::Null),
            Err(stop) => Err(stop),
        }
    }

    /// A condition that is not true, whatever else it is, chooses the second branch.
    pub(super) fn if_else(&mut self, condition: NodeId, positive: NodeId, negative: NodeId) -> Outcome<'v> {
        match self.node(condition) {
            Ok(Val::Bool(true)) => self.node(positive),
            Ok(Val::Bool(false)) | Err(Stop::Error(_)) => self.node(negative),
            Ok(other) => {
                self.wrong_type("boolean", &other);
                self.node(negative)
            }
            Err(stop) => Err(stop),
        }
    }
}

/// The truth value of combined conditions.
pub(super) fn result<'v>(state: Combined, decides: Decides) -> Val<'v> {
    match state {
        Combined::Decided => Val::Bool(decides == Decides::True),
        Combined::Undecided => Val::Bool(decides != Decides::True),
        Combined::Unknown => Val::Null,
    }
}
