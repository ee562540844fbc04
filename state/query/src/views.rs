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
        $crate::views::joined!($name, $row, $key, $table, $letter, $column, $kind, Within)
    };
    ($name:literal, $row:literal, $key:literal, $table:literal, $letter:literal, $column:literal, $kind:ident,
     $by:ident) => {
        $crate::view::Column {
            name: $name,
            sql: concat!(
                "(SELECT ", $letter, ".", $column, " FROM ", $table, " ", $letter, " WHERE ", $letter, ".",
                $key, " = ", $row, ".", $key, ")"
            ),
            kind: $crate::view::Kind::$kind,
            by: $crate::view::By::$by(
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

/// A column of a row's process instance.
macro_rules! of_instance {
    ($name:literal, $row:literal, $column:literal, $kind:ident) => {
        $crate::views::joined!($name, $row, "process_instance_key", "process_instances", "p", $column, $kind)
    };
}

/// The same of a row that may have none: then there is no value, which tests that deny something find.
macro_rules! of_some_instance {
    ($name:literal, $row:literal, $column:literal, $kind:ident) => {
        $crate::views::joined!(
            $name,
            $row,
            "process_instance_key",
            "process_instances",
            "p",
            $column,
            $kind,
            Any
        )
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

pub(crate) use {joined, of_definition, of_element, of_instance, of_some_instance, shown_chars, tenant};
