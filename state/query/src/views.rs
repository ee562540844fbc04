//! The views: each column once.
//!
//! What stands in another table is read by a subquery on its key, and filtered inside one: both go by indexes, also over a view of
//! three tables.

pub mod batch_operations;
pub mod definitions;
pub mod instances;
pub mod jobs;
pub mod messages;

/// Characters of a variable's value that a search shows unless it is asked for all.
macro_rules! shown_chars {
    () => {
        "8191"
    };
}

/// The tenant of a row.
macro_rules! tenant {
    ($row:literal) => {
        $crate::view::plain(
            "tenantId",
            concat!("coalesce(", $row, ".tenant_id, '<default>')"),
            $crate::view::Kind::Text,
        )
    };
}

/// A column of the row of another table that has the same key: `name`, `row.key` here, `table letter` there, the column there.
macro_rules! joined {
    ($name:literal, $row:literal, $key:literal, $table:literal, $letter:literal, $column:literal, $kind:ident) => {
        $crate::view::Column {
            name: $name,
            sql: concat!(
                "(SELECT ", $letter, ".", $column, " FROM ", $table, " ", $letter, " WHERE ", $letter, ".",
                $key, " = ", $row, ".", $key, ")"
            ),
            kind: $crate::view::Kind::$kind,
            by: $crate::view::By::Within(
                concat!(
                    $row,
                    ".",
                    $key,
                    " IN (SELECT ",
                    $letter,
                    ".",
                    $key,
                    " FROM ",
                    $table,
                    " ",
                    $letter,
                    " WHERE "
                ),
                concat!($letter, ".", $column),
            ),
        }
    };
}

/// A column of a row's process definition.
macro_rules! of_definition {
    ($name:literal, $row:literal, $column:literal, $kind:ident) => {
        $crate::views::joined!(
            $name,
            $row,
            "process_definition_key",
            "process_definitions",
            "d",
            $column,
            $kind
        )
    };
}

/// The business id of a row that has the key `row.key`: that of its process instance, where that had it before. What denies something holds
/// for a row without one.
macro_rules! business_id {
    ($row:literal, $key:literal) => {
        $crate::view::Column {
            name: "businessId",
            sql: concat!(
                "(SELECT p.business_id FROM process_instances p WHERE p.process_instance_key = ",
                $row,
                ".process_instance_key AND ",
                $row,
                ".",
                $key,
                " > coalesce(p.business_id_since, 0))"
            ),
            kind: $crate::view::Kind::Text,
            by: $crate::view::By::Any(
                concat!(
                    $row,
                    ".",
                    $key,
                    " > coalesce((SELECT p.business_id_since FROM process_instances p WHERE p.process_instance_key = ",
                    $row,
                    ".process_instance_key), 0) AND ",
                    $row,
                    ".process_instance_key IN (SELECT p.process_instance_key FROM process_instances p WHERE "
                ),
                "p.business_id",
            ),
        }
    };
}

/// What the model says of a row's element.
macro_rules! of_element {
    ($name:literal, $row:literal, $column:literal, $kind:ident) => {
        $crate::view::plain(
            $name,
            concat!(
                "(SELECT n.",
                $column,
                " FROM elements n WHERE n.process_definition_key = ",
                $row,
                ".process_definition_key AND n.element_id = ",
                $row,
                ".element_id)"
            ),
            $crate::view::Kind::$kind,
        )
    };
}

pub(crate) use {business_id, joined, of_definition, of_element, shown_chars, tenant};
