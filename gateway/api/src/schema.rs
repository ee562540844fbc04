//! What values of the REST protocol look like, as static data: names, types, bounds, at both levels of the protocol.
//!
//! The tables in `objects` and `table` are made of it. Reading bodies, the generated pages and the tests that hold the tables
//! against the protocol's facts all walk it.

pub mod kinds;
pub mod older;
mod pattern;
mod shown;

pub use pattern::Pattern;

/// A level of the protocol: what clients are told, and which fields and values they get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As Camunda 8.9.
    V8_9,
    /// As Camunda 8.10.
    #[default]
    V8_10,
}

impl Level {
    /// Both, the older first.
    pub const ALL: [Self; 2] = [Self::V8_9, Self::V8_10];

    /// The version of Camunda that clients are told: they switch features by it.
    pub const fn camunda_version(self) -> &'static str {
        match self {
            Self::V8_9 => "8.9.0",
            Self::V8_10 => "8.10.0",
        }
    }

    /// The level of that name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }

    /// As it is written in settings and pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V8_9 => "8.9",
            Self::V8_10 => "8.10",
        }
    }
}

/// What a value is.
#[derive(Clone, Copy, Debug)]
pub enum Schema {
    /// A text.
    Text(Text),
    /// A whole number.
    Int(Int),
    /// Any number.
    Number,
    /// True or false.
    Flag,
    /// Any JSON.
    Any,
    /// A value of the client's own, but not null. The protocol describes it as an object.
    Given,
    /// An object of the client's own names and values, as variables are.
    Document,
    /// An object of the client's own names, with values of one kind.
    Map(&'static Schema),
    /// An array, and how many items it has.
    List(&'static Schema, Size),
    /// One of these texts; the second list is what 8.10 added.
    Enum(&'static [&'static str], &'static [&'static str]),
    /// A value as it is, or an object of operators on such values.
    Filter(&'static Schema, &'static [Operator]),
    /// One of several.
    OneOf(&'static [Schema]),
    /// An object.
    Object(&'static Object),
    /// One thing at 8.9 and another since.
    Levels(&'static Schema, &'static Schema),
}

/// Least and most of something; 0 for most is no bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// At least.
    pub min: u32,
    /// At most.
    pub max: u32,
}

/// A text's bounds.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// What it stands for.
    pub format: Format,
    /// Characters.
    pub size: Size,
    /// Which characters.
    pub pattern: Option<Pattern>,
}

/// What a text stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Itself.
    Plain,
    /// A time, as RFC 3339 writes it.
    DateTime,
    /// A time, or an empty text that takes back the one there is. The protocol describes it as a time.
    DateTimeOrNothing,
    /// A URI.
    Uri,
    /// A URI, or part of one.
    UriReference,
    /// Bytes as base 64.
    Base64,
    /// Bytes.
    Binary,
}

/// A whole number's bounds.
#[derive(Clone, Copy, Debug)]
pub struct Int {
    /// Its range on the wire.
    pub bits: Bits,
    /// At least.
    pub min: Option<i64>,
    /// At most.
    pub max: Option<i64>,
}

/// A whole number's range on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bits {
    /// 32 bits.
    B32,
    /// 64 bits.
    B64,
    /// Not said; read as 64 bits.
    Unsaid,
}

/// What a filter may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    Neq,
    /// Whether there is a value.
    Exists,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// One of several.
    In,
    /// None of several.
    NotIn,
    /// Like a text with `*` and `?`.
    Like,
}

impl Operator {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eq => "$eq",
            Self::Neq => "$neq",
            Self::Exists => "$exists",
            Self::Gt => "$gt",
            Self::Gte => "$gte",
            Self::Lt => "$lt",
            Self::Lte => "$lte",
            Self::In => "$in",
            Self::NotIn => "$notIn",
            Self::Like => "$like",
        }
    }
}

/// An object of named fields. Others are refused in requests and never written in answers.
#[derive(Debug)]
pub struct Object {
    /// Its name in descriptions of the protocol.
    pub name: &'static str,
    /// In the order in which they are written, and missing ones reported.
    pub fields: &'static [Field],
}

