//! Parts that many objects of searches share.

use crate::objects::shared::{
    CURSOR_BACKWARD_PAGINATION, CURSOR_FORWARD_PAGINATION, LIMIT_PAGINATION, OFFSET_PAGINATION,
};
use crate::schema::{Operator, Schema};

/// Which page of the results.
pub const PAGE: Schema = Schema::OneOf(&PAGES);

static PAGES: [Schema; 4] = [
    Schema::Object(&LIMIT_PAGINATION),
    Schema::Object(&OFFSET_PAGINATION),
    Schema::Object(&CURSOR_FORWARD_PAGINATION),
    Schema::Object(&CURSOR_BACKWARD_PAGINATION),
];

/// Of a filter over keys.
pub const KEY_OPERATORS: &[Operator] =
    &[Operator::Eq, Operator::Neq, Operator::Exists, Operator::In, Operator::NotIn];
/// Of a filter over texts.
pub const TEXT_OPERATORS: &[Operator] =
    &[Operator::Eq, Operator::Neq, Operator::Exists, Operator::In, Operator::NotIn, Operator::Like];
/// Of a filter over numbers and times.
pub const RANGE_OPERATORS: &[Operator] = &[
    Operator::Eq,
    Operator::Neq,
    Operator::Exists,
    Operator::Gt,
    Operator::Gte,
    Operator::Lt,
    Operator::Lte,
    Operator::In,
];
/// Of a filter over a few values.
pub const SET_OPERATORS: &[Operator] = &[Operator::Eq, Operator::Neq, Operator::Exists, Operator::In];
/// Of a filter over named values.
pub const ENUM_OPERATORS: &[Operator] =
    &[Operator::Eq, Operator::Neq, Operator::Exists, Operator::In, Operator::Like];