/// Place of a field in its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At(pub usize);

/// A field of an object.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub schema: Schema,
    /// Whether it must be there.
    pub required: Since,
    /// Whether it may be null.
    pub nullable: Since,
    /// At which levels it is there at all.
    pub span: Span,
    /// Whether the engine has its own words for a text that must be there and says nothing.
    pub may_be_blank: bool,
}

/// Since when something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// Not at all.
    Never,
    /// At both levels.
    Always,
    /// Since 8.10.
    V8_10,
    /// At 8.9, no longer.
    Until8_9,
}

/// At which levels something is there.
pub type Span = Since;

impl Since {
    /// Whether it holds at a level.
    pub const fn holds(self, level: Level) -> bool {
        match (self, level) {
            (Self::Never, _) | (Self::V8_10, Level::V8_9) | (Self::Until8_9, Level::V8_10) => false,
            (Self::Always, _) | (Self::V8_10, Level::V8_10) | (Self::Until8_9, Level::V8_9) => true,
        }
    }
}

/// A field that may be absent and is not null.
pub const fn field(name: &'static str, schema: Schema) -> Field {
    let (required, nullable, span) = (Since::Never, Since::Never, Since::Always);
    Field { name, schema, required, nullable, span, may_be_blank: false }
}

impl Field {
    /// It must be there.
    pub const fn required(mut self) -> Self {
        self.required = Since::Always;
        self
    }
    /// A text that says nothing is for the engine to refuse.
    pub const fn may_be_blank(mut self) -> Self {
        self.may_be_blank = true;
        self
    }
    /// It may be null.
    pub const fn nullable(mut self) -> Self {
        self.nullable = Since::Always;
        self
    }
    /// It may be null since 8.10.
    pub const fn nullable_since_8_10(mut self) -> Self {
        self.nullable = Since::V8_10;
        self
    }
    /// It had to be there at 8.9.
    pub const fn required_until_8_9(mut self) -> Self {
        self.required = Since::Until8_9;
        self
    }
    /// It is there since 8.10.
    pub const fn since_8_10(mut self) -> Self {
        self.span = Since::V8_10;
        self
    }
    /// It was there at 8.9.
    pub const fn until_8_9(mut self) -> Self {
        self.span = Since::Until8_9;
        self
    }
}

impl Object {
    /// The place of a field, found when the code is compiled.
    ///
    /// # Panics
    /// When there is none of that name; the compiler reports it.
    pub const fn at(&self, name: &str) -> At {
        let mut at = 0;
        while at < self.fields.len() {
            if is_equal(self.fields[at].name.as_bytes(), name.as_bytes()) {
                return At(at);
            }
            at += 1;
        }
        panic!("no such field")
    }

    /// A field and its place, by name.
    pub fn find(&self, name: &[u8]) -> Option<(At, &'static Field)> {
        let at = self.fields.iter().position(|field| field.name.as_bytes() == name)?;
        Some((At(at), &self.fields[at]))
    }
}

const fn is_equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

impl Schema {
    /// What it is at a level.
    pub const fn at(&self, level: Level) -> &Self {
        let mut schema = self;
        while let Self::Levels(older, newer) = schema {
            schema = match level {
                Level::V8_9 => older,
                Level::V8_10 => newer,
            };
        }
        schema
    }

    /// The object that it is, if it is one at both levels.
    pub const fn object(&self) -> Option<&'static Object> {
        match self {
            Self::Object(object) => Some(*object),
            _ => None,
        }
    }
}

impl Schema {
    /// The values of an enum at a level, in order; none for what is no enum.
    pub fn values(&self, level: Level) -> Vec<&'static str> {
        let Self::Enum(both, newer) = self.at(level) else { return Vec::new() };
        let newer = if level == Level::V8_10 { *newer } else { &[] };
        let mut values = [*both, newer].concat();
        values.sort_unstable();
        values
    }
}
